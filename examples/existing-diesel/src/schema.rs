//! `schema.sql`, as diesel sees it.

use diesel::prelude::*;

diesel::table! {
    licences (number) {
        number -> Text,
        account -> Nullable<Text>,
        product -> Nullable<Text>,
        status -> Text,
        renews_us -> Nullable<BigInt>,
        ends_us -> Nullable<BigInt>,
        trial_us -> Nullable<BigInt>,
        document -> Nullable<Text>,
        version -> BigInt,
        digest -> BigInt,
        contested -> Bool,
        last_write -> Text,
    }
}

/// What decides access.
#[derive(Queryable, Selectable)]
#[diesel(table_name = licences, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Licence {
    pub(crate) number: String,
    pub(crate) product: Option<String>,
    pub(crate) status: String,
    pub(crate) renews_us: Option<i64>,
    pub(crate) ends_us: Option<i64>,
    pub(crate) trial_us: Option<i64>,
    pub(crate) version: i64,
    pub(crate) contested: bool,
}
