//! Requests that hold what is planted wherever a request can, and that both servers refuse.

use bytes::Bytes;
use octany_core::signature::SigningSecret;

use crate::app::{App, BODY_LIMIT, IN_FLIGHT};
use crate::planted::{
    API_KEY, EMAIL, NAME, PASSWORD, PORTAL, SESSION, delivery, secret, subscription,
};

/// A request.
pub(crate) struct Sent {
    pub(crate) case: String,
    pub(crate) method: &'static str,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Sent {
    fn new(case: &str, method: &'static str, path: &str) -> Self {
        let mail = EMAIL.replace('@', "%40");
        let headers = vec![
            ("cookie", format!("session={SESSION}")),
            ("authorization", format!("Bearer {API_KEY}")),
            ("referer", PORTAL.to_owned()),
            ("x-mail", EMAIL.to_owned()),
            ("user-agent", NAME.to_owned()),
            ("accept", "application/json".to_owned()),
        ];
        Self {
            case: format!("{method} {path}: {case}"),
            method,
            uri: format!("{path}?mail={mail}&session={SESSION}"),
            headers,
            body: Bytes::new(),
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    fn signed(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let signature = secret().sign(&body).to_string();
        self.with("octany-signature", signature).body(body)
    }
}

/// All of them.
pub(crate) fn all(app: &App) -> Vec<Sent> {
    let mut all = deliveries();
    all.extend(guarded());
    all.extend(billing(app));
    all
}

fn deliveries() -> Vec<Sent> {
    let hook = |case: &str| Sent::new(case, "POST", "/webhook");
    let valid = || delivery("d1", "subscription.updated", &subscription());
    let other = SigningSecret::new(PASSWORD).expect("it is not empty").sign(&valid()).to_string();
    let anew = Bytes::from([valid().as_ref(), b" "].concat());
    let signature = secret().sign(&valid()).to_string();
    let mut all = vec![
        hook("unsigned").body(valid()),
        hook("signed by nobody").with("octany-signature", SESSION).body(valid()),
        hook("signed by another").with("octany-signature", other.clone()).body(valid()),
        hook("signed otherwise").with("octany-signature", signature.clone()).body(anew),
        hook("signed twice")
            .with("octany-signature", signature)
            .with("octany-signature", other)
            .body(valid()),
        hook("in flight").signed(delivery(IN_FLIGHT, "subscription.updated", &subscription())),
        hook("too large").signed(EMAIL.repeat(BODY_LIMIT)),
        hook("not UTF-8").signed([valid().as_ref(), b"\xff"].concat()),
        hook("without data").signed(delivery("d1", "subscription.created", "null")),
        hook("with other data").signed(delivery(
            "d1",
            "subscription.created",
            &format!("\"{NAME}\""),
        )),
        hook("without an id")
            .signed(format!(r#"{{"name":"test.hook","data":{}}}"#, subscription())),
    ];
    for cut in [1, 30, 200, 700] {
        all.push(hook("cut").signed(valid().slice(..cut)));
    }
    for path in ["/webhook/away", "/webhook/fails", "/webhook/panics", "/webhook/bare"] {
        all.push(Sent::new("signed", "POST", path).signed(valid()));
    }
    all.push(Sent::new("unsigned", "POST", "/webhook/bare/body").body(valid()));
    all
}

fn guarded() -> Vec<Sent> {
    let get = |path| Sent::new("nobody", "GET", path);
    let paths = ["/paid", "/paid/pages", "/paid/away", "/paid/session", "/paid/bare"];
    let mut all = Vec::from(paths.map(get));
    for path in paths {
        all.push(Sent::new("a stranger", "GET", path).with("x-user", "stranger"));
    }
    all.push(Sent::new("somebody", "GET", "/paid/away").with("x-user", "user_42"));
    all.push(Sent::new("a stranger", "GET", "/paid/subscribed").with("x-user", "stranger"));
    all.push(get("/paid/subscribed"));
    all.push(get("/paid/bare/decision"));
    all
}

fn billing(app: &App) -> Vec<Sent> {
    let mut all = Vec::new();
    for mount in app.billing.keys() {
        let sent = |case, method, path: &str| Sent::new(case, method, &format!("{mount}/{path}"));
        let subscribe = |case| sent(case, "POST", "subscribe").with("x-user", "user_42");
        let form = |sent: Sent, body: String| {
            sent.with("content-type", "application/x-www-form-urlencoded").body(body)
        };
        all.extend([
            sent("nobody", "GET", "pending"),
            sent("nobody", "GET", "portal/card"),
            sent("somebody", "GET", "portal/card").with("x-user", "user_42"),
            sent("somebody", "GET", "portal/cancel").with("x-user", "user_42"),
            sent("a stranger", "GET", "portal/invoices").with("x-user", "stranger"),
            sent("nowhere", "GET", &format!("portal/{SESSION}")).with("x-user", "user_42"),
            sent("nowhere", "GET", SESSION),
            sent("another method", "DELETE", "pending").with("x-user", "user_42"),
            form(subscribe("from elsewhere").with("origin", PORTAL), format!("product={NAME}")),
            form(subscribe("an unknown product"), format!("product={NAME}&to={EMAIL}")),
            form(subscribe("too large"), EMAIL.repeat(10_000)),
            subscribe("no form").with("content-type", format!("text/{SESSION}")).body(NAME),
        ]);
    }
    all
}
