//! The code in the guide's chapter is that of the examples, which is tested.

use octany_test_trace as _;

const CHAPTER: &str = include_str!("../../octany-entitlement/docs/your-database.md");
const STORE: &str = include_str!("../../examples/existing-database/src/store.rs");
const DIESEL_STORE: &str = include_str!("../../examples/existing-diesel/src/store.rs");

/// What the chapter shows pieces of.
const SHOWN: [&str; 4] = [
    STORE,
    include_str!("../../examples/existing-database/src/deliveries.rs"),
    include_str!("../../examples/existing-database/schema.sql"),
    include_str!("../../examples/existing-database/tests/server/conformance.rs"),
];

/// The blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("\n```{language}\n");
    CHAPTER.split(&opening).skip(1).filter_map(|block| block.split("\n```").next()).collect()
}

#[test]
fn every_piece_of_code_in_the_chapter_is_an_examples_to_the_letter() {
    let (rust, sql) = (blocks("rust,ignore"), blocks("sql"));
    assert_eq!((rust.len(), sql.len()), (4, 4));
    for block in rust.into_iter().chain(sql) {
        assert!(SHOWN.iter().any(|file| file.contains(block)), "in no example:\n{block}");
    }
}

#[test]
fn a_store_is_as_short_as_the_chapter_says() {
    for store in [STORE, DIESEL_STORE] {
        assert!(store.contains("impl SubscriptionStore for"));
        assert!(store.lines().count() < 120);
    }
}

#[test]
fn every_column_that_the_chapter_names_exists() {
    let schema = SHOWN[2];
    for column in ["octany_id", "member_ref", "octany_version", "plan_code", "state", "in_doubt"] {
        assert!(CHAPTER.contains(&format!("`{column}")) && schema.contains(column), "{column}");
    }
}
