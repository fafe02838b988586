//! Colours, by what they mean.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

use super::{Cell, plain};

/// What a text means to whom it is shown. Each is readable without its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// It is as it should be.
    Good,
    /// It wants to be looked at.
    Warn,
    /// It is wrong.
    Bad,
    /// It is what the line is about.
    Strong,
    /// It is beside the point.
    Faint,
}

impl Tone {
    /// A text in this tone, made [`plain()`].
    pub(crate) fn paint(self, text: impl Display) -> String {
        let style = self.style();
        format!("{style}{}{style:#}", plain(&text.to_string()))
    }

    /// A cell of a table in this tone.
    pub(crate) fn cell(self, text: impl Display) -> Cell {
        Cell::new(text, self)
    }

    fn style(self) -> Style {
        let color = |color: AnsiColor| color.on_default();
        match self {
            Self::Plain => Style::new(),
            Self::Good => color(AnsiColor::Green),
            Self::Warn => color(AnsiColor::Yellow),
            Self::Bad => color(AnsiColor::Red).bold(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
        }
    }
}
