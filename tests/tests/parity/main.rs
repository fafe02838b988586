//! The same bytes get the same answer on axum and on actix-web: status, headers that matter, and
//! body, byte for byte.

use octany_test_trace as _;

#[path = "actix_app.rs"]
mod actix_app;
mod app;
mod axum_app;
mod billing;
mod cases;
mod http;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::App;
use cases::{Case, delivery, hook};
use http::{Answered, Sent, send};

/// What a framework forces. Everything else is equal.
struct Forced {
    what: &'static str,
    why: &'static str,
    applies: fn(&str) -> bool,
    /// Takes the difference away.
    mend: fn(&mut Answered),
}

const FORCED: [Forced; 3] = [
    Forced {
        what: "the header `allow` where a method is not routed",
        why: "axum's method router writes it on whatever the layers around it answer, and lists \
              HEAD with GET; actix writes it on its own 405",
        applies: is_other_method,
        mend: |answer| answer.headers.retain(|(name, _)| name != "allow"),
    },
    Forced {
        what: "HEAD where GET is routed",
        why: "axum answers it with the handler of GET, actix with 405 unless the app routes HEAD",
        applies: |case| ["HEAD /paid HTTP", "HEAD /free"].iter().any(|head| case.starts_with(head)),
        mend: |answer| {
            let (status, headers, body) = (answer.status, answer.headers.clone(), &answer.body);
            let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
            let axum =
                status == 200 && headers == header("content-type", "text/plain; charset=utf-8");
            let actix = status == 405 && headers == header("allow", "GET");
            if (axum || actix) && body.is_empty() {
                (answer.status, answer.headers) = (0, Vec::new());
            }
        },
    },
    Forced {
        what: "an interim answer before a refusal",
        why: "actix asks for a body that waits before any middleware runs",
        applies: |case| case == "who asks before sending, unsigned",
        mend: |answer| answer.asked = false,
    },
];

fn is_other_method(case: &str) -> bool {
    [
        "GET /webhook",
        "HEAD /webhook",
        "POST /paid",
        "POST /free",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
    ]
    .iter()
    .any(|other| case.starts_with(other))
}

struct Servers {
    axum: (App, SocketAddr),
    actix: (App, SocketAddr),
    _runtime: tokio::runtime::Runtime,
}

fn start() -> Servers {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let (axum, actix) = runtime.block_on(async { (App::new().await, App::new().await) });
    let at_axum = runtime.block_on(axum_app::start(axum.clone()));
    let at_actix = actix_app::start(actix.clone());
    Servers { axum: (axum, at_axum), actix: (actix, at_actix), _runtime: runtime }
}

fn answers(address: SocketAddr, case: &Case) -> Vec<Answered> {
    case.requests.iter().map(|request| send(address, request)).collect()
}

#[test]
#[expect(clippy::print_stderr, reason = "how many cases there are is part of the proof")]
fn both_servers_answer_alike() {
    let servers = start();
    let (cases, mut differ, mut differences) = (cases::all(), Vec::new(), [0; FORCED.len()]);
    for case in &cases {
        let (axum, actix) = (answers(servers.axum.1, case), answers(servers.actix.1, case));
        let both = axum.iter().chain(&actix);
        assert!(
            both.map(|answer| answer.status).all(|status| status > 0),
            "{}: no answer",
            case.name
        );
        if axum == actix {
            continue;
        }
        let mended = FORCED.iter().position(|forced| {
            let mend = |answers: &[Answered]| {
                let mut answers = answers.to_vec();
                answers.iter_mut().for_each(forced.mend);
                answers
            };
            (forced.applies)(&case.name) && mend(&axum) == mend(&actix)
        });
        match mended {
            Some(forced) => differences[forced] += 1,
            None => differ.push(format!("{}:\n  axum  {axum:?}\n  actix {actix:?}", case.name)),
        }
    }
    eprintln!("{} cases", cases.len());
    for (forced, count) in FORCED.iter().zip(differences) {
        eprintln!("forced in {count}: {} ({})", forced.what, forced.why);
        assert!(count > 0, "not forced, or not asked: {}", forced.what);
    }
    assert!(differ.is_empty(), "{} cases differ:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn a_delivery_in_flight_is_refused_alike() {
    let servers = start();
    let request = Arc::new(delivery("/webhook", &hook("in-flight", "wait")));
    let both = [&servers.axum, &servers.actix].map(|(app, address)| {
        let (first, address) = (Arc::clone(&request), *address);
        let first = std::thread::spawn(move || send(address, &first));
        while app.waiting.available_permits() == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let second = send(address, &request);
        app.permits.add_permits(1);
        let first = first.join().expect("it is answered");
        (first, second, send(address, &request))
    });
    let [axum, actix] = both;
    assert_eq!(axum, actix);
    let (first, second, third) = axum;
    assert_eq!((first.status, second.status, third.status), (204, 409, 200));
    assert!(second.headers.contains(&("retry-after".to_owned(), "60".to_owned())));
}

#[test]
fn a_checkout_in_flight_is_answered_alike() {
    let servers = start();
    let asked = |user: &str, accept: &str| {
        let line = "GET /paid/checkouts HTTP/1.1";
        let request = Sent::new(line, &[("x-user", user), ("accept", accept)], b"");
        let both = [servers.axum.1, servers.actix.1].map(|address| send(address, &request));
        assert_eq!(both[0], both[1]);
        both[0].clone()
    };
    let has = |answer: &Answered, name: &str, value: &str| {
        answer.headers.contains(&(name.to_owned(), value.to_owned()))
    };
    let program = asked("unpaid", "*/*");
    assert_eq!(program.status, 402);
    assert!(program.body.contains(r#""reason":"checkout_in_flight""#), "{program:?}");
    assert!(has(&program, "retry-after", "3"), "{program:?}");
    let browser = asked("unpaid", "text/html");
    assert_eq!(browser.status, 303);
    assert!(has(&browser, "location", "/billing/pending?to=%C3%A4"), "{browser:?}");
    // Who went there and did not come back.
    assert!(has(&asked("visitor", "text/html"), "location", "/pricing"));
}
