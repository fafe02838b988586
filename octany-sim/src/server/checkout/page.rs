//! The page on which a visitor pays.

use axum::response::Response;
use maud::{Markup, html};

use crate::engine::{AccountKey, Engine, Outcome, PaymentMethod, Session};
use crate::server::pages;

pub(super) fn show(
    engine: &Engine,
    account: AccountKey,
    session: &Session,
    alert: Option<&str>,
) -> Response {
    let locale = session.locale.as_deref().unwrap_or(&engine.account(account).locale);
    let content = html! {
        div.narrow {
            h1 { "Checkout" }
            @if let Some(alert) = alert { p role="alert" { (alert) } }
            @match session.outcome {
                Outcome::Open => { (open_form(engine, account, session)) }
                Outcome::Paid => { p { "Thank you. This checkout is done." } }
                Outcome::Abandoned => { p { "You left this checkout. Nothing was charged." } }
            }
        }
    };
    pages::page("Checkout", locale, &content)
}

fn open_form(engine: &Engine, account: AccountKey, session: &Session) -> Markup {
    let products = &engine.account(account).products;
    let lines = session.items.iter().filter_map(|(id, pieces)| {
        let product = products.get(id)?;
        let price = session.amount.unwrap_or(product.price);
        Some((product, *pieces, price.saturating_mul(i64::from(*pieces))))
    });
    let visitor = &session.visitor;
    html! {
        form.card method="post" {
            table {
                thead { tr { th scope="col" { "What you buy" } th.number scope="col" { "Price" } } }
                tbody {
                    @for (product, pieces, sum) in lines {
                        tr {
                            td { (product.name) @if pieces > 1 { " × " (pieces) } }
                            td.number {
                                (pages::money(sum, &product.currency))
                                @if let Some(interval) = product.kind.interval() {
                                    " / " (interval.as_str())
                                }
                                div.soft {
                                    (pages::money(product.with_vat(sum), &product.currency)) " with VAT"
                                }
                            }
                        }
                    }
                }
            }
            (field("E-mail", "email", "email", visitor.email.as_deref()))
            (field("First name", "first_name", "given-name", visitor.first_name.as_deref()))
            (field("Last name", "last_name", "family-name", visitor.last_name.as_deref()))
            (methods("How you pay", PaymentMethod::Card))
            button.main type="submit" name="action" value="pay" { "Pay" }
            div.row {
                button type="submit" name="action" value="fail" { "Let the payment fail" }
                button type="submit" name="action" value="leave" { "Leave" }
            }
        }
    }
}

fn field(label: &str, name: &str, autocomplete: &str, value: Option<&str>) -> Markup {
    html! {
        label for=(name) { (label) }
        input id=(name) type=[(name == "email").then_some("email")] name=(name)
            autocomplete=(autocomplete) value=[value];
    }
}

/// A choice between all ways to pay.
pub(in crate::server) fn methods(legend: &str, chosen: PaymentMethod) -> Markup {
    html! {
        fieldset {
            legend { (legend) }
            @for method in PaymentMethod::ALL {
                label {
                    input type="radio" name="method" value=(method.as_str()) checked[method == chosen];
                    (name(method))
                }
            }
        }
    }
}

/// What a method is called.
fn name(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Card => "Card",
        PaymentMethod::Swish => "Swish",
        PaymentMethod::Invoice => "Invoice",
        PaymentMethod::DirectDebit => "Direct debit (takes seven banking days)",
    }
}
