//! `octany-sqlx`, on all of its databases.

use std::time::Duration;

use chrono::Utc;
use octany_entitlement::{
    AccessLog, Charge, ChargeIntents, CheckoutLog, InboxStore, Invalidation, InvalidationListener,
    Ledger, Letter, StoreError, SubscriptionLinks,
};
use octany_sqlx::{MySqlStore, PostgresInvalidation, PostgresStore, SqliteStore};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection, SqliteConnection};

use crate::planted::{EMAIL, PASSWORD};
use crate::search::Search;
use crate::stores::{failures, letter};

#[tokio::test]
async fn nothing_planted_is_shown_by_the_sql_stores() {
    let mut search = Search::of("octany-sqlx");
    Box::pin(urls(&mut search)).await;
    postgres(&mut search).await;
    mysql(&mut search).await;
    sqlite(&mut search).await;
    search.end(900);
}

/// Beyond the calendar, and newer than whatever comes.
const NO_INSTANT: &str = "UPDATE octany_subscriptions
    SET renews_at = 9223372036854775807, version = 9223372036854775807, reference_id = 'user_42'";
/// What breaks statements that write, in the words of the servers.
const SABOTAGE: [&str; 3] = [
    "ALTER TABLE octany_subscriptions ADD COLUMN must BIGINT NOT NULL",
    "ALTER TABLE octany_inbox ADD CONSTRAINT empty_body CHECK (attempts > 7)",
    "ALTER TABLE octany_checkouts ADD CONSTRAINT other CHECK (returned_at > 7)",
];
/// What breaks those that read.
const ABSENCE: [&str; 4] = [
    "DROP TABLE octany_subscriptions",
    "DROP TABLE octany_inbox",
    "DROP TABLE octany_charges",
    "DROP TABLE octany_deliveries",
];

/// Everything that a store of SQL is asked, and what came of it.
async fn search_calls<S>(search: &mut Search, store: &S) -> usize
where
    S: Ledger + SubscriptionLinks + AccessLog + CheckoutLog + InboxStore + ChargeIntents,
{
    let (now, lease) = (Utc::now(), Duration::from_millis(1));
    let letter = Letter::of(&letter(), now).expect("it has a body");
    let charge = Charge::new("1", "42", 100, None, None, Some(EMAIL));
    let more = [
        InboxStore::put(store, &letter).await.err(),
        InboxStore::claim(store, now, lease, 1).await.err(),
        InboxStore::letter(store, &letter.id).await.err(),
        InboxStore::letters(store, 0, 10).await.err(),
        store.dead(0, 10).await.err(),
        store.prepare("c1", &charge, now, lease).await.err(),
        store.intent("c1").await.err(),
    ];
    let all: Vec<StoreError> =
        failures(store).await.into_iter().chain(more.into_iter().flatten()).collect();
    search.errors(&all);
    all.len()
}

