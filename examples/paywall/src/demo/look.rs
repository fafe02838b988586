//! What people see of the application, and whether they should.

use reqwest::header::{ACCEPT, COOKIE, LOCATION};
use reqwest::{Client, Response};

use super::octany::Octany;
use super::visitor::client;
use crate::Error;

/// What must be true after a step.
#[derive(Clone, Copy)]
pub(super) struct Expected {
    anna_sees: bool,
    reason: &'static str,
    until: &'static str,
    mails: u32,
}

impl Expected {
    pub(super) fn open(reason: &'static str, mails: u32) -> Self {
        Self { anna_sees: true, reason, until: "-", mails }
    }

    pub(super) fn closed(reason: &'static str) -> Self {
        Self { anna_sees: false, reason, until: "-", mails: 0 }
    }

    pub(super) fn until(self, until: &'static str) -> Self {
        Self { until, ..self }
    }

    pub(super) fn mails(self, mails: u32) -> Self {
        Self { mails, ..self }
    }
}

/// Looks at the application.
pub(super) struct Look {
    pub(super) app: String,
    http: Client,
    octany: Octany,
}

/// What people see.
struct Seen {
    anna_sees: bool,
    /// Why, from the page about her.
    reason: String,
    /// The day on which that ends by itself.
    until: String,
    mails: String,
    bob_sees: bool,
    nobody: u16,
    free: u16,
    sent_to: Option<String>,
}

impl Look {
    pub(super) fn new(app: &str, octany: Octany) -> Result<Self, Error> {
        Ok(Self { app: app.to_owned(), http: client()?, octany })
    }

    /// What the columns say.
    pub(super) const HEADING: &str = "        what happens                                Anna's reports            until        mails";

    /// Looks at everything, prints it, and compares.
    #[expect(clippy::print_stdout, reason = "it is what a demonstration is for")]
    pub(super) async fn after(&self, step: &str, expected: Expected) -> Result<(), Error> {
        let seen = self.look().await?;
        let door = if seen.anna_sees { "open" } else { "closed" };
        let Seen { reason, until, mails, .. } = &seen;
        let day = self.octany.day();
        println!("{day}  {step:<43} {door:<8} {reason:<16} {until:<12} {mails}");
        check(step, &seen, expected)
    }

    async fn look(&self) -> Result<Seen, Error> {
        let json = "application/json";
        let anna = self.get("/reports", "user_42", json).await?.status().as_u16();
        let bob = self.get("/reports", "user_43", json).await?.status().as_u16();
        if ![200, 402].contains(&anna) || ![200, 402].contains(&bob) {
            return Err(format!("the paid page answered Anna {anna} and Bob {bob}").into());
        }
        let me = self.get("/me", "user_42", json).await?.text().await?;
        let browser = self.get("/reports", "user_42", "text/html").await?;
        let sent_to = browser.headers().get(LOCATION).map(|to| to.to_str().map(str::to_owned));
        Ok(Seen {
            anna_sees: anna == 200,
            reason: definition(&me, "reason")?,
            until: definition(&me, "until")?.split('T').next().unwrap_or_default().to_owned(),
            mails: definition(&me, "welcome mails")?,
            bob_sees: bob == 200,
            nobody: self.get("/reports", "", json).await?.status().as_u16(),
            free: self.get("/", "", json).await?.status().as_u16(),
            sent_to: sent_to.transpose()?,
        })
    }

    async fn get(&self, page: &str, user: &str, accept: &str) -> Result<Response, Error> {
        let request = self.http.get(format!("{}{page}", self.app)).header(ACCEPT, accept);
        let request = match user {
            "" => request,
            user => request.header(COOKIE, format!("user={user}")),
        };
        Ok(request.send().await?)
    }
}

fn check(step: &str, seen: &Seen, expected: Expected) -> Result<(), Error> {
    let sent_to = (!expected.anna_sees).then_some("/pricing");
    for (wrong, about) in [
        (seen.anna_sees != expected.anna_sees, "whether Anna sees the paid page"),
        (seen.reason != expected.reason, "why Anna's reports are open or not"),
        (seen.until != expected.until, "until when Anna's reports are open"),
        (seen.mails != expected.mails.to_string(), "how many mails Anna got"),
        (seen.bob_sees, "whether Bob sees the paid page, who did not pay what it costs"),
        (seen.nobody != 401, "what the paid page answers nobody"),
        (seen.free != 200, "whether the free page is open to all"),
        (seen.sent_to.as_deref() != sent_to, "where Anna's browser is sent"),
    ] {
        if wrong {
            return Err(format!("after \"{step}\", it is wrong {about}").into());
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
