//! Going through a checkout.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use octany_core::{EventName, OrderState, SubscriptionStatus};

use super::{
    AccountKey, Engine, EngineError, Order, Outcome, PaymentMethod, Product, ProductKind, Session,
    Subscription, Visitor,
};

/// A checkout to be opened.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CheckoutRequest {
    /// What is bought, and how many of each.
    pub items: Vec<(u64, u32)>,
    /// Who buys.
    pub visitor: Visitor,
    /// A price in place of the product's, in minor units.
    pub amount: Option<i64>,
    /// Where the visitor goes afterwards.
    pub success_url: Option<String>,
    /// The language of the page.
    pub locale: Option<String>,
    /// `utm_*`
    pub utm: Vec<(String, String)>,
    /// When a subscription that is bought here starts; at once unless set.
    pub starts_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for CheckoutRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A link may have anything in it.
        f.debug_struct("CheckoutRequest")
            .field("items", &self.items)
            .field("visitor", &self.visitor)
            .field("amount", &self.amount)
            .field("locale", &self.locale)
            .field("starts_at", &self.starts_at)
            .finish_non_exhaustive()
    }
}

/// What came of a checkout that was paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bought {
    /// The subscriptions.
    pub subscriptions: Vec<u64>,
    /// The orders.
    pub orders: Vec<u64>,
}

impl CheckoutRequest {
    /// One piece of a product.
    pub fn of(product: u64) -> Self {
        Self { items: vec![(product, 1)], ..Self::default() }
    }

    /// The `referenceId`.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.visitor.reference_id = Some(reference.into());
        self
    }
}

impl Engine {
    /// Opens a checkout and gives its id.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`] if a product is not on sale; [`EngineError::Refused`] for an empty
    /// cart, a piece count of 0, or a negative amount.
    pub fn open_checkout(
        &mut self,
        account: AccountKey,
        request: CheckoutRequest,
    ) -> Result<String, EngineError> {
        if request.items.is_empty() || request.items.iter().any(|(_, pieces)| *pieces == 0) {
            return Err(EngineError::Refused("there is nothing in the cart"));
        }
        if request.amount.is_some_and(|amount| amount < 0) {
            return Err(EngineError::Refused("the amount is negative"));
        }
        for (product, _) in &request.items {
            self.product(account, *product)?;
        }
        let id = self.uuid();
        let session = Session {
            id: id.clone(),
            items: request.items,
            visitor: request.visitor,
            amount: request.amount,
            success_url: request.success_url,
            locale: request.locale,
            utm: request.utm,
            created_at: self.now,
            starts_at: request.starts_at,
            outcome: Outcome::Open,
        };
        self.accounts[account.0].sessions.insert(id.clone(), session);
        Ok(id)
    }

    /// A checkout.
    ///
    /// # Errors
    ///
    /// [`EngineError::NotFound`]
    pub fn session(&self, account: AccountKey, id: &str) -> Result<&Session, EngineError> {
        self.account(account).sessions.get(id).ok_or(EngineError::NotFound("session"))
    }

    /// What is known of whoever is in a checkout, to fill it in.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] once it is over.
    pub fn visitor(
        &mut self,
        account: AccountKey,
        session: &str,
    ) -> Result<&mut Visitor, EngineError> {
        self.open_session(account, session).map(|session| &mut session.visitor)
    }

    /// Pays a checkout: an order for each item, and a subscription for those that recur.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] if it is over, [`EngineError::NotFound`] if a product has gone
    /// meanwhile; nothing is bought then.
    pub fn pay(
        &mut self,
        account: AccountKey,
        session: &str,
        method: PaymentMethod,
    ) -> Result<Bought, EngineError> {
        let products = self.open_session(account, session)?.items.clone();
        let products = products
            .into_iter()
            .map(|(product, pieces)| Ok((self.product(account, product)?.clone(), pieces)))
            .collect::<Result<Vec<_>, EngineError>>()?;
        let session = self.open_session(account, session)?;
        session.outcome = Outcome::Paid;
        let mut session = session.clone();
        session.visitor.customer = self.next_id();
        let mut bought = Bought::default();
        for (product, pieces) in products {
            if product.kind == ProductKind::OneTime {
                let order = self.order_for(account, &product, pieces, method, &session, None);
                bought.orders.push(order);
            } else {
                let (subscription, order) = self.subscribe(account, &product, method, &session);
                bought.subscriptions.push(subscription);
                bought.orders.extend(order);
            }
        }
        Ok(bought)
    }

