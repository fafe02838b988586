//! A page with the embedded cart in it, as the documentation of `window.Octany` has it.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use octany_sim::engine::{AccountKey, Engine, Interval, Order, Product, Subscription};
use octany_sim::server::{Simulator, run};
use octany_tests::browser::{Browser, with_browser};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::sight::Sight;

const REPORTS: u64 = 42;
const BOOK: u64 = 43;

/// A site that sells, and the Octany that it sells on.
struct Site {
    url: String,
    simulator: Simulator,
    account: AccountKey,
    _runtime: Runtime,
}

impl Site {
    fn open() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (url, simulator, account) = runtime.block_on(async {
            let mut engine = Engine::new(5, "2026-03-01T12:00:00Z".parse().expect("an instant"));
            let account = engine.add_account();
            let reports = Product::recurring(REPORTS, "Reports", Interval::Month, 9_900);
            engine.add_product(account, reports);
            engine.add_product(account, Product::one_time(BOOK, "A book", 25_000));
            let uuid = engine.account(account).uuid.clone();
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let octany = format!("http://{}", listener.local_addr().expect("it listens"));
            let simulator = Simulator::new(engine, &octany);
            tokio::spawn(run(listener, simulator.clone(), std::future::pending()));

            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let url = format!("http://{}", listener.local_addr().expect("it listens"));
            let page = page(&url, &octany, &uuid);
            let site = Router::new().route("/", get(async || Html(page))).route(
                "/welcome",
                get(async || Html("<!doctype html><title>Welcome</title>Welcome")),
            );
            tokio::spawn(async move { axum::serve(listener, site).await });
            (url, simulator, account)
        });
        Self { url, simulator, account, _runtime: runtime }
    }
}

/// A page of the site's own, with everything that is documented on it.
fn page(site: &str, octany: &str, account: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<title>A site with a cart</title>
<script>
window.OctanyConfig = {{ id: '{account}', locale: 'en' }};
document.addEventListener('octany-cart-ready', () => {{
  Octany.set({{ referenceId: 'user_42', referenceName: 'Anna Åkesson', email: 'anna@example.com' }});
  document.getElementById('state').textContent = 'The cart is ready.';
}});
document.addEventListener('octany-cart-updated', ({{ detail: {{ cart }} }}) => {{
  const pieces = cart.items.reduce((sum, item) => sum + item.quantity, 0);
  document.getElementById('state').textContent = `${{pieces}} in the cart, for ${{cart.total}} öre.`;
}});
</script>
<script src="{octany}/loader.js" async></script></head>
<body><main><h1>A site with a cart</h1><p role="status" id="state"></p>
<button type="button" onclick="Octany.cart.add({REPORTS})">Add the reports</button>
<button type="button" onclick="Octany.cart.add({BOOK})">Add the book</button>
<button type="button" onclick="Octany.cart.open()">Open the cart</button>
<button type="button" onclick="Octany.cart.hide()">Hide the cart</button>
<button type="button" onclick="Octany.cart.checkout()">Pay what is in it</button>
<button type="button" onclick="Octany.checkout({REPORTS}, {{ successUrl: '{site}/welcome', amount: 19900 }})">Support us</button>
</main></body></html>"#
    )
}

#[test]
fn a_cart_in_a_page_is_filled_and_paid_for() {
    with_browser(|browser| {
        let site = Site::open();
        let mut sight = Sight::of("cart");
        browser.open(&format!("{}/?utm_source=letter&utm_campaign=spring", site.url));
        browser.wait_for_text("The cart is ready");
        browser.press("button", "Add the reports");
        browser.press("button", "Add the book");
        browser.press("button", "Add the book");
        browser.wait_for_text("3 in the cart, for 59900 öre.");
        sight.look(browser, "page");

        browser.press("button", "Cart (3)");
        browser.wait_for_text("dialog Cart");
        browser.wait_for_text("599.00 SEK");
        sight.look(browser, "open");
        browser.press("button", "Remove Reports");
        browser.press("button", "Close");
        browser.wait_for_text("2 in the cart, for 50000 öre.");

        // What the site may do with it besides.
        let url = browser.evaluate("Octany.cart.requestCheckoutUrl()");
        let url = url.as_str().expect("it is a URL").to_owned();
        assert!(url.starts_with(site.simulator.base_url()), "{url}");
        for part in ["referenceId=user_42", "utm_source=letter", "utm_campaign=spring", "locale=en"]
        {
            assert!(url.contains(part), "{part} in {url}");
        }
        browser.press("button", "Open the cart");
        browser.wait_for_text("dialog Cart");
        browser.evaluate("Octany.cart.close()");
        browser.press("button", "Hide the cart");
        browser.wait("hidden button", |browser| !browser.said().contains("button Cart ("));

        browser.press("button", "Pay what is in it");
        browser.wait_for_text("heading Checkout");
        browser.wait_for_text("A book × 2");
        sight.look(browser, "checkout");
        browser.press("button", "Pay");
        browser.wait_for_text("This checkout is done");
        sight.look(browser, "done");
        let bought = site.simulator.with(|engine| {
            let orders = engine.account(site.account).orders.values();
            let order = |it: &Order| (it.visitor.reference_id.clone(), it.total());
            orders.map(order).collect::<Vec<_>>()
        });
        assert_eq!(bought, [(Some("user_42".to_owned()), 50_000)]);
    });
}

#[test]
fn a_button_of_the_site_leads_straight_to_a_checkout_at_the_price_that_it_names() {
    with_browser(|browser: &mut Browser| {
        let site = Site::open();
        browser.open(&format!("{}/", site.url));
        browser.wait_for_text("The cart is ready");
        browser.press("button", "Support us");
        browser.wait_for_text("199.00 SEK");
        browser.press("button", "Pay");
        browser.wait_for(&format!("{}/welcome", site.url));
        let bought = site.simulator.with(|engine| {
            let subscriptions = engine.account(site.account).subscriptions.values();
            let subscription = |it: &Subscription| (it.visitor.reference_id.clone(), it.price);
            subscriptions.map(subscription).collect::<Vec<_>>()
        });
        assert_eq!(bought, [(Some("user_42".to_owned()), 19_900)]);
    });
}
