//! Client certificates: who has one of the brokers' authority comes in, with an encrypted key too, and who has none or a
//! foreign one is told.

use super::secure::{
    self, CERTIFICATE, Client, Identity, KEY_PASSWORD_FROM_ENVIRONMENT, KEY_PASSWORD_FROM_FILE, PASSWORD,
    Secured,
};
use super::security::{feed, is_told, run};

fn client(secured: &Secured, name: &str, login: &str) -> Client {
    Client::at(&secured.broker.mutual_address(), name, login, &secured.ca)
}

/// Makes the topics and reads all posts; nothing else says who this is.
fn comes_in(name: &str, password: Option<&str>, password_is: &str) {
    let Some(secured) = secure::shared() else { return };
    let client = client(secured, name, &format!("{CERTIFICATE}{password_is}\"debug\" = \"all\"\n"));
    client.has(&secured.radar, password);
    feed(&secured.broker.client(), &client.input());
    let (code, applied) = client.call(PASSWORD, &["topics", "apply"]);
    assert_eq!(code, 0, "{applied}");
    let said = applied + &run(secured, &client, PASSWORD);
    assert!(said.contains("partition taken over") && said.contains("SSL"), "{said}");
    let key = secured.radar.key.lines().nth(1).unwrap();
    assert!(!said.contains(PASSWORD) && !said.contains(key), "a secret is in the log");
}

#[test]
fn a_certificate_comes_in() {
    comes_in("certificate", None, "");
}

#[test]
fn an_encrypted_key_with_its_password_from_the_environment() {
    comes_in("key-environment", Some(PASSWORD), KEY_PASSWORD_FROM_ENVIRONMENT);
}

#[test]
fn an_encrypted_key_with_its_password_from_a_file() {
    comes_in("key-file", Some(PASSWORD), KEY_PASSWORD_FROM_FILE);
}

#[test]
fn no_certificate_is_told_with_address_and_reason() {
    let Some(secured) = secure::shared() else { return };
    let client = client(secured, "no-certificate", "");
    is_told(&client, "", &[&secured.broker.mutual_address(), "ssl.certificate.location"]);
}

#[test]
fn a_certificate_of_a_foreign_authority_is_told_with_address_and_reason() {
    let Some(secured) = secure::shared() else { return };
    let client = client(secured, "foreign-certificate", CERTIFICATE);
    client.has(&secured.stranger, None);
    is_told(&client, "", &[&secured.broker.mutual_address(), "ssl.certificate.location"]);
}

/// No broker is needed for that, so nobody listens there.
#[test]
fn a_key_that_cannot_be_used_ends_at_once() {
    let (issuer, ca) = secure::authority("the authority");
    let [own, other] = ["radar", "somebody"].map(|name| secure::identity(&issuer, name, &[]));
    let mixed = Identity { certificate: own.certificate.clone(), key: other.key };
    let cases = [
        ("a wrong password", &own, Some("another-password"), KEY_PASSWORD_FROM_FILE, "ssl.key.location"),
        ("no password", &own, Some(PASSWORD), "", "ssl.key.location"),
        ("the key of another", &mixed, None, "", "ssl.key.location"),
    ];
    for (case, identity, password, password_is, part) in cases {
        let client = Client::at("127.0.0.1:1", "no-key", &format!("{CERTIFICATE}{password_is}"), &ca);
        client.has(identity, password);
        for arguments in [["topics", "plan"], ["run", "--workers=1"]] {
            let (code, text) = client.call("", &arguments);
            assert_eq!(code, 2, "{case}: {text}");
            assert!(text.contains("[kafka]") && text.contains(part), "{case}: {text}");
            assert!(!text.contains(PASSWORD), "{case}: the secret is in\n{text}");
        }
    }
}
