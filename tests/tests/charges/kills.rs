//! Processes that are killed between an intent and its answer.

use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use octany_client::{ChargeRequest, Charged};
use octany_sqlx::PostgresStore;
use tokio::sync::Semaphore;

use super::fake::{Deed, Fake, Makes};
use super::place::Place;
use super::stream::Random;

const CHARGES: usize = 2_000;
const KILLS: usize = 60;

/// A process that charges, and is killed at the end at the latest.
struct Charger(Child);

impl Charger {
    fn start(fake: &Fake, place: &Place) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_octany-test-charger"));
        command.env("OCTANY_CHARGER_API", fake.base_url());
        command.env("OCTANY_CHARGER_DATABASE", place.url());
        command.env("OCTANY_CHARGER_CHARGES", CHARGES.to_string());
        Self(command.spawn().unwrap())
    }

    /// Whether it was still at work.
    fn kill(&mut self) -> bool {
        let at_work = self.0.try_wait().unwrap().is_none();
        drop(self.0.kill());
        drop(self.0.wait());
        at_work
    }
}

impl Drop for Charger {
    fn drop(&mut self) {
        self.kill();
    }
}

/// It makes the order after a while, whatever becomes of the connection.
fn slowly(micros: u64) -> Makes {
    let let_now = Arc::new(Semaphore::new(0));
    let letting = Arc::clone(&let_now);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_micros(micros)).await;
        letting.add_permits(1);
    });
    Makes::WhenLet(let_now)
}

fn any(random: &mut Random) -> Deed {
    let slow = slowly(random.next() % 10_000);
    match random.next() % 10 {
        0 => Deed { makes: Makes::Never, send: Some(0), ..Deed::GOOD },
        1 => Deed::refuses(402),
        2 => Deed { makes: slow, send: Some(0), ..Deed::GOOD },
        3 => Deed { makes: slow, status: 500, ..Deed::GOOD },
        4 => Deed::GOOD,
        _ => Deed { makes: slow, ..Deed::GOOD },
    }
}

async fn end_leases(place: &Place) {
    place.execute("UPDATE octany_charges SET claimed_until = 0 WHERE state < 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_processes_charge_nothing_twice() {
    let (place, fake) = (Place::new().await, Fake::start().await);
    let store = PostgresStore::connect(&place.url()).await.unwrap();
    let random = Mutex::new(Random(2_026));
    fake.decides(move |_| any(&mut random.lock().unwrap()));

    let mut chargers = [Charger::start(&fake, &place), Charger::start(&fake, &place)];
    let (mut random, mut at_work) = (Random(7), 0);
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_micros(random.next() % 150_000)).await;
        let killed = &mut chargers[usize::try_from(random.next() % 2).unwrap()];
        at_work += usize::from(killed.kill());
        // What the other one holds ends, too: it must bear that as well.
        end_leases(&place).await;
        *killed = Charger::start(&fake, &place);
    }
    for charger in &mut chargers {
        while charger.0.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(200)).await;
            // A statement of one that was killed may have come after its leases were ended.
            end_leases(&place).await;
        }
    }
    assert!(at_work > KILLS / 2, "{at_work} of {KILLS} kills met a process at work");

    end_leases(&place).await;
    fake.does(Deed::GOOD);
    let client = fake.client(Duration::from_mins(1));
    let (mut created, mut unknown) = (0, 0);
    for number in 0..CHARGES {
        let (subscription, id) = (format!("sub_{number}"), format!("invoice_{number}"));
        let request = ChargeRequest::new(55, 4995);
        let charged =
            client.charge_once(&store, &subscription.as_str().into(), &request, &id).await;
        let orders = fake.orders(&subscription);
        match charged.unwrap() {
            Charged::Unknown(_) => {
                unknown += 1;
                assert!(orders.is_empty(), "{id} is unknown, and there is {orders:?}");
            }
            charged => {
                created += 1;
                let order = charged.order().unwrap().to_string();
                assert_eq!(orders, [order], "{id}");
            }
        }
    }
    eprintln!("{at_work} kills at work, {created} charges created, {unknown} unknown");
    assert!(created > CHARGES / 2 && unknown > 0);
}
