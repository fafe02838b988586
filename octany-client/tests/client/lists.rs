//! Lists of many pages, and servers that count badly.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use futures_util::{StreamExt, TryStreamExt};
use octany_client::{Client, Error};
use octany_core::resource::Subscription;
use serde_json::{Value, json};

use crate::support::{Arrived, Seen, client, json as answer, serve};

const PAGES: u64 = 2_500;
const PER_PAGE: u64 = 20;

fn number(seen: &Seen) -> u64 {
    seen.asked("page").unwrap().parse().unwrap()
}

fn item(id: u64) -> Value {
    json!({"id": id, "status": "active", "update_card_url": format!("https://portal/{}", anew())})
}

/// Links are signed anew in every answer.
fn anew() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(())
}

fn page(number: u64, items: u64, pagination: &Value) -> axum::response::Response {
    let first = (number - 1).saturating_mul(PER_PAGE);
    let data: Vec<_> = (first..first + items).map(item).collect();
    answer(200, json!({"data": data, "pagination": pagination}).to_string())
}

/// A server whose answer depends on the number of the page.
async fn list(
    answer: impl Fn(u64) -> axum::response::Response + Clone + Send + Sync + 'static,
) -> (Client, Arrived) {
    let (server, arrived): (SocketAddr, _) = serve(move |seen, before| {
        assert!(before < 3_000, "it has no end");
        answer(number(seen))
    })
    .await;
    (client(server), arrived)
}

/// The ids of a whole list and how it ended.
async fn ids(client: &Client) -> (Vec<u64>, Option<Error>) {
    let mut items = client.subscriptions().stream();
    let mut ids = Vec::new();
    let end = loop {
        match items.try_next().await {
            Ok(Some(item)) => ids.push(item.value.id.as_str().parse().unwrap()),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    // However it ended, that was the end.
    assert!(items.try_next().await.unwrap().is_none());
    (ids, end)
}

fn all(items: u64) -> Vec<u64> {
    (0..items).collect()
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page_and_nothing_of_it_is_kept() {
    let (client, arrived) = list(|number| {
        let last = if number == PAGES { PER_PAGE / 2 } else { PER_PAGE };
        page(number, last, &json!({"total_pages": PAGES, "current_page": number}))
    })
    .await;
    let mut items = client.subscriptions().stream();
    let mut seen: Vec<Weak<Subscription>> = Vec::new();
    let mut most = 0;
    while let Some(item) = items.try_next().await.unwrap() {
        seen.push(Arc::downgrade(&item.value));
        drop(item);
        if seen.len() % 1_000 == 1 {
            most = most.max(seen.iter().filter(|item| item.strong_count() > 0).count());
            // No page is asked for before it is needed.
            assert_eq!(arrived.lock().unwrap().len(), seen.len().div_ceil(20));
        }
    }
    assert_eq!(seen.len() as u64, PAGES * PER_PAGE - PER_PAGE / 2);
    assert_eq!(arrived.lock().unwrap().len() as u64, PAGES);
    assert!(most < 20, "{most} are alive");
    assert!(seen.iter().all(|item| item.strong_count() == 0));
}

#[tokio::test]
async fn pages_and_items_are_streams() {
    let (client, _) = list(|number| page(number, 3, &json!({"totalPages": 2, "links": []}))).await;
    let pages: Vec<_> = client.subscriptions().pages().try_collect().await.unwrap();
    let numbers: Vec<_> = pages.iter().map(|page| (page.number, page.items.len())).collect();
    assert_eq!(numbers, [(1, 3), (2, 3)]);
    assert_eq!(client.subscriptions().page(2).stream().count().await, 3);
    assert_eq!(client.products().stream().count().await, 6);
}

#[tokio::test]
async fn a_list_ends_with_an_empty_page_where_no_last_one_is_named() {
    for pagination in [json!(null), json!([]), json!({}), json!({"total_pages": "?"}), json!(7)] {
        let (client, arrived) =
            list(move |number| page(number, if number < 4 { PER_PAGE } else { 0 }, &pagination))
                .await;
        let (ids, end) = ids(&client).await;
        assert!(ids == all(60) && end.is_none());
        assert_eq!(arrived.lock().unwrap().len(), 4);
    }
}

#[tokio::test]
async fn a_list_without_pages_and_a_page_past_the_end_are_read_once() {
    for (items, pages) in [(0, json!(0)), (0, json!(9)), (5, json!(0)), (5, json!("1"))] {
        let pagination = json!({"total_pages": pages, "total": 0});
        let (client, arrived) = list(move |number| page(number, items, &pagination)).await;
        let (ids, end) = ids(&client).await;
        assert!(ids == all(items) && end.is_none());
        assert_eq!(arrived.lock().unwrap().len(), 1);
    }
    let (client, arrived) = list(|number| page(number, 0, &json!({"total_pages": 3}))).await;
    let past = client.subscriptions().page(9).send().await.unwrap();
    assert_eq!((past.items.len(), past.next()), (0, None));
    assert_eq!(client.subscriptions().page(u64::MAX).stream().count().await, 0);
    assert_eq!(arrived.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn the_number_that_an_answer_gives_itself_means_nothing() {
    for lie in [json!(0), json!(1), json!(99), json!("x"), json!(-1)] {
        let pagination = json!({"total_pages": 4, "current_page": lie});
        let (client, arrived) = list(move |number| page(number, PER_PAGE, &pagination)).await;
        let (ids, end) = ids(&client).await;
        assert!(ids == all(80) && end.is_none());
        assert_eq!(arrived.lock().unwrap().len(), 4);
    }
}

#[tokio::test]
async fn one_page_for_ever_ends_and_is_an_error_if_there_should_be_more() {
    let (client, arrived) = list(|_| page(1, PER_PAGE, &json!({}))).await;
    let (seen, end) = ids(&client).await;
    assert!(seen == all(20) && end.is_none());
    assert_eq!(arrived.lock().unwrap().len(), 4);

    let (client, arrived) = list(|_| page(1, PER_PAGE, &json!({"total_pages": u64::MAX}))).await;
    let (seen, end) = ids(&client).await;
    assert_eq!(seen, all(20));
    let end = end.unwrap();
    assert!(end.is_decode() && end.operation() == "subscriptions.list", "{end:?}");
    assert_eq!(arrived.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_list_that_grew_by_a_page_while_it_was_read_goes_on() {
    let (client, _) = list(|number| {
        let shifted = if number > 1 { number - 1 } else { 1 };
        page(shifted, PER_PAGE, &json!({"total_pages": 4}))
    })
    .await;
    let (seen, end) = ids(&client).await;
    assert!(seen == all(60) && end.is_none());
}

#[tokio::test]
async fn an_error_ends_a_list() {
    let (client, arrived) = list(|number| {
        if number == 3 {
            answer(404, "")
        } else {
            page(number, PER_PAGE, &json!({"total_pages": 9}))
        }
    })
    .await;
    let (seen, end) = ids(&client).await;
    assert!(seen == all(40) && end.unwrap().is_not_found());
    assert_eq!(arrived.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn the_links_in_an_answer_are_not_followed() {
    let (elsewhere, caught) = serve(|_, _| answer(200, "{}")).await;
    let (client, _) = list(move |number| {
        let next = format!("http://{elsewhere}/page/2");
        page(number, 1, &json!({"total_pages": 3, "links": {"next": next, "previous": next}}))
    })
    .await;
    assert_eq!(ids(&client).await.0.len(), 3);
    assert!(caught.lock().unwrap().is_empty());
}
