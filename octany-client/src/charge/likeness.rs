//! Whether an order is of a charge.

use octany_core::resource::{Order, OrderItem};
use octany_core::{OrderState, ProductId};
use octany_entitlement::Charge;

/// How an order compares to a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// All that an order of this charge must say, it says.
    Same,
    /// It says what no order of this charge can say.
    Other,
    /// It says too little.
    Doubtful,
}

/// Compares what the contract's orders have: `total` and `total_with_vat`. The charge's amount is one
/// of the two, depending on whether its product is priced with VAT. What only older documents have
/// may speak against it.
pub(super) fn likeness(order: &Order, charge: &Charge) -> Likeness {
    if is_elsewhere(order, charge) {
        return Likeness::Other;
    }
    let Some(sum) = charge.sum() else { return Likeness::Doubtful };
    // It may be its order all the same, but says of itself that nothing was paid.
    let has_failed =
        matches!(order.state, Some(OrderState::PaymentFailed | OrderState::PaymentCancelled));
    let vat_differs = matches!((order.vat, charge.vat), (Some(one), Some(other)) if one != other);
    let either = |sum| order.total == Some(sum) || order.total_with_vat == Some(sum);
    let has_both = order.total.is_some() && order.total_with_vat.is_some();
    match (either(sum), has_both) {
        (true, _) if vat_differs || has_failed => Likeness::Doubtful,
        (true, _) => Likeness::Same,
        // If the amount was taken for that of all pieces.
        (false, true) if either(charge.amount) => Likeness::Doubtful,
        (false, true) => Likeness::Other,
        (false, false) => Likeness::Doubtful,
    }
}

/// Whether it names another subscription, or only other products.
fn is_elsewhere(order: &Order, charge: &Charge) -> bool {
    if order.subscription_id.as_ref().is_some_and(|id| *id != charge.subscription) {
        return true;
    }
    let items = order.items.as_ref().and_then(|items| items.read().ok()).unwrap_or_default();
    let is_another =
        |item: &OrderItem| product(item).is_some_and(|product| product != charge.product);
    !items.is_empty() && items.iter().all(is_another)
}

fn product(item: &OrderItem) -> Option<ProductId> {
    let nested = || Some(item.product.as_ref()?.read().ok()?.id);
    item.product_id.clone().or_else(nested)
}

#[cfg(test)]
mod tests {
    use octany_core::BasisPoints;

    use super::Likeness::{Doubtful, Other, Same};
    use super::*;

    fn like(members: &str, charge: &Charge) -> Likeness {
        let order = Order::parse(format!(r#"{{"id":1{members}}}"#)).expect("an order");
        likeness(&order, charge)
    }

    #[test]
    fn the_amount_is_the_sum_with_vat_or_without() {
        let charge = Charge::new("sub", 55, 4995, None, None, None);
        assert_eq!(like(r#","total":4995,"total_with_vat":6244"#, &charge), Same);
        assert_eq!(like(r#","total":3996,"total_with_vat":4995"#, &charge), Same);
        assert_eq!(like(r#","total":4995"#, &charge), Same);
        assert_eq!(like(r#","total":3996,"total_with_vat":4994"#, &charge), Other);
    }

    #[test]
    fn what_says_too_little_is_doubtful() {
        let charge = Charge::new("sub", 55, 4995, None, None, None);
        assert_eq!(like("", &charge), Doubtful);
        assert_eq!(like(r#","total":"4995""#, &charge), Doubtful);
        assert_eq!(like(r#","total":3996"#, &charge), Doubtful);
        assert_eq!(like(r#","total_with_vat":6244"#, &charge), Doubtful);
        let boundless = Charge::new("sub", 55, i64::MAX, Some(2), None, None);
        assert_eq!(like(r#","total":1,"total_with_vat":1"#, &boundless), Doubtful);
    }

    #[test]
    fn several_pieces_cost_several_times_the_amount() {
        let charge = Charge::new("sub", 55, 100, Some(3), None, None);
        assert_eq!(like(r#","total":300,"total_with_vat":375"#, &charge), Same);
        assert_eq!(like(r#","total":100,"total_with_vat":125"#, &charge), Doubtful);
        assert_eq!(like(r#","total":200,"total_with_vat":250"#, &charge), Other);
    }

    #[test]
    fn an_order_whose_payment_failed_is_no_proof_of_a_charge() {
        let charge = Charge::new("sub", 55, 100, None, None, None);
        for state in ["payment_failed", "payment_cancelled"] {
            let members =
                |sum| format!(r#","state":"{state}","total":{sum},"total_with_vat":{sum}"#);
            assert_eq!(like(&members(100), &charge), Doubtful, "{state}");
            assert_eq!(like(&members(101), &charge), Other, "{state}");
        }
        for state in ["created", "payment_pending", "payment_refunded", "paid", "new_one"] {
            let members = format!(r#","state":"{state}","total":100"#);
            assert_eq!(like(&members, &charge), Same, "{state}");
        }
    }

    #[test]
    fn older_documents_may_speak_against_it() {
        let charge = Charge::new("sub", 55, 100, None, Some(BasisPoints(2500)), None);
        assert_eq!(like(r#","total":100,"vat":2500,"subscription_id":"sub""#, &charge), Same);
        assert_eq!(like(r#","total":100,"vat":25"#, &charge), Doubtful);
        assert_eq!(like(r#","total":100,"subscription_id":"another""#, &charge), Other);
        assert_eq!(like(r#","total":100,"items":[{"product_id":7}]"#, &charge), Other);
        assert_eq!(like(r#","total":100,"items":[{"product":{"id":7}}]"#, &charge), Other);
        assert_eq!(like(r#","total":100,"items":[{"product":{"id":55}}]"#, &charge), Same);
        assert_eq!(like(r#","total":100,"items":[]"#, &charge), Same);
    }
}
