//! `octany backfill`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use octany_client::{Backfill as Work, BackfillError, Cursor, Progress as Page, StopCause};
use serde_json::json;

use super::take_in::TakeIn;
use crate::failure::Failure;
use crate::interrupt::{INTERRUPTED, Interrupt};
use crate::output::{Output, Progress, Tone};
use crate::store::Access;

/// Take all subscriptions that Octany has into the store, page by page.
///
/// For an app that begins with these crates, or after an outage that lasted longer than Octany repeats
/// deliveries. It may run beside the app, and twice. Octany's list cannot be asked for what changed
/// since an instant, so it is always the whole list.
///
/// Ctrl-C stops it behind the page that is being taken in. With --cursor, the next run goes on from
/// there.
///
/// Exit codes: 130 if it was interrupted.
#[derive(Debug, Args)]
pub(crate) struct Backfill {
    /// Keep in this file how far it got, and go on from there if the file is there. It is removed at
    /// the end. It holds page numbers and counts, and nothing about anybody.
    #[arg(long, value_name = "FILE")]
    cursor: Option<PathBuf>,
    #[command(flatten)]
    take_in: TakeIn,
}

#[derive(Debug, thiserror::Error)]
#[error("it was interrupted")]
struct Interrupted;

impl Backfill {
    pub(crate) async fn run(self, output: Output) -> Result<ExitCode, Failure> {
        let begun = self.cursor.as_deref().map(load).transpose()?.flatten();
        let reconciler = self.take_in.reconciler(output, Access::Write).await?.build();
        let work = begun.map_or_else(Work::new, Work::resume);
        let (interrupt, progress) = (Interrupt::listen(), Progress::of_pages());
        let (mut last, cursor) = (None, self.cursor.as_deref());
        let done = reconciler.backfill(work, |page| {
            let kept = keep(cursor, &page);
            progress.at(page.page, page.pages, format!("{} changed", page.changed));
            let stops = interrupt.is_asked() && !page.done;
            last = Some(page);
            std::future::ready(match kept {
                Err(failure) => Err(failure.into()),
                Ok(()) if stops => {
                    Err(Box::<dyn std::error::Error + Send + Sync>::from(Interrupted))
                }
                Ok(()) => Ok(()),
            })
        });
        let done = done.await;
        progress.end();
        let error = match done {
            Ok(page) => {
                if let Some(path) = cursor {
                    std::fs::remove_file(path)
                        .map_err(|error| Failure::Write(path.to_owned(), error))?;
                }
                tell(output, &page, cursor);
                return Ok(ExitCode::SUCCESS);
            }
            Err(error) => error,
        };
        let interrupted = is_interrupted(&error);
        if let Some(page) = &last {
            tell(output, page, cursor);
        }
        if interrupted {
            return Ok(ExitCode::from(INTERRUPTED));
        }
        Err(Failure::because("the backfill stopped", error))
    }
}

fn is_interrupted(error: &BackfillError) -> bool {
    matches!(&error.cause, StopCause::Progress(cause) if cause.is::<Interrupted>())
}

fn load(path: &Path) -> Result<Option<Cursor>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(kept) => {
            let cursor = serde_json::from_str(&kept);
            cursor.map(Some).map_err(|_| {
                Failure::Usage(format!("{} holds no cursor of a backfill", path.display()))
            })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Read(path.to_owned(), error)),
    }
}

fn keep(cursor: Option<&Path>, page: &Page) -> Result<(), Failure> {
    let Some(path) = cursor else { return Ok(()) };
    let kept = serde_json::to_string(&page.cursor).expect("a cursor has string keys");
    crate::file::replace(path, &kept).map_err(|error| Failure::Write(path.to_owned(), error))
}

fn tell(output: Output, page: &Page, cursor: Option<&Path>) {
    let state = if page.done {
        Tone::Good.paint("Done.")
    } else {
        let of = page.pages.map(|pages| format!(" of {pages}")).unwrap_or_default();
        let on = match cursor {
            Some(_) => "the same command goes on from there",
            None => "without --cursor, the next run begins anew",
        };
        Tone::Warn.paint(format!("Stopped behind page {}{of}; {on}.", page.page))
    };
    let mut text =
        format!("{} subscriptions taken in, {} changed. {state}", page.seen, page.changed);
    if page.unreadable > 0 {
        let unreadable = format!("{} could not be read, and were passed over.", page.unreadable);
        text = format!("{text}\n{}", Tone::Warn.paint(unreadable));
    }
    output.tell(
        &text,
        &json!({
            "done": page.done, "page": page.page, "pages": page.pages, "total": page.total,
            "seen": page.seen, "changed": page.changed, "unreadable": page.unreadable,
            "cursor": page.cursor,
        }),
    );
}
