//! Webhook endpoints.

use serde::Serialize;

use crate::transport::Request;
use crate::{Client, Error, decode};

impl Client {
    /// Registers a URL for webhooks (`POST /webhooks/endpoints`). Its secret is not in the answer:
    /// read it in Octany's admin.
    ///
    /// # Errors
    ///
    /// [`Error`], of kind [`Validation`](crate::ErrorKind::Validation) if the URL is none, or is
    /// registered already; [`fields`](Error::fields) may say which.
    pub async fn register_endpoint(&self, url: &str) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Endpoint<'a> {
            url: &'a str,
        }
        let request = Request::post("endpoint.register", &["webhooks", "endpoints"]);
        self.call(&request.json(&Endpoint { url }), decode::nothing).await
    }
}
