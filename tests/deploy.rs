//! What is under `deploy/` fits the program: its command lines, pipelines, ports and paths.
#![cfg(all(feature = "kafka", feature = "http"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use yaml_rust2::{Yaml, YamlLoader};

const MOUNTED: &str = "/etc/earful/pipeline.toml";

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)).unwrap()
}

fn yaml(name: &str) -> Vec<Yaml> {
    YamlLoader::load_from_str(&read(name)).unwrap()
}

fn strings(list: &Yaml) -> Vec<String> {
    let items = list.as_vec().unwrap_or_else(|| panic!("{list:?} is no list"));
    items
        .iter()
        .map(|item| item.as_str().unwrap_or_else(|| panic!("{item:?} is no text")).to_owned())
        .collect()
}

/// The services of the compose file whose image is earful's.
fn services() -> BTreeMap<String, Yaml> {
    let compose = yaml("compose.yaml").remove(0);
    let all = compose["services"].as_hash().unwrap().iter();
    all.map(|(name, service)| (name.as_str().unwrap().to_owned(), service.clone())).collect()
}

fn of_kind(kind: &str) -> Yaml {
    yaml("kubernetes.yaml").into_iter().find(|doc| doc["kind"].as_str() == Some(kind)).unwrap()
}

fn pod() -> Yaml {
    of_kind("StatefulSet")["spec"]["template"]["spec"].clone()
}

/// Name and value of the settings of a unit; one with several values comes several times.
fn unit() -> Vec<(String, String)> {
    let text = read("earful.service");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
    let pair = |line: &str| {
        let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line} is no setting"));
        (key.to_owned(), value.to_owned())
    };
    lines.map(pair).collect()
}

fn setting(name: &str) -> Vec<String> {
    unit().into_iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect()
}

/// Every command line of earful in the files, without the program.
fn command_lines() -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    found.extend(
        services().values().filter(|s| s["image"].as_str() == Some("earful")).map(|s| strings(&s["command"])),
    );
    for list in ["containers", "initContainers"] {
        found.extend(pod()[list].as_vec().unwrap().iter().map(|container| strings(&container["args"])));
    }
    for line in setting("ExecStart").iter().chain(&setting("ExecStartPre")) {
        let mut words = line.split_whitespace().map(str::to_owned);
        assert_eq!(words.next().as_deref(), Some("/usr/local/bin/earful"));
        found.push(words.collect());
    }
    let docker = read("Dockerfile");
    let default = docker.lines().find_map(|line| line.strip_prefix("CMD ")).unwrap();
    found.push(serde_json::from_str(default).unwrap());
    found
}

/// The flags that the help of a subcommand names.
fn flags(subcommand: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_earful")).args(subcommand).arg("--help").output().unwrap();
    assert!(output.status.success(), "{subcommand:?}: {}", String::from_utf8_lossy(&output.stderr));
    let help = String::from_utf8(output.stdout).unwrap();
    // A flag stands at the beginning of its line; elsewhere it may be an example.
    let lines = help.lines().map(str::trim).filter(|line| line.starts_with('-'));
    let words = lines.flat_map(|line| line.split([' ', ',', '=', '[']).filter(|w| w.starts_with("--")));
    words.map(str::to_owned).collect()
}

#[test]
fn every_command_line_is_one_of_the_program() {
    let lines = command_lines();
    assert!(lines.len() >= 7, "{lines:?}");
    for line in lines {
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        let depth = match words[0] {
            "topics" => 2,
            first if first.starts_with('-') => 0,
            _ => 1,
        };
        let known = flags(&words[..depth]);
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            assert!(known.iter().any(|k| k == flag), "{line:?}: {flag} is none of {known:?}");
        }
        if depth > 0 {
            assert!(words.contains(&MOUNTED), "{line:?} has another pipeline than the mounted one");
        }
    }
}

