//! What the account has to have.

use octany_client::ErrorKind;

use super::finding::Finding;
use super::report::Report;
use crate::api::ApiSource;
use crate::failure::Failure;

/// Whether it has the products that guards ask for.
pub(super) async fn check(
    products: &[String],
    api: &ApiSource,
    report: &mut Report,
) -> Result<(), Failure> {
    if products.is_empty() {
        return Ok(());
    }
    let (check, expected) = ("a product that a guard asks for", "in the account");
    let client = api.client()?;
    for id in products {
        match client.product(&id.as_str().into()).await {
            Ok(_) => report.note(check, expected, format!("{id} is there"), None),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let said = format!("{id} is not there");
                report.note(check, expected, said, Some(Finding::UnknownProduct));
            }
            Err(error) => report.skip(check, &error.to_string()),
        }
    }
    Ok(())
}
