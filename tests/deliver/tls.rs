//! Receivers with TLS: their certificate is checked against the authorities that are trusted.

use std::sync::Arc;
use std::time::Instant;

use earful::deliver::{Courier, Outcome, Step};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::alerts::{alert, courier};
use super::receiver::Receiver;

/// An authority, and its certificate in PEM.
fn authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), pem)
}

/// A receiver whose certificate is for 127.0.0.1.
fn receiver(issuer: &Issuer<'static, KeyPair>) -> Receiver {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = CertificateDer::from(params.signed_by(&key, issuer).unwrap().der().to_vec());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Receiver::tls(config)
}

fn send(courier: &mut Courier) -> Step {
    courier.take(&alert("abc", 1), Instant::now());
    courier.step(Instant::now())
}

#[test]
fn a_receiver_is_believed_by_its_authority_and_name_only() {
    let dir = tempfile::tempdir().unwrap();
    let (issuer, pem) = authority("ours");
    let receiver = receiver(&issuer);
    let file = |name: &str, pem: &str| {
        std::fs::write(dir.path().join(name), pem).unwrap();
        format!("ca = \"{}\"\n", dir.path().join(name).display())
    };
    let (ours, other) = (file("ours.pem", &pem), file("other.pem", &authority("another").1));
    let port = receiver.address.port();
    let to = |host: &str, ca: &str| {
        courier(&format!("type = \"webhook\"\nurl = \"https://{host}:{port}/hook\"\n{ca}"))
    };

    for (host, ca) in [("127.0.0.1", other.as_str()), ("localhost", &ours)] {
        let step = send(&mut to(host, ca));
        assert!(matches!(step, Step::Failed { .. }), "{host} {ca}: {step:?}");
    }
    assert_eq!(receiver.seen(), [], "nothing was said to who was not believed");
    let step = send(&mut to("127.0.0.1", &ours));
    assert!(matches!(step, Step::Done { outcome: Outcome::Delivered, .. }), "{step:?}");
    assert_eq!(receiver.wait_for(1)[0].key(), "abc|1");
}

/// The system's authorities do not know ours. Where a system has none at all that is told instead.
#[test]
fn without_a_file_the_systems_authorities_are_asked() {
    let receiver = receiver(&authority("ours").0);
    let plan = super::plan(&format!("type = \"webhook\"\nurl = \"https://{}/hook\"", receiver.address));
    match Courier::new(&plan, "t") {
        Ok(mut courier) => assert!(matches!(send(&mut courier), Step::Failed { .. })),
        Err(error) => assert!(error.to_string().contains("ca-certificates"), "{error}"),
    }
    assert_eq!(receiver.seen(), []);
}
