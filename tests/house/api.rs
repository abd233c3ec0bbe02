//! The OpenAPI document tells the whole truth: every route under `/api` is in it and nothing else, each with its refusals.

use std::collections::{BTreeMap, BTreeSet};

use segl::router;
use serde_json::Value;

use crate::source::{self, Piece, Source, none};

const METHODS: [&str; 5] = ["delete", "get", "patch", "post", "put"];
/// The document itself.
const NOT_IN_IT: [&str; 1] = ["/api/openapi.json"];

/// A handler: `#[post("/api/v1/logins")] async fn name`.
struct Handler {
    method: String,
    path: String,
    name: String,
    place: String,
    /// Whether its arguments take an `Idempotency-Key`.
    takes_key: bool,
}

fn handlers() -> Vec<Handler> {
    source::rust("server/src").iter().flat_map(handlers_of).collect()
}

fn handlers_of(source: &Source) -> Vec<Handler> {
    let mut found = Vec::new();
    for at in 0..source.tokens.len() {
        let attribute = source.is_sign(at, '#') && source.is_sign(at + 1, '[') && source.is_sign(at + 3, '(');
        let (Some(method), Some(Piece::Text(path))) = (source.word(at + 2), source.tokens.get(at + 4).map(|token| &token.piece)) else {
            continue;
        };
        if !attribute || !METHODS.contains(&method) {
            continue;
        }
        let begin = (at..source.tokens.len()).find(|&at| source.is_word(at, "fn")).unwrap_or(at);
        let function = source.word(begin + 1);
        let mut arguments = (begin..source.tokens.len()).take_while(|&at| !source.is_sign(at, '{'));
        let takes_key = arguments.any(|at| source.is_word(at, "Idempotency"));
        let place = format!("{}:{}", source.path, source.tokens[at].line);
        found.push(Handler { method: method.to_owned(), path: path.clone(), name: function.unwrap_or("").to_owned(), place, takes_key });
    }
    found
}

fn document() -> BTreeMap<(String, String), Value> {
    let document: Value = serde_json::to_value(router::openapi()).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| METHODS.contains(&method.as_str())) {
            operations.insert((method.clone(), path.clone()), operation.clone());
        }
    }
    operations
}

/// `/a/{file:.*}` is `/a/{file}` in the document.
fn plain(path: &str) -> String {
    let mut text = String::new();
    let mut in_rule = false;
    for character in path.chars() {
        match character {
            ':' => in_rule = true,
            '}' => {
                in_rule = false;
                text.push('}');
            }
            _ if in_rule => {}
            other => text.push(other),
        }
    }
    text
}

#[test]
fn every_route_of_the_api_is_documented_and_every_documented_route_exists() {
    let documented: BTreeSet<_> = document().into_keys().filter(|(_, path)| path.starts_with("/api/")).collect();
    let coded = handlers().into_iter().filter(|handler| handler.path.starts_with("/api/") && !NOT_IN_IT.contains(&handler.path.as_str()));
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for handler in coded {
        let route = (handler.method.clone(), plain(&handler.path));
        if !documented.contains(&route) {
            faults.push(format!("{}: {} {} is not in the OpenAPI document", handler.place, handler.method, handler.path));
        }
        if !seen.insert(route) {
            faults.push(format!("{}: {} {} has two handlers", handler.place, handler.method, handler.path));
        }
    }
    faults.extend(documented.difference(&seen).map(|(method, path)| format!("{method} {path} is documented, and no handler has it")));
    none(&faults);
}

/// The last word of each `service(..)`: `agreement::read` registers `read`.
fn registered(source: &Source) -> BTreeSet<String> {
    let calls = (0..source.tokens.len()).filter(|&at| source.is_word(at, "service") && source.is_sign(at + 1, '('));
    let arguments = calls
        .filter_map(|at| (at + 2..source.tokens.len()).take_while(|&at| !source.is_sign(at, ')')).filter_map(|at| source.word(at)).last());
    arguments.map(str::to_owned).collect()
}

#[test]
fn every_handler_is_registered() {
    let sources = source::rust("server/src");
    let mut faults = Vec::new();
    for source in &sources {
        let own = sources.iter().filter(|other| other.room().0 == source.room().0 || other.path == "server/src/router.rs");
        let registered: BTreeSet<String> = own.flat_map(registered).collect();
        for handler in handlers_of(source).into_iter().filter(|handler| !registered.contains(&handler.name)) {
            faults.push(format!("{}: {} is registered nowhere", handler.place, handler.name));
        }
    }
    none(&faults);
}

