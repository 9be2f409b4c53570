//! A broker that asks who is there, and certificates made for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::broker::{self, Broker, Extra};
use super::install::broker_file;
use super::posts::BRANDS;

/// Of the user `radar`, by PLAIN and by SCRAM. Nothing else that is ever printed looks like it.
pub const PASSWORD: &str = "correct-horse-battery-staple";

/// The broker of these tests; its certificate is signed by [`Secured::ca`].
pub struct Secured {
    pub broker: Broker,
    /// PEM.
    pub ca: String,
    /// PEM of an authority that has signed nothing.
    pub other_ca: String,
}

/// The same for all tests, or none where it cannot run.
pub fn shared() -> Option<&'static Secured> {
    static SHARED: OnceLock<Option<Secured>> = OnceLock::new();
    SHARED.get_or_init(start).as_ref()
}

fn start() -> Option<Secured> {
    let (issuer, ca) = authority("the authority");
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "the broker");
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let template = fs::read_to_string(broker_file("secure.properties.template")).unwrap();
    // A properties file has `\n` for the ends of lines within a value.
    let one_line = |pem: String| pem.trim().replace('\r', "").replace('\n', "\\n");
    let settings = template
        .replace("@key@", &one_line(key.serialize_pem()))
        .replace("@certificate@", &one_line(certificate.pem()))
        .replace("@password@", PASSWORD);
    let scram = format!("SCRAM-SHA-512=[name=radar,password={PASSWORD}]");
    let extra = Extra { settings, format: vec!["--add-scram".to_owned(), scram], ..Extra::default() };
    Some(Secured { broker: broker::shared_with(extra)?, ca, other_ca: authority("another authority").1 })
}

/// A certificate authority and its own certificate.
pub fn authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

/// How a client says who it is: lines of `[kafka.properties]`. Secrets are in `$EARFUL_TEST_SECRET` or in files.
pub const PLAIN: &str = r#""sasl.mechanism" = "PLAIN"
"sasl.username" = "radar"
"sasl.password" = "${EARFUL_TEST_SECRET}"
"#;
pub const SCRAM: &str = r#""sasl.mechanism" = "SCRAM-SHA-512"
"sasl.username" = "radar"
"sasl.password" = "${file:@dir@/password}"
"#;
/// librdkafka's own unsigned tokens.
pub const UNSIGNED: &str = r#""sasl.mechanism" = "OAUTHBEARER"
"enable.sasl.oauthbearer.unsecure.jwt" = true
"sasl.oauthbearer.config" = "principal=radar"
"#;
pub const TOKEN_FILE: &str = r#""sasl.mechanism" = "OAUTHBEARER"
"sasl.oauthbearer.config" = "token_file=@dir@/token"
"#;

/// A pipeline file in a folder with the certificates.
pub struct Client {
    dir: tempfile::TempDir,
    pub name: String,
}

impl Client {
    /// Reads the topic [`Client::input`]. `login` is one of those above, or something like it.
    pub fn new(secured: &Secured, name: &str, login: &str, ca: &str) -> Client {
        Client::at(&secured.broker.secure_address(), name, login, ca)
    }

    pub fn at(address: &str, name: &str, login: &str, ca: &str) -> Client {
        let client = Client { dir: tempfile::tempdir().unwrap(), name: name.to_owned() };
        fs::write(client.path("ca.pem"), ca).unwrap();
        fs::write(client.path("password"), format!("{PASSWORD}\n")).unwrap();
        let dir = client.dir.path().display();
        let login = login.replace("@dir@", &dir.to_string());
        let input = client.input();
        let text = format!(
            r#"name = "secure"
[kafka]
brokers = "{address}"
prefix = "{name}."
tallies_partitions = 2
[kafka.properties]
"security.protocol" = "sasl_ssl"
"ssl.ca.location" = "{dir}/ca.pem"
{login}
[[feeds]]
name = "posts"
type = "kafka"
topics = ["{input}"]
{BRANDS}"#
        );
        fs::write(client.pipeline(), text).unwrap();
        client
    }

    pub fn input(&self) -> String {
        format!("posts-for-{}", self.name)
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    pub fn pipeline(&self) -> PathBuf {
        self.path("p.toml")
    }

    /// The command line of earful, as `env` starts it with the secret; the pipeline file comes last.
    pub fn command(&self, secret: &str, arguments: &[&str]) -> Vec<String> {
        let mut command = vec!["env".to_owned(), format!("EARFUL_TEST_SECRET={secret}")];
        command.push(env!("CARGO_BIN_EXE_earful").to_owned());
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        command.push(self.pipeline().display().to_string());
        command
    }

    /// Runs it to its end: exit code, and all that it said.
    pub fn call(&self, secret: &str, arguments: &[&str]) -> (i32, String) {
        let command = self.command(secret, arguments);
        said(Command::new(&command[0]).args(&command[1..]).stdin(Stdio::null()).output().unwrap())
    }
}

fn said(output: Output) -> (i32, String) {
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.code().unwrap_or(-1), text.concat())
}

/// A token without a signature, which the brokers of these tests take.
pub fn unsigned_token(dir: &Path) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let claims = format!(r#"{{"sub":"radar","iat":{now},"exp":{}}}"#, now + 3_600);
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let token = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&claims));
    fs::write(dir, &token).unwrap();
    token
}
