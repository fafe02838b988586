//! What is asked of both servers.

use octany_core::SubscriptionStatus;
use octany_core::signature::SigningSecret;
use octany_tests::fixtures::php_deliveries;

use super::app::{BODY_LIMIT, SECRET};
use super::http::Sent;

/// A request, or several in a row whose answers all count.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) requests: Vec<Sent>,
}

pub(crate) fn sign(body: &[u8]) -> String {
    SigningSecret::new(SECRET).expect("it is not empty").sign(body).to_string()
}

/// A delivery of its own id whose handler does as it is told.
pub(crate) fn hook(id: &str, told: &str) -> String {
    format!(
        r#"{{"id":"{id}","name":"test.hook","created_at":"2026-03-01T12:00:00+00:00","data":{{"do":"{told}"}}}}"#
    )
}

pub(crate) fn delivery(path: &str, body: &str) -> Sent {
    let signature = sign(body.as_bytes());
    let headers = [("content-type", "application/json"), ("octany-signature", &*signature)];
    Sent::new(&format!("POST {path} HTTP/1.1"), &headers, body.as_bytes())
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: &str, requests: Vec<Sent>| {
        cases.push(Case { name: name.to_owned(), requests });
    };
    signatures(&mut add);
    bodies(&mut add);
    framing(&mut add);
    outcomes(&mut add);
    extractors(&mut add);
    fixtures(&mut add);
    guards(&mut add);
    methods(&mut add);
    super::billing::cases(&mut add);
    cases
}

pub(crate) type Add<'a> = &'a mut dyn FnMut(&str, Vec<Sent>);

fn signatures(add: Add<'_>) {
    let body = hook("signatures", "204");
    let good = sign(body.as_bytes());
    let (upper, other) = (good.to_uppercase(), "ab".repeat(32));
    let values = [
        String::new(),
        format!("sha256={good}"),
        format!("{good},{good}"),
        format!("\"{good}\""),
        format!("{good} {good}"),
        good[..63].to_owned(),
        format!("{good}0"),
        format!("0x{}", &good[2..]),
        format!("{}g", &good[..63]),
        format!("\u{e5}{}", &good[2..]),
        other.clone(),
        upper,
        format!("  {good}  "),
    ];
    for path in ["/webhook", "/webhook/verified", "/webhook/self", "/webhook/hooked"] {
        let line = format!("POST {path} HTTP/1.1");
        let with = |headers: &[(&str, &str)]| Sent::new(&line, headers, body.as_bytes());
        add(&format!("{path} without a signature"), vec![with(&[])]);
        for value in &values {
            let name = format!("{path} with the signature {value:?}");
            add(&name, vec![with(&[("octany-signature", value)])]);
        }
        for (first, second) in [(&good, &good), (&good, &other), (&other, &good)] {
            let headers =
                [("octany-signature", first.as_str()), ("Octany-Signature", second.as_str())];
            add(&format!("{path} with two signatures"), vec![with(&headers)]);
        }
    }
}

