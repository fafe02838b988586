//! What is asked of the account.

use chrono::Utc;
use octany_sim::engine::{Engine, Product};
use octany_sim::server::Simulator;

use crate::receiver::{Mistake, receiver};
use crate::run::{octany, told};
use crate::support::{doctor, examine, examined, serve};

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_the_account_lacks_is_told() {
    let mut engine = Engine::new(1, Utc::now());
    let shop = engine.add_account();
    engine.add_product(shop, Product::one_time(42, "Report", 4_995));
    let (uuid, key) = (engine.account(shop).uuid.clone(), engine.account(shop).api_key.clone());
    let octany = serve(Simulator::new(engine, "http://127.0.0.1").router()).await;
    let url = serve(receiver(Mistake::None)).await;
    let asked = async |products: &[&str]| {
        let mut command = doctor(&url, products);
        command.env("OCTANY_ACCOUNT", &uuid).env("OCTANY_API_KEY", &key);
        command.env("OCTANY_URL", format!("{octany}api"));
        examined(command).await
    };
    let one = asked(&["--product", "42"]).await.finds(&[]);
    assert!(one.text.contains("42 is there"), "{}", one.text);
    let two = asked(&["--product", "42", "--product", "43"]).await.finds(&["unknown_product"]);
    assert!(!two.text.contains(&key), "{}", two.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_asked_is_refused_as_by_other_commands() {
    // Nobody is there: what is refused is not fired at.
    let url = "http://127.0.0.1:9/";
    for environment in [
        &[][..],
        &[("OCTANY_ACCOUNT", "a")],
        &[("OCTANY_API_KEY", "k")],
        &[("OCTANY_ACCOUNT", "a"), ("OCTANY_API_KEY", "k"), ("OCTANY_URL", "http://far.example/")],
        &[("OCTANY_ACCOUNT", "a"), ("OCTANY_API_KEY", "a\nb")],
    ] {
        let mut other = octany(&["reconcile", "user_42"]);
        let other = told(other.envs(environment.iter().copied())).exits(2).err;
        let mut command = doctor(url, &["--product", "42"]);
        let refused = told(command.envs(environment.iter().copied())).exits(2).err;
        assert_eq!(refused, other);
    }
    let unasked = examine(&serve(receiver(Mistake::None)).await, &[]).await;
    assert_eq!(unasked.finds(&[]).code, 0, "without a product, no account is needed");
}