#[test]
fn every_operation_documents_a_success_and_a_refusal() {
    let mut faults = Vec::new();
    for ((method, path), operation) in document() {
        if !path.starts_with("/api/") {
            continue;
        }
        let answers: Vec<String> = operation["responses"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
        if !answers.iter().any(|status| status.starts_with('4')) {
            faults.push(format!("{method} {path} documents {answers:?}, and no refusal"));
        }
        if !answers.iter().any(|status| status.starts_with('2') || status.starts_with('3')) {
            faults.push(format!("{method} {path} documents {answers:?}, and no success"));
        }
    }
    none(&faults);
}

/// Posts that create and take no Idempotency-Key: their own description says why asking again is right.
const RIGHT_TO_ASK_AGAIN: [(&str, &str); 8] = [
    ("/api/v1/password-resets/question", "a link is claimed once"),
    ("/api/v1/activations", "the link is claimed once"),
    ("/api/v1/key-shares", "the link is claimed once"),
    ("/api/v1/logins", "it replaces the question and asks for the same key number"),
    ("/api/v1/logins/answer", "a question is answered once"),
    ("/api/v1/phone-questions/keycard/order", "a yes serves once"),
    ("/api/v1/renewals", "a renewal is claimed once"),
    ("/api/v1/session/proof", "it replaces the question and asks for the same key number"),
];

#[test]
fn every_post_that_creates_takes_an_idempotency_key_or_says_why_not() {
    let handlers = handlers();
    let mut faults = Vec::new();
    let mut left: BTreeMap<&str, &str> = RIGHT_TO_ASK_AGAIN.into_iter().collect();
    for ((method, path), operation) in document() {
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let declared = parameters.iter().any(|parameter| parameter["in"] == "header" && parameter["name"] == "Idempotency-Key");
        let taken = handlers.iter().any(|handler| handler.method == method && plain(&handler.path) == path && handler.takes_key);
        if declared != taken {
            faults.push(format!("{method} {path}: documents a key: {declared}; takes one: {taken}"));
        }
        if method != "post" || operation["responses"].get("201").is_none() || declared {
            continue;
        }
        match left.remove(path.as_str()) {
            Some(why) if operation["description"].as_str().is_some_and(|text| text.contains("Idempotency-Key") && text.contains(why)) => {}
            Some(why) => faults.push(format!("{path}: its description does not say that it takes no Idempotency-Key, since {why}")),
            None => faults.push(format!("{path} creates, and takes no Idempotency-Key")),
        }
    }
    faults.extend(left.keys().map(|path| format!("{path} is listed as asked again, and creates nothing without a key")));
    none(&faults);
}

/// Type -> whether it refuses unknown fields, for every struct and enum of a file.
fn types(source: &Source) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut attributes = String::new();
    for at in 0..source.tokens.len() {
        match &source.tokens[at].piece {
            Piece::Word(word) if word == "struct" || word == "enum" => {
                let name = source.word(at + 1).unwrap_or("").to_owned();
                found.push((name, attributes.contains("deny_unknown_fields")));
                attributes.clear();
            }
            Piece::Word(word) => {
                attributes.push_str(word);
                attributes.push(' ');
            }
            Piece::Sign(';' | '{' | '}') => attributes.clear(),
            Piece::Sign(_) | Piece::Text(_) | Piece::Literal => {}
        }
    }
    found
}

/// Bodies that are no struct, and why.
const FREE: [(&str, &str); 4] = [
    ("Decide", "the phones' own form: the crate `keycard` refuses what it does not know"),
    ("RenewalBody", "of employees, which refuses unknown fields there; a forgotten password is handed over by the same"),
    ("SuspensionBody", "of employees, which refuses unknown fields there; whose consent it needs is asked a slice above"),
    ("Typed", "forms of our own pages with numbered rows are read field by field into the API's own types"),
];

#[test]
fn every_body_refuses_unknown_fields() {
    let sources = source::rust("server/src");
    let mut faults = Vec::new();
    let mut seen = 0;
    for source in &sources {
        let own = sources.iter().filter(|other| other.room().0 == source.room().0);
        let strict: BTreeMap<String, bool> = own.flat_map(types).collect();
        for at in 2..source.tokens.len() {
            // `form: Form<T>` of a handler, not `web::Json<T>` of an answer.
            let parameter = source.is_sign(at - 1, ':') && !source.is_sign(at - 2, ':');
            let body = matches!(source.word(at), Some("Json" | "Form")) && source.is_sign(at + 1, '<');
            let Some(name) = source.word(at + 2).filter(|name| parameter && body && !FREE.iter().any(|(free, _)| free == name)) else {
                continue;
            };
            let place = format!("{}:{}", source.path, source.tokens[at].line);
            seen += 1;
            match strict.get(name) {
                Some(true) => {}
                Some(false) => faults.push(format!("{place}: {name} takes unknown fields")),
                None => faults.push(format!("{place}: {name} is not of this slice: say there what a body may hold")),
            }
        }
    }
    assert!(seen > 10, "the bodies are not found: {seen}");
    none(&faults);
}
