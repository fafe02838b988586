//! Taking in all subscriptions.

mod cursor;
mod error;

use std::error::Error;

use futures_util::stream::{self, StreamExt};

pub use self::cursor::Cursor;
pub use self::error::{BackfillError, StopCause};
use super::question::warn_of;
use super::{ReconcileError, Reconciler};
use crate::{Client, Priority};

/// What to take in, and how.
#[derive(Clone, Debug)]
#[must_use]
pub struct Backfill {
    cursor: Cursor,
    at_once: usize,
}

impl Backfill {
    /// Everything, from the first page.
    pub fn new() -> Self {
        Self::resume(Cursor::default())
    }

    /// What is left to do from a cursor on. The last page before it is taken in once more.
    pub fn resume(cursor: Cursor) -> Self {
        Self { cursor, at_once: 4 }
    }

    /// How many subscriptions of a page are stored at the same time; 4 unless set.
    pub fn at_once(mut self, reports: usize) -> Self {
        self.at_once = reports.max(1);
        self
    }
}

impl Default for Backfill {
    fn default() -> Self {
        Self::new()
    }
}

/// How far a backfill got. The counts are those of all runs together, pages that were looked at
/// twice counted twice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The page that was just taken in.
    pub page: u64,
    /// How many pages there are, where the answer says so.
    pub pages: Option<u64>,
    /// How many subscriptions there are, where the answer says so.
    pub total: Option<u64>,
    /// How many were answered.
    pub seen: u64,
    /// By how many of them what is known changed.
    pub changed: u64,
    /// How many could not be read, and were passed over.
    pub unreadable: u64,
    /// Whether this was the last page to be taken in.
    pub done: bool,
    /// Keep this, to go on from here should anything happen.
    pub cursor: Cursor,
}

impl Reconciler {
    /// Takes in all subscriptions that Octany has, page by page: when an app begins with this
    /// crate, or after an outage that lasted longer than deliveries are repeated.
    ///
    /// After each page, what it was told is stored, and `on_page` gets the [`Progress`], with the
    /// [`Cursor`] to [go on](Backfill::resume) from. Keep it in a place of your own; an error of
    /// `on_page` stops the backfill. It is made of calls that are repeated without harm, so it may
    /// be dropped anywhere, run twice, and run beside webhooks.
    ///
    /// # What moves meanwhile
    ///
    /// Pages are numbered, so what stands in the list moves while it is read.
    ///
    /// - Where subscriptions vanish, those behind them move up, onto pages that were read already.
    ///   That shows in the total of the next page, and as many pages before it are read again.
    /// - Where new ones come, those behind them move down and are read twice. The new ones are on a
    ///   page still to come, or, where the list has the newest first, on the first pages: as many of
    ///   those as came are read again in the end.
    /// - What is not seen: as many that come as vanish between two pages, and, should the list be
    ///   sorted by what changes, one that moves to a page that was read. What comes or changes is
    ///   also delivered as a webhook. Where those are away too, an [audit](Self::audit) finds it. An
    ///   answer without totals hides the other two as well.
    ///
    /// It is bounded by the client's rate limit alone, where it gives way to calls that a
    /// [person](Priority::Person) waits for.
    ///
    /// # Errors
    ///
    /// [`BackfillError`], with the cursor, at the first page that is not answered and the first
    /// subscription that is not stored. One that cannot be read stops nothing: it is logged,
    /// counted, and passed over.
    pub async fn backfill<F, Fut, E>(
        &self,
        backfill: Backfill,
        mut on_page: F,
    ) -> Result<Progress, BackfillError>
    where
        F: FnMut(Progress) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let Backfill { mut cursor, at_once } = backfill;
        let client = self.inner.client.clone().priority(Priority::Background);
        let mut page = cursor.page.max(1);
        loop {
            let progress = match self.take_in(&client, page, &mut cursor, at_once).await {
                Ok(progress) => progress,
                Err(error) => return Err(BackfillError { cursor, cause: StopCause::Page(error) }),
            };
            page = cursor.page + 1;
            let Some(progress) = progress else { continue };
            if let Err(error) = on_page(progress.clone()).await {
                let cause = StopCause::Progress(error.into());
                return Err(BackfillError { cursor, cause });
            }
            if progress.done {
                return Ok(progress);
            }
        }
    }

    /// Takes a page in, unless pages before it have to be read again.
    async fn take_in(
        &self,
        client: &Client,
        number: u64,
        cursor: &mut Cursor,
        at_once: usize,
    ) -> Result<Option<Progress>, ReconcileError> {
        let (page, unreadable) = client.subscriptions().page(number).send_for_readable().await?;
        let on_page = (page.items.len() + unreadable.len()) as u64;
        if !cursor.goes_on_with(number, on_page, page.total) {
            return Ok(None);
        }
        warn_of(&unreadable);
        let reports: Vec<_> =
            page.items.iter().map(|item| self.inner.report(item, page.as_of)).collect();
        let mut reports = stream::iter(reports).buffer_unordered(at_once);
        let mut changed = 0;
        while let Some(applied) = reports.next().await {
            changed += u64::from(applied?.changed());
        }
        cursor.seen += page.items.len() as u64;
        cursor.changed += changed;
        cursor.unreadable += unreadable.len() as u64;
        let done = cursor.took_in(number, page.next().is_some());
        Ok(Some(Progress {
            page: number,
            pages: page.last,
            total: page.total,
            seen: cursor.seen,
            changed: cursor.changed,
            unreadable: cursor.unreadable,
            done,
            cursor: cursor.clone(),
        }))
    }
}