    /// Leaves a checkout.
    ///
    /// # Errors
    ///
    /// [`EngineError::Refused`] if it is over.
    pub fn abandon(&mut self, account: AccountKey, session: &str) -> Result<(), EngineError> {
        self.open_session(account, session)?.outcome = Outcome::Abandoned;
        Ok(())
    }

    fn open_session(&mut self, account: AccountKey, id: &str) -> Result<&mut Session, EngineError> {
        let session = self.accounts[account.0].sessions.get_mut(id);
        let session = session.ok_or(EngineError::NotFound("session"))?;
        match session.outcome {
            Outcome::Open => Ok(session),
            Outcome::Paid | Outcome::Abandoned => Err(EngineError::Refused("the checkout is over")),
        }
    }

    fn subscribe(
        &mut self,
        account: AccountKey,
        product: &Product,
        method: PaymentMethod,
        session: &Session,
    ) -> (u64, Option<u64>) {
        let id = self.next_id();
        let (cycles, trial_days) = match product.kind {
            ProductKind::Recurring { cycles, trial_days, .. } => (cycles, trial_days),
            ProductKind::Donation { .. } | ProductKind::OneTime => (None, 0),
        };
        let subscription = Subscription {
            id,
            product: product.id,
            price: session.amount.unwrap_or(product.price),
            vat: product.vat,
            currency: product.currency.clone(),
            status: SubscriptionStatus::Pending,
            created_at: self.now,
            starts_at: session.starts_at.filter(|start| *start > self.now),
            renews_at: None,
            ends_at: None,
            trial_ends_at: None,
            visitor: session.visitor.clone(),
            method,
            failing_payments: 0,
            cycles_left: cycles,
            attempts: 0,
            next_attempt: None,
            paying: None,
        };
        let starts_later = subscription.starts_at.is_some();
        self.accounts[account.0].subscriptions.insert(id, subscription);
        if starts_later {
            self.change(account, id, |it| it.status = SubscriptionStatus::FutureStart);
            return (id, None);
        }
        if trial_days > 0 {
            let end = self.now + TimeDelta::days(trial_days.into());
            self.change(account, id, |it| {
                it.status = SubscriptionStatus::Trialing;
                it.trial_ends_at = Some(end);
                it.renews_at = Some(end);
            });
            self.tell_of(account, id, EventName::SubscriptionCreated);
            return (id, None);
        }
        (id, Some(self.order_for(account, product, 1, method, session, Some(id))))
    }

    /// Makes an order out of a checkout, and begins to pay it.
    fn order_for(
        &mut self,
        account: AccountKey,
        product: &Product,
        pieces: u32,
        method: PaymentMethod,
        session: &Session,
        subscription: Option<u64>,
    ) -> u64 {
        let order = Order {
            id: self.next_id(),
            subscription,
            begins_period: subscription.is_some(),
            product: product.id,
            description: product.name.clone(),
            price: session.amount.unwrap_or(product.price),
            quantity: pieces,
            vat: product.vat,
            currency: product.currency.clone(),
            created_at: self.now,
            state: OrderState::Confirmed,
            method,
            visitor: session.visitor.clone(),
            settles_at: None,
        };
        let id = order.id;
        self.tell(account, EventName::OrderConfirmed, &order);
        self.accounts[account.0].orders.insert(id, order);
        self.begin_to_pay(account, id);
        id
    }
}
