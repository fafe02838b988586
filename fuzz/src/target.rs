//! What a visitor names as the place to be sent to after the checkout.

use std::cell::OnceCell;
use std::sync::Arc;

use chrono::DateTime;
use octany_billing::{Billing, Head, Offer, Route};
use octany_core::{AccessPolicy, ReferenceId, Snapshot, Source, Version};
use octany_entitlement::{
    Answer, Gate, ManualClock, MemoryStore, OnOutage, Subject, SubscriptionStore,
};
use tokio::runtime::{Builder, Runtime};
use url::Url;

const ACCOUNT: &str = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";
const ORIGIN: &str = "https://app.example";
/// Where those go who name nothing that they are sent to.
const DEFAULT: &str = "/reports";
const SCHEMES: [&str; 2] = ["myapp", "com.example.app"];

struct Rig {
    runtime: Runtime,
    billing: Billing,
    /// How many tags and quotes the page has, whoever waits.
    page: [usize; 3],
}

/// Asks to be sent there, by each route that takes a target.
///
/// # Panics
///
/// On the first promise that does not hold.
pub fn check(text: &str) {
    thread_local!(static RIG: OnceCell<Rig> = const { OnceCell::new() });
    RIG.with(|rig| {
        let rig = rig.get_or_init(Rig::new);
        for text in [text.to_owned(), format!("/{text}"), format!("myapp:{text}")] {
            rig.check(&text);
        }
    });
}

impl Rig {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (store, now) = (Arc::new(MemoryStore::new()), DateTime::UNIX_EPOCH);
        let mut paid = Snapshot::new(1, "active", Version::new(now, Source::Api));
        paid.reference = Some("payer".into());
        runtime.block_on(store.apply(&paid)).expect("it is in memory");
        let clock = ManualClock::at(now);
        let gate = Gate::new(store.clone(), AccessPolicy::new(), OnOutage::Deny);
        let billing = Billing::builder(ACCOUNT, ORIGIN, gate.clock(clock.clone()), store)
            .plain_references()
            .offer(Offer::new(42))
            .return_to(DEFAULT)
            .app_scheme("myapp://")
            .app_scheme("com.example.app")
            .clock(clock)
            .build()
            .expect("it is set up");
        let mut rig = Self { runtime, billing, page: [0; 3] };
        rig.subscribe("waiter", DEFAULT);
        rig.page = counts(&rig.pending("waiter", DEFAULT).body);
        rig
    }

    fn check(&self, text: &str) {
        // Whoever has paid goes on at once, in two ways.
        let sent = self.subscribe("payer", text);
        let went_on = self.pending("payer", text);
        let target = match sent.status {
            303 => {
                let target = location(&sent).to_owned();
                leads_nowhere_else(&target);
                // What was accepted is accepted again, as it was written.
                assert_eq!(location(&self.subscribe("payer", &target)), target);
                Some(target)
            }
            400 => None,
            status => panic!("{status}"),
        };
        assert_eq!(location(&went_on), target.as_deref().unwrap_or(DEFAULT));
        // Whoever has not goes to the checkout, and comes back to wait.
        let button = self.subscribe("buyer", text);
        assert_eq!(button.status, sent.status);
        if let Some(target) = &target {
            self.comes_back(location(&button), target);
        }
        let waits = self.pending("waiter", text);
        assert_eq!(waits.status, 200);
        assert_eq!(counts(&waits.body), self.page, "a target adds no tag and no attribute");
    }

    /// From the checkout back to the page that waits, with the target.
    fn comes_back(&self, checkout: &str, target: &str) {
        let checkout = Url::parse(checkout).expect("a browser goes there");
        assert_eq!(checkout.host_str(), Some("checkout.octany.com"));
        let named = |url: &Url, name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let back = Url::parse(&named(&checkout, "successUrl").expect("it comes back"));
        let back = back.expect("a browser comes back");
        assert_eq!(back.origin().ascii_serialization(), ORIGIN);
        assert_eq!(back.path(), "/billing/pending");
        assert_eq!(named(&back, "to").as_deref(), Some(target));
        let head = Head::new("GET", "/pending", back.query(), |_| None);
        let went_on = self.answer("payer", Route::Pending, &head, "");
        assert_eq!(location(&went_on), target);
    }

    fn subscribe(&self, user: &str, target: &str) -> Answer {
        let head = Head::new("POST", "/subscribe", None, |_| None);
        let form = format!("return_to={}", encoded(target));
        self.answer(user, Route::Subscribe, &head, &form)
    }

    fn pending(&self, user: &str, target: &str) -> Answer {
        let query = format!("to={}", encoded(target));
        self.answer(user, Route::Pending, &Head::new("GET", "/pending", Some(&query), |_| None), "")
    }

    fn answer(&self, user: &str, route: Route, head: &Head<'_>, form: &str) -> Answer {
        assert_eq!(self.billing.route(head).ok(), Some(route));
        let user = Subject::Reference(ReferenceId::from(user));
        self.runtime.block_on(self.billing.answer(route, head, user, form.as_bytes()))
    }
}

/// Under the referee's reading, which is a browser's.
fn leads_nowhere_else(target: &str) {
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic()), "{target}");
    let page = Url::parse("https://app.example/billing/pending?to=x").expect("a page");
    let seen = page.join(target).unwrap_or_else(|error| panic!("{error}: {target}"));
    if target.starts_with('/') {
        assert_eq!(seen.origin(), page.origin(), "{target}");
        assert!(!seen.path().starts_with("//"), "{target}");
    } else {
        assert!(SCHEMES.contains(&seen.scheme()), "{target}");
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn location(answer: &Answer) -> &str {
    let header = answer.headers.iter().find(|(name, _)| *name == "location");
    header.map(|(_, value)| &**value).unwrap_or_else(|| panic!("{} {}", answer.status, answer.body))
}

/// How many tags and quotes there are.
fn counts(page: &str) -> [usize; 3] {
    ['<', '"', '>'].map(|char| page.matches(char).count())
}
