//! The API's description: what the handlers' annotations say, and what holds for all of them and so stands at none.
//!
//! It works on the description's JSON and knows no noun.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

/// The name of what is refused, among the schemas and the answers.
const REFUSAL: &str = "Refusal";
/// Where schemas are, as references write it.
const SCHEMAS: &str = "#/components/schemas/";
/// Where answers of more than one operation are.
const RESPONSES: &str = "#/components/responses/";

/// Completes the description that the annotations make.
///
/// Each operation has a name and all parameters of its path, and what only answers carry says every field, with null for
/// what there is not. A merge patch takes the same fields as the answer, none of them required.
pub fn complete(annotated: &OpenApi) -> Value {
    let mut description = serde_json::to_value(annotated).expect("a description has only string keys");
    let mut paths = description["paths"].take();
    let mut schemas = description["components"]["schemas"].take();
    let mut asked = BTreeSet::new();
    for (path, method, operation) in operations(&mut paths) {
        operation["operationId"] = name(path, method).into();
        add_path_parameters(path, operation);
        describe_refusals(operation);
        if method == "patch" {
            separate_merge_patch(operation, &mut schemas);
        }
        reach(&operation["requestBody"], &schemas, &mut asked);
    }
    let every = schemas.as_object_mut().expect("a description has schemas");
    // Some refusals carry more than others.
    asked.insert(REFUSAL.to_owned());
    let answered = every.iter_mut().filter(|(name, _)| !asked.contains(*name));
    answered.for_each(|(_, schema)| require_all(schema));
    description["paths"] = paths;
    description["components"]["schemas"] = schemas;
    let refusal = json!({"description": "a refusal", "content": refusal_content()});
    description["components"]["responses"] = json!({REFUSAL: refusal});
    description
}

fn operations(paths: &mut Value) -> impl Iterator<Item = (&String, &String, &mut Value)> {
    let paths = paths.as_object_mut().expect("a description has paths");
    paths.iter_mut().flat_map(|(path, item)| {
        let operations = item.as_object_mut().expect("a path has operations");
        operations
            .iter_mut()
            .map(move |(method, operation)| (path, method, operation))
    })
}

/// Names an operation by its method and path: `get_conversations_id_thread`.
fn name(path: &str, method: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && *word != "api");
    words.fold(method.to_owned(), |name, word| format!("{name}_{word}"))
}

/// Describes what is in the path and not annotated: ids are whole numbers, everything else is text.
fn add_path_parameters(path: &str, operation: &mut Value) {
    let mut parameters = match operation["parameters"].take() {
        Value::Array(parameters) => parameters,
        _ => Vec::new(),
    };
    let names = path.split('{').skip(1).filter_map(|part| part.split_once('}'));
    for (name, _) in names {
        let is_known = parameters
            .iter()
            .any(|known| known["in"] == "path" && known["name"] == name);
        if !is_known {
            let schema = match name {
                "id" | "identity_id" | "channel" => json!({"type": "integer", "format": "int64"}),
                _ => json!({"type": "string"}),
            };
            parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
        }
    }
    operation["parameters"] = parameters.into();
}

/// Says how refusals look: those that an operation names, and all others too.
fn describe_refusals(operation: &mut Value) {
    let any = json!({"$ref": format!("{RESPONSES}{REFUSAL}")});
    let answers = operation["responses"]
        .as_object_mut()
        .expect("an operation has answers");
    for (status, refusal) in answers.iter_mut() {
        let is_refusal = status.starts_with(['4', '5']) && refusal.get("content").is_none();
        match refusal["description"].as_str() {
            Some("") | None if is_refusal => *refusal = any.clone(),
            Some(_) if is_refusal => refusal["content"] = refusal_content(),
            _ => {}
        }
    }
    answers.insert("default".to_owned(), any);
}

fn refusal_content() -> Value {
    json!({"application/problem+json": {"schema": {"$ref": format!("{SCHEMAS}{REFUSAL}")}}})
}

/// Gives a merge patch schemas of its own, where it was annotated with those of its answer.
fn separate_merge_patch(operation: &mut Value, schemas: &mut Value) {
    let answer = operation.pointer("/responses/200/content/application~1json/schema");
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    if body.is_none() || body != answer {
        return;
    }
    let mut whole = BTreeSet::new();
    reach(&operation["requestBody"], schemas, &mut whole);
    whole.retain(|name| schemas[name].get("properties").is_some());
    for name in &whole {
        let mut part = schemas[name].clone();
        point_to_parts(&mut part, &whole);
        schemas[format!("{name}Change")] = part;
    }
    point_to_parts(&mut operation["requestBody"], &whole);
}

