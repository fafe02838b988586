//! Plays the recorded month against the application, over real HTTP.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use octany_core::signature::{SIGNATURE_HEADER, SigningSecret};
use octany_entitlement::ManualClock;
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use crate::Error;
use crate::month::{BEGIN, Expected, MONTH, Step};
use crate::settings::Settings;

/// An application that was started.
#[expect(missing_debug_implementations, reason = "half of it is a future")]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Stops it, and returns when it has stopped.
    pub stop: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Starts the application on a free port of this machine.
pub trait Start {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from listening.
    fn start(&self, settings: Settings) -> impl Future<Output = Result<Running, Error>>;
}

impl<F: AsyncFn(Settings) -> Result<Running, Error>> Start for F {
    fn start(&self, settings: Settings) -> impl Future<Output = Result<Running, Error>> {
        self(settings)
    }
}

/// Plays the month and prints who sees the paid page after each step.
///
/// # Errors
///
/// The first answer that is not the expected one.
#[expect(clippy::print_stdout, reason = "it is what a demonstration is for")]
pub async fn run(app: impl Start) -> Result<(), Error> {
    let directory = tempfile::tempdir()?;
    let clock = ManualClock::at(instant(BEGIN)?);
    let settings = Settings {
        database: directory.path().join("paywall.sqlite"),
        secret: SigningSecret::new("a demonstration's secret, 32 ch.")?,
        clock: Arc::new(clock.clone()),
        lease: Duration::from_mins(1),
        mail_delay: Duration::ZERO,
    };

    let mut running = app.start(settings.clone()).await?;
    println!("A month of deliveries against http://{}\n", running.address);
    println!("{:<18} {:<36} {:>7}  Anna's reports (user_42)", "time", "what happens", "webhook");
    for (what, step, expected) in MONTH {
        let mut answered = None;
        match step {
            Step::Until(then) => clock.set(instant(then)?),
            Step::Restart => {
                running.stop.await;
                running = app.start(settings.clone()).await?;
            }
            Step::Deliver(body, status) => {
                answered = Some((deliver(&running, &settings.secret, body).await?, *status));
            }
            Step::Forge(body) => {
                let forger = SigningSecret::new("who does not know the secret")?;
                answered = Some((deliver(&running, &forger, body).await?, 401));
            }
        }
        if let Some((given, expected)) = answered
            && given != expected
        {
            return Err(format!("{what}: the webhook answered {given}, not {expected}").into());
        }
        let seen = look(&running).await?;
        let webhook = answered.map_or("-".to_owned(), |(given, _)| given.to_string());
        let time = octany_entitlement::Clock::now(&clock).format("%e %b %H:%M:%S");
        let door = if seen.anna_sees { "open" } else { "closed" };
        println!("{time:<18} {what:<36} {webhook:>7}  {door:<6} ({})", seen.anna);
        check(what, &seen, *expected)?;
    }
    running.stop.await;
    println!("\n{} steps, and every answer was the expected one.", MONTH.len());
    Ok(())
}

fn instant(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    Ok(DateTime::parse_from_rfc3339(text)?.to_utc())
}

async fn deliver(running: &Running, secret: &SigningSecret, body: &str) -> Result<u16, Error> {
    let response = client()?
        .post(format!("http://{}/octany/webhook", running.address))
        .header(CONTENT_TYPE, "application/json")
        .header(SIGNATURE_HEADER, secret.sign(body.as_bytes()).to_string())
        .body(body.to_owned())
        .send()
        .await?;
    Ok(response.status().as_u16())
}

/// What people see.
struct Seen {
    anna_sees: bool,
    /// Why, from the page about her.
    anna: String,
    mails: String,
    bob_sees: bool,
    nobody: u16,
    free: u16,
    sent_to: Option<String>,
}

async fn look(running: &Running) -> Result<Seen, Error> {
    let get = async |page: &str, user: &str, accept: &str| -> Result<Response, Error> {
        let mut request = client()?.get(format!("http://{}{page}", running.address));
        if !user.is_empty() {
            request = request.header(COOKIE, format!("user={user}"));
        }
        Ok(request.header(ACCEPT, accept).send().await?)
    };
    let json = "application/json";
    let anna = get("/reports", "user_42", json).await?.status().as_u16();
    let bob = get("/reports", "user_43", json).await?.status().as_u16();
    if ![200, 402].contains(&anna) || ![200, 402].contains(&bob) {
        return Err(format!("the paid page answered Anna {anna} and Bob {bob}").into());
    }
    let me = get("/me", "user_42", json).await?.text().await?;
    let browser = get("/reports", "user_42", "text/html").await?;
    Ok(Seen {
        anna_sees: anna == 200,
        anna: definition(&me, "reason")?,
        mails: definition(&me, "welcome mails")?,
        bob_sees: bob == 200,
        nobody: get("/reports", "", json).await?.status().as_u16(),
        free: get("/", "", json).await?.status().as_u16(),
        sent_to: browser
            .headers()
            .get(LOCATION)
            .map(|to| to.to_str().map(str::to_owned))
            .transpose()?,
    })
}

fn check(what: &str, seen: &Seen, expected: Expected) -> Result<(), Error> {
    let open = ["active", "trialing", "paid_until_end", "grace"].contains(&expected.anna);
    let sent_to = (!open).then_some("/pricing");
    for (wrong, about) in [
        (seen.anna != expected.anna, "why Anna's reports are open or not"),
        (seen.anna_sees != open, "whether Anna sees the paid page"),
        (seen.mails != expected.mails.to_string(), "how many mails Anna got"),
        (seen.bob_sees, "whether Bob, who never paid, sees the paid page"),
        (seen.nobody != 401, "what the paid page answers nobody"),
        (seen.free != 200, "whether the free page is open to all"),
        (seen.sent_to.as_deref() != sent_to, "where Anna's browser is sent"),
    ] {
        if wrong {
            return Err(format!("after \"{what}\", it is wrong {about}").into());
        }
    }
    Ok(())
}

/// What the page about a user says of a term.
fn definition(page: &str, term: &str) -> Result<String, Error> {
    let (_, rest) = page
        .split_once(&format!("<dt>{term}</dt><dd>"))
        .ok_or_else(|| format!("the page about a user says nothing of {term}"))?;
    Ok(rest.split('<').next().unwrap_or_default().to_owned())
}

/// One connection a request: the application is restarted in between.
fn client() -> Result<Client, reqwest::Error> {
    Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).no_proxy().build()
}
