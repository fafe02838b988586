//! How bodies are read.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use octany_axum::OctanyWebhookLayer;
use octany_core::signature::VerifiedBody;
use octany_entitlement::Refusal;
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{Script, Step, layer, memory, secret, test_hook};

const LIMIT: usize = 1024 * 1024;
const KIB: &[u8] = &[b'x'; 1024];

fn send(signed: &[u8], body: Script) -> Request<Script> {
    let signature = secret().sign(signed).to_string();
    Request::post("/").header("octany-signature", signature).body(body).unwrap()
}

/// Echoes what was verified.
async fn call(layer: OctanyWebhookLayer, request: Request<Script>) -> Response<Full<Bytes>> {
    let echo = service_fn(|request: Request<Script>| async move {
        let verified: &VerifiedBody = request.extensions().get().unwrap();
        Ok::<_, Infallible>(Response::new(Full::new(verified.bytes().clone())))
    });
    layer.layer(echo).oneshot(request).await.unwrap()
}

fn refusal(response: &Response<Full<Bytes>>) -> &Refusal {
    response.extensions().get().unwrap()
}

async fn bytes(response: Response<Full<Bytes>>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

#[tokio::test]
async fn the_header_is_refused_before_the_body_is_polled() {
    let body = Script::forever(KIB);
    let polls = body.polls.clone();
    let response = call(layer(), Request::post("/").body(body).unwrap()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(polls.count(), 0);
}

#[tokio::test]
async fn a_body_announced_as_too_large_is_refused_before_it_is_polled() {
    for length in ["1048577", "18446744073709551615"] {
        let body = Script::forever(KIB);
        let polls = body.polls.clone();
        let mut request = send(b"", body);
        request.headers_mut().insert("content-length", length.parse().unwrap());
        let response = call(memory().1, request).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(matches!(refusal(&response), Refusal::TooLarge { limit: LIMIT }));
        assert_eq!(polls.count(), 0);
    }
    let body = Script::forever(KIB).hint(LIMIT as u64 + 1);
    let polls = body.polls.clone();
    assert_eq!(call(layer(), send(b"", body)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(polls.count(), 0);
}

#[tokio::test]
async fn a_body_without_end_is_read_up_to_the_limit_and_no_further() {
    let body = Script::forever(KIB);
    let polls = body.polls.clone();
    let response = call(layer(), send(b"", body)).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(polls.count(), LIMIT / KIB.len() + 1);
}

#[tokio::test]
async fn a_body_that_exceeds_the_limit_in_one_frame_is_refused() {
    let response = call(layer().body_limit(1023), send(KIB, Script::new([Step::Data(KIB)]))).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_accepted() {
    let layer = layer().body_limit(1024);
    let mut request = send(KIB, Script::new([Step::Data(&KIB[..1000]), Step::Data(&KIB[1000..])]));
    request.headers_mut().insert("content-length", "1024".parse().unwrap());
    let response = call(layer, request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(bytes(response).await, KIB);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_answered_408_after_ten_seconds() {
    let start = Instant::now();
    let request = send(b"{}", Script::new([Step::Data(b"{"), Step::Stall]));
    let response = call(layer(), request).await;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert!(matches!(refusal(&response), Refusal::TimedOut));
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_wins_no_time() {
    let start = Instant::now();
    let trickle = (0..1000).flat_map(|_| [Step::Wait(Duration::from_secs(1)), Step::Data(b"x")]);
    let layer = layer().body_timeout(Duration::from_millis(3500));
    let response = call(layer, send(b"", Script::new(trickle))).await;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(start.elapsed().as_millis(), 3500);
}

#[tokio::test]
async fn frames_without_content_neither_block_the_runtime_nor_last_for_ever() {
    let layer = layer().body_timeout(Duration::from_millis(50));
    let other_task = tokio::spawn(tokio::task::yield_now());
    let response = call(layer, send(b"", Script::forever(b""))).await;
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert!(other_task.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_that_is_complete_in_time_is_accepted() {
    let steps = [Step::Data(b"{"), Step::Wait(Duration::from_secs(9)), Step::Data(b"}")];
    let response = call(layer(), send(b"{}", Script::new(steps))).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_answered_400() {
    let request = send(b"{}", Script::new([Step::Data(b"{}"), Step::Fail]));
    let response = call(memory().1, request).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(matches!(refusal(&response), Refusal::Interrupted));
}

#[tokio::test]
async fn a_body_of_one_frame_is_not_copied() {
    for layer in [layer(), memory().1] {
        let sent = Bytes::from(test_hook(1));
        let steps = [Step::Data(b""), Step::Share(sent.clone()), Step::Data(b""), Step::Trailers];
        let request = send(&sent, Script::new(steps));
        let expected = sent.as_ptr();
        let service = layer.layer(service_fn(move |request: Request<Script>| async move {
            let verified: &VerifiedBody = request.extensions().get().unwrap();
            assert_eq!(verified.bytes().as_ptr(), expected);
            let body = request.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body.as_ptr(), expected);
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }));
        assert_eq!(service.oneshot(request).await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_body_of_many_frames_is_put_together() {
    let sent = test_hook(1).repeat(100);
    let frames: Vec<_> =
        sent.as_bytes().chunks(7).map(|frame| Step::Share(Bytes::copy_from_slice(frame))).collect();
    let response = call(layer(), send(sent.as_bytes(), Script::new(frames))).await;
    assert_eq!(bytes(response).await, sent);
}

#[tokio::test]
async fn an_empty_body_can_be_signed() {
    let response = call(layer(), send(b"", Script::new([]))).await;
    assert_eq!(response.status(), StatusCode::OK);
}
