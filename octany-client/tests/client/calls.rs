//! How calls are made.

use octany_client::{ApiKey, BuildError, ChargeRequest, Client, ErrorKind};
use static_assertions::assert_impl_all;

use crate::support::{ACCOUNT, KEY, SUBSCRIPTION, builder, client, json, serve};

assert_impl_all!(Client: Clone, Send, Sync, std::fmt::Debug);
assert_impl_all!(octany_client::Error: Send, Sync, std::error::Error);
assert_impl_all!(octany_client::ListSubscriptions: Send, Sync, Clone, std::fmt::Debug);
assert_impl_all!(octany_client::Pages<octany_core::resource::Order>: Send, Unpin);

#[test]
fn calls_can_be_spawned() {
    fn sendable(_: impl Send) {}
    let client = client(([127, 0, 0, 1], 9).into());
    sendable(client.subscription(&"sub_1".into()));
    sendable(client.charge(&"sub_1".into(), &ChargeRequest::new(1, 1)));
    sendable(client.subscriptions().send());
    sendable(async { client.orders(&"sub_1".into()).stream().try_next().await });
}

#[tokio::test]
async fn text_reaches_the_server_as_it_is() {
    let (server, arrived) = serve(|_, _| json(200, r#"{"data":[]}"#)).await;
    let client = client(server);
    for text in ["user_42", "a b+c", "å/ä?ö#", "x&page=9", "%2e%2e", "\u{1F600}", "filter[a]=b"]
    {
        client.subscriptions().reference(text).email(text).send().await.unwrap();
        let seen = arrived.lock().unwrap().pop().unwrap();
        assert_eq!(seen.asked("filter[reference_id]").as_deref(), Some(text));
        assert_eq!(seen.asked("filter[email]").as_deref(), Some(text));
        assert_eq!((seen.asked("page").as_deref(), seen.query().len()), (Some("1"), 3));
    }
}

#[tokio::test]
async fn an_id_stays_one_part_of_the_path_and_one_that_cannot_be_is_not_sent() {
    let (server, arrived) = serve(|_, _| json(200, SUBSCRIPTION)).await;
    let client = client(server);
    for (id, path) in [
        ("a/../b", "/subscription/a%2F..%2Fb/cancel"),
        ("a?b#c", "/subscription/a%3Fb%23c/cancel"),
        ("%2e%2e", "/subscription/%252e%252e/cancel"),
    ] {
        client.cancel(&id.into()).await.unwrap();
        assert_eq!(arrived.lock().unwrap().pop().unwrap().path(), path);
    }
    for id in ["", ".", ".."] {
        let error = client.cancel(&id.into()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Validation, 0));
        assert!(!error.is_ambiguous());
    }
    assert!(arrived.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_filter_that_is_set_twice_is_set_once_and_states_are_gathered() {
    let (server, arrived) = serve(|_, _| json(200, r#"{"data":[]}"#)).await;
    let client = client(server);
    client.subscriptions().reference("a").reference("b").send().await.unwrap();
    let seen = arrived.lock().unwrap().pop().unwrap();
    assert_eq!(
        seen.query(),
        [("filter[reference_id]".into(), "b".into()), ("page".into(), "1".into())]
    );
    client.orders(&"s".into()).state("paid").state("confirmed").send().await.unwrap();
    let seen = arrived.lock().unwrap().pop().unwrap();
    assert_eq!(seen.asked("filter[state]").as_deref(), Some("paid,confirmed"));
}

#[test]
fn a_base_that_would_give_the_key_away_is_refused() {
    let build = |base: &str| {
        Client::builder(ACCOUNT, ApiKey::new(KEY).unwrap()).base_url(base).build().map(drop)
    };
    for good in
        ["https://api.example/v1/", "http://127.0.0.1:1", "http://[::1]", "http://localhost/x"]
    {
        assert!(build(good).is_ok(), "{good}");
    }
    for plain in
        ["http://api.example", "http://127.0.0.1.example", "http://localhost.example", "ftp://a"]
    {
        assert!(matches!(build(plain), Err(BuildError::NotHttps)), "{plain}");
    }
    for more in ["https://user:pass@a", "https://user@a", "https://a?x", "https://a#x"] {
        assert!(matches!(build(more), Err(BuildError::NoBase)), "{more}");
    }
    assert!(matches!(build("api.example"), Err(BuildError::BaseUrl(_))));
    let client = Client::builder("..", ApiKey::new(KEY).unwrap());
    assert!(matches!(client.build(), Err(BuildError::Account)));
    let client = builder(([127, 0, 0, 1], 9).into()).locale("s\nv");
    assert!(matches!(client.build(), Err(BuildError::Locale)));
    let client = builder(([127, 0, 0, 1], 9).into()).user_agent("a\nb");
    assert!(matches!(client.build(), Err(BuildError::UserAgent)));
}
