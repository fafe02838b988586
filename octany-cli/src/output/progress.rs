//! How far long work has come.

use std::env;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on the terminal that errors go to; nothing where there is none.
#[derive(Clone, Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// One for pages, of which it is not known yet how many there are.
    pub(crate) fn of_pages() -> Self {
        let target = match env::var_os("TERM") {
            // It would be a line for each step.
            Some(term) if term == "dumb" => ProgressDrawTarget::hidden(),
            _ => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style("{spinner} page {pos}  {msg}"));
        Self(bar)
    }

    /// So many pages of so many are done.
    pub(crate) fn at(&self, page: u64, pages: Option<u64>, told: String) {
        if let Some(pages) = pages
            && self.0.length() != Some(pages)
        {
            self.0.set_length(pages);
            self.0.set_style(style("{bar:30} page {pos} of {len}, {eta} left  {msg}"));
        }
        self.0.set_position(page);
        self.0.set_message(told);
    }

    /// Takes it away again.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
