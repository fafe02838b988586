//! Somebody in front of a browser: follows where they are sent, and fills in forms.

use std::cell::Cell;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};

use crate::Error;

/// So long the page that waits waits for a payment.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody in front of a browser.
pub(super) struct Visitor {
    http: Client,
    app: Url,
    cookie: Cell<Option<String>>,
}

/// Where somebody was led, and what they find there.
pub(super) struct Page {
    url: Url,
    text: String,
}

impl Visitor {
    pub(super) fn new(app: &str) -> Result<Self, Error> {
        Ok(Self { http: client()?, app: app.parse()?, cookie: Cell::default() })
    }

    pub(super) async fn sign_in(&self, user: &str) -> Result<(), Error> {
        let url = self.app.join(&format!("/sign-in?user={user}"))?;
        let answer = self.http.get(url).send().await?;
        let cookie = answer.headers().get(SET_COOKIE).ok_or("signing in sets no cookie")?;
        let cookie = cookie.to_str()?.split(';').next().map(str::to_owned);
        self.cookie.set(cookie);
        Ok(())
    }

    /// Presses the button on the paywall, and gives the URL of the checkout.
    pub(super) async fn subscribe(&self) -> Result<String, Error> {
        let paywall = self.open(self.app.join("/reports")?).await?;
        paywall.is_at(&self.app, "/pricing")?;
        let form = [("return_to", "/reports")];
        let url = self.app.join("/billing/subscribe")?;
        let answer = self.with_cookie(self.http.post(url.clone()).form(&form), &url);
        leads_to(&answer.send().await?).map(str::to_owned)
    }

    /// Tries to pay, and is told that it failed.
    pub(super) async fn is_declined(&self, checkout: &str) -> Result<(), Error> {
        let told = self.check_out(checkout, "fail").await?;
        told.text
            .contains("role=\"alert\"")
            .then_some(())
            .ok_or("nobody says that it failed".into())
    }

    /// Pays, and is back in the app.
    pub(super) async fn pay(&self, checkout: &str) -> Result<(), Error> {
        let back = self.check_out(checkout, "pay").await?;
        if back.url.origin() != self.app.origin() {
            return Err(format!("who has paid is not in the app, but at {}", back.url).into());
        }
        Ok(())
    }

    async fn check_out(&self, checkout: &str, action: &str) -> Result<Page, Error> {
        let page = self.open(checkout.parse()?).await?;
        let form = [("action", action), ("method", "card"), ("email", "anna@example.com")];
        self.submit(page.url, &form).await
    }

    /// Asks as the page that waits does, until it may go on.
    pub(super) async fn wait_to_be_sent_on(&self) -> Result<(), Error> {
        let status = self.app.join("/billing/pending/status?to=/reports")?;
        let since = Instant::now();
        while !self.open(status.clone()).await?.text.contains("\"ready\":true") {
            if since.elapsed() > PATIENCE {
                return Err("the page waits for a payment that was made".into());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    /// Cancels, on the page in the portal that the app leads to.
    pub(super) async fn cancel(&self) -> Result<(), Error> {
        let portal = self.open(self.app.join("/billing/portal/cancel")?).await?;
        let told = self.submit(portal.url, &[("confirm", "yes")]).await?;
        let is_done = told.text.contains("The subscription is cancelled");
        is_done.then_some(()).ok_or("nobody says that it is cancelled".into())
    }

    async fn open(&self, url: Url) -> Result<Page, Error> {
        let answer = self.with_cookie(self.http.get(url.clone()), &url).send().await?;
        self.follow(url, answer).await
    }

    async fn submit(&self, url: Url, form: &[(&str, &str)]) -> Result<Page, Error> {
        let sent = self.with_cookie(self.http.post(url.clone()).form(form), &url);
        let answer = sent.send().await?;
        self.follow(url, answer).await
    }

    async fn follow(&self, mut url: Url, mut answer: Response) -> Result<Page, Error> {
        while answer.status().is_redirection() {
            url = url.join(leads_to(&answer)?)?;
            answer = self.with_cookie(self.http.get(url.clone()), &url).send().await?;
        }
        let answer = answer.error_for_status()?;
        Ok(Page { url, text: answer.text().await? })
    }

    /// The cookie is for the app only.
    fn with_cookie(&self, request: RequestBuilder, url: &Url) -> RequestBuilder {
        let request = request.header(ACCEPT, "text/html");
        let cookie = self.cookie.take();
        self.cookie.set(cookie.clone());
        match cookie.filter(|_| url.origin() == self.app.origin()) {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }
}

impl Page {
    fn is_at(&self, app: &Url, path: &str) -> Result<(), Error> {
        if self.url != app.join(path)? {
            return Err(format!("expected {path}, and was led to {}", self.url).into());
        }
        Ok(())
    }
}

fn leads_to(answer: &Response) -> Result<&str, Error> {
    let to = answer.headers().get(LOCATION);
    Ok(to.ok_or_else(|| format!("{} leads nowhere", answer.url().path()))?.to_str()?)
}

/// Whoever follows where they are led sees each step.
pub(super) fn client() -> Result<Client, reqwest::Error> {
    // One connection a request: the application is restarted in between.
    Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0).no_proxy().build()
}
