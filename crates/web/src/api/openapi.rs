//! The description of the API (OpenAPI 3.1), written by hand; tests hold it against the routes.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

const DOCUMENT: &str = include_str!("openapi.json");

/// The description.
pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Rule;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn described() -> Value {
        serde_json::from_str(DOCUMENT).unwrap()
    }

    #[test]
    fn every_address_is_described_and_every_description_leads_somewhere() {
        let table: BTreeSet<String> = crate::router::routes()
            .into_iter()
            .filter(|row| row.path.starts_with("/api/v1/"))
            .map(|row| format!("{} {}", row.method.as_str().to_lowercase(), row.path))
            .collect();
        let paths = described();
        let written: BTreeSet<String> = paths["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods
                    .as_object()
                    .unwrap()
                    .keys()
                    .filter(|key| *key != "parameters")
                    .map(move |method| format!("{method} {path}"))
            })
            .collect();
        assert_eq!(table, written);
    }

    #[test]
    fn every_change_but_uploads_can_be_asked_for_once() {
        let document = described();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let change = ["post", "put", "patch", "delete"].contains(&method.as_str());
                let once = operation["parameters"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one["$ref"] == "#/components/parameters/Once"));
                let upload = operation["requestBody"]["content"]["multipart/form-data"].is_object();
                assert_eq!(once, change && !upload, "{method} {path}");
            }
        }
    }

    #[test]
    fn only_the_description_itself_is_open() {
        let open: Vec<_> = crate::router::routes()
            .into_iter()
            .filter(|row| row.path.starts_with("/api/") && row.rule == Rule::Open)
            .map(|row| row.path)
            .collect();
        assert_eq!(open, ["/api/v1/openapi.json"]);
    }

    #[test]
    fn references_lead_to_schemas() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(members) => members.iter().for_each(|(key, inner)| match inner {
                    Value::String(to) if key == "$ref" => found.push(to.clone()),
                    _ => references(inner, found),
                }),
                Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let document = described();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let path = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(path).is_some(), "{reference}");
        }
    }
}
