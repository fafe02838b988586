//! Walks from the paywall to the paid page and back, over real HTTP, through whatever can go wrong.

mod look;
mod octany;
mod visitor;

use std::net::TcpListener;

use octany_sim::server::{Chance, Faults};
use tokio::sync::oneshot;

use self::look::{Expected, Look};
use self::octany::Octany;
use self::visitor::Visitor;
use crate::Error;
use crate::local::Local;
use crate::settings::Settings;
use crate::start::{Serve, Stop};

/// When the walk begins.
const BEGIN: &str = "2026-03-01T12:00:00Z";

/// Walks, and prints what Anna sees after each step.
///
/// # Errors
///
/// The first thing that is not as expected.
#[expect(clippy::print_stdout, reason = "it is what a demonstration is for")]
pub async fn run(app: &impl Serve) -> Result<(), Error> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let local = Local::start(listener.local_addr()?, BEGIN.parse()?).await?;
    let settings = local.settings();
    println!("The app         {}", settings.url);
    println!("A local Octany  {}\n", local.simulator().base_url());

    let octany = Octany::new(local.simulator().clone())?;
    let look = Look::new(&settings.url, octany.clone())?;
    println!("{}", Look::HEADING);
    while_serving(app, &listener, settings, from_the_paywall_to_the_portal(&look, &octany)).await?;
    // Nothing but the database is left of it.
    while_serving(app, &listener, settings, to_the_end(&look, &octany)).await?;
    println!("\n{}", octany.sum());
    println!("Every answer was the expected one.");
    Ok(())
}

async fn from_the_paywall_to_the_portal(look: &Look, octany: &Octany) -> Result<(), Error> {
    let (anna, bob) = (Visitor::new(&look.app)?, Visitor::new(&look.app)?);
    look.after("nobody has paid", Expected::closed("no_subscription")).await?;

    bob.sign_in("user_43").await?;
    let edited = bob.subscribe().await?.replace("amount=9900", "amount=100");
    bob.pay(&edited).await?;
    octany.wait_until_all_are_delivered(1).await?;
    look.after("Bob lowers the price in the URL, and pays", Expected::closed("no_subscription"))
        .await?;

    anna.sign_in("user_42").await?;
    let checkout = anna.subscribe().await?;
    anna.is_declined(&checkout).await?;
    look.after("Anna subscribes; her card is declined", Expected::closed("no_subscription"))
        .await?;

    let mut faults = Faults::default();
    faults.webhooks.drop = Chance(1.0);
    octany.goes_wrong(faults);
    anna.pay(&checkout).await?;
    anna.wait_to_be_sent_on().await?;
    look.after("she pays; all webhooks are lost", Expected::open("active", 0)).await?;

    octany.goes_wrong(Faults::default());
    octany.send_again_twice().await?;
    look.after("they come after all, and twice", Expected::open("active", 1)).await?;

    // From here on, each delivery is forged once, cut off once and sent twice.
    let mut faults = Faults::default();
    let webhooks = &mut faults.webhooks;
    (webhooks.forge, webhooks.cut, webhooks.duplicate) = (Chance(1.0), Chance(1.0), Chance(1.0));
    octany.goes_wrong(faults);
    octany.advance("1month").await?;
    octany.wait_until_all_are_delivered(2).await?;
    look.after("a month goes by, and the next is paid", Expected::open("active", 1)).await?;

    octany.advance("10days").await?;
    anna.cancel().await?;
    octany.wait_until_all_are_delivered(2).await?;
    look.after("she cancels in the portal", Expected::open("active", 1).until("2026-05-01")).await
}

async fn to_the_end(look: &Look, octany: &Octany) -> Result<(), Error> {
    look.after("the app is restarted", Expected::open("active", 1).until("2026-05-01")).await?;
    octany.advance("1month").await?;
    look.after("what she paid for is over", Expected::closed("ended").mails(1)).await
}

/// Serves the application for as long as something takes.
async fn while_serving(
    app: &impl Serve,
    listener: &TcpListener,
    settings: &Settings,
    walk: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped: Stop = Box::pin(async { drop(stopped.await) });
    let walk = async {
        walk.await?;
        drop(stop);
        Ok(())
    };
    let serving = app.serve(listener.try_clone()?, settings.clone(), stopped);
    tokio::try_join!(serving, walk).map(drop)
}
