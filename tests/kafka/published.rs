//! What stands in the topics out: values as the published schemas say, keys and CloudEvents headers as `docs/kafka.md` does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::client::Record;
use super::replay::bench;
use super::schemas::{SCHEMAS, closed};

/// The type of the event, and the key that it must have; `id` is that of the event.
fn expected(kind: &str, value: Option<&Value>, id: &str) -> (&'static str, Option<String>) {
    let text = |path: &str| value.unwrap().pointer(path).and_then(Value::as_str).unwrap().to_owned();
    match (kind, value) {
        ("mentions", None) => ("earful.mention.gone.v1", None),
        ("mentions", _) => {
            ("earful.mention.v1", Some(format!("{}:{}", text("/post/network"), text("/post/id"))))
        }
        ("metrics", _) => {
            let row = ["/brand", "/resolution", "/start"].map(text).join("|");
            let as_of = (text("/status") == "delta").then(|| format!("|{}", text("/as_of")));
            ("earful.metric.v1", Some(row + &as_of.unwrap_or_default()))
        }
        ("alerts", _) => ("earful.alert.v1", Some(text("/id"))),
        _ => ("earful.dead.v1", Some(id.to_owned())),
    }
}

fn headers(record: &Record) -> BTreeMap<&str, &str> {
    record.headers.iter().map(|(name, value)| (&**name, std::str::from_utf8(value).unwrap())).collect()
}

#[test]
fn every_record_out_is_as_the_schemas_and_the_docs_say() {
    let Some(bench) = bench() else { return };
    let (mut ids, mut types) = (BTreeSet::new(), BTreeMap::new());
    let mut additions = 0;
    for (kind, schema) in SCHEMAS {
        let validator = closed(schema);
        for record in bench.kafka.read_committed(&format!("run-first.{kind}")) {
            let found = headers(&record);
            let key = std::str::from_utf8(record.key.as_ref().unwrap()).unwrap();
            let value: Option<Value> =
                record.value.as_ref().map(|value| serde_json::from_slice(value).unwrap());
            if let Some(value) = &value {
                let valid = validator.validate(value);
                valid.unwrap_or_else(|error| panic!("{kind} {key}: {error} at {}", error.instance_path()));
                additions += u32::from(value["status"] == "delta");
            }
            let (of_type, of_key) = expected(kind, value.as_ref(), found["ce_id"]);
            assert!(of_key.is_none_or(|of_key| of_key == key), "{key}: {value:?}");
            let right = BTreeMap::from([
                ("ce_specversion", "1.0"),
                ("ce_type", of_type),
                ("ce_source", "/earful/chaos"),
                ("ce_id", found["ce_id"]),
                ("content-type", "application/json"),
            ]);
            assert_eq!(found, right, "{key}");
            assert_eq!(record.headers.len(), right.len(), "{key}: each once");
            assert!(
                ids.insert(found["ce_id"].to_owned()),
                "{kind}: two events are called {}",
                found["ce_id"]
            );
            *types.entry(of_type).or_insert(0) += 1;
        }
    }
    assert!(types.len() == 5 && additions > 0, "else it would prove little: {types:?}, {additions}");
}
