//! A record of the topic `alerts`, or of `alerts.jsonl`.

use crate::model::Incident;

/// One change of an incident's life, as a value and as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// The value.
    pub incident: Incident,
    /// The JSON as it was written, with fields that this version may not know.
    pub json: Vec<u8>,
}

impl Alert {
    /// # Errors
    /// In words, when it is no alert.
    pub fn parse(json: &[u8]) -> Result<Alert, String> {
        let incident = serde_json::from_slice(json).map_err(|e| e.to_string())?;
        Ok(Alert { incident, json: json.to_vec() })
    }

    /// The same whenever this alert is sent; another one for every other alert.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}|{}", self.incident.id, self.incident.revision)
    }
}
