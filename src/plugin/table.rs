//! Tables for people: columns that fit 80 characters.

use super::clean::Clean;
use std::fmt::Write as _;

/// A column: its heading, its width and on which side its cells stand.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The heading.
    pub heading: &'static str,
    /// Characters; longer cells are cut with `…`.
    pub width: usize,
    /// Numbers stand at the right.
    pub right: bool,
}

impl Column {
    /// A column of text.
    pub const fn left(heading: &'static str, width: usize) -> Self {
        Self {
            heading,
            width,
            right: false,
        }
    }

    /// A column of numbers.
    pub const fn right(heading: &'static str, width: usize) -> Self {
        Self {
            heading,
            width,
            right: true,
        }
    }
}

/// One line of cells, cleaned and cut, a blank apart; nothing behind the last word.
pub fn row(columns: &[Column], cells: &[String]) -> String {
    let mut line = String::new();
    for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
        if index > 0 {
            line.push(' ');
        }
        let text = Clean::short(cell, column.width);
        let written = if column.right {
            write!(line, "{text:>width$}", width = column.width)
        } else {
            write!(line, "{text:<width$}", width = column.width)
        };
        debug_assert!(written.is_ok());
    }
    line.trim_end().to_owned()
}

/// The line of headings.
pub fn headings(columns: &[Column]) -> String {
    let cells: Vec<String> = columns.iter().map(|c| c.heading.to_owned()).collect();
    row(columns, &cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_cleaned_and_aligned() {
        let columns = [Column::left("sender", 8), Column::right("tries", 5)];
        assert_eq!(headings(&columns), "sender   tries");
        let cells = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(row(&columns, &cells("a|b", "12")), "a/b         12");
        assert_eq!(
            row(&columns, &cells("sendgrid.net", "123456")),
            "sendgri… 1234…"
        );
    }
}
