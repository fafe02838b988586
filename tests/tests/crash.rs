//! A process that is killed between claim and completion loses no delivery and doubles none.

use octany_test_trace as _;

use std::io::Read;
use std::time::Duration;

use octany_tests::example::{Example, reference, send_delivery, sign};

fn created() -> String {
    let reference = reference("user_42");
    format!(
        r#"{{"id":"d-1","name":"subscription.created","account":2112,"created_at":"2026-03-01T12:00:00+00:00","data":{{"id":1,"status":"active","reference_id":"{reference}","renews_at":"2099-01-01T00:00:00+00:00","ends_at":null}}}}"#
    )
}

/// Sends the delivery again until it is no longer refused.
fn redeliver(example: &Example) -> Vec<u16> {
    let mut answers = Vec::new();
    for _ in 0..100 {
        let answer = example.deliver(&created()).status;
        answers.push(answer);
        if answer < 300 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    answers
}

#[test]
fn a_kill_between_claim_and_completion_loses_and_doubles_nothing_on_axum() {
    kill_between_claim_and_completion("axum-paywall");
}

#[test]
fn a_kill_between_claim_and_completion_loses_and_doubles_nothing_on_actix() {
    kill_between_claim_and_completion("actix-paywall");
}

fn kill_between_claim_and_completion(package: &str) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let database = directory.path().join("paywall.sqlite");
    let lease = ("PAYWALL_LEASE_SECONDS", "2");

    // The handler hangs on the mail server; the claim is held and the report applied.
    let slow = Example::start(package, &database, &[lease, ("PAYWALL_MAIL_SECONDS", "600")]);
    let mut stream = slow.connect();
    send_delivery(&mut stream, &created(), &sign(&created()));
    let mut tries = 0;
    while slow.get("/reports", "user_42").status != 200 {
        tries += 1;
        assert!(tries < 300, "the report is applied before the handler runs");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(slow.deliver(&created()).status, 409, "the claim is held");
    slow.kill();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(rest.is_empty(), "nothing was acknowledged: {rest:?}");

    // The state outlived the process. The handler's effect is still to come.
    let next = Example::start(package, &database, &[lease]);
    assert_eq!(next.get("/reports", "user_42").status, 200);
    assert!(next.get("/me", "user_42").text.contains("<dt>welcome mails</dt><dd>0</dd>"));

    // Redelivered: refused while the dead process's lease runs, then handled, once.
    let answers = redeliver(&next);
    assert_eq!(answers.last(), Some(&204), "{answers:?}");
    assert!(answers[..answers.len() - 1].iter().all(|answer| *answer == 409), "{answers:?}");
    assert_eq!(next.deliver(&created()).status, 200, "a duplicate is acknowledged");
    assert!(next.get("/me", "user_42").text.contains("<dt>welcome mails</dt><dd>1</dd>"));

    // And so it stays after another kill.
    next.kill();
    let last = Example::start(package, &database, &[lease]);
    assert_eq!(last.deliver(&created()).status, 200);
    assert!(last.get("/me", "user_42").text.contains("<dt>welcome mails</dt><dd>1</dd>"));
    assert_eq!(last.get("/reports", "user_42").status, 200);
    assert_eq!(last.get("/reports", "user_43").status, 402);
}
