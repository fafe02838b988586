//! Orders.

use octany_core::resource::{Order, OrderItem, Quantity};
use octany_core::{BasisPoints, OrderState, RawJson};

use super::shared::{billing_method, customer, empty, empty_object, nested, nulls, plan, text};
use super::{order_id, subscription_id};
use crate::engine::{self, Account};

/// An order, as the API gives it.
pub fn order(account: &Account, of: &engine::Order) -> Order {
    let mut document = Order::new(order_id(&account.habits, of.id));
    document.created_at = Some(of.created_at);
    document.total = Some(of.total());
    document.total_with_vat = Some(of.total_with_vat());
    document.currency = of.currency.parse().ok();
    document.reference_id = of.visitor.reference_id.as_deref().map(Into::into);
    document.reference_name = text(of.visitor.reference_name.as_ref());
    document.state = Some(of.state.clone());
    let is_paid = of.state == OrderState::Paid;
    document.remote_id = is_paid.then(|| format!("pay_{}", of.id).into());
    document.custom_fields = Some(empty().into());
    document.metadata = Some(empty_object(&account.habits));
    let has_value = [
        ("reference_id", document.reference_id.is_some()),
        ("reference_name", document.reference_name.is_some()),
        ("remote_id", document.remote_id.is_some()),
        ("delivery", document.delivery.is_some()),
    ];
    nulls(&mut document.extra, has_value);
    if account.habits.nests {
        document.vat = Some(BasisPoints(of.vat));
        document.items = Some(items(of).into());
        document.subscription_id = of.subscription.map(|id| subscription_id(&account.habits, id));
        document.product = account.products.get(&of.product).map(plan);
        document.customer = Some(customer(&of.visitor));
        document.customer_id = Some(of.visitor.customer.into());
        document.billing_method = Some(billing_method(of.method, &of.visitor));
    }
    document
}

fn items(of: &engine::Order) -> RawJson {
    let mut item = OrderItem::new();
    item.product_id = Some(of.product.into());
    item.name = Some(of.description.as_str().into());
    item.price = Some(of.price);
    item.quantity = Some(Quantity::new(of.quantity.into()));
    item.vat = Some(BasisPoints(of.vat));
    let item = nested(&item);
    RawJson::parse(&format!("[{}]", item.raw().as_str())).expect("a list of JSON is JSON")
}
