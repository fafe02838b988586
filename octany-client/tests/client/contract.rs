//! Every operation and every answer of the contract.

use std::collections::BTreeSet;

use octany_client::{ChargeRequest, Client, Error, ErrorKind, NewSubscription, ProductUpdate};
use octany_core::{BasisPoints, Currency, OrderState, Percent, SubscriptionStatus};
use serde_json::json;

use crate::mock::{CONTRACT, Mock, all_cases, check, example, operations};
use crate::support::builder;

async fn mock() -> (Mock, Client) {
    let mock = Mock::start().await;
    let client = builder(mock.address).locale("sv").user_agent("bookshop/1.4").build().unwrap();
    (mock, client)
}

#[test]
fn the_fixture_is_whole_and_its_examples_fit_its_schemas() {
    let older = operations().values().filter(|operation| operation["older"] == true).count();
    assert_eq!((operations().len(), older), (13, 1));
    let mut used = BTreeSet::new();
    for (name, operation) in operations() {
        for answer in operation["answers"].as_array().unwrap() {
            let Some(body) = answer["body"].as_str().filter(|body| !body.is_empty()) else {
                continue;
            };
            used.insert(body);
            if let Some(schema) = answer["schema"].as_str() {
                let schema = json!({ "$ref": format!("#/$defs/{schema}") });
                check(&schema, example(body)).unwrap_or_else(|problem| panic!("{name}: {problem}"));
            }
        }
    }
    let known = CONTRACT["examples"].as_object().unwrap();
    assert_eq!(used.len(), known.len());
}

/// Calls every operation in turn, with everything that can be said, and counts the calls.
async fn call_all(client: &Client, mut each: impl FnMut(&str, Result<(), Error>)) {
    let subscription = "sub_8gKQz4F2".into();
    let mut charge = ChargeRequest::new(1225, 4995);
    each("subscription.charge", client.charge(&subscription, &charge).await.map(drop));
    charge.quantity = Some(2);
    charge.vat = Some(BasisPoints(1200));
    charge.description = Some("Två böcker".to_owned());
    each("subscription.charge", client.charge(&subscription, &charge).await.map(drop));

    let mut update = ProductUpdate::default();
    each("product.update", client.update_product(&1225.into(), &update).await.map(drop));
    update.name = Some("Base".to_owned());
    update.description = Some("All of it".to_owned());
    update.price = Some(9900);
    update.currency = Some(Currency::SEK);
    update.vat_rate = Some(Percent::new(12.5));
    update.interval = Some("month".to_owned());
    each("product.update", client.update_product(&1225.into(), &update).await.map(drop));

    let mut wanted = NewSubscription::paid_as(76_963_688, 1225);
    each("subscription.create", client.create_subscription(&wanted).await.map(drop));
    wanted.custom_amount = Some(5000);
    wanted.reference_id = Some("team_7".into());
    wanted.reference_name = Some("Team 7".to_owned());
    each("subscription.create", client.create_subscription(&wanted).await.map(drop));

    let list = client.subscriptions().reference("user 42/å&=#").customer(15_831_253);
    let list = list.email("anna+octany@example.com").page(2);
    each("subscriptions.list", list.send().await.map(drop));
    let list = client.orders(&subscription).product(1225).state(OrderState::Paid);
    let list = list.state(OrderState::PaymentFailed).per_page(200).page(2);
    each("subscription.orders", list.send().await.map(drop));

    each("subscriptions.list", client.subscriptions().send().await.map(drop));
    each("subscription.get", client.subscription(&subscription).await.map(drop));
    each("subscription.cancel", client.cancel(&subscription).await.map(drop));
    each("subscription.product", client.swap_product(&subscription, &7.into()).await.map(drop));
    each("subscription.orders", client.orders(&subscription).send().await.map(drop));
    each("products.list", client.products().send().await.map(drop));
    each("product.get", client.product(&1225.into()).await.map(drop));
    each("product.delete", client.delete_product(&1225.into()).await.map(drop));
    each("order.get", client.order(&"ord_1".into()).await.map(drop));
    each("endpoint.register", client.register_endpoint("https://app.example/octany").await);
}

#[tokio::test]
async fn every_operation_is_sent_as_the_contract_says_and_every_answer_of_it_is_read() {
    let (mock, client) = mock().await;
    let most = all_cases().into_iter().map(|(_, answer)| answer).max().unwrap();
    for at in 0..=most {
        mock.choose(at);
        call_all(&client, |name, outcome| {
            let Some(answer) = operations()[name]["answers"].get(at) else {
                return; // It has no such answer; the mock says so with a status of its own.
            };
            let status = answer["status"].as_u64().unwrap();
            match outcome {
                Ok(()) => assert_eq!(status, 200, "{name} {at}"),
                Err(error) => {
                    assert_eq!(error.operation(), name);
                    let seen = error.status().map(|status| u64::from(status.as_u16()));
                    assert_eq!(seen, Some(status), "{error:?}: {:?}", error.message());
                }
            }
        })
        .await;
    }
    assert_eq!(mock.given(), all_cases());
    assert_eq!(all_cases().len(), 22);
}

#[tokio::test]
async fn what_the_contract_calls_nullable_is_none() {
    let (mock, client) = mock().await;
    mock.choose(1);
    let subscription = client.subscription(&"1".into()).await.unwrap().value;
    assert_eq!(subscription.status, SubscriptionStatus::Pending);
    assert!(subscription.ends_at.is_none() && subscription.renews_at.is_none());
    assert!(subscription.reference_id.is_none() && subscription.reference_name.is_none());
    assert_eq!(subscription.mistyped().count(), 0);

    let order = client.order(&"1".into()).await.unwrap().value;
    assert!(order.remote_id.is_none() && order.delivery.is_none());
    assert_eq!(order.mistyped().count(), 0);

    let product = client.product(&1.into()).await.unwrap().value;
    assert!(product.description.is_none() && product.image.is_none());
    assert_eq!(product.mistyped().count(), 0);
}

#[tokio::test]
async fn both_spellings_of_pagination_are_understood() {
    let (mock, client) = mock().await;
    let page = client.subscriptions().page(2).send().await.unwrap();
    assert_eq!((page.number, page.last, page.total, page.next()), (2, Some(2), Some(21), None));
    mock.choose(1);
    let page = client.subscriptions().send().await.unwrap();
    assert_eq!((page.number, page.last, page.total, page.next()), (1, Some(2), Some(22), Some(2)));
}

#[tokio::test]
async fn documented_errors_are_of_their_kinds() {
    let (mock, client) = mock().await;
    mock.choose(2);
    let error = client.subscriptions().send().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!((error.code(), error.message()), (None, None)); // its body is `null`

    let error = client.subscription(&"sub_x".into()).await.unwrap_err();
    assert!(error.is_not_found() && !error.is_ambiguous());
    assert_eq!(error.to_string(), "subscription.get: not_found (404, not_found)");

    mock.choose(1);
    let charge = ChargeRequest::new(1225, 4995);
    let error = client.charge(&"sub_x".into(), &charge).await.unwrap_err();
    assert!(error.is_payment_required() && !error.is_ambiguous());
    assert_eq!(error.code(), Some("payment_failed"));

    let error = client.register_endpoint("https://app.example/octany").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(error.fields()[0].field, "url");
    assert_eq!(error.fields()[0].messages, ["It is registered already."]);
}
