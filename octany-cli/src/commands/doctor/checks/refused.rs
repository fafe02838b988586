//! Why a genuine delivery is refused: told by what is taken in its place.

use super::Examination;
use crate::commands::doctor::endpoint::{Answer, Shot};
use crate::commands::doctor::finding::Finding;

/// How servers say that they want somebody to sign in.
const SCHEMES: [&str; 5] = ["basic", "bearer", "digest", "negotiate", "session"];

/// Whether the handler was reached, and minded the signature.
pub(super) fn is_for_signature(finding: Finding) -> bool {
    use Finding::{ExpectsBase64, ExpectsPrefix, SecretLineBreak, VerifiesReencoded, WrongSecret};
    matches!(
        finding,
        WrongSecret | SecretLineBreak | ExpectsPrefix | ExpectsBase64 | VerifiesReencoded
    )
}

pub(super) async fn why(it: &Examination<'_>, answer: &Answer) -> Finding {
    match answer.status {
        300..=399 => Finding::Redirects,
        404 | 410 => Finding::NotFound,
        405 => Finding::WrongMethod,
        415 => Finding::ContentType,
        500.. => Finding::Crashes,
        419 => Finding::Csrf,
        403 if is_csrf(answer) => Finding::Csrf,
        401 | 403 | 407 if is_in_front(answer) => Finding::AuthInFront,
        _ => by_trial(it, answer).await,
    }
}

fn is_csrf(answer: &Answer) -> bool {
    let body = answer.body.to_lowercase();
    ["csrf", "xsrf", "forgery", "authenticity token"].iter().any(|word| body.contains(word))
}

fn is_in_front(answer: &Answer) -> bool {
    let wants = answer.header("www-authenticate").to_lowercase();
    let wants_sign_in = SCHEMES.iter().any(|scheme| wants.starts_with(scheme));
    wants_sign_in || answer.status == 407 || answer.is_page()
}

/// Which change makes it pass.
async fn by_trial(it: &Examination<'_>, answer: &Answer) -> Finding {
    let endpoint = it.endpoint;
    let takes = async |shot: Shot| endpoint.fire(shot).await.is_success();
    let with = |signature: fn(&str) -> String| {
        let body = it.bodies.hook();
        let signature = signature(&endpoint.sign(&body));
        Shot::unsigned(body).signature(signature)
    };
    if takes(with(|hex| format!("sha256={hex}"))).await
        || takes(with(|hex| format!("v1={hex}"))).await
    {
        return Finding::ExpectsPrefix;
    }
    let body = it.bodies.hook();
    let base64 = endpoint.sign_base64(&body);
    if takes(Shot::unsigned(body).signature(base64)).await {
        return Finding::ExpectsBase64;
    }
    if takes(endpoint.signed(&it.bodies.plain())).await {
        return Finding::VerifiesReencoded;
    }
    for end in ["\n", "\r\n", " "] {
        let body = it.bodies.hook();
        let signature = endpoint.sign_with_end(&body, end);
        if takes(Shot::unsigned(body).signature(signature)).await {
            return Finding::SecretLineBreak;
        }
    }
    let forged = Shot::unsigned(it.bodies.hook()).signature("5".repeat(64));
    match endpoint.fire(forged).await.status() {
        Some(status) if status == answer.status => Finding::WrongSecret,
        _ => Finding::Refuses,
    }
}
