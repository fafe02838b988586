//! What time does.

use chrono::TimeDelta;

use crate::run::Run;

impl Run {
    /// Time passes: minutes as a rule, months now and then. What becomes due on the way is sent on
    /// the way, or all at once when it is over.
    pub(super) async fn advance(&mut self) -> String {
        let random = &mut self.random;
        let by = match random.u8(0..100) {
            0..40 => TimeDelta::minutes(random.i64(1..=120)),
            40..75 => TimeDelta::hours(random.i64(1..=72)),
            75..96 => TimeDelta::days(random.i64(1..=14)),
            _ => TimeDelta::days(random.i64(20..=70)),
        };
        let to = self.octany.now() + by;
        if random.u8(0..10) < 7 {
            let sent = self.octany.simulator.deliver_until(to).await;
            format!("{} minutes, {sent} on the way", by.num_minutes())
        } else {
            self.octany.simulator.advance_to(to);
            format!("{} minutes at once", by.num_minutes())
        }
    }

    pub(super) async fn deliver(&mut self) -> String {
        let sent = self.octany.simulator.deliver_due().await;
        format!("{sent}")
    }
}
