//! `octany-billing`.

use std::time::Duration;

use octany_billing::{BuildError, Head, Offer, Portal, PortalError, PortalPage, Route, Texts};
use octany_client::Client;
use octany_core::AccessPolicy;
use octany_core::checkout::{CheckoutError, LinkError};
use octany_entitlement::{Gate, MemoryStore, OnOutage, Subject};

use crate::api::{Says, builder, client, start};
use crate::app::{App, billing};
use crate::planted::{EMAIL, PASSWORD, PORTAL, SESSION};
use crate::requests::{Sent, all};
use crate::search::Search;

#[tokio::test]
async fn nothing_planted_is_shown_by_the_billing() {
    let mut search = Search::of("octany-billing");
    setups(&mut search);
    portals(&mut search).await;
    refusals(&mut search).await;
    search.end(660);
}

fn gate() -> Gate {
    Gate::new(MemoryStore::new(), AccessPolicy::new(), OnOutage::Deny)
}

fn setups(search: &mut Search) {
    let good = || billing(gate(), MemoryStore::new());
    let at = |origin: &str| {
        octany_billing::Billing::builder("", origin, gate(), MemoryStore::new())
            .offer(Offer::new(1))
    };
    let wrong = [
        at(&format!("https://app:{PASSWORD}@app.example")),
        at(&format!("https://app.example/{SESSION}")),
        at("https://app.example"),
        good().mount("no path"),
        octany_billing::Billing::builder("", "https://app.example", gate(), MemoryStore::new())
            .plain_references(),
        good().offer(Offer::new("a/b")),
        good().app_scheme("https"),
        good().return_to("//elsewhere"),
        good().poll_every(Duration::ZERO),
        good().texts([]),
    ];
    for wrong in wrong {
        search.debug(&wrong);
        search.error(&wrong.build().expect_err("each is wrong"));
    }
    search.debug(&good().build().expect("it is complete"));
    search.error(&BuildError::Offer { product: 1.into(), source: CheckoutError::NegativeAmount });
    search.error(&BuildError::Origin(LinkError::Credentials));
    search.debug(&Offer::new(42).amount(100));
    search.debug(&Texts::english());
    search.debug(&Route::Portal(PortalPage::Card));
    search.debug(&PortalPage::Card);
}

async fn portals(search: &mut Search) {
    for says in [400, 401, 404, 429, 500].map(Says::refusal).into_iter().chain([
        Says::json(200, EMAIL),
        Says::json(200, format!(r#"{{"data":{{"id":"{EMAIL}"}}}}"#)),
        Says::Bytes(PORTAL.into()),
    ]) {
        let client: Client = client(start(says));
        search.error(&Portal::subscription(&client, &1.into()).await.expect_err("it is refused"));
    }
    let silent = builder(start(Says::Nothing)).timeout(Duration::from_millis(20)).build();
    let silent = silent.expect("it is this machine");
    search.error(&Portal::subscription(&silent, &1.into()).await.expect_err("it says nothing"));
    search.error(&PortalError::NotFound);
}

/// The answers by themselves, and what they are made from.
async fn refusals(search: &mut Search) {
    let app = App::new().await;
    for sent in all(&app) {
        let Sent { case, method, uri, headers, body } = &sent;
        let (path, query) = uri.split_once('?').expect("each has one");
        let mount = app.billing.iter().find(|(mount, _)| path.starts_with(**mount));
        let Some((mount, billing)) = mount else { continue };
        let header = |name: &'static str| {
            let found = headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_str())
        };
        let head = Head::new(method, &path[mount.len()..], Some(query), header);
        search.debug(&head);
        let user = header("x-user").map(Into::into);
        let answer = match billing.route(&head) {
            Ok(route) if body.len() > route.form_limit() => continue,
            Ok(route) => {
                let user = user.map_or(Subject::SignedOut, Subject::Reference);
                billing.answer(route, &head, user, body).await
            }
            Err(answer) => answer,
        };
        search.debug(&answer);
        let headers = answer.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
        search.answer(case, answer.status, headers, answer.body.as_bytes());
    }
}
