//! `octany-actix`, through its service.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::body::to_bytes;
use actix_web::dev::{Payload, Service, ServiceRequest, Transform};
use actix_web::error::InternalError;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{self, Data};
use actix_web::{App as Actix, FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use octany_actix::answer::StandardAnswers;
use octany_actix::{
    ActiveSubscription, BillingRoutes, Decision, GuardRejection, OctanyEvent, OctanyWebhookLayer,
    RequireSubscription, Subscribed, SubscribedRejection, VerifiedBody, WebhookRejection,
    acknowledge,
};
use octany_core::ReferenceId;
use octany_entitlement::Subscriber;

use crate::app::{App, BODY_LIMIT, User};
use crate::planted::{EMAIL, SESSION, delivery, secret, subscription, verifier};
use crate::requests::{Sent, all};
use crate::search::Search;

type Shared = Rc<RefCell<Search>>;

/// What cannot be had from outside: how a layer identifies.
const OWN: [&str; 3] = [
    "octany_actix::guard::subject::FromAsync",
    "octany_actix::guard::subject::FromExtension",
    "octany_actix::guard::subject::FromHttpRequest",
];

#[actix_web::test]
async fn nothing_planted_is_shown_by_actix() {
    let search = Shared::new(RefCell::new(Search::of("octany-actix").without(&OWN)));
    let app = App::new().await;
    let service = Actix::new()
        .wrap_fn(|request: ServiceRequest, service| {
            sign_in(&request);
            service.call(request)
        })
        .app_data(Data::new(search.clone()))
        .configure(|config| webhooks(config, &app))
        .configure(|config| guarded(config, &app));
    let service = init_service(service).await;
    for sent in all(&app) {
        let case = sent.case.clone();
        let response = match service.call(request(sent).to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            // Those of a handler that panics.
            Err(error) => {
                search.borrow_mut().text(&case, &format!("{error} {error:?} {error:#?}"));
                error.as_response_error().error_response()
            }
        };
        let (head, body) = response.into_parts();
        let body = to_bytes(body).await.unwrap_or_else(|_| unreachable!("it is in memory"));
        let headers = head.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
        search.borrow_mut().answer(&case, head.status().as_u16(), headers, &body);
    }
    // Those that pass, whose handlers show what they were given.
    let body = delivery("d2", "subscription.updated", &subscription());
    let signature = || ("octany-signature", secret().sign(&body).to_string());
    let post = |path| TestRequest::post().uri(path).insert_header(signature());
    let get = |path| TestRequest::get().uri(path).insert_header(("x-user", "user_42"));
    for request in [
        post("/shown/event").set_payload(body.clone()),
        post("/shown/body").set_payload(body.clone()),
        get("/shown/subscription"),
        get("/shown/decision"),
        get("/shown/subscribed"),
    ] {
        let answer = service.call(request.to_request()).await.expect("it is answered");
        assert_eq!(answer.status(), 200, "{}", answer.request().path());
    }
    drop(service);
    let search = Rc::into_inner(search).expect("nobody else has it");
    let mut search = search.into_inner();
    layers(&mut search, &app).await;
    search.end(320);
}

fn request(sent: Sent) -> TestRequest {
    let method = Method::from_bytes(sent.method.as_bytes()).expect("it is one");
    let mut request = TestRequest::with_uri(&sent.uri).method(method).set_payload(sent.body);
    for (name, value) in sent.headers {
        request = request.append_header((name, value));
    }
    request
}

/// Layers, their services and futures, with requests in them.
async fn layers(search: &mut Search, app: &App) {
    let sent = || request(all(app).into_iter().next().expect("there are some"));
    let hook = OctanyWebhookLayer::new(verifier()).receiver(app.receiver.clone());
    search.debug(&hook);
    let hook = hook.new_transform(Plain).await.expect("nothing can fail");
    search.debug(&hook);
    search.debug(&hook.call(sent().to_srv_request()));
    let guard = RequireSubscription::new(app.gate.clone(), User::reference);
    search.debug(&guard);
    search.debug(&guard.clone().pages(app.pages.clone()));
    let guard = guard.new_transform(Plain).await.expect("nothing can fail");
    search.debug(&guard);
    search.debug(&guard.call(sent().to_srv_request()));
    for billing in app.billing.values() {
        let routes = BillingRoutes::new(billing.clone(), User::reference);
        search.debug(&routes);
        search.debug(&Service::<ServiceRequest>::call(&routes, sent().to_srv_request()));
    }
    let (request, mut payload) = sent().app_data(verifier()).to_http_parts();
    search.debug(&OctanyEvent::from_request(&request, &mut payload));
    search.debug(&StandardAnswers);
    let user = InternalError::new("nobody is signed in", StatusCode::UNAUTHORIZED);
    search.debug(&SubscribedRejection::User(user));
}

/// A service that is never asked.
#[derive(Debug)]
struct Plain;

impl Service<ServiceRequest> for Plain {
    type Response = actix_web::dev::ServiceResponse;
    type Error = actix_web::Error;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    actix_web::dev::always_ready!();

    fn call(&self, request: ServiceRequest) -> Self::Future {
        ready(Ok(request.into_response(HttpResponse::Ok())))
    }
}

fn webhooks(config: &mut web::ServiceConfig, app: &App) {
    let hook = || OctanyWebhookLayer::new(verifier()).body_limit(BODY_LIMIT);
    let at = |path: &str| web::resource(path.to_owned());
    config
        .service(
            at("/webhook")
                .route(web::post().to(acknowledge))
                .wrap(hook().receiver(app.receiver.clone())),
        )
        .service(
            at("/webhook/away")
                .route(web::post().to(acknowledge))
                .wrap(hook().receiver(app.away.clone())),
        )
        .service(at("/webhook/fails").route(web::post().to(fails)).wrap(hook()))
        .service(at("/webhook/panics").route(web::post().to(panics)).wrap(hook()))
        .service(at("/webhook/bare").route(web::post().to(bare)))
        .service(at("/webhook/bare/body").app_data(verifier()).route(web::post().to(bare_body)))
        .service(at("/shown/event").route(web::post().to(event_shown)).wrap(hook()))
        .service(at("/shown/body").route(web::post().to(body_shown)).wrap(hook()));
}

fn guarded(config: &mut web::ServiceConfig, app: &App) {
    let guard = || RequireSubscription::new(app.gate.clone(), User::reference);
    let away = RequireSubscription::new(app.gate_away.clone(), User::reference);
    let by_session =
        RequireSubscription::from_async(app.gate.clone(), async |_: HttpRequest| App::session());
    let paid = |path: &str| web::resource(path.to_owned()).route(web::get().to(subscription_shown));
    config
        .app_data(app.gate.clone())
        .service(paid("/paid").wrap(guard()))
        .service(paid("/paid/pages").wrap(guard().pages(app.pages.clone())))
        .service(paid("/paid/away").wrap(away))
        .service(paid("/paid/session").wrap(by_session))
        .service(web::resource("/paid/bare").route(web::get().to(bare_guard)))
        .service(web::resource("/paid/bare/decision").route(web::get().to(decision_shown)))
        .service(web::resource("/paid/subscribed").route(web::get().to(bare_subscribed)))
        .service(paid("/shown/subscription").wrap(guard()))
        .service(
            web::resource("/shown/decision").route(web::get().to(decision_shown)).wrap(guard()),
        )
        .service(web::resource("/shown/subscribed").route(web::get().to(subscribed_shown)));
    for (mount, billing) in &app.billing {
        let routes = BillingRoutes::new(billing.clone(), User::reference);
        config.service(web::scope(mount).service(routes));
    }
}

fn sign_in(request: &ServiceRequest) {
    let user = request.headers().get("x-user").and_then(|user| user.to_str().ok());
    if let Some(user) = user {
        request.extensions_mut().insert(User(user.to_owned()));
    }
}

async fn fails(_: OctanyEvent) -> HttpResponse {
    HttpResponse::InternalServerError().finish()
}

async fn panics(event: OctanyEvent) -> HttpResponse {
    unreachable!("{event:?} of {EMAIL} in {SESSION}")
}

async fn bare(
    search: Data<Shared>,
    event: Result<OctanyEvent, WebhookRejection>,
) -> Result<HttpResponse, WebhookRejection> {
    Err(rejected(&search, event.expect_err("there is no layer")))
}

async fn bare_body(
    search: Data<Shared>,
    body: Result<VerifiedBody, WebhookRejection>,
) -> Result<HttpResponse, WebhookRejection> {
    Err(rejected(&search, body.expect_err("it is not signed")))
}

fn rejected(search: &Shared, rejection: WebhookRejection) -> WebhookRejection {
    let mut search = search.borrow_mut();
    search.error(&rejection);
    search.text("a body", &rejection.body_text());
    rejection
}

async fn bare_guard(
    search: Data<Shared>,
    subscription: Result<ActiveSubscription, GuardRejection>,
) -> Result<HttpResponse, GuardRejection> {
    let rejection = subscription.expect_err("there is no guard");
    search.borrow_mut().error(&rejection);
    search.borrow_mut().text("a body", &rejection.body_text());
    Err(rejection)
}

async fn bare_subscribed(
    search: Data<Shared>,
    subscribed: Result<Subscribed<SignedIn>, SubscribedRejection<Anybody>>,
) -> Result<HttpResponse, actix_web::Error> {
    let rejection = subscribed.expect_err("nobody has paid");
    search.borrow_mut().debug(&rejection);
    Err(rejection.into())
}

async fn event_shown(search: Data<Shared>, event: OctanyEvent) -> HttpResponse {
    search.borrow_mut().debug(&event);
    HttpResponse::Ok().finish()
}

async fn body_shown(search: Data<Shared>, body: VerifiedBody) -> HttpResponse {
    search.borrow_mut().debug(&body);
    HttpResponse::Ok().finish()
}

async fn subscription_shown(search: Data<Shared>, paid: ActiveSubscription) -> HttpResponse {
    search.borrow_mut().debug(&paid);
    HttpResponse::Ok().finish()
}

async fn decision_shown(search: Data<Shared>, decision: Decision) -> HttpResponse {
    search.borrow_mut().debug(&decision);
    HttpResponse::Ok().finish()
}

async fn subscribed_shown(search: Data<Shared>, subscribed: Subscribed<SignedIn>) -> HttpResponse {
    search.borrow_mut().debug(&subscribed);
    HttpResponse::Ok().finish()
}

/// A user that can be extracted.
#[derive(Debug)]
struct SignedIn(ReferenceId);

impl Subscriber for SignedIn {
    fn reference_id(&self) -> Option<ReferenceId> {
        Some(self.0.clone())
    }
}

/// Nobody is signed in.
#[derive(Debug)]
struct Anybody;

impl std::fmt::Display for Anybody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nobody is signed in")
    }
}

impl ResponseError for Anybody {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }
}

impl FromRequest for SignedIn {
    type Error = Anybody;
    type Future = Ready<Result<Self, Anybody>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user = request.extensions().get::<User>().map(|user| Self(user.reference()));
        ready(user.ok_or(Anybody))
    }
}