/// Breaks one thing after another in a database, and asks everything each time.
async fn break_down<C, S>(search: &mut Search, store: &S, raw: &mut C, sabotage: &[&'static str])
where
    for<'c> &'c mut C: Executor<'c>,
    S: Ledger + SubscriptionLinks + AccessLog + CheckoutLog + InboxStore + ChargeIntents,
{
    raw.execute(NO_INSTANT).await.expect("they are numbers");
    assert!(search_calls(search, store).await > 0, "it is no instant");
    for table in ["octany_subscriptions", "octany_inbox", "octany_checkouts"] {
        let empty = AssertSqlSafe(format!("DELETE FROM {table}"));
        raw.execute(empty).await.expect("the table is there");
    }
    for statement in sabotage {
        raw.execute(*statement).await.expect("the tables are empty");
    }
    assert!(search_calls(search, store).await > 1, "nothing is as it must be");
    for statement in ABSENCE {
        raw.execute(statement).await.expect("the table is there");
    }
    assert!(search_calls(search, store).await > 9, "nothing is there");
}

/// URLs with a password that nobody gets in by.
async fn urls(search: &mut Search) {
    let at = |scheme: &str, rest: &str| format!("{scheme}://app:{PASSWORD}@{rest}");
    for rest in ["127.0.0.1:port/app", "[::1/app", "", "127.0.0.1/app?ssl-mode=some&sslmode=some"] {
        let (postgres, mysql) = (at("postgres", rest), at("mysql", rest));
        for refused in [
            PostgresStore::connect_lazy(&postgres).map(drop),
            MySqlStore::connect_lazy(&mysql).map(drop),
        ] {
            if let Err(error) = refused {
                search.error(&error);
            }
        }
    }
    // Servers that are away, all at once, since each is waited for.
    let (postgres, mysql) = (at("postgres", "127.0.0.1:1/app"), at("mysql", "127.0.0.1:1/app"));
    search.debug(&PostgresStore::connect_lazy(&postgres).expect("it is a URL"));
    search.debug(&MySqlStore::connect_lazy(&mysql).expect("it is a URL"));
    let lazy = PostgresStore::connect_lazy(&postgres).expect("it is a URL");
    let invalidation: PostgresInvalidation = lazy.invalidation();
    search.debug(&invalidation);
    let refused = (at("postgres", "127.0.0.1:5432/app"), at("mysql", "127.0.0.1:3306/app"));
    let (one, two, three, four, five) = tokio::join!(
        PostgresStore::connect(&postgres),
        MySqlStore::connect(&mysql),
        PostgresStore::connect(&refused.0),
        MySqlStore::connect(&refused.1),
        invalidation.listen(&Nobody),
    );
    search.error(&one.expect_err("nobody listens"));
    search.error(&two.expect_err("nobody listens"));
    search.error(&three.expect_err("there is no such user"));
    search.error(&four.expect_err("there is no such user"));
    search.error(&five);
}

struct Nobody;

impl InvalidationListener for Nobody {
    fn connected(&self) {}

    fn heard(&self, _: &str) {}
}

/// A name that no other run has.
fn name() -> String {
    let nanos = Utc::now().timestamp_nanos_opt().unwrap_or_default();
    format!("secrets_{}", nanos % 1_000_000_000_000)
}

fn server(variable: &str, standard: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| standard.to_owned())
}

async fn postgres(search: &mut Search) {
    let url = server("OCTANY_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres");
    let mut raw = PgConnection::connect(&url).await.expect("a server is there");
    let schema = name();
    // What the server is told to say of parameters, it says to the client as well.
    let chatty = "options=-c%20log_parameter_max_length_on_error%3D-1";
    let url = format!("{url}{}{chatty}", if url.contains('?') { '&' } else { '?' });
    let store = PostgresStore::connect_lazy(&url).expect("it is a URL");
    search.error(&store.clone().with_prefix("No Prefix").expect_err("it is none"));
    let store = store.with_schema(&schema).expect("it is a name");
    store.migrate().await.expect("it is new");
    search.debug(&store);
    assert!(search_calls(search, &store).await > 0, "NUL is in no text");
    let set = format!("SET search_path = {schema}");
    raw.execute(AssertSqlSafe(set)).await.expect("there is one");
    break_down(search, &store, &mut raw, &SABOTAGE).await;
    store.close().await;
    assert!(search_calls(search, &store).await > 9, "it is closed");
    let drop = format!("DROP SCHEMA {schema} CASCADE");
    raw.execute(AssertSqlSafe(drop)).await.expect("there is one");
}

async fn mysql(search: &mut Search) {
    let url = server("OCTANY_TEST_MYSQL_URL", "mysql://root@127.0.0.1:3306");
    let mut raw = MySqlConnection::connect(&url).await.expect("a server is there");
    let database = name();
    for statement in ["CREATE DATABASE", "USE"] {
        let statement = format!("{statement} {database}");
        raw.execute(AssertSqlSafe(statement)).await.expect("one may");
    }
    let (host, query) = url.split_once('?').unwrap_or((&url, ""));
    let host = host.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let store = MySqlStore::connect(&format!("{host}/{database}?{query}")).await;
    let store = store.expect("it is there");
    search.debug(&store);
    search.error(&store.clone().with_prefix("No Prefix").expect_err("it is none"));
    search_calls(search, &store).await;
    break_down(search, &store, &mut raw, &SABOTAGE).await;
    store.close().await;
    assert!(search_calls(search, &store).await > 9, "it is closed");
    let drop = format!("DROP DATABASE {database}");
    raw.execute(AssertSqlSafe(drop)).await.expect("there is one");
}

async fn sqlite(search: &mut Search) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("app.sqlite");
    let store = SqliteStore::open(&path).await.expect("the file can be made");
    search.debug(&store);
    search_calls(search, &store).await;
    let url = format!("sqlite://{}", path.display());
    let mut raw = SqliteConnection::connect(&url).await.expect("it is there");
    let sabotage = [
        "CREATE TRIGGER no BEFORE INSERT ON octany_subscriptions
         BEGIN SELECT RAISE(ABORT, 'no'); END",
        "CREATE TRIGGER nor BEFORE INSERT ON octany_inbox BEGIN SELECT RAISE(ABORT, 'no'); END",
        "ALTER TABLE octany_deliveries RENAME COLUMN token TO other",
    ];
    break_down(search, &store, &mut raw, &sabotage).await;
    store.close().await;
    std::fs::write(&path, format!("{EMAIL} is no database").repeat(1_000)).expect("it is a file");
    let error = SqliteStore::open(&path).await.expect_err("it is no database");
    search.error(&error);
}
