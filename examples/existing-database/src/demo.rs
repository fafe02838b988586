//! Two months of two members.

use std::error::Error;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use existing_database::{Memberships, SCHEMA};
use octany_core::signature::{SigningSecret, Verifier};
use octany_core::{AccessPolicy, Event};
use octany_entitlement::{Gate, ManualClock, OnOutage, Receipt, Receiver};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

/// Where the demonstration makes its tables.
pub(crate) const NAMESPACE: &str = "octany_existing_database_demo";

/// Members as the app knows them. The checkout of each is given the number as `referenceId`.
const MEMBERS: &str = "
    INSERT INTO members (id, email) VALUES (1, 'anna@example.com'), (2, 'bo@example.com');
    INSERT INTO memberships (member_ref, plan_code, state) VALUES ('2', 'honorary', 'active')";

const ANNA: i64 = 1;
const BO: i64 = 2;

/// What the app asks its own tables, as ever.
const CHARGED_NEXT: &str = "
    SELECT email, to_char(next_charge_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    FROM memberships JOIN members ON members.id = member_id
    WHERE next_charge_at IS NOT NULL ORDER BY next_charge_at";

#[expect(clippy::print_stdout, reason = "it is a demonstration")]
pub(crate) async fn run(url: &str) -> Result<(), Box<dyn Error>> {
    let pool = make_tables(url).await?;
    let clock = ManualClock::at(DateTime::from_str("2026-03-01T12:00:05Z")?);
    let store = Memberships::new(pool.clone());
    let receiver = Receiver::builder().store(store.clone()).deliveries(store.clone());
    let receiver = receiver.clock(clock.clone()).build();
    let gate = Gate::new(store, AccessPolicy::new(), OnOutage::Deny).clock(clock.clone());

    println!("{:42} {:32} bo", "", "anna");
    show("nobody has paid", &gate).await;

    let created = json!({"id": 7, "status": "active", "reference_id": ANNA.to_string(),
        "product": {"id": 42}, "renews_at": "2026-04-01T12:00:00Z"});
    receive(&receiver, "d1", "subscription.created", "2026-03-01T12:00:00Z", &created).await?;
    show("anna pays", &gate).await;
    receive(&receiver, "d1", "subscription.created", "2026-03-01T12:00:00Z", &created).await?;
    show("the same delivery again", &gate).await;

    let orphan = json!({"id": 8, "status": "active"});
    receive(&receiver, "d2", "subscription.created", "2026-03-02T09:00:00Z", &orphan).await?;
    show("somebody pays, and nobody knows who", &gate).await;
    let owned = json!({"id": 8, "status": "active", "reference_id": BO.to_string(),
        "renews_at": "2026-04-02T09:00:00Z"});
    receive(&receiver, "d3", "subscription.updated", "2026-03-02T10:00:00Z", &owned).await?;
    show("it was bo", &gate).await;

    let cancelled = json!({"id": 7, "status": "cancelled", "reference_id": ANNA.to_string(),
        "product": {"id": 42}, "ends_at": "2026-04-01T12:00:00Z"});
    receive(&receiver, "d5", "subscription.cancelled", "2026-03-10T08:30:00Z", &cancelled).await?;
    show("anna cancels; her time is paid", &gate).await;
    receive(&receiver, "d4", "subscription.updated", "2026-03-05T08:00:00Z", &created).await?;
    show("an update from before comes late", &gate).await;
    for (email, day) in sqlx::query_as::<_, (String, String)>(CHARGED_NEXT).fetch_all(&pool).await?
    {
        println!("    charged next, says the app: {email} on {day}");
    }

    clock.set(DateTime::from_str("2026-04-01T12:00:00Z")?);
    show("the paid time is over", &gate).await;
    pool.close().await;
    show("the database is away", &gate).await;
    Ok(())
}

async fn make_tables(url: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.options([("search_path", NAMESPACE)]);
    let pool =
        PgPoolOptions::new().acquire_timeout(Duration::from_secs(5)).connect_with(options).await?;
    let anew = format!(
        "SET client_min_messages TO warning; \
         DROP SCHEMA IF EXISTS {NAMESPACE} CASCADE; CREATE SCHEMA {NAMESPACE};"
    );
    sqlx::raw_sql(AssertSqlSafe(anew)).execute(&pool).await?;
    sqlx::raw_sql(SCHEMA).execute(&pool).await?;
    sqlx::raw_sql(MEMBERS).execute(&pool).await?;
    Ok(pool)
}

/// A delivery as Octany makes it, signed, on its whole way into the tables.
#[expect(clippy::print_stdout, reason = "it is a demonstration")]
async fn receive(
    receiver: &Receiver,
    delivery: &str,
    name: &str,
    at: &str,
    data: &Value,
) -> Result<(), Box<dyn Error>> {
    let body = json!({"id": delivery, "name": name, "account": 2112, "created_at": at,
        "data": data});
    let body = body.to_string();
    let secret = SigningSecret::new("0123456789abcdef0123456789abcdef")?;
    let signature = secret.sign(body.as_bytes());
    let event = Event::parse(Verifier::new(secret).verify(body.into(), &signature, Utc::now)?)?;
    let handler = async || Ok::<_, std::io::Error>(());
    if receiver.receive(&event, handler).await? == Receipt::Duplicate {
        println!("    {delivery} was dealt with before");
    }
    Ok(())
}

/// The three outcomes.
#[expect(clippy::print_stdout, reason = "it is a demonstration")]
async fn show(what: &str, gate: &Gate) {
    let mut line = vec![format!("{what:42}")];
    for member in [ANNA, BO] {
        let decision = gate.decide(&member.to_string().as_str().into()).await;
        let decision = match decision {
            Ok(decision) if decision.is_allowed() => format!("allowed ({})", decision.reason()),
            Ok(decision) => format!("denied ({})", decision.reason()),
            Err(_) => "could not tell".to_owned(),
        };
        line.push(format!("{decision:32}"));
    }
    println!("{}", line.join(" ").trim_end());
}