/// Values, too, and in their places: with a pipeline that is not there, only that is wrong.
#[test]
fn every_command_line_is_accepted_up_to_the_pipeline() {
    for line in command_lines().iter().filter(|line| line.len() > 1) {
        let args = line.iter().map(|word| if word == MOUNTED { "no-such-pipeline.toml" } else { word });
        let output = Command::new(env!("CARGO_BIN_EXE_earful")).args(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{line:?}: {stderr}");
        assert!(stderr.contains("no-such-pipeline.toml") && !stderr.contains("Usage"), "{line:?}: {stderr}");
    }
}

/// The pipelines, by the file that they are in.
fn pipelines() -> Vec<(&'static str, String)> {
    let map = of_kind("ConfigMap");
    let in_map = map["data"]["pipeline.toml"].as_str().unwrap().to_owned();
    vec![("compose.yaml", read("pipeline.toml")), ("kubernetes.yaml", in_map)]
}

#[test]
fn every_pipeline_passes_its_check() {
    for (place, text) in pipelines() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pipeline.toml");
        fs::write(&file, text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_earful")).arg("check").arg(&file).output().unwrap();
        let shown =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !shown.contains("warning"), "{place}: {shown}");
    }
}

/// What a pipeline says under `table`, as TOML.
fn said(text: &str, table: &str, key: &str) -> String {
    let file: toml::Table = text.parse().unwrap();
    file[table][key].as_str().unwrap().to_owned()
}

#[test]
fn ports_are_those_of_the_pipelines() {
    for (place, text) in pipelines() {
        assert_eq!(said(&text, "http", "listen"), "0.0.0.0:8080", "{place}");
    }
    assert_eq!(strings(&services()["earful"]["ports"]), ["127.0.0.1:8080:8080"]);
    assert!(read("Dockerfile").contains("EXPOSE 8080"));
    let port = &pod()["containers"][0]["ports"][0];
    assert_eq!((port["name"].as_str(), port["containerPort"].as_i64()), (Some("http"), Some(8080)));
    let service = of_kind("Service")["spec"]["ports"][0].clone();
    assert_eq!((service["port"].as_i64(), service["targetPort"].as_str()), (Some(8080), Some("http")));
}

#[test]
fn probes_and_metrics_are_paths_of_the_api() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/openapi.json");
    let api: serde_json::Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    let container = pod()["containers"][0].clone();
    let path = |probe: &str| container[probe]["httpGet"]["path"].as_str().unwrap().to_owned();
    let notes = of_kind("StatefulSet")["spec"]["template"]["metadata"]["annotations"].clone();
    let metrics = notes["prometheus.io/path"].as_str().unwrap().to_owned();
    assert_eq!(path("livenessProbe"), "/healthz");
    assert_eq!(path("readinessProbe"), "/readyz");
    for path in [path("livenessProbe"), path("readinessProbe"), metrics] {
        assert!(api["paths"][&path]["get"].is_object(), "the API has no {path}");
    }
    assert_eq!(notes["prometheus.io/port"].as_str(), Some("8080"));
    for probe in ["livenessProbe", "readinessProbe"] {
        assert_eq!(container[probe]["httpGet"]["port"].as_str(), Some("http"));
    }
}

#[test]
fn the_compose_file_fits_together() {
    let services = services();
    let broker = &services["kafka"];
    let pipeline = read("pipeline.toml");
    let address = said(&pipeline, "kafka", "brokers");
    let advertised = broker["environment"]["KAFKA_ADVERTISED_LISTENERS"].as_str().unwrap();
    assert!(advertised.contains(&format!("INSIDE://{address}")), "{advertised}");
    let topic = strings(&services["posts-topic"]["command"]);
    let at = topic.iter().position(|word| word == "--topic").unwrap();
    assert!(pipeline.contains(&format!("topics = [\"{}\"]", topic[at + 1])));
    let file: toml::Table = pipeline.parse().unwrap();
    let deliveries = file["deliveries"].as_array().unwrap();
    for delivery in deliveries {
        let url = delivery["url"].as_str().unwrap();
        let (host, port) = url.strip_prefix("http://").unwrap().split_once(':').unwrap();
        assert_eq!(strings(&services[host]["ports"]), [format!("127.0.0.1:{port}:{port}")], "{url}");
    }
    for (name, service) in &services {
        for volume in service["volumes"].as_vec().into_iter().flatten() {
            let volume = volume.as_str().unwrap();
            let is_pipeline = volume == format!("./pipeline.toml:{MOUNTED}:ro");
            assert!(is_pipeline || volume.starts_with("kafka-data:"), "{name}: {volume}");
        }
    }
}

