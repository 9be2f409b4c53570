//! The OpenAPI document and the written documents against the code.

use std::collections::BTreeSet;
use std::path::PathBuf;

use earful::http::openapi_json;
use serde_json::Value;

use crate::client::Site;

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn document() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

#[test]
fn the_committed_document_is_the_codes() {
    let path = file("schemas/openapi.json");
    let made = openapi_json();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "schemas/openapi.json is stale; run the tests with UPDATE_GOLDEN=1 and look at the diff"
    );
}

#[test]
fn it_is_served_and_has_the_shape_of_openapi_3_1() {
    let served = Site::new().get("/openapi.json");
    assert_eq!(served.header("content-type"), "application/json");
    let document = served.json();
    assert_eq!(document, self::document());
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["info"]["title"], "earful");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["responses"].as_object().is_some_and(|r| !r.is_empty()), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            assert!(operations.insert(operation["operationId"].to_string()), "{operation} twice");
        }
    }
    references(&document, &document);
}

/// Every `$ref` leads somewhere.
fn references(part: &Value, document: &Value) {
    match part {
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                let pointer = target.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
            }
            fields.values().for_each(|v| references(v, document));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, document)),
        _ => {}
    }
}

#[test]
fn every_route_is_in_it_and_the_other_way_round() {
    let site = Site::new();
    for path in document()["paths"].as_object().unwrap().keys() {
        let answer = site.get(&path.replace("{id}", "none"));
        assert_ne!((answer.status, answer.body.contains("no_such_path")), (404, true), "{path}");
    }
    let paths: BTreeSet<String> = document()["paths"].as_object().unwrap().keys().cloned().collect();
    let expected = [
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/v1/brands",
        "/v1/corrections",
        "/v1/incidents",
        "/v1/incidents/{id}",
        "/v1/mentions",
        "/v1/metrics",
        "/v1/posts",
        "/v1/query-validation",
        "/v1/query/explain",
        "/v1/query/test",
    ];
    assert_eq!(paths, expected.map(str::to_owned).into());
}

#[test]
fn the_parameters_that_are_taken_are_those_that_are_described() {
    let site = Site::new();
    site.state.view.publish_incident(&crate::samples::incident(
        "none",
        1,
        "aurora",
        0,
        earful::model::IncidentStatus::Open,
    ));
    for (path, item) in document()["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let query = parameters.iter().filter(|p| p["in"] == "query");
        let described: BTreeSet<String> = query.map(|p| p["name"].as_str().unwrap().to_owned()).collect();
        if described.is_empty() {
            continue;
        }
        let answer = site.get(&format!("{}?no-such=1", path.replace("{id}", "none"))).json();
        let taken = answer["known"].as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_owned());
        assert_eq!(taken.collect::<BTreeSet<_>>(), described, "{path}");
    }
}

#[test]
fn the_documents_name_every_path_and_every_metric() {
    let api = std::fs::read_to_string(file("docs/http-api.md")).unwrap();
    for path in document()["paths"].as_object().unwrap().keys() {
        assert!(
            api.contains(&format!("`{path}`")) || api.contains(&format!(" {path}`")),
            "docs/http-api.md lacks {path}"
        );
    }
    let operations = std::fs::read_to_string(file("docs/operations.md")).unwrap();
    let rows = operations.lines().filter_map(|l| l.strip_prefix("| `earful_"));
    let written: BTreeSet<String> =
        rows.map(|l| format!("earful_{}", l.split('`').next().unwrap())).collect();
    assert_eq!(written, earful::metrics::names().collect(), "the table of docs/operations.md");
}

/// The words of a command line that quotes with `'` only.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (i, part) in line.split('\'').enumerate() {
        let pieces: Vec<&str> = if i % 2 == 1 { vec![part] } else { part.split(' ').collect() };
        for (j, piece) in pieces.into_iter().enumerate() {
            if j > 0 {
                words.push(String::new());
            }
            words.last_mut().unwrap().push_str(piece);
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

#[test]
fn the_examples_of_the_document_are_true() {
    let (intake, batches) = earful::feeds::push::PushIntake::new();
    let site = Site::with(Some(intake), Default::default(), Default::default());
    let incident = crate::samples::incident("5f1c", 1, "aurora", 0, earful::model::IncidentStatus::Open);
    site.state.view.publish_incident(&incident);
    std::thread::spawn(move || batches.into_iter().for_each(|b| (b.reply)(Ok(Default::default()))));
    let document = std::fs::read_to_string(file("docs/http-api.md")).unwrap();
    let mut run = 0;
    for line in document.lines().filter(|l| l.starts_with("curl ")) {
        let (mut headers, mut body, mut target) = (Vec::new(), None, String::new());
        let mut words = words(line).into_iter().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "-s" => {}
                "-H" => headers.push(words.next().unwrap()),
                "--data-binary" => body = words.next(),
                url => target = url.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned(),
            }
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|h| h.split_once(": ").unwrap()).collect();
        let method = if body.is_some() { "POST" } else { "GET" };
        let answer = site.send(method, &target, &headers, body.unwrap_or_default().as_bytes());
        assert_eq!(answer.status, 200, "{line}\n{}", answer.body);
        run += 1;
    }
    assert!(run >= 12, "{run}");
}
