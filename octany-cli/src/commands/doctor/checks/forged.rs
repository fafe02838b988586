//! What Octany did not sign.

use http::HeaderName;
use http::header::CONTENT_ENCODING;
use octany_core::signature::SigningSecret;

use super::Examination;
use crate::commands::doctor::endpoint::{Reply, Shot};
use crate::commands::doctor::finding::Finding;

/// The same as [`UNPACKED`], by gzip.
const PACKED: &[u8] = include_bytes!("packed.json.gz");
const UNPACKED: &str = include_str!("packed.json");

const REFUSED: &str = "401";

pub(super) async fn all(it: &mut Examination<'_>, genuine: &Reply) {
    strangers(it, genuine).await;
    if takes_everything(it) {
        return it.report.skip("other forgeries", "the first ones are taken already");
    }
    altered(it).await;
    in_part(it).await;
    elsewhere(it).await;
    before_verification(it).await;
}

fn takes_everything(it: &Examination<'_>) -> bool {
    it.report.has(Finding::NoVerification) || it.report.has(Finding::RefusesWith200)
}

/// Without a signature, and with one that somebody made up.
async fn strangers(it: &mut Examination<'_>, genuine: &Reply) {
    let body = it.bodies.hook();
    let shots = [
        ("one without a signature", Shot::unsigned(body.clone())),
        ("one with a made-up signature", Shot::unsigned(body.clone()).signature("5".repeat(64))),
        ("one with a signature of nonsense", Shot::unsigned(body).signature("nonsense")),
    ];
    for (check, shot) in shots {
        let reply = it.endpoint.fire(shot).await;
        let finding = if reply.is_success() && reply.body() != genuine.body() {
            Some(Finding::RefusesWith200)
        } else {
            if_taken(&reply, Finding::NoVerification)
        };
        it.report.reply(check, REFUSED, &reply, finding);
    }
    let body = it.bodies.hook();
    let signature = sign_without_secret(&body);
    let reply = it.endpoint.fire(Shot::unsigned(body).signature(signature)).await;
    let finding = reply.is_success().then_some(Finding::EmptySecret);
    let finding = finding.filter(|_| !takes_everything(it));
    it.report.reply("one signed with an empty secret", REFUSED, &reply, finding);
}

/// Another body under a genuine signature.
async fn altered(it: &mut Examination<'_>) {
    let (body, other) = (it.bodies.hook(), it.bodies.hook());
    let signature = it.endpoint.sign(&body);
    let reply = it.endpoint.fire(Shot::unsigned(other).signature(&signature)).await;
    let finding = if_taken(&reply, Finding::NoVerification);
    it.report.reply("another body under a genuine signature", REFUSED, &reply, finding);

    let spaced = body.replace("\":", "\": ");
    let reply = it.endpoint.fire(Shot::unsigned(spaced).signature(signature)).await;
    let finding = if_taken(&reply, Finding::VerifiesReencoded);
    it.report.reply("the same body with a space more", REFUSED, &reply, finding);
}

/// Makes something of a genuine signature.
type Part = fn(&str) -> String;

/// A part of the signature, and more than the signature.
async fn in_part(it: &mut Examination<'_>) {
    let parts: [(&str, Part); 3] = [
        ("one whose last digit is wrong", |hex| last_changed(hex)),
        ("one with the first eight digits", |hex| hex[..8].to_owned()),
        ("one with eight right digits of 64", |hex| format!("{}{}", &hex[..8], "5".repeat(56))),
    ];
    for (check, part) in parts {
        let body = it.bodies.hook();
        let signature = part(&it.endpoint.sign(&body));
        let reply = it.endpoint.fire(Shot::unsigned(body).signature(signature)).await;
        it.report.reply(check, REFUSED, &reply, if_taken(&reply, Finding::ComparesPrefix));
    }
    let body = it.bodies.hook();
    let signature = format!("sha256={}", it.endpoint.sign(&body));
    let reply = it.endpoint.fire(Shot::unsigned(body).signature(signature)).await;
    let finding = if_taken(&reply, Finding::AcceptsPrefix);
    it.report.reply("one with sha256= before it", REFUSED, &reply, finding);

    let body = it.bodies.hook();
    let signature = it.endpoint.sign(&body).to_uppercase();
    let reply = it.endpoint.fire(Shot::unsigned(body).signature(signature)).await;
    let finding = if_broken(&reply);
    it.report.reply("one in upper-case hex", "401, or 2xx: it is the same digest", &reply, finding);
}

