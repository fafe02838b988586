//! A server made from `tests/contract`, which refuses what the contract does not know.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};

use axum::response::Response;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::support::{ACCOUNT, KEY, Seen, json as answer, lock, serve};

pub(crate) static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../contract/contract.json")).expect("it is JSON")
});

/// One answer of one operation.
pub(crate) type Case = (String, usize);

/// The mock, and which answer it gives next.
#[derive(Clone)]
pub(crate) struct Mock {
    pub(crate) address: SocketAddr,
    choice: Arc<Mutex<usize>>,
    given: Arc<Mutex<BTreeSet<Case>>>,
}

impl Mock {
    pub(crate) async fn start() -> Self {
        let choice = Arc::new(Mutex::new(0));
        let given = Arc::new(Mutex::new(BTreeSet::new()));
        let (chosen, giving) = (choice.clone(), given.clone());
        let (address, _) = serve(move |seen, _| {
            let at = *lock(&chosen);
            match respond(seen, at) {
                Ok((operation, response)) => {
                    lock(&giving).insert((operation, at));
                    response
                }
                // No test expects this status.
                Err(problem) => answer(599, json!({"error": {"message": problem}}).to_string()),
            }
        })
        .await;
        Self { address, choice, given }
    }

    /// Every operation gives its answer of that number from now on.
    pub(crate) fn choose(&self, answer: usize) {
        *lock(&self.choice) = answer;
    }

    /// Answers that were given.
    pub(crate) fn given(&self) -> BTreeSet<Case> {
        lock(&self.given).clone()
    }
}

/// Every answer that the contract knows.
pub(crate) fn all_cases() -> BTreeSet<Case> {
    let of = |(name, operation): (&String, &Value)| {
        let answers = operation["answers"].as_array().unwrap().len();
        let name = name.clone();
        (0..answers).map(move |at| (name.clone(), at))
    };
    operations().iter().flat_map(of).collect()
}

pub(crate) fn operations() -> &'static Map<String, Value> {
    CONTRACT["operations"].as_object().unwrap()
}

pub(crate) fn example(name: &str) -> &'static Value {
    CONTRACT["examples"].get(name).unwrap_or_else(|| panic!("no example {name}"))
}

fn respond(seen: &Seen, at: usize) -> Result<(String, Response), String> {
    let (name, operation) = find(seen)?;
    check_headers(seen)?;
    check_query(seen, operation)?;
    check_body(seen, operation)?;
    let chosen = operation["answers"].get(at).ok_or(format!("{name} has no answer {at}"))?;
    let body = match &chosen["body"] {
        Value::Null => "null".to_owned(),
        Value::String(none) if none.is_empty() => String::new(),
        Value::String(name) => example(name).to_string(),
        other => return Err(format!("{other} is no example's name")),
    };
    let status = chosen["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
    Ok((name.clone(), answer(status, body)))
}

fn find(seen: &Seen) -> Result<(&'static String, &'static Value), String> {
    let path: Vec<_> = seen.path().split('/').collect();
    let fits = |(_, operation): &(&String, &Value)| {
        let template: Vec<_> = operation["path"].as_str().unwrap().split('/').collect();
        let pairs = template.iter().zip(&path);
        operation["method"] == seen.head.method.as_str()
            && template.len() == path.len()
            && pairs.into_iter().all(|(template, part)| match *template {
                "{id}" => !part.is_empty(),
                "{number}" => part.parse::<u64>().is_ok(),
                template => template == *part,
            })
    };
    let found = operations().iter().find(fits);
    found.ok_or(format!("no operation {} {}", seen.head.method, seen.head.uri))
}

fn check_headers(seen: &Seen) -> Result<(), String> {
    let expected = [("x-api-key", KEY), ("accept", "application/json"), ("x-locale", "sv")];
    for (name, value) in expected {
        if seen.header(name) != Some(value) {
            return Err(format!("{name} is not {value}"));
        }
    }
    let app = seen.header("user-agent").unwrap_or_default();
    if !app.starts_with("bookshop/1.4 octany-rs/") {
        return Err(format!("user agent {app}"));
    }
    assert!(seen.head.uri.path().starts_with(&format!("/api/{ACCOUNT}/")));
    Ok(())
}

fn check_query(seen: &Seen, operation: &Value) -> Result<(), String> {
    for (name, value) in seen.query() {
        let schema = operation["query"].get(&name).ok_or(format!("no parameter {name}"))?;
        check(schema, &read(schema, value)?)?;
    }
    Ok(())
}

/// A parameter as the value that it stands for.
fn read(schema: &Value, text: String) -> Result<Value, String> {
    if schema["type"] == "integer" {
        text.parse::<u64>().map(Value::from).map_err(|_| format!("{text} is no number"))
    } else {
        Ok(Value::String(text))
    }
}

fn check_body(seen: &Seen, operation: &Value) -> Result<(), String> {
    let Some(schema) = operation.get("request") else {
        let empty = seen.body.is_empty() && seen.header("content-type").is_none();
        return empty.then_some(()).ok_or("a body where there should be none".to_owned());
    };
    if seen.header("content-type") != Some("application/json") {
        return Err("the body is not said to be JSON".to_owned());
    }
    check(schema, &serde_json::from_slice(&seen.body).map_err(|error| error.to_string())?)
}

/// Holds a value against a schema, which may name those of the contract.
pub(crate) fn check(schema: &Value, value: &Value) -> Result<(), String> {
    let mut schema = schema.clone();
    if let Some(members) = schema.as_object_mut() {
        members.insert("$defs".to_owned(), CONTRACT["schemas"].clone());
    }
    let validator = Validator::new(&schema).map_err(|error| error.to_string())?;
    validator.validate(value).map_err(|error| format!("{value}: {error}"))
}
