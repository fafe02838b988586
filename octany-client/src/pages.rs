//! All pages of a list.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::decode::Document;
use crate::error::{Failure, Undecodable};
use crate::list::List;
use crate::{Answered, Error, Page};

/// How often in a row one page may come instead of the next: a list that grows while it is read
/// pushes what was on a page to the next one.
const REPEATS: u32 = 3;

/// All pages of a list, one after the other: a [`Stream`] that needs no task, asks for a page when
/// it is polled for it, and ends with the last page or the first error.
///
/// Pages are counted here; the links in answers are never followed. A list that changes while it
/// is read may show an item twice or not at all, since Octany numbers pages and does not anchor
/// them. The stream ends for every server: with a page that is empty, with the one that is called
/// the last, and where one page comes again and again, which is an error if there should be more.
/// To go on after an error, begin with the page that failed ([`List::page`]).
///
/// ```no_run
/// # async fn example(client: octany_client::Client) -> Result<(), octany_client::Error> {
/// let mut pages = client.subscriptions().pages();
/// while let Some(page) = pages.try_next().await? {
///     println!("{} of {:?}, as of {}", page.number, page.last, page.as_of);
/// }
/// # Ok(()) }
/// ```
pub struct Pages<T>(BoxStream<'static, Result<Page<T>, Error>>);

/// All items of a list, one after the other: [`Pages`], taken apart.
///
/// ```no_run
/// # async fn example(client: octany_client::Client) -> Result<(), octany_client::Error> {
/// let mut all = client.subscriptions().stream();
/// while let Some(subscription) = all.try_next().await? {
///     println!("{} was {}", subscription.value.id, subscription.value.status);
/// }
/// # Ok(()) }
/// ```
pub struct Items<T>(BoxStream<'static, Result<Answered<T>, Error>>);

/// Where a stream stands.
struct Reading<T> {
    list: List<T>,
    /// What is asked for next; `None` once all was read.
    next: Option<u64>,
    /// What was on the page before.
    before: Option<u64>,
    repeats: u32,
}

#[expect(private_bounds, reason = "only resources of this crate are listed")]
impl<T: Document> Pages<T> {
    pub(crate) fn new(list: List<T>, first: u64) -> Self {
        let reading = Reading { list, next: Some(first), before: None, repeats: 0 };
        Self(stream::try_unfold(reading, Reading::read).boxed())
    }
}

#[expect(private_bounds, reason = "only resources of this crate are listed")]
impl<T: Document> Items<T> {
    pub(crate) fn new(pages: Pages<T>) -> Self {
        let items = |page: Page<T>| {
            let as_of = page.as_of;
            let answered = move |value| Ok(Answered { value, as_of });
            stream::iter(page.items.into_iter().map(answered))
        };
        Self(pages.map_ok(items).try_flatten().boxed())
    }
}

impl<T: Document> Reading<T> {
    async fn read(mut self) -> Result<Option<(Page<T>, Self)>, Error> {
        while let Some(number) = self.next {
            let page = self.list.fetch(number).await?;
            self.next = page.next();
            let content = content(&page);
            let first = self.before.is_none();
            if !first && page.is_empty {
                return Ok(None);
            }
            if self.before.replace(content) != Some(content) {
                self.repeats = 0;
                return Ok(Some((page, self)));
            }
            self.repeats += 1;
            if self.repeats == REPEATS && self.next.is_some() {
                return match page.last {
                    None => Ok(None),
                    Some(_) => Err(self.repeated()),
                };
            }
        }
        Ok(None)
    }

    fn repeated(&self) -> Error {
        let request = &self.list.request;
        Error::new(request.operation, &request.method, 1, Failure::from(Undecodable::Repeated))
    }
}

/// What is on a page, by the ids: links in it are signed anew each time.
fn content<T: Document>(page: &Page<T>) -> u64 {
    let mut hasher = DefaultHasher::new();
    page.items.iter().for_each(|item| item.id().hash(&mut hasher));
    hasher.finish()
}

macro_rules! streams {
    ($($name:ident: $item:ty,)+) => {$(
        impl<T> $name<T> {
            /// The next one; `None` after the last one, and after an error.
            ///
            /// # Errors
            ///
            /// [`Error`]
            pub async fn try_next(&mut self) -> Result<Option<$item>, Error> {
                self.0.try_next().await
            }
        }

        impl<T> Stream for $name<T> {
            type Item = Result<$item, Error>;

            fn poll_next(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Self::Item>> {
                self.0.poll_next_unpin(context)
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

streams! {
    Pages: Page<T>,
    Items: Answered<T>,
}
