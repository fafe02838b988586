//! Somebody in front of a browser, who looks at each answer before going on.

use http::StatusCode;
use reqwest::{Client, Response, redirect};
use serde::Deserialize;

use super::app::App;

pub(crate) struct Visitor {
    http: Client,
    base: String,
    name: &'static str,
}

/// What the page that waits is told.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) ready: bool,
    pub(crate) redirect: Option<String>,
}

impl Visitor {
    pub(crate) fn of(app: &App, name: &'static str) -> Self {
        let http = Client::builder().redirect(redirect::Policy::none()).no_proxy().build();
        Self { http: http.expect("it can be built"), base: app.base.clone(), name }
    }

    /// Looks at a page of the app, or elsewhere.
    pub(crate) async fn get(&self, url: &str) -> Response {
        let url = if url.starts_with('/') { format!("{}{url}", self.base) } else { url.to_owned() };
        let asked = self.http.get(url).header("x-user", self.name).header("accept", "text/html");
        asked.send().await.expect("it answers")
    }

    pub(crate) async fn sees_reports(&self) -> bool {
        self.get("/reports").await.status() == StatusCode::OK
    }

    /// Presses the button, and gives where it leads.
    pub(crate) async fn subscribe(&self) -> String {
        let url = format!("{}/billing/subscribe", self.base);
        let form = [("return_to", "/reports")];
        let sent = self.http.post(url).header("x-user", self.name).form(&form).send().await;
        location(&sent.expect("it answers"))
    }

    /// Goes through the checkout at this URL, and gives where it leads.
    pub(crate) async fn pay(&self, checkout: &str, method: &str) -> String {
        let opened = self.get(checkout).await;
        let page = reqwest::Url::parse(checkout).expect("it is a URL");
        let page = page.join(&location(&opened)).expect("it is a URL");
        let form = [("action", "pay"), ("method", method)];
        let paid = self.http.post(page).form(&form).send().await.expect("it answers");
        location(&paid)
    }

    /// Asks as the page that waits does.
    pub(crate) async fn status(&self) -> Status {
        let answer = self.get("/billing/pending/status?to=/reports").await;
        assert_eq!(answer.status(), StatusCode::OK);
        serde_json::from_str(&answer.text().await.expect("it is text")).expect("it is a status")
    }
}

pub(crate) fn location(response: &Response) -> String {
    let location = response.headers().get("location").expect("it leads somewhere");
    location.to_str().expect("it is text").to_owned()
}
