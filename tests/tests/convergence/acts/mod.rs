//! What can happen in a step.

mod care;
mod shop;
mod time;
mod unrest;

use super::run::Run;

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    // What visitors and merchants do.
    Buy,
    PayLater,
    FailPayments,
    Cancel,
    CancelByApi,
    SwapByApi,
    ChargeByApi,
    ChangeMethod,
    Revive,
    Refund,
    ChangeProduct,
    TestHook,
    Visit,
    // What time does.
    Advance,
    Deliver,
    // What goes wrong.
    Faults,
    Rotate,
    Restart,
    Stop,
    Crash,
    SendTwiceAtOnce,
    SendAgain,
    // What the app does about it.
    Backfill,
    Reconcile,
    Repair,
    Sweep,
    Checkpoint,
}

/// How often each happens, in a thousand steps.
const OFTEN: [(Act, u32); 27] = [
    (Act::Buy, 110),
    (Act::PayLater, 20),
    (Act::FailPayments, 60),
    (Act::Cancel, 25),
    (Act::CancelByApi, 25),
    (Act::SwapByApi, 40),
    (Act::ChargeByApi, 40),
    (Act::ChangeMethod, 20),
    (Act::Revive, 40),
    (Act::Refund, 10),
    (Act::ChangeProduct, 15),
    (Act::TestHook, 15),
    (Act::Visit, 60),
    (Act::Advance, 250),
    (Act::Deliver, 60),
    (Act::Faults, 40),
    (Act::Rotate, 15),
    (Act::Restart, 20),
    (Act::Stop, 12),
    (Act::Crash, 15),
    (Act::SendTwiceAtOnce, 20),
    (Act::SendAgain, 30),
    (Act::Backfill, 15),
    (Act::Reconcile, 20),
    (Act::Repair, 5),
    (Act::Sweep, 30),
    (Act::Checkpoint, 20),
];

/// What happens next.
pub(crate) fn draw(random: &mut fastrand::Rng) -> Act {
    let all = OFTEN.iter().map(|(_, often)| often).sum();
    let mut drawn = random.u32(0..all);
    for (act, often) in OFTEN {
        if drawn < often {
            return act;
        }
        drawn -= often;
    }
    Act::Advance
}

/// Lets it happen, and says what came of it.
pub(crate) async fn take(run: &mut Run, act: Act) -> String {
    match act {
        Act::Buy => run.buy().await,
        Act::PayLater => run.pay_later(),
        Act::FailPayments => run.fail_payments(),
        Act::Cancel => run.cancel(),
        Act::CancelByApi => run.cancel_by_api().await,
        Act::SwapByApi => run.swap_by_api().await,
        Act::ChargeByApi => run.charge_by_api().await,
        Act::ChangeMethod => run.change_method(),
        Act::Revive => run.revive(),
        Act::Refund => run.refund(),
        Act::ChangeProduct => run.change_product(),
        Act::TestHook => run.test_hook(),
        Act::Visit => run.visit().await,
        Act::Advance => run.advance().await,
        Act::Deliver => run.deliver().await,
        Act::Faults => run.change_faults(),
        Act::Rotate => run.rotate(),
        Act::Restart => run.restart_app().await,
        Act::Stop => run.stop_app(),
        Act::Crash => run.crash().await,
        Act::SendTwiceAtOnce => run.send_twice_at_once().await,
        Act::SendAgain => run.send_again(),
        Act::Backfill => run.backfill().await,
        Act::Reconcile => run.reconcile().await,
        Act::Repair => run.repair().await,
        Act::Sweep => run.sweep().await,
        Act::Checkpoint => run.checkpoint().await,
    }
}
