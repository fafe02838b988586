//! Products.

use octany_core::resource::Product;
use octany_core::{Percent, RawJson};

use super::shared::{empty, nulls, text};
use crate::engine;

/// A product, as the API gives it.
pub fn product(of: &engine::Product) -> Product {
    let mut document = Product::new(of.id);
    document.name = Some(of.name.as_str().into());
    document.description = text(of.description.as_ref());
    document.kind = Some(of.kind.as_str().into());
    document.price = Some(of.price);
    document.price_without_vat = Some(of.price);
    document.price_with_vat = Some(of.price_with_vat());
    document.currency = of.currency.parse().ok();
    #[expect(clippy::cast_precision_loss, reason = "no VAT rate is that high")]
    let percent = of.vat as f64 / 100.0;
    document.vat_rate = Some(Percent::new(percent));
    document.interval = of.kind.interval().map(|interval| interval.as_str().into());
    document.images = Some(empty());
    document.use_cart = Some(true);
    document.stock_tracking = Some(false);
    document.out_of_stock = Some(false);
    document.strings = Some(strings(of));
    let has_value = [
        ("description", document.description.is_some()),
        ("interval", document.interval.is_some()),
        ("image", document.image.is_some()),
    ];
    nulls(&mut document.extra, has_value);
    document
}

fn strings(of: &engine::Product) -> RawJson {
    let interval = of.kind.interval().map_or("", engine::Interval::as_str);
    let texts = serde_json::json!({ "interval": interval, "type": of.kind.as_str() });
    RawJson::parse(&texts.to_string()).expect("it is JSON")
}
