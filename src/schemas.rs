//! The JSON Schemas of the outputs, made from the types that are written: `schemas/*.schema.json`.
//!
//! `UPDATE_GOLDEN=1 cargo test schemas` rewrites the files; review the difference. That the outputs agree with
//! them is the matter of `tests/schemas.rs`.

use std::borrow::Cow;
use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::analysis::MentionDocument;
use crate::model::{CorrectionLine, DeadLetter, Incident, Label, Language, MetricRow, Score, Timestamp};

/// Types that are written as plain values.
macro_rules! plain {
    ($($name:ident: $schema:tt,)*) => {
        $(impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })*
    };
}

plain! {
    Timestamp: { "type": "string", "format": "date-time" },
    Label: { "type": "string" },
    Language: { "type": "string", "pattern": "^[a-z]{2,3}(-hans|-hant)?$" },
    Score: { "type": "number", "minimum": -1, "maximum": 1 },
}

/// What is written, not what is read: every field that is always there is required.
fn of<T: JsonSchema>() -> Map<String, Value> {
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    let Value::Object(schema) = schema.to_value() else { panic!("a schema of fields is an object") };
    schema
}

/// `fate` stands in front of what analysis writes (`Mention::write_json`).
fn mention() -> Map<String, Value> {
    let mut mention = of::<MentionDocument<'static>>();
    let mut definitions = mention.remove("$defs");
    let dialect = mention.remove("$schema");
    mention.remove("title");
    mention["description"] = "A post that names at least one brand.".into();
    let fate = json!({
        "description": "`kept`; `late`: older than its lane's watermark, counted by a delta row and never by an alert; \
                        `retracted`: a newer version that replaces the earlier line of the same network and id.",
        "enum": ["kept", "late", "retracted"]
    });
    mention["properties"]["fate"] = fate;
    mention["required"].as_array_mut().unwrap().insert(0, "fate".into());
    let (correction, more) = correction();
    if let (Some(all), Some(more)) = (definitions.as_mut().and_then(Value::as_object_mut), more) {
        all.extend(more.as_object().unwrap().clone());
    }
    let description = "The key of a mention is `post.network` and `post.id`, that of a tombstone `network` and `id`; \
                       the last line of a key holds. In Kafka a tombstone is a record without a value. A correction \
                       changes the label towards one brand in the line before it, and is over when another line of the \
                       mention follows.";
    let schema = json!({
        "$schema": dialect,
        "description": description,
        "anyOf": [mention, tombstone(), correction],
        "$defs": definitions
    });
    schema.as_object().unwrap().clone()
}

fn tombstone() -> Value {
    json!({
        "type": "object",
        "description": "The post of this key was deleted, or edited so that it names no brand any more.",
        "properties": {
            "fate": { "const": "retracted" },
            "network": { "$ref": "#/$defs/Network" },
            "id": { "type": "string", "description": "The network's own id." },
            "tombstone": { "const": true }
        },
        "required": ["fate", "network", "id", "tombstone"]
    })
}

/// Its schema, and the definitions that it refers to.
fn correction() -> (Map<String, Value>, Option<Value>) {
    let mut correction = of::<CorrectionLine<'static>>();
    let definitions = correction.remove("$defs");
    correction.remove("$schema");
    correction.remove("title");
    correction["description"] = "An analyst has given the mention of one brand another label.".into();
    correction["properties"]["fate"] = json!({ "const": "retracted" });
    (correction, definitions)
}

fn documents() -> [(&'static str, Map<String, Value>); 4] {
    [
        ("mention", mention()),
        ("metric", of::<MetricRow>()),
        ("alert", of::<Incident>()),
        ("dead", of::<DeadLetter>()),
    ]
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for (name, mut schema) in documents() {
        schema.insert("title".to_owned(), format!("earful {name}").into());
        let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let file = format!("schemas/{name}.schema.json");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "{file} is stale; run the tests with UPDATE_GOLDEN=1 and look at the diff");
    }
}
