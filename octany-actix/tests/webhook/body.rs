//! How bodies are read.

use std::time::Duration;

use actix_web::dev::{Service, ServiceRequest, Transform, fn_service};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderValue};
use actix_web::{Error, HttpMessage, HttpResponse};
use bytes::Bytes;
use octany_actix::OctanyWebhookLayer;
use octany_core::signature::VerifiedBody;
use octany_entitlement::Refusal;
use tokio::time::Instant;

use crate::support::{Script, Step, bytes, layer, memory, refusal, scripted, test_hook};

const LIMIT: usize = 1024 * 1024;
const KIB: &[u8] = &[b'x'; 1024];

fn send(signed: &[u8], body: Script) -> ServiceRequest {
    scripted(Some(signed), body)
}

fn announce(request: &mut ServiceRequest, length: &'static str) {
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static(length));
}

/// Echoes what was verified.
async fn call(layer: OctanyWebhookLayer, request: ServiceRequest) -> HttpResponse {
    let echo = fn_service(|request: ServiceRequest| async move {
        let verified: VerifiedBody = request.extensions().get().cloned().unwrap();
        let response = HttpResponse::Ok().body(verified.into_bytes());
        Ok::<_, Error>(request.into_response(response))
    });
    let service = layer.new_transform(echo).await.unwrap();
    service.call(request).await.unwrap().map_into_boxed_body().into_parts().1
}

#[actix_web::test]
async fn the_header_is_refused_before_the_body_is_polled() {
    let body = Script::forever(KIB);
    let polls = body.polls.clone();
    let response = call(layer(), scripted(None, body)).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(polls.count(), 0);
}

#[actix_web::test]
async fn a_body_announced_as_too_large_is_refused_before_it_is_polled() {
    for length in ["1048577", "18446744073709551615"] {
        let body = Script::forever(KIB);
        let polls = body.polls.clone();
        let mut request = send(b"", body);
        announce(&mut request, length);
        let response = call(memory().1, request).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(matches!(refusal(&response), Some(Refusal::TooLarge { limit: LIMIT })));
        assert_eq!(polls.count(), 0);
    }
}

#[actix_web::test]
async fn a_body_without_end_is_read_up_to_the_limit_and_no_further() {
    let body = Script::forever(KIB);
    let polls = body.polls.clone();
    let response = call(layer(), send(b"", body)).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(polls.count(), LIMIT / KIB.len() + 1);
}

#[actix_web::test]
async fn a_body_that_exceeds_the_limit_in_one_chunk_is_refused() {
    let response = call(layer().body_limit(1023), send(KIB, Script::new([Step::Data(KIB)]))).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[actix_web::test]
async fn a_body_of_exactly_the_limit_is_accepted() {
    let layer = layer().body_limit(1024);
    let mut request = send(KIB, Script::new([Step::Data(&KIB[..1000]), Step::Data(&KIB[1000..])]));
    announce(&mut request, "1024");
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
    assert!(matches!(refusal(&response), Some(Refusal::TimedOut)));
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

#[actix_web::test]
async fn chunks_without_content_neither_block_the_runtime_nor_last_for_ever() {
    let layer = layer().body_timeout(Duration::from_millis(50));
    let other_task = actix_web::rt::spawn(tokio::task::yield_now());
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

#[actix_web::test]
async fn a_body_that_breaks_off_is_answered_400() {
    let request = send(b"{}", Script::new([Step::Data(b"{}"), Step::Fail]));
    let response = call(memory().1, request).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(matches!(refusal(&response), Some(Refusal::Interrupted)));
}

#[actix_web::test]
async fn a_body_of_one_chunk_is_not_copied() {
    for layer in [layer(), memory().1] {
        let sent = Bytes::from(test_hook(1));
        let steps = [Step::Data(b""), Step::Share(sent.clone()), Step::Data(b"")];
        let request = send(&sent, Script::new(steps));
        let expected = sent.as_ptr();
        let look = fn_service(move |mut request: ServiceRequest| async move {
            let verified: VerifiedBody = request.extensions().get().cloned().unwrap();
            assert_eq!(verified.bytes().as_ptr(), expected);
            let mut body = request.take_payload();
            let body = futures_util::StreamExt::next(&mut body).await.unwrap()?;
            assert_eq!(body.as_ptr(), expected);
            assert_eq!(body, verified.bytes());
            Ok::<_, Error>(request.into_response(HttpResponse::Ok().finish()))
        });
        let service = layer.new_transform(look).await.unwrap();
        assert_eq!(service.call(request).await.unwrap().status(), StatusCode::OK);
    }
}

#[actix_web::test]
async fn a_body_of_many_chunks_is_put_together() {
    let sent = test_hook(1).repeat(100);
    let chunks: Vec<_> =
        sent.as_bytes().chunks(7).map(|chunk| Step::Share(Bytes::copy_from_slice(chunk))).collect();
    let response = call(layer(), send(sent.as_bytes(), Script::new(chunks))).await;
    assert_eq!(bytes(response).await, sent);
}

#[actix_web::test]
async fn an_empty_body_can_be_signed() {
    let response = call(layer(), send(b"", Script::new([]))).await;
    assert_eq!(response.status(), StatusCode::OK);
}
