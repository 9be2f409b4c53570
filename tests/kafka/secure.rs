//! A broker that asks who is there, and certificates made for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use openssl::pkey::PKey;
use openssl::symm::Cipher;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::broker::{self, Broker, Extra};
use super::install::broker_file;
use super::posts::BRANDS;
use super::serve::free_port;

/// Of the user `radar`, by PLAIN and by SCRAM. Nothing else that is ever printed looks like it.
pub const PASSWORD: &str = "correct-horse-battery-staple";

/// The broker of these tests; its certificate is signed by [`Secured::ca`].
pub struct Secured {
    pub broker: Broker,
    /// PEM.
    pub ca: String,
    /// PEM of an authority that the broker does not know.
    pub other_ca: String,
    /// Signed by [`Secured::ca`].
    pub radar: Identity,
    /// Signed by [`Secured::other_ca`].
    pub stranger: Identity,
}

/// A certificate and its key, PEM.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

/// The same for all tests, or none where it cannot run.
pub fn shared() -> Option<&'static Secured> {
    static SHARED: OnceLock<Option<Secured>> = OnceLock::new();
    SHARED.get_or_init(start).as_ref()
}

fn start() -> Option<Secured> {
    let (issuer, ca) = authority("the authority");
    let (other_issuer, other_ca) = authority("another authority");
    let server = identity(&issuer, "the broker", &["127.0.0.1"]);
    let template = fs::read_to_string(broker_file("secure.properties.template")).unwrap();
    // A properties file has `\n` for the ends of lines within a value.
    let one_line = |pem: &str| pem.trim().replace('\r', "").replace('\n', "\\n");
    let settings = template
        .replace("@key@", &one_line(&server.key))
        .replace("@certificate@", &one_line(&server.certificate))
        .replace("@ca@", &one_line(&ca))
        .replace("@password@", PASSWORD);
    let scram = ["SCRAM-SHA-256", "SCRAM-SHA-512"]
        .map(|mechanism| format!("{mechanism}=[name=radar,password={PASSWORD}]"));
    let format = scram.into_iter().flat_map(|scram| ["--add-scram".to_owned(), scram]).collect();
    let extra = Extra { settings, format, ..Extra::default() };
    let broker = broker::shared_with(extra)?;
    let (radar, stranger) = (identity(&issuer, "radar", &[]), identity(&other_issuer, "radar", &[]));
    Some(Secured { broker, ca, other_ca, radar, stranger })
}

/// A certificate for this name, and for a server's addresses.
pub fn identity(issuer: &Issuer<'static, KeyPair>, name: &str, addresses: &[&str]) -> Identity {
    let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
    let mut params = CertificateParams::new(addresses).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    Identity { certificate: certificate.pem(), key: key.serialize_pem() }
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

/// By a certificate, and by one whose key is encrypted.
pub const CERTIFICATE: &str = r#""ssl.certificate.location" = "@dir@/certificate.pem"
"ssl.key.location" = "@dir@/key.pem"
"#;
pub const KEY_PASSWORD_FROM_ENVIRONMENT: &str = r#""ssl.key.password" = "${EARFUL_TEST_SECRET}"
"#;
pub const KEY_PASSWORD_FROM_FILE: &str = r#""ssl.key.password" = "${file:@dir@/password}"
"#;

/// A pipeline file in a folder with the certificates.
pub struct Client {
    dir: tempfile::TempDir,
    pub name: String,
    /// Of its own HTTP server.
    pub port: u16,
}

impl Client {
    /// Reads the topic [`Client::input`]. `login` is one of those above, or something like it.
    pub fn new(secured: &Secured, name: &str, login: &str, ca: &str) -> Client {
        Client::at(&secured.broker.secure_address(), name, login, ca)
    }

    pub fn at(address: &str, name: &str, login: &str, ca: &str) -> Client {
        let client = Client { dir: tempfile::tempdir().unwrap(), name: name.to_owned(), port: free_port() };
        fs::write(client.path("ca.pem"), ca).unwrap();
        fs::write(client.path("password"), format!("{PASSWORD}\n")).unwrap();
        let dir = client.dir.path().display();
        let login = login.replace("@dir@", &dir.to_string());
        let (input, port) = (client.input(), client.port);
        // Who has nothing to say by SASL is known by a certificate, if at all.
        let protocol = if login.contains("sasl.") { "sasl_ssl" } else { "ssl" };
        let text = format!(
            r#"name = "secure"
[http]
listen = "127.0.0.1:{port}"
[kafka]
brokers = "{address}"
prefix = "{name}."
tallies_partitions = 2
[kafka.properties]
"security.protocol" = "{protocol}"
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

    /// Has this certificate and its key. With a `password` the key is encrypted.
    pub fn has(&self, identity: &Identity, password: Option<&str>) {
        let key = match password {
            Some(password) => encrypted(&identity.key, password),
            None => identity.key.clone(),
        };
        fs::write(self.path("certificate.pem"), &identity.certificate).unwrap();
        fs::write(self.path("key.pem"), key).unwrap();
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

/// PKCS #8 as `openssl pkcs8 -topk8` makes it.
fn encrypted(key: &str, password: &str) -> String {
    let key = PKey::private_key_from_pem(key.as_bytes()).unwrap();
    let pem = key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), password.as_bytes());
    String::from_utf8(pem.unwrap()).unwrap()
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
