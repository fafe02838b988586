//! What is asked.

use bytes::Bytes;
use http::Method;
use serde::Serialize;
use url::Url;

use crate::error::Failure;
use crate::{Error, ErrorKind};

/// A request to be sent, as often as it takes.
#[derive(Clone)]
pub(crate) struct Request {
    /// What errors and logs call it.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// Below the account.
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Bytes>,
}

impl Request {
    pub(crate) fn get(operation: &'static str, path: &[&str]) -> Self {
        Self::new(operation, Method::GET, path)
    }

    pub(crate) fn post(operation: &'static str, path: &[&str]) -> Self {
        Self::new(operation, Method::POST, path)
    }

    pub(crate) fn delete(operation: &'static str, path: &[&str]) -> Self {
        Self::new(operation, Method::DELETE, path)
    }

    fn new(operation: &'static str, method: Method, path: &[&str]) -> Self {
        let path = path.iter().map(|segment| (*segment).to_owned()).collect();
        Self { operation, method, path, query: Vec::new(), body: None }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a request's body has string keys");
        self.body = Some(body.into());
        self
    }

    /// Says what is asked for, instead of what was said before.
    pub(crate) fn query(&mut self, name: &'static str, value: impl Into<String>) {
        self.query.retain(|(known, _)| *known != name);
        self.query.push((name, value.into()));
    }

    /// Says it beside what was said before, with a comma between.
    pub(crate) fn query_another(&mut self, name: &'static str, value: &str) {
        match self.query.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(value);
            }
            None => self.query.push((name, value.to_owned())),
        }
    }

    /// Where it goes, below the account's URL.
    pub(crate) fn url(&self, account: &Url) -> Result<Url, Error> {
        if !self.path.iter().all(|segment| is_segment(segment)) {
            let failure = Failure::new(ErrorKind::Validation);
            return Err(Error::new(self.operation, &self.method, 0, failure));
        }
        let mut url = account.clone();
        url.path_segments_mut().expect("it was extended by the account").extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}

/// Whether a text stands for itself in a path. The others would lead to another operation.
pub(crate) fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
}
