//! Somebody who asks for the paid page.

use octany_core::ReferenceId;

/// The page.
pub(crate) const PAID: &str = "/reports";
/// The header that tells who is signed in, in hexadecimal: names may be hard to write.
pub(crate) const USER: &str = "x-user";

/// Who is signed in.
pub(crate) fn user(header: &str) -> Option<ReferenceId> {
    let name = String::from_utf8(const_hex::decode(header).ok()?).ok()?;
    Some(ReferenceId::from(name))
}

/// The status that they get; `None` where nobody answers.
pub(crate) async fn status(http: &reqwest::Client, url: String, name: &str) -> Option<u16> {
    let asking = http.get(url).header(USER, const_hex::encode(name)).send();
    Some(asking.await.ok()?.status().as_u16())
}
