//! TLS and SASL: who may come in does, who may not is told why, and secrets stay secret.

use std::fs;
use std::time::{Duration, Instant};

use super::client::Kafka;
use super::leash::Leash;
use super::posts::{PARTITIONS, posts};
use super::secure::{self, Client, PASSWORD, PLAIN, SCRAM, Secured, TOKEN_FILE, UNSIGNED, unsigned_token};
use super::serve::get;

const POSTS: u64 = 1_000;
const LONGEST: Duration = Duration::from_secs(180);
/// A person does not want to wait for longer to be told that a password is wrong.
const SECONDS: Duration = Duration::from_secs(40);
/// What a run says by itself is enough to look for secrets in.
const RUN: [&str; 5] = ["run", "--workers", "1", "--log-level", "trace"];

/// The posts are there; the test itself uses the listener that asks nothing.
pub fn feed(kafka: &Kafka, topic: &str) {
    kafka.create_topic(topic, PARTITIONS, &[("retention.ms", "-1")]);
    let writer = kafka.writer();
    for input in posts(POSTS, 1) {
        writer.send(topic, input.partition, &input.key, &input.value, input.arrival_ms);
    }
    writer.flush();
}

/// Runs until all posts are committed, and gives what was said, by `/metrics` and `/readyz` too.
pub fn run(secured: &Secured, client: &Client, secret: &str) -> String {
    let kafka = secured.broker.client();
    let log = client.path("run.log");
    let mut process = Leash::start(client.command(secret, &RUN), &log, None);
    let ends = kafka.ends(&client.input());
    let group = kafka.group(&client.name, &client.input());
    let began = Instant::now();
    while group.committed(PARTITIONS).is_none_or(|committed| committed != ends) {
        let said = || fs::read_to_string(&log).unwrap_or_default();
        assert!(process.ended().is_none() && began.elapsed() < LONGEST, "{}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
    let pages = ["/metrics", "/readyz"].map(|page| get(client.port, page).unwrap().1);
    assert!(pages[0].contains("earful_kafka_commits_total"), "{}", pages[0]);
    process.signal("TERM");
    assert_eq!(process.wait(LONGEST), Some(0));
    assert!(!kafka.read_committed(&format!("{}.mentions", client.name)).is_empty());
    fs::read_to_string(log).unwrap() + &pages.concat()
}

/// Makes the topics and reads all posts with this login; `secrets` must not be in anything that is said.
fn comes_in(name: &str, login: &str) {
    let Some(secured) = secure::shared() else { return };
    // Also librdkafka tells all that it has to tell.
    let login = format!("{login}\"debug\" = \"all\"\n");
    let client = Client::new(secured, name, &login, &secured.ca);
    feed(&secured.broker.client(), &client.input());
    let (code, applied) = client.call(PASSWORD, &["topics", "apply"]);
    assert_eq!(code, 0, "{applied}");
    let said = run(secured, &client, PASSWORD);
    assert!(said.contains("partition taken over") && said.contains("SASL"), "{said}");
    assert!(!(applied + &said).contains(PASSWORD), "the password is in the log");
}

#[test]
fn plain_with_a_password_from_the_environment() {
    comes_in("plain", PLAIN);
}

#[test]
fn scram_with_a_password_from_a_file() {
    comes_in("scram", SCRAM);
    comes_in("scram-256", &SCRAM.replace("SHA-512", "SHA-256"));
}

#[test]
fn oauthbearer_with_unsigned_tokens() {
    comes_in("unsigned", UNSIGNED);
}

/// The client library cannot make topics with such a token, so somebody else does.
#[test]
fn oauthbearer_with_a_token_from_a_file() {
    let Some(secured) = secure::shared() else { return };
    let client = Client::new(secured, "token-file", TOKEN_FILE, &secured.ca);
    feed(&secured.broker.client(), &client.input());
    let token = unsigned_token(&client.path("token"));
    let (code, planned) = client.call("", &["topics", "plan"]);
    assert_eq!((code, planned.matches("to be created").count()), (0, 7), "{planned}");
    let (code, applied) = client.call("", &["topics", "apply"]);
    assert!(code == 2 && applied.contains("token_file"), "{applied}");

    let maker = Client::new(secured, "token-file", PLAIN, &secured.ca);
    assert_eq!(maker.call(PASSWORD, &["topics", "apply"]).0, 0);
    let (code, text) = client.call("", &["topics", "apply"]);
    assert!(code == 0 && !text.contains("to be created"), "nothing is left to be done: {text}");
    let said = run(secured, &client, "");
    assert!(!(planned + &applied + &said).contains(&token), "the token is in the log");
    every_command_has_the_token(&client, &token);
}

/// Also those that only look, and the one that writes posts.
fn every_command_has_the_token(client: &Client, token: &str) {
    let lanes = format!("{}/0", client.input());
    let cases: [(&[&str], &str); 3] = [
        (&["lanes"], &lanes),
        (&["replay", "--from", "beginning", "--to", "end", "--log-level", "trace"], "mentions"),
        (&["load", "--posts", "100", "--rate", "max", "--log-level", "trace"], "100 records"),
    ];
    for (arguments, part) in cases {
        let (code, text) = client.call("", arguments);
        assert!(code == 0 && text.contains(part), "{arguments:?}: {code} {text}");
        assert!(!text.contains(token), "{arguments:?}: the token is in {text}");
    }
}

/// `topics plan` ends; `run` says so, is not ready and tries again, because the brokers may learn of a user later.
pub fn is_told(client: &Client, secret: &str, parts: &[&str]) {
    let began = Instant::now();
    let (code, text) = client.call(secret, &["topics", "plan"]);
    assert!(began.elapsed() < SECONDS, "{:?}", began.elapsed());
    assert_eq!(code, 3, "{text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    let log = client.path("run.log");
    let mut process = Leash::start(client.command(secret, &RUN), &log, None);
    let said = || fs::read_to_string(&log).unwrap_or_default();
    let began = Instant::now();
    while said().matches("cannot be used yet").count() < 2 {
        assert!(began.elapsed() < SECONDS, "{}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(parts.iter().all(|part| said().contains(part)), "{}", said());
    let (status, body) = get(client.port, "/readyz").unwrap();
    assert!(status == 503 && parts.iter().all(|part| body.contains(part)), "{status} {body}");
    assert_eq!(process.ended(), None);
    process.signal("TERM");
    assert_eq!(process.wait(SECONDS), Some(0), "{}", said());
    assert!(secret.is_empty() || !(text + &body + &said()).contains(secret), "the secret is in the log");
}

#[test]
fn a_wrong_password_is_told_with_address_and_reason() {
    let Some(secured) = secure::shared() else { return };
    let address = secured.broker.secure_address();
    for (name, login) in [("wrong-plain", PLAIN), ("wrong-scram", SCRAM)] {
        let client = Client::new(secured, name, login, &secured.ca);
        fs::write(client.path("password"), "not-the-password").unwrap();
        is_told(&client, "not-the-password", &[&address, "Authentication failed"]);
    }
}

#[test]
fn a_foreign_authority_is_told_with_address_and_reason() {
    let Some(secured) = secure::shared() else { return };
    let client = Client::new(secured, "wrong-ca", PLAIN, &secured.other_ca);
    is_told(&client, PASSWORD, &[&secured.broker.secure_address(), "certificate verify failed"]);
}

/// The certificate is for 127.0.0.1.
#[test]
fn a_server_of_another_name_is_refused() {
    let Some(secured) = secure::shared() else { return };
    let address = secured.broker.secure_address().replace("127.0.0.1", "localhost");
    let client = Client::at(&address, "wrong-name", PLAIN, &secured.ca);
    is_told(&client, PASSWORD, &[&address, "certificate verify failed"]);
}

#[test]
fn a_missing_token_is_told_with_its_path() {
    let Some(secured) = secure::shared() else { return };
    let client = Client::new(secured, "no-token", TOKEN_FILE, &secured.ca);
    let path = client.path("token").display().to_string();
    is_told(&client, "", &[&secured.broker.secure_address(), &path]);
}

/// Waits until the run has said all of this in one line.
fn wait_until_said(client: &Client, process: &mut Leash, parts: &[&str]) {
    let said = || fs::read_to_string(client.path("run.log")).unwrap_or_default();
    let began = Instant::now();
    while !said().lines().any(|line| parts.iter().all(|part| line.contains(part))) {
        assert!(process.ended().is_none() && began.elapsed() < LONGEST, "no {parts:?} in\n{}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A right that is given meanwhile is enough: nothing has to be started again, and nothing is lost.
#[test]
fn a_missing_right_to_write_is_told_and_waited_for() {
    let Some(secured) = secure::shared() else { return };
    let client = Client::new(secured, "no-write", PLAIN, &secured.ca);
    let (kafka, mentions) = (secured.broker.client(), format!("{}.mentions", client.name));
    feed(&kafka, &client.input());
    assert_eq!(client.call(PASSWORD, &["topics", "apply"]).0, 0);
    let radar = ["--allow-principal", "User:radar", "--topic", &mentions];
    let [reads, writes] = [["--operation", "Read"], ["--operation", "Write"]];
    secured.broker.rights(&[&["--add"] as &[&str], &radar, &reads].concat());
    let mut process = Leash::start(client.command(PASSWORD, &RUN), &client.path("run.log"), None);
    let address = secured.broker.secure_address();
    let cannot = ["cannot write to the topics", &mentions, &address, "Topic authorization failed"];
    wait_until_said(&client, &mut process, &cannot);
    secured.broker.rights(&[&["--add"] as &[&str], &radar, &writes].concat());
    let (ends, group) = (kafka.ends(&client.input()), kafka.group(&client.name, &client.input()));
    let began = Instant::now();
    while group.committed(PARTITIONS).is_none_or(|committed| committed != ends) {
        assert!(process.ended().is_none() && began.elapsed() < LONGEST);
        std::thread::sleep(Duration::from_millis(50));
    }
    process.signal("TERM");
    assert_eq!(process.wait(LONGEST), Some(0));
    // Another user has read the same posts without any trouble.
    let other = Client::new(secured, "may-write", PLAIN, &secured.ca);
    feed(&kafka, &other.input());
    run(secured, &other, PASSWORD);
    let values = |name: &str| {
        let mut values: Vec<_> = kafka.read_committed(&format!("{name}.mentions"));
        values.sort_by(|a, b| a.key.cmp(&b.key));
        values.into_iter().map(|record| record.key).collect::<Vec<_>>()
    };
    assert_eq!(values("no-write"), values("may-write"));
}

/// Nobody listens there: no broker is needed to find a wrong setting.
#[test]
fn wrong_settings_end_at_once_and_name_the_property() {
    let cases: &[(&str, &[&str])] = &[
        (
            "\"sasl.mechanism\" = \"PLAIN\"\n\"sasl.username\" = \"radar\"\n\"sasl.password\" = \"${EARFUL_NOT_SET}\"",
            &["sasl.password", "the environment variable EARFUL_NOT_SET"],
        ),
        ("\"sasl.password\" = \"${file:/no/such/file}\"", &["sasl.password", "the file /no/such/file"]),
        ("\"sasl.pasword\" = \"${EARFUL_TEST_SECRET}\"", &["sasl.pasword", "No such configuration property"]),
        ("\"socket.timeout.ms\" = \"${EARFUL_TEST_SECRET}\"", &["socket.timeout.ms", "this value"]),
        ("\"socket.timeout.ms\" = \"soon\"", &["socket.timeout.ms", "Invalid value"]),
        ("\"sasl.mechanism\" = \"PLAIN\"", &["sasl.username"]),
        (
            "\"sasl.mechanism\" = \"OAUTHBEARER\"\n\"ssl.certificate.location\" = \"/no/such/file\"",
            &["ssl.certificate.location"],
        ),
    ];
    for (login, parts) in cases {
        let client = Client::at("127.0.0.1:1", "wrong", login, &secure::authority("nobody").1);
        for arguments in [&["topics", "plan"] as &[&str], &RUN] {
            let (code, text) = client.call(PASSWORD, arguments);
            assert_eq!(code, 2, "{login}: {text}");
            assert!(text.contains("[kafka]"), "{text}");
            for part in *parts {
                assert!(text.contains(part), "{login}: no {part:?} in\n{text}");
            }
            assert!(!text.contains(PASSWORD), "{login}: the secret is in\n{text}");
        }
    }
}
