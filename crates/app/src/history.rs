//! What an entry of the record of acts says about a change: each part that differs, as it was and as it is.

use serde_json::{Map, Value, json};

/// The parts of two JSON objects that differ, as `{"title": {"old": …, "new": …}}`.
pub(crate) fn changes(before: &Value, after: &Value) -> Value {
    let nothing = Map::new();
    let before = before.as_object().unwrap_or(&nothing);
    let mut changes = Map::new();
    for (part, new) in after.as_object().unwrap_or(&nothing) {
        let old = before.get(part).unwrap_or(&Value::Null);
        if old != new {
            changes.insert(part.clone(), json!({ "old": old, "new": new }));
        }
    }
    Value::Object(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({ "title": "a", "team": null, "kind": "note" });
        let after = json!({ "title": "b", "team": "Ports", "kind": "note" });
        assert_eq!(
            changes(&before, &after),
            json!({ "title": { "old": "a", "new": "b" }, "team": { "old": null, "new": "Ports" } })
        );
    }
}
