//! What visitors and merchants do.

use chrono::TimeDelta;
use octany_client::{ChargeRequest, Error};
use octany_core::SubscriptionStatus;
use octany_entitlement::Checkout;
use octany_sim::engine::{CheckoutRequest, Engine, EngineError, PaymentMethod, ProductChange};

use crate::octany::{DONATION, MONTHLY, ON_SALE, ONCE, RECURRING, sold};
use crate::people::People;
use crate::run::Run;
use crate::visit;

/// So many are enough to live with.
const SUBSCRIPTIONS: usize = 40;

impl Run {
    /// Somebody goes to a checkout, and pays, leaves, or thinks it over.
    pub(super) async fn buy(&mut self) -> String {
        let random = &mut self.random;
        let product = ON_SALE[random.usize(..ON_SALE.len())];
        let who = People::somebody(random);
        let (now, mut request) = (self.octany.now(), CheckoutRequest::of(product));
        request.amount = (random.u8(0..8) == 0).then_some(4_200);
        request.starts_at =
            (random.u8(0..10) == 0).then(|| now + TimeDelta::hours(random.i64(1..400)));
        let (method, then) = (method(random), random.u8(0..10));
        if self.octany.subscriptions(|_| ()).len() >= SUBSCRIPTIONS {
            return "the shop is full".to_owned();
        }
        if let Some(who) = &who {
            let text = self.people.text(who, product, now);
            if self.people.are_signed() {
                let checkout = Checkout::new(text.as_str(), who.as_str(), product, now);
                self.database.begin(&checkout).await;
            }
            request.visitor.reference_id = Some(text);
        }
        let who = who.unwrap_or_else(|| "nobody".to_owned());
        let opened = self.octany.with(|engine, account| engine.open_checkout(account, request));
        let session = match opened {
            Ok(session) => session,
            Err(error) => return format!("{who} wanted {product}: {error}"),
        };
        match then {
            0 => {
                let left = self.octany.with(|engine, account| engine.abandon(account, &session));
                format!("{who} left the checkout of {product}: {left:?}")
            }
            1 => {
                self.sessions.push(session);
                format!("{who} thinks {product} over")
            }
            _ => {
                let paid =
                    self.octany.with(|engine, account| engine.pay(account, &session, method));
                format!("{who} paid {product} by {}: {paid:?}", method.as_str())
            }
        }
    }

    pub(super) fn pay_later(&mut self) -> String {
        if self.sessions.is_empty() {
            return "nobody thinks anything over".to_owned();
        }
        let session = self.sessions.swap_remove(self.random.usize(..self.sessions.len()));
        let method = method(&mut self.random);
        let paid = self.octany.with(|engine, account| engine.pay(account, &session, method));
        format!("by {}: {paid:?}", method.as_str())
    }

    pub(super) fn fail_payments(&mut self) -> String {
        let payments = self.random.u32(1..6);
        self.on_one(|run, id| {
            run.octany.with(|engine, account| engine.fail_payments(account, id, payments))
        })
    }

    pub(super) fn cancel(&mut self) -> String {
        self.on_one(|run, id| {
            run.octany.with(|engine, account| engine.cancel(account, id).map(drop))
        })
    }

    pub(super) fn change_method(&mut self) -> String {
        let method = method(&mut self.random);
        self.on_one(|run, id| {
            run.octany.with(|engine, account| engine.change_method(account, id, method))
        })
    }

    /// An administrator takes one back that was not paid.
    pub(super) fn revive(&mut self) -> String {
        let unpaid = |it: &octany_sim::engine::Subscription| {
            (it.status == SubscriptionStatus::Unpaid).then_some(it.id)
        };
        let unpaid: Vec<u64> = self.octany.subscriptions(unpaid).into_iter().flatten().collect();
        let Some(id) = self.random.choice(&unpaid).copied() else {
            return "none is unpaid".to_owned();
        };
        let revived = self.octany.with(|engine, account| engine.revive(account, id));
        format!("{id}: {revived:?}")
    }

    pub(super) fn refund(&mut self) -> String {
        let orders: Vec<u64> = self
            .octany
            .with(|engine, account| engine.account(account).orders.keys().copied().collect());
        let Some(id) = self.random.choice(&orders).copied() else { return "no order".to_owned() };
        let refunded = self.octany.with(|engine, account| engine.refund(account, id));
        format!("{id}: {refunded:?}")
    }

    /// A product becomes dearer, vanishes, or comes back.
    pub(super) fn change_product(&mut self) -> String {
        let (which, price) = (self.random.u8(0..3), self.random.i64(5_000..20_000));
        self.octany.with(|engine, account| match which {
            0 => {
                let mut change = ProductChange::default();
                change.price = Some(price);
                format!("{:?}", engine.update_product(account, MONTHLY, change).map(drop))
            }
            1 => format!("gone: {:?}", engine.delete_product(account, DONATION)),
            _ => {
                engine.add_product(account, sold(DONATION));
                "back".to_owned()
            }
        })
    }

    pub(super) fn test_hook(&mut self) -> String {
        self.octany.with(Engine::test_hook);
        "told".to_owned()
    }

    pub(super) async fn cancel_by_api(&mut self) -> String {
        let Some(id) = self.one() else { return "there is none".to_owned() };
        let cancelled = self.octany.client.cancel(&self.octany.wire_id(id)).await;
        self.called(id, cancelled)
    }

    pub(super) async fn swap_by_api(&mut self) -> String {
        let product = RECURRING[self.random.usize(..RECURRING.len())];
        let Some(id) = self.one() else { return "there is none".to_owned() };
        let swapped =
            self.octany.client.swap_product(&self.octany.wire_id(id), &product.into()).await;
        self.called(id, swapped)
    }

    pub(super) async fn charge_by_api(&mut self) -> String {
        let charge = ChargeRequest::new(ONCE, self.random.i64(100..10_000));
        let Some(id) = self.one() else { return "there is none".to_owned() };
        let charged = self.octany.client.charge(&self.octany.wire_id(id), &charge).await;
        self.called(id, charged)
    }

    /// Somebody asks the app for the paid page.
    pub(super) async fn visit(&mut self) -> String {
        let name = People::names().nth(self.random.usize(..15)).unwrap();
        let url = self.door.url(visit::PAID);
        let status = visit::status(&self.http, url, &name).await;
        format!("{name} got {status:?}")
    }

    fn one(&mut self) -> Option<u64> {
        let all = self.octany.subscriptions(|it| it.id);
        self.random.choice(&all).copied()
    }

    fn on_one(&mut self, act: impl FnOnce(&mut Self, u64) -> Result<(), EngineError>) -> String {
        let Some(id) = self.one() else { return "there is none".to_owned() };
        format!("{id}: {:?}", act(self, id))
    }

    fn called<T>(&mut self, id: u64, called: Result<T, Error>) -> String {
        match called {
            Ok(_) => format!("{id}: done"),
            Err(error) => {
                self.counts.calls_failed += 1;
                format!("{id}: {}", error.kind().as_str())
            }
        }
    }
}

fn method(random: &mut fastrand::Rng) -> PaymentMethod {
    PaymentMethod::ALL[random.usize(..PaymentMethod::ALL.len())]
}
