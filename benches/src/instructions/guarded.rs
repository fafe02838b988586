//! What is guarded. SHA-256 itself takes other instructions on each processor, and many: it is in the
//! floor, so what stands here is what our code adds to it.

use super::Counts;

type Count = fn(&Counts) -> i64;

/// What is guarded, and how it comes of what was counted.
pub(crate) const GUARDED: [(&str, Count); 14] = [
    ("verify, over the floor", |c| c.of("verify") - c.of("floor")),
    ("parse", |c| c.of("parse")),
    ("decide", |c| c.of("decide")),
    ("axum: extractor, over bare and floor", |c| c.over("axum_extractor", &["axum_bare", "floor"])),
    ("axum: layer, over bare and floor", |c| c.over("axum_layer", &["axum_bare", "floor"])),
    ("axum: event, over bare and floor", |c| c.over("axum_typed", &["axum_bare", "floor"])),
    ("axum: layer and event, over bare and floor", |c| {
        c.over("axum_typed_layer", &["axum_bare", "floor"])
    }),
    ("axum: layer in sync and event, over bare and floor", |c| {
        c.over("axum_synced", &["axum_bare", "floor"])
    }),
    ("axum: guard, over an empty layer", |c| c.over("axum_guard", &["axum_empty_layer"])),
    // The bare handler's own extractor takes more than ours.
    ("actix: extractor, over the floor", |c| c.over("actix_extractor", &["floor"])),
    ("actix: layer, over bare and floor", |c| c.over("actix_layer", &["actix_bare", "floor"])),
    ("actix: event, over bare and floor", |c| c.over("actix_typed", &["actix_bare", "floor"])),
    ("actix: layer in sync and event, over bare and floor", |c| {
        c.over("actix_synced", &["actix_bare", "floor"])
    }),
    ("actix: guard, over none", |c| c.over("actix_guard", &["actix_unguarded"])),
];