fn bodies(add: Add<'_>) {
    let body = hook("bodies", "204");
    let signature = sign(body.as_bytes());
    let line = "POST /webhook HTTP/1.1";
    let changed = [
        body.replacen("test", "tesu", 1),
        format!("{body}\n"),
        format!("\u{feff}{body}"),
        body[1..].to_owned(),
        body.replace(':', ": "),
    ];
    for changed in changed {
        let sent = Sent::new(line, &[("octany-signature", &signature)], changed.as_bytes());
        add(&format!("a changed body {changed:.20?}"), vec![sent]);
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let event = |name: &str, data: &str| {
        format!(
            r#"{{"id":"deep","name":"{name}","created_at":"2026-03-01T12:00:00+00:00","data":{data}}}"#
        )
    };
    for (name, body) in [
        ("no JSON", "{".to_owned()),
        ("nothing", String::new()),
        ("a list", "[]".to_owned()),
        ("a number", "1".to_owned()),
        ("null", "null".to_owned()),
        ("no id", r#"{"name":"test.hook","created_at":"2026-03-01T12:00:00Z"}"#.to_owned()),
        ("no status", event("subscription.created", r#"{"id":1}"#)),
        ("deep", deep.clone()),
        ("deep data", event("subscription.created", &deep)),
        (
            "deep price",
            event(
                "subscription.created",
                &format!(r#"{{"id":1,"status":"active","price":{deep}}}"#),
            ),
        ),
        (
            "deep metadata",
            event(
                "subscription.created",
                &format!(r#"{{"id":1,"status":"active","metadata":{deep}}}"#),
            ),
        ),
        ("an unknown event", event("subscription.frozen", "{}")),
        ("an order that is none", event("order.paid", "[]")),
    ] {
        for path in ["/webhook", "/webhook/event", "/webhook/verified", "/webhook/bytes"] {
            add(&format!("{path}: signed, {name}"), vec![delivery(path, &body)]);
        }
    }
    let utf16 = [0xff, 0xfe, b'{', 0];
    let sent = Sent::new(line, &[("octany-signature", &sign(&utf16))], &utf16);
    add("signed, not UTF-8", vec![sent]);
}

fn framing(add: Add<'_>) {
    let line = "POST /webhook HTTP/1.1";
    for (index, kind) in
        ["application/json", "application/json; charset=utf-8", "text/plain", "a/b", "", "*"]
            .iter()
            .enumerate()
    {
        let body = hook(&format!("type-{index}"), "204");
        let headers = [("content-type", *kind), ("octany-signature", &sign(body.as_bytes()))];
        add(&format!("content type {kind:?}"), vec![Sent::new(line, &headers, body.as_bytes())]);
    }
    let chunked = |body: &str, size: usize, extension: &str| {
        let mut sent = String::new();
        for chunk in body.as_bytes().chunks(size) {
            let chunk = std::str::from_utf8(chunk).expect("ASCII");
            sent = format!("{sent}{:x}{extension}\r\n{chunk}\r\n", chunk.len());
        }
        let headers =
            [("transfer-encoding", "chunked"), ("octany-signature", &sign(body.as_bytes()))];
        Sent::raw(line, &headers, format!("{sent}0\r\n\r\n").as_bytes())
    };
    for size in [1, 7, 100_000] {
        let body = hook(&format!("chunked-{size}"), "204");
        add(&format!("chunks of {size}"), vec![chunked(&body, size, "")]);
    }
    add("chunks with extensions", vec![chunked(&hook("extended", "204"), 9, ";a=b")]);

    let (just, over) = ("x".repeat(BODY_LIMIT), "x".repeat(BODY_LIMIT + 1));
    add("as large as allowed", vec![delivery("/webhook/verified", &just)]);
    add("too large, as announced", vec![delivery("/webhook/verified", &over)]);
    let huge = [("content-length", "99999999"), ("octany-signature", &*sign(b""))];
    add("far too large, as announced", vec![Sent::raw(line, &huge, b"{")]);
    add("too large, in chunks", vec![chunked(&over, 1_000, "")]);
    let unsigned = Sent::new(line, &[], over.as_bytes());
    add("too large and unsigned", vec![unsigned]);

    let body = hook("expected", "204");
    let headers = [("expect", "100-continue"), ("octany-signature", &*sign(body.as_bytes()))];
    add("who asks before sending", vec![Sent::new(line, &headers, body.as_bytes())]);
    let headers = [("expect", "100-continue")];
    add("who asks before sending, unsigned", vec![Sent::new(line, &headers, body.as_bytes())]);
    let body = hook("old", "204");
    let old = "POST /webhook HTTP/1.0";
    let headers = [("octany-signature", &*sign(body.as_bytes()))];
    add("HTTP/1.0", vec![Sent::new(old, &headers, body.as_bytes())]);
    let headers = [("content-encoding", "gzip"), ("octany-signature", &*sign(b"\x1f\x8b"))];
    add("compressed", vec![Sent::new("POST /webhook/verified HTTP/1.1", &headers, b"\x1f\x8b")]);

    // The rest never comes.
    let slow = [("content-length", "100"), ("octany-signature", &*sign(b""))];
    add("a slow body", vec![Sent::raw(line, &slow, b"{\"id\":")]);
    let slow = [("transfer-encoding", "chunked"), ("octany-signature", &*sign(b""))];
    add("a slow chunk", vec![Sent::raw(line, &slow, b"5\r\n{\"id\"\r\n")]);
}

fn outcomes(add: Add<'_>) {
    let twice = |id: &str, told: &str| vec![delivery("/webhook", &hook(id, told)); 2];
    add("a duplicate", twice("duplicate", "204"));
    for told in ["200", "201", "302", "400", "404", "409", "500", "503", "panic"] {
        add(&format!("a handler that answers {told}, twice"), twice(&format!("h-{told}"), told));
        add(
            &format!("verified only, a handler that answers {told}"),
            vec![delivery("/webhook/event", &hook(told, told.trim_start_matches("panic")))],
        );
    }
    let report = |id: u32, status: &str, second: u32| {
        delivery(
            "/webhook",
            &format!(
                r#"{{"id":{id},"name":"subscription.updated","created_at":"2026-03-01T12:00:0{second}+00:00","data":{{"id":9,"status":"{status}","reference_id":"nine"}}}}"#
            ),
        )
    };
    let guarded = || Sent::new("GET /paid HTTP/1.1", &[("x-user", "nine"), ("accept", "*/*")], b"");
    add(
        "reports that open, close and come late",
        vec![
            guarded(),
            report(901, "active", 1),
            guarded(),
            report(903, "unpaid", 3),
            guarded(),
            report(902, "active", 2),
            guarded(),
            report(903, "unpaid", 3),
            guarded(),
        ],
    );
    let away = r#"{"id":1,"name":"subscription.updated","created_at":"2026-03-01T12:00:00Z","data":{"id":9,"status":"active"}}"#;
    add("a store that is away", vec![delivery("/webhook/away", away); 2]);
    for path in ["/webhook/log-away", "/webhook/lost", "/webhook/incomplete"] {
        add(path, vec![delivery(path, &hook("settled", "204")); 2]);
        add(&format!("{path}, failing"), vec![delivery(path, &hook("failing", "500")); 2]);
    }
    let stored = delivery("/webhook/inbox", &hook("stored", "panic"));
    let unsigned = Sent::new("POST /webhook/inbox HTTP/1.1", &[], b"{}");
    let no_event = delivery("/webhook/inbox", "{}");
    add("an inbox", vec![stored.clone(), stored, unsigned, no_event]);
    add("an event that needs no store", vec![delivery("/webhook/away", &hook("away", "204"))]);
}

fn extractors(add: Add<'_>) {
    for path in [
        "/webhook/bare",
        "/webhook/bare/body",
        "/webhook/self",
        "/webhook/acknowledge",
        "/webhook/hooked",
        "/webhook/event",
        "/webhook/bytes",
        "/webhook/verified",
    ] {
        add(path, vec![delivery(path, &hook("extractors", "204"))]);
    }
}

fn fixtures(add: Add<'_>) {
    for fixture in php_deliveries() {
        let body = std::str::from_utf8(&fixture.body).expect("PHP writes UTF-8");
        add(&format!("PHP's {}", fixture.file), vec![delivery("/webhook", body); 2]);
        add(&format!("PHP's {}, as bytes", fixture.file), vec![delivery("/webhook/bytes", body)]);
    }
}

const ACCEPTS: [Option<&str>; 8] = [
    None,
    Some("*/*"),
    Some("application/json"),
    Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    Some("TEXT/HTML"),
    Some("application/json, text/html;q=0.5"),
    Some("text/html;q=0"),
    Some(""),
];

fn guards(add: Add<'_>) {
    let statuses = SubscriptionStatus::KNOWN.iter().map(SubscriptionStatus::as_str);
    let mut users: Vec<String> = statuses
        .chain(["frozen"])
        .flat_map(|status| ["", "_over", "_paid"].map(|end| format!("{status}{end}")))
        .collect();
    users.extend(["stranger".to_owned(), "visitor".to_owned(), String::new()]);
    let paths = [
        "/paid",
        "/paid/pages",
        "/paid/hooked",
        "/paid/away",
        "/paid/shadow",
        "/paid/shadow/active",
        "/paid/shadow/pages",
        "/paid/shadow/away",
        "/paid/checkouts",
        "/paid/checkouts/plain",
        "/paid/checkouts/hooked",
        "/paid/checkouts/away",
        "/paid/bare",
        "/paid/bare/decision",
        "/paid/subscribed",
        "/paid/async",
        "/free",
    ];
    for path in paths {
        let line = format!("GET {path} HTTP/1.1");
        for user in &users {
            let request = Sent::new(&line, &[("x-user", user), ("accept", "*/*")], b"");
            add(&format!("{path} as {user:?}"), vec![request]);
        }
        for accept in ACCEPTS {
            for user in [None, Some("active"), Some("unpaid")] {
                let headers = [("accept", accept), ("x-user", user)];
                let headers: Vec<_> =
                    headers.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
                let name = format!("{path} as {user:?}, accepting {accept:?}");
                add(&name, vec![Sent::new(&line, &headers, b"")]);
            }
        }
    }
}

fn methods(add: Add<'_>) {
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for path in ["/webhook", "/webhook/self", "/webhook/bare"] {
            let line = format!("{method} {path} HTTP/1.1");
            add(&line, vec![Sent::new(&line, &[], b"")]);
        }
    }
    for method in ["HEAD", "POST", "OPTIONS", "DELETE"] {
        for (path, user) in [("/paid", "active"), ("/paid/pages", "unpaid"), ("/free", "")] {
            let line = format!("{method} {path} HTTP/1.1");
            let headers = [("x-user", user), ("accept", "text/html")];
            add(&format!("{line} as {user:?}"), vec![Sent::new(&line, &headers, b"")]);
        }
    }
    let line = "POST /webhook/elsewhere HTTP/1.1";
    add("a path that is none", vec![Sent::new(line, &[], b"")]);
}
