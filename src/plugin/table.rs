//! Tables for people: columns that fit 80 characters.

use super::clean::Clean;

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
    let mut line = String::with_capacity(80);
    for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
        if index > 0 {
            line.push(' ');
        }
        // Most cells are short and clean: numbers.
        let cleaned = match cell.len() <= column.width && Clean::is_clean(cell) {
            true => None,
            false => Some(Clean::short(cell, column.width)),
        };
        let text = cleaned.as_ref().map_or(cell.as_str(), Clean::as_str);
        let missing = column.width.saturating_sub(text.chars().count());
        if column.right {
            line.extend(std::iter::repeat_n(' ', missing));
        }
        line.push_str(text);
        if !column.right && index + 1 < columns.len() {
            line.extend(std::iter::repeat_n(' ', missing));
        }
    }
    line.truncate(line.trim_end().len());
    line
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
