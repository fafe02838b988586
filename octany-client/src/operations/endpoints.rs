//! Webhook endpoints.

use http::Method;
use serde::Serialize;

use crate::transport::Request;
use crate::{Client, Error};

impl Client {
    /// Registers a URL for webhooks (`POST /webhooks/endpoints`). Its secret is not in the answer:
    /// read it in Octany's admin.
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`Validation`](crate::ErrorKind::Validation) if the URL is none, or is
    /// registered already.
    pub async fn register_endpoint(&self, url: &str) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Endpoint<'a> {
            url: &'a str,
        }
        let request =
            Request::new(Method::POST, &["webhooks", "endpoints"]).json(&Endpoint { url });
        self.transport.send(&request, self.priority).await.map(drop)
    }
}