fn point_to_parts(value: &mut Value, whole: &BTreeSet<String>) {
    if let Some(Value::String(reference)) = value.get_mut("$ref") {
        if reference.strip_prefix(SCHEMAS).is_some_and(|name| whole.contains(name)) {
            reference.push_str("Change");
        }
    } else {
        inside_mut(value).for_each(|value| point_to_parts(value, whole));
    }
}

/// Collects the names of all schemas that are mentioned in `value`, in those, and so on.
fn reach(value: &Value, schemas: &Value, reached: &mut BTreeSet<String>) {
    let name = value["$ref"].as_str().and_then(|name| name.strip_prefix(SCHEMAS));
    match (name, value) {
        (Some(name), _) if reached.insert(name.to_owned()) => reach(&schemas[name], schemas, reached),
        (None, Value::Object(members)) => members.values().for_each(|value| reach(value, schemas, reached)),
        (None, Value::Array(items)) => items.iter().for_each(|value| reach(value, schemas, reached)),
        _ => {}
    }
}

fn require_all(schema: &mut Value) {
    // A field may be called "properties" too: then this is no schema but the list of a schema's fields.
    let fields = schema.get("properties").filter(|_| schema["type"] == "object");
    let names = fields
        .and_then(Value::as_object)
        .map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    if let Some(names) = names {
        schema["required"] = names.into();
    }
    inside_mut(schema).for_each(require_all);
}

fn inside_mut(value: &mut Value) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match value {
        Value::Object(members) => Box::new(members.values_mut()),
        Value::Array(items) => Box::new(items.iter_mut()),
        _ => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Value {
        complete(&crate::api::router().into_openapi())
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_every_parameter_of_its_path() {
        let mut names = BTreeSet::new();
        for (path, method, operation) in operations(&mut description()["paths"]) {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name), "{method} {path}");
            let in_path = |parameter: &&Value| parameter["in"] == "path";
            let described = operation["parameters"].as_array().unwrap().iter().filter(in_path);
            assert_eq!(described.count(), path.matches('{').count(), "{method} {path}");
        }
        assert!(names.contains("get_conversations_id_thread"));
    }

    #[test]
    fn a_refusal_is_described_with_what_some_of_them_carry() {
        let description = description();
        let reply = &description["paths"]["/api/conversations/{id}/messages"]["post"]["responses"];
        let conflict = &description["paths"]["/api/messages/{id}"]["delete"]["responses"]["409"];
        assert_eq!(conflict["description"], "already_sent");
        for answer in [conflict, &description["components"]["responses"]["Refusal"]] {
            let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Refusal");
        }
        for status in ["422", "default"] {
            assert_eq!(reply[status]["$ref"], "#/components/responses/Refusal", "{status}");
        }
        assert_eq!(reply["201"]["content"].as_object().unwrap().len(), 1);
        let refusal = &description["components"]["schemas"]["Refusal"];
        assert_eq!(
            refusal["required"],
            json!(["type", "title", "status", "code", "detail"])
        );
        assert!(
            refusal["properties"]["newer"]["items"].to_string().contains("Newer"),
            "{refusal}"
        );
    }

    #[test]
    fn an_answer_says_every_field_and_a_patch_asks_for_none() {
        let schemas = &description()["components"]["schemas"];
        let requires = |name: &str, field: &str| {
            let required = schemas[name]["required"].as_array();
            assert!(
                schemas[name]["properties"].get(field).is_some(),
                "{name} has no {field}"
            );
            required.is_some_and(|names| names.iter().any(|name| name == field))
        };
        let always = [
            ("Conversation", "team"),
            ("Settings", "survey"),
            ("SurveySettings", "text"),
            ("ConsentEntry", "evidence_message_id"),
            ("NewTeam", "name"),
        ];
        let not_always = [
            ("SettingsChange", "survey"),
            ("SurveySettingsChange", "text"),
            ("NewTeam", "member_ids"),
            ("Filter", "tag"),
        ];
        for (name, field) in always {
            assert!(requires(name, field), "{name}.{field}");
        }
        for (name, field) in not_always {
            assert!(!requires(name, field), "{name}.{field}");
        }
        let survey = &schemas["SettingsChange"]["properties"]["survey"];
        assert!(survey.to_string().contains("SurveySettingsChange"), "{survey}");
    }
}
