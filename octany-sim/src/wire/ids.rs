//! Ids: numbers, or text of the form that newer documents show.

use octany_core::{OrderId, SubscriptionId};

use crate::engine::Habits;

/// A subscription's id.
pub fn subscription_id(habits: &Habits, id: u64) -> SubscriptionId {
    if habits.text_ids { text("sub_", id).into() } else { id.into() }
}

/// An order's id.
pub fn order_id(habits: &Habits, id: u64) -> OrderId {
    if habits.text_ids { text("ord_", id).into() } else { id.into() }
}

/// Reads a subscription's id, in the form that this account has.
pub fn read_subscription_id(habits: &Habits, id: &str) -> Option<u64> {
    read(habits, "sub_", id)
}

/// Reads an order's id, in the form that this account has.
pub fn read_order_id(habits: &Habits, id: &str) -> Option<u64> {
    read(habits, "ord_", id)
}

fn read(habits: &Habits, prefix: &str, id: &str) -> Option<u64> {
    let number = match id.strip_prefix(prefix).filter(|_| habits.text_ids) {
        Some(digits) => u64::from_str_radix(digits, 36).ok()?,
        None => id.parse().ok()?,
    };
    let written = if habits.text_ids { text(prefix, number) } else { number.to_string() };
    (written == id).then_some(number)
}

fn text(prefix: &str, mut id: u64) -> String {
    let mut digits = Vec::new();
    while id > 0 || digits.is_empty() {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(id % 36) as usize]);
        id /= 36;
    }
    prefix.chars().chain(digits.into_iter().rev().map(char::from)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_is_read_in_the_form_it_is_written_in_and_in_no_other(id: u64, text_ids: bool) {
            let habits = Habits { text_ids, ..Habits::default() };
            let other = Habits { text_ids: !text_ids, ..Habits::default() };
            let written = subscription_id(&habits, id);
            prop_assert_eq!(read_subscription_id(&habits, written.as_str()), Some(id));
            prop_assert_eq!(read_subscription_id(&other, written.as_str()), None);
            prop_assert_eq!(read_order_id(&habits, order_id(&habits, id).as_str()), Some(id));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}", text_ids: bool) {
            let habits = Habits { text_ids, ..Habits::default() };
            if let Some(id) = read_subscription_id(&habits, &text) {
                let written = subscription_id(&habits, id);
                prop_assert_eq!(written.as_str(), text);
            }
        }
    }
}
