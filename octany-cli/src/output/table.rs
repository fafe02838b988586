//! Tables.

use std::fmt::{self, Display};
use std::io;

use comfy_table::{Attribute, Color, ContentArrangement, TableStyle};

use super::{Tone, plain};

/// A table with a heading for each column.
///
/// On a terminal it is as wide as that, and what is longer is broken; elsewhere each row is one line.
/// A column in which nothing stands is left out.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

/// What stands in a table: text from anywhere.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Table {
    pub(crate) fn new(headings: impl IntoIterator<Item = &'static str>) -> Self {
        Self { headings: headings.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row, with a cell for each heading.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let row: Vec<_> = cells.into_iter().collect();
        debug_assert_eq!(row.len(), self.headings.len());
        self.rows.push(row);
    }

    fn drawn(&self, width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        // Colours are always there; the stream that it is written to leaves them out where it must.
        table.force_no_tty().enforce_styling().style_text_only();
        table.load_style(TableStyle::new());
        if let Some(width) = width {
            table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
        }
        let is_filled = |column: &usize| self.rows.iter().any(|row| !row[*column].text.is_empty());
        let columns: Vec<_> = (0..self.headings.len()).filter(is_filled).collect();
        let heading = |column: &usize| Tone::Strong.cell(self.headings[*column]).drawn();
        table.set_header(columns.iter().map(heading));
        for row in &self.rows {
            table.add_row(columns.iter().map(|column| row[*column].drawn()));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        table.trim_fmt()
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = terminal_size::terminal_size_of(io::stdout());
        f.write_str(&self.drawn(size.map(|(width, _)| width.0)))
    }
}

impl Cell {
    pub(super) fn new(text: impl Display, tone: Tone) -> Self {
        Self { text: plain(&text.to_string()), tone }
    }

    fn drawn(&self) -> comfy_table::Cell {
        let cell = comfy_table::Cell::new(&self.text);
        match self.tone {
            Tone::Plain => cell,
            Tone::Good => cell.fg(Color::DarkGreen),
            Tone::Warn => cell.fg(Color::DarkYellow),
            Tone::Bad => cell.fg(Color::DarkRed).add_attribute(Attribute::Bold),
            Tone::Strong => cell.add_attribute(Attribute::Bold),
            Tone::Faint => cell.add_attribute(Attribute::Dim),
        }
    }
}

impl<T: Display> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["Reference", "Why"]);
        table.row(["user_42".into(), Tone::Bad.cell("the renewal is overdue")]);
        table.row([Cell::from("user\n43"), Cell::from(7)]);
        table
    }

    fn without_colours(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_row_is_a_line_where_nobody_says_how_wide() {
        let drawn = without_colours(&table().drawn(None));
        let expected = "Reference      Why\n\
                        user_42        the renewal is overdue\n\
                        user\\u{a}43    7";
        assert_eq!(lines(&drawn), lines(expected));
        assert_eq!(drawn.lines().count(), 3);
    }

    #[test]
    fn a_column_with_nothing_in_it_is_left_out() {
        let mut table = Table::new(["Reference", "Ends", "Why"]);
        table.row(["user_42".into(), "".into(), "active".into()]);
        assert!(!table.drawn(None).contains("Ends"));
        table.row(["user_43".into(), "today".into(), "cancelled".into()]);
        assert!(table.drawn(None).contains("Ends"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let drawn = without_colours(&table().drawn(Some(24)));
        assert!(drawn.lines().all(|line| line.chars().count() <= 24), "{drawn}");
        assert!(drawn.lines().count() > 3, "{drawn}");
    }

    /// The columns of each line, whatever is between them.
    fn lines(text: &str) -> Vec<Vec<&str>> {
        text.lines().map(|line| line.split("  ").filter(|it| !it.is_empty()).collect()).collect()
    }
}
