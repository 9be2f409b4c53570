//! The published schemas, closed: readers must let unknown fields pass, here every field that is written must be described.

#![allow(unreachable_pub, missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

/// A topic or file of outputs, and the schema of its values.
pub const SCHEMAS: [(&str, &str); 4] =
    [("mentions", "mention"), ("metrics", "metric"), ("alerts", "alert"), ("dead", "dead")];

pub fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.schema.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap()
}

/// What is as this schema says, and says nothing that is not in it.
pub fn closed(name: &str) -> Validator {
    let mut schema = schema(name);
    close(&mut schema);
    validator(&schema)
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.get("properties").is_some_and(|p| p.is_object() && object.contains_key("type")) {
                object.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}
