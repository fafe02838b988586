//! What goes wrong.

use std::pin::pin;

use octany_core::signature::{SIGNATURE_HEADER, SigningSecret};

use crate::app::WEBHOOK;
use crate::findings::Check;
use crate::run::Run;
use crate::stage::Mishap;
use crate::trouble;

impl Run {
    pub(super) fn change_faults(&mut self) -> String {
        let faults = trouble::faults(&mut self.random);
        self.octany.simulator.set_faults(faults, self.random.u64(..));
        "others".to_owned()
    }

    /// Octany signs with a new secret. The app hears of it at its next start.
    pub(super) fn rotate(&mut self) -> String {
        let url = self.door.url(WEBHOOK);
        let rotated = self.octany.with(|engine, account| engine.rotate_secret(account, &url));
        self.untold = Some(rotated.unwrap());
        "the app does not know yet".to_owned()
    }

    pub(super) async fn restart_app(&mut self) -> String {
        self.restart().await;
        format!("with {} secrets", self.secrets.len())
    }

    pub(super) fn stop_app(&mut self) -> String {
        self.stop();
        "it is down".to_owned()
    }

    /// The app's process ends in the middle of a delivery, and another one starts.
    pub(super) async fn crash(&mut self) -> String {
        let hangs = [Mishap::HangsBefore, Mishap::HangsAfterwards];
        let mishap = hangs[usize::from(self.random.bool())];
        let stage = self.recipe.stage.clone();
        stage.wish(mishap);
        let octany = self.octany.clone();
        let mut sending = pin!(octany.simulator.deliver_due());
        let delivery = tokio::select! {
            biased;
            delivery = stage.arrival() => delivery,
            sent = &mut sending => {
                stage.wish_nothing();
                return format!("nothing arrived, {sent} sent");
            }
        };
        // Nothing is sent before this ends: who sends is not asked to go on.
        self.restart().await;
        let sent = sending.await;
        format!("in {delivery}, {mishap:?}, {sent} sent")
    }

    /// A delivery comes again while the first one is being dealt with.
    pub(super) async fn send_twice_at_once(&mut self) -> String {
        let stage = self.recipe.stage.clone();
        stage.wish(Mishap::Holds);
        let octany = self.octany.clone();
        let mut sending = pin!(octany.simulator.deliver_due());
        let delivery = tokio::select! {
            biased;
            delivery = stage.arrival() => delivery,
            sent = &mut sending => {
                stage.wish_nothing();
                return format!("nothing arrived, {sent} sent");
            }
        };
        let status = self.post_again(&delivery).await;
        if status != Some(409) {
            self.find(Check::InFlight, format!("{delivery} was answered {status:?}"));
        }
        stage.go_on();
        let sent = sending.await;
        format!("{delivery}: {status:?}, {sent} sent")
    }

    /// An old delivery is sent again.
    pub(super) fn send_again(&mut self) -> String {
        let all = self.octany.simulator.deliveries();
        let Some(old) = self.random.choice(&all) else { return "there is none".to_owned() };
        let again = self.octany.simulator.redeliver(old.number);
        format!("{} of {}: {again}", old.delivery, old.at)
    }

    /// The same bytes, signed with a secret that the app knows.
    async fn post_again(&self, delivery: &str) -> Option<u16> {
        let all = self.octany.simulator.deliveries();
        let known = all.iter().find(|it| it.delivery.to_string() == delivery).unwrap();
        let secret = SigningSecret::new(self.secrets.last().unwrap().as_str()).unwrap();
        let signature = secret.sign(known.body.as_bytes()).to_string();
        let post = self.http.post(&known.url).header(SIGNATURE_HEADER, signature);
        Some(post.body(known.body.to_string()).send().await.ok()?.status().as_u16())
    }
}
