//! `octany-sim`.

use chrono::{DateTime, Utc};
use octany_sim::engine::{
    About, AccountKey, Bought, Charge, CheckoutRequest, Engine, EngineError, Habits, Interval,
    Outcome, PaymentMethod, Product, ProductChange, Visitor,
};
use octany_sim::server::webhooks::Progress;
use octany_sim::server::{ApiFaults, Chance, Faults, Simulator, WebhookFaults};
use octany_sim::wire::{Links, Page, PortalPage};

use crate::planted::{API_KEY, EMAIL, NAME, PERSONAL_NUMBER, PORTAL, SECRET, SESSION, customer};
use crate::search::Search;

#[tokio::test]
async fn nothing_planted_is_shown_by_the_simulator() {
    let mut search = Search::of("octany-sim");
    engines(&mut search);
    simulators(&mut search).await;
    what_is_no_engine(&mut search);
    what_holds_only_numbers_and_names(&mut search);
    search.end(140);
}

fn visitor() -> Visitor {
    let mut visitor = Visitor::with_reference("user_42");
    visitor.reference_name = Some(NAME.to_owned());
    visitor.email = Some(EMAIL.to_owned());
    visitor.first_name = Some(NAME.to_owned());
    visitor.last_name = Some(NAME.to_owned());
    visitor.company_name = Some(PERSONAL_NUMBER.to_owned());
    visitor.roles = vec![NAME.to_owned()];
    visitor
}

/// An engine with an account whose key is planted, and what an engine draws itself: the secrets of
/// its endpoints and the ids of its checkouts.
fn engine(url: &str) -> (Engine, AccountKey, Vec<String>) {
    let mut engine = Engine::new(7, DateTime::UNIX_EPOCH);
    let account = engine.add_account();
    let key = engine.account(account).api_key.clone();
    engine = Engine::load(&engine.save().replace(&key, API_KEY)).expect("it was saved");
    engine.add_product(account, Product::recurring(42, "Pro", Interval::Month, 9900));
    engine.add_product(account, Product::one_time(43, "Once", 100));
    let secret = engine.register_endpoint(account, url).expect("it is a URL");
    let mut request = CheckoutRequest::of(42);
    request.visitor = visitor();
    request.success_url = Some(format!("https://app.example/?session={SESSION}"));
    request.utm = vec![("utm_term".to_owned(), SESSION.to_owned())];
    let session = engine.open_checkout(account, request).expect("it is sold");
    let drawn = vec![secret, session];
    (engine, account, drawn)
}

fn engines(search: &mut Search) {
    let (mut engine, account, drawn) = engine("https://app.example/webhook");
    let mut request = CheckoutRequest::of(42);
    request.visitor = visitor();
    request.success_url = Some(PORTAL.to_owned());
    request.utm = vec![("utm_term".to_owned(), SESSION.to_owned())];
    search.debug(&request);
    search.debug(&visitor());
    let session = drawn[1].as_str();
    search.debug(engine.session(account, session).expect("it was opened"));
    let bought = engine.pay(account, session, PaymentMethod::Card).expect("it is open");
    search.debug(&bought);
    let id = bought.subscriptions[0];
    let mut charge = Charge::new(43, 100);
    charge.description = Some(format!("for {NAME}, {EMAIL}"));
    search.debug(&charge);
    let order = engine.charge(account, id, charge.clone()).expect("it is paid").clone();
    search.debug(&order);
    search.debug(engine.subscription(account, id).expect("it was bought"));
    search.debug(engine.account(account));
    search.debug_all(&engine.account(account).endpoints);
    for text in [format!("{engine:?}"), format!("{engine:#?}")] {
        for drawn in &drawn {
            assert!(!text.contains(drawn.as_str()), "{drawn}: {text}");
        }
    }
    search.debug(&engine);
    let saved = engine.save();
    assert!(saved.contains(EMAIL) && drawn.iter().all(|drawn| saved.contains(drawn.as_str())));
    for event in engine.take_events() {
        search.debug(&event);
        search.debug(&event.about);
    }
    search.error(&engine.cancel(account, 1).expect_err("there is none"));
    search.error(&engine.open_checkout(account, CheckoutRequest::default()).expect_err("empty"));
    engine.fail_payments(account, id, 1).expect("it is there");
    search.error(&engine.charge(account, id, charge).expect_err("it is not paid"));
    search.error(&EngineError::NotFound("subscription"));
}

/// Around the engine, with webhooks that somebody answers with what was sent to them.
async fn simulators(search: &mut Search) {
    let server = crate::api::start(crate::api::Says::refusal(500));
    let (mut engine, account, drawn) = engine(&format!("http://{server}/webhook"));
    engine.pay(account, &drawn[1], PaymentMethod::Card).expect("it is open");
    let simulator = Simulator::new(engine, "http://127.0.0.1:1").with_webhooks_by_hand();
    search.debug(&simulator);
    simulator.with(|engine| engine.test_hook(account));
    assert!(simulator.deliver_due().await > 0);
    let sent = simulator.deliveries();
    assert!(sent.iter().any(|sent| !sent.attempts.is_empty()), "{sent:?}");
    for sent in &sent {
        search.debug(sent);
        search.debug_all(&sent.attempts);
    }
}

fn what_is_no_engine(search: &mut Search) {
    let (engine, ..) = engine("https://app.example/webhook");
    let saved = engine.save();
    for saved in [
        customer(),
        format!("\"{EMAIL}\""),
        saved.replace("\"now\":", &format!("\"now\":\"{EMAIL}\",\"then\":")),
        saved.replace("\"seed\":", &format!("\"seed\":\"{SECRET}\",\"seeds\":")),
        saved.replace("\"outcome\":\"open\"", &format!("\"outcome\":\"{NAME}\"")),
        saved[..saved.find("never-shown").expect("it is planted") + 3].to_owned(),
    ] {
        search.error(&Engine::load(&saved).expect_err("it is none"));
    }
}

fn what_holds_only_numbers_and_names(search: &mut Search) {
    let (engine, account, _) = engine("https://app.example/webhook");
    search.debug(&account);
    search.debug(engine.product(account, 42).expect("it is sold"));
    search.debug(&engine.product(account, 42).expect("it is sold").kind);
    search.debug(&ProductChange::default());
    search.debug(&Habits::default());
    search.debug(&Interval::Month);
    search.debug(&Outcome::Open);
    search.debug(&PaymentMethod::Card);
    search.debug(&Bought::default());
    search.debug(&About::Nothing);
    search.debug(&Progress::Open);
    search.debug(&Chance(0.5));
    search.debug(&Faults::default());
    search.debug(&WebhookFaults::default());
    search.debug(&ApiFaults::default());
    search.debug(&Page { number: 1, size: 20 });
    search.debug(&Links::at("http://127.0.0.1:1"));
    search.debug(&PortalPage::Card);
    let links = Links::at("http://127.0.0.1:1");
    search.debug(&links.portal(engine.account(account), 1, PortalPage::Card, Utc::now()));
}