#[test]
fn each_pod_has_its_own_instance_and_few_rights() {
    let pod = pod();
    let container = &pod["containers"][0];
    let args = strings(&container["args"]);
    let at = args.iter().position(|word| word == "--instance").unwrap();
    assert_eq!(args[at + 1], "$(POD_NAME)");
    let env = &container["env"][0];
    assert_eq!(env["name"].as_str(), Some("POD_NAME"));
    assert_eq!(env["valueFrom"]["fieldRef"]["fieldPath"].as_str(), Some("metadata.name"));
    assert_eq!(pod["securityContext"]["runAsNonRoot"].as_bool(), Some(true));
    let user = pod["securityContext"]["runAsUser"].as_i64().unwrap();
    assert!(read("Dockerfile").contains(&format!("USER {user}:{user}")));
    for list in ["containers", "initContainers"] {
        let rights = &pod[list][0]["securityContext"];
        assert_eq!(rights["readOnlyRootFilesystem"].as_bool(), Some(true));
        assert_eq!(rights["allowPrivilegeEscalation"].as_bool(), Some(false));
        assert_eq!(strings(&rights["capabilities"]["drop"]), ["ALL"]);
    }
    // Secrets that the pipeline reads are mounted where it reads them.
    let (_, pipeline) = pipelines().remove(1);
    let mounts = container["volumeMounts"].as_vec().unwrap();
    let paths: Vec<&str> = mounts.iter().map(|mount| mount["mountPath"].as_str().unwrap()).collect();
    for (_, rest) in pipeline.match_indices("${file:").map(|(at, _)| pipeline[at..].split_at(7)) {
        let file = rest.split('}').next().unwrap();
        assert!(paths.iter().any(|path| file.starts_with(path)), "{file} is in none of {paths:?}");
    }
}

#[test]
fn the_unit_is_locked_up_and_starts_again() {
    for (name, value) in [
        ("Restart", "always"),
        ("RestartPreventExitStatus", "2"),
        ("DynamicUser", "yes"),
        ("ProtectSystem", "strict"),
        ("StateDirectory", "earful"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
    ] {
        assert_eq!(setting(name), [value], "{name}");
    }
    let credential = setting("LoadCredential").remove(0);
    let (name, _) = credential.split_once(':').unwrap();
    let path = format!("${{file:/run/credentials/earful.service/{name}}}");
    assert!(read("earful.service").contains(&path), "{path}");
}

/// The credential is there while the unit runs, so nothing that reads the pipeline's secrets can come before it starts.
#[test]
fn the_steps_of_the_unit_can_be_done_in_their_order() {
    let text = read("earful.service");
    let steps: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#   ")).collect();
    let started = steps.iter().position(|step| step.starts_with("systemctl enable --now earful")).unwrap();
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| step.starts_with("earful ")) {
        let words: Vec<&str> = step.split('#').next().unwrap_or_default().split_whitespace().collect();
        assert!(at > started, "{step}: its secret is not there yet");
        assert!(words.contains(&MOUNTED), "{step}");
        let output = Command::new(env!("CARGO_BIN_EXE_earful")).args(&words[1..]).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains(MOUNTED) && !stderr.contains("Usage"), "{step}: {stderr}");
    }
}

#[test]
fn the_image_is_built_without_other_downloads_and_runs_without_root() {
    let text = read("Dockerfile");
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let runs: Vec<&&str> = lines.iter().filter(|line| line.starts_with("RUN ")).collect();
    assert!(
        runs.iter().all(|run| run.starts_with("RUN cargo build") && run.contains("--locked")),
        "{runs:?}"
    );
    let last = lines.iter().rposition(|line| line.starts_with("FROM ")).unwrap();
    assert!(lines[last].contains("debian:") && lines[last].ends_with("-slim"));
    assert!(lines[last..].iter().any(|line| line.starts_with("USER ") && !line.contains("root")));
    assert!(lines.contains(&"ENTRYPOINT [\"/usr/local/bin/earful\"]"));
}