/// A genuine signature where it does not belong.
async fn elsewhere(it: &mut Examination<'_>) {
    for name in ["x-octany-signature", "signature", "x-hub-signature-256"] {
        let body = it.bodies.hook();
        let signature = it.endpoint.sign(&body);
        let shot = Shot::unsigned(body).header(HeaderName::from_static(name), signature);
        let reply = it.endpoint.fire(shot).await;
        let finding = if_taken(&reply, Finding::AcceptsOtherHeader);
        it.report.reply("a signature in another header", REFUSED, &reply, finding);
    }
    for first in [true, false] {
        let body = it.bodies.hook();
        let (right, wrong) = (it.endpoint.sign(&body), "5".repeat(64));
        let (one, two) = if first { (right, wrong) } else { (wrong, right) };
        let shot = Shot::unsigned(body).signature(one).signature(two);
        let reply = it.endpoint.fire(shot).await;
        let finding = if_taken(&reply, Finding::AcceptsTwo);
        it.report.reply("two signatures, of which one is right", REFUSED, &reply, finding);
    }
}

/// What must not be touched before it is verified.
async fn before_verification(it: &mut Examination<'_>) {
    let signature = it.endpoint.sign(UNPACKED);
    let shot = Shot::unsigned(PACKED).signature(signature).header(CONTENT_ENCODING, "gzip");
    let reply = it.endpoint.fire(shot).await;
    let finding = if_taken(&reply, Finding::DecompressesFirst);
    it.report.reply("a compressed body, signed as it was before", REFUSED, &reply, finding);

    let made_up = "5".repeat(64);
    let whole = it.endpoint.fire(Shot::unsigned(it.bodies.hook()).signature(&made_up)).await;
    let nonsense = it.endpoint.fire(Shot::unsigned("{\"id\":").signature(made_up)).await;
    // A parser that comes first says something else of what it cannot read.
    let parses = whole.is_refusal() && nonsense.is_refusal() && whole.status() != nonsense.status();
    let finding = if_broken(&nonsense).or(parses.then_some(Finding::ParsesFirst));
    it.report.reply("a forgery that is no JSON", REFUSED, &nonsense, finding);
}

fn last_changed(hex: &str) -> String {
    let (start, last) = hex.split_at(hex.len() - 1);
    format!("{start}{}", if last == "0" { "1" } else { "0" })
}

/// A key of zeros is the same as none.
fn sign_without_secret(body: &str) -> String {
    let secret = SigningSecret::new("\0").expect("it is not empty");
    secret.sign(body.as_bytes()).to_string()
}

/// What is wrong if a forgery is taken, or does harm.
fn if_taken(reply: &Reply, finding: Finding) -> Option<Finding> {
    if reply.is_success() { Some(finding) } else { if_broken(reply) }
}

fn if_broken(reply: &Reply) -> Option<Finding> {
    match reply {
        Reply::Answer(answer) if answer.leaks && !reply.is_success() => {
            Some(Finding::LeaksSignature)
        }
        Reply::Answer(answer) if answer.status >= 500 => Some(Finding::FailsOnForged),
        Reply::Answer(_) => None,
        Reply::Late => Some(Finding::TooSlow),
        Reply::Cut | Reply::Away(_) => Some(Finding::FailsOnForged),
    }
}
