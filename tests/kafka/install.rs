//! What a broker needs on this machine: Java, and Kafka's jars, which Maven fetches once into the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const JAVA_LEAST: u32 = 17;

/// The folder of the jars, or why there is none.
pub fn jars() -> Result<PathBuf, String> {
    java()?;
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (jars, marker) = (target.join("kafka-jars"), target.join("kafka-jars.complete"));
    let recipe = broker_file("pom.xml");
    fs::create_dir_all(target).unwrap();
    // Test binaries may run at the same time: the first one fetches, the others wait.
    let lock = File::create(target.join("kafka-jars.lock")).unwrap();
    lock.lock().unwrap();
    let wanted = fs::read_to_string(&recipe).unwrap();
    if fs::read_to_string(&marker).is_ok_and(|done| done == wanted) {
        return Ok(jars);
    }
    let _ = fs::remove_dir_all(&jars);
    fetch(&recipe, &jars)?;
    fs::write(&marker, wanted).unwrap();
    Ok(jars)
}

/// A file of the broker's recipe.
pub fn broker_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kafka/broker").join(name)
}

fn java() -> Result<(), String> {
    let output = Command::new("java").arg("-version").stdin(Stdio::null()).output();
    let output = output.map_err(|_| format!("Java {JAVA_LEAST} or newer is not installed"))?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    match java_version(&text) {
        Some(version) if version >= JAVA_LEAST => Ok(()),
        _ => Err(format!("Java {JAVA_LEAST} or newer is needed, and `java -version` says {text:?}")),
    }
}

/// 17 from `openjdk version "17.0.15" 2025-04-15`.
fn java_version(text: &str) -> Option<u32> {
    text.split('"').nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn fetch(recipe: &Path, jars: &Path) -> Result<(), String> {
    let output = Command::new("mvn")
        .args(["-q", "-B", "-f"])
        .arg(recipe)
        .arg("dependency:copy-dependencies")
        .arg(format!("-DoutputDirectory={}", jars.display()))
        .stdin(Stdio::null())
        .output()
        .map_err(|_| "Maven is not installed, and Kafka's jars are not there yet".to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("Maven could not fetch Kafka's jars:\n{}", String::from_utf8_lossy(&output.stdout)))
}

#[test]
fn reads_the_version_of_java() {
    assert_eq!(java_version("openjdk version \"17.0.15\" 2025-04-15\n"), Some(17));
    assert_eq!(java_version("java version \"1.8.0_402\""), Some(1));
    assert_eq!(java_version("openjdk version \"21-ea\""), Some(21));
    assert_eq!(java_version("command not found"), None);
}
