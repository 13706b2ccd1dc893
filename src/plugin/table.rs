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

/// What stands in a column.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'c> {
    /// Text, of whatever origin.
    Text(&'c str),
    /// A number; in thousands (`k`), millions (`M`) and so on where the whole has no room.
    Number(u64),
}

/// One line of cells, cleaned and cut, a blank apart; nothing behind the last word.
pub fn row(columns: &[Column], cells: &[impl AsRef<str>]) -> String {
    let mut line = String::with_capacity(80);
    let cells = cells.iter().map(|cell| Cell::Text(cell.as_ref()));
    write_row(&mut line, columns, cells);
    line
}

/// Adds a [`row`] to text. There may be a hundred thousand of them: no cell is a string of its own.
pub fn write_row<'c>(
    text: &mut String,
    columns: &[Column],
    cells: impl IntoIterator<Item = Cell<'c>>,
) {
    let start = text.len();
    for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
        if index > 0 {
            text.push(' ');
        }
        match cell {
            Cell::Text(cell) => column.write(text, cell),
            Cell::Number(number) => {
                let mut digits = itoa::Buffer::new();
                let digits = digits.format(number);
                match digits.len() <= column.width {
                    true => column.align(text, digits, digits.len()),
                    false => column.write(text, &rounded(number, column.width)),
                }
            }
        }
    }
    let end = text[start..].trim_end().len();
    text.truncate(start + end);
}

impl Column {
    fn write(&self, line: &mut String, cell: &str) {
        // Most cells are short and clean.
        if cell.len() <= self.width && Clean::is_clean(cell) {
            self.align(line, cell, cell.len());
        } else {
            let cell = Clean::short(cell, self.width);
            self.align(line, cell.as_str(), cell.as_str().chars().count());
        }
    }

    fn align(&self, line: &mut String, cell: &str, characters: usize) {
        let missing = self.width.saturating_sub(characters);
        if self.right {
            blanks(line, missing);
            line.push_str(cell);
        } else {
            line.push_str(cell);
            blanks(line, missing);
        }
    }
}

/// The number in the smallest unit of thousands that `width` has room for: a number that lost its end would be another one.
fn rounded(number: u64, width: usize) -> String {
    let unit = |(power, unit): (u32, char)| {
        let size = 1000_u64.pow(power);
        format!("{}{unit}", number.saturating_add(size / 2) / size)
    };
    (1..)
        .zip("kMGTPE".chars())
        .map(unit)
        .find(|text| text.len() <= width)
        .unwrap_or_else(|| number.to_string())
}

fn blanks(line: &mut String, mut count: usize) {
    const BLANKS: &str = "                                ";
    while count > BLANKS.len() {
        line.push_str(BLANKS);
        count -= BLANKS.len();
    }
    line.push_str(&BLANKS[..count]);
}

/// The line of headings.
pub fn headings(columns: &[Column]) -> String {
    let cells: Vec<&str> = columns.iter().map(|column| column.heading).collect();
    row(columns, &cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_cleaned_and_aligned() {
        let columns = [Column::left("sender", 8), Column::right("tries", 5)];
        assert_eq!(headings(&columns), "sender   tries");
        assert_eq!(row(&columns, &["a|b", "12"]), "a/b         12");
        assert_eq!(row(&columns, &["sendgrid.net", "123456"]), "sendgri… 1234…");
        assert_eq!(row(&columns, &["éé", ""]), "éé");
    }

    #[test]
    fn rows_are_added_behind_other_text() {
        let columns = [Column::right("tries", 5), Column::left("sender", 8)];
        let mut text = String::from("before  \n");
        write_row(&mut text, &columns, [Cell::Number(12), Cell::Text("a")]);
        write_row(
            &mut text,
            &columns,
            [Cell::Number(1_234_567), Cell::Text("")],
        );
        assert_eq!(text, "before  \n   12 a1235k");
    }

    #[test]
    fn numbers_are_never_cut() {
        for (width, number, expected) in [
            (5, 99_999, "99999"),
            (5, 100_000, " 100k"),
            (5, 123_456, " 123k"),
            (5, 9_999_499, "9999k"),
            (5, 9_999_500, "  10M"),
            (4, 9_999, "9999"),
            (4, 10_000, " 10k"),
            (4, 999_499, "999k"),
            (4, 999_500, "  1M"),
            (4, u64::MAX, " 18E"),
            (2, 999_999, "1M"),
            (1, 12, "…"),
        ] {
            let mut text = String::new();
            write_row(
                &mut text,
                &[Column::right("n", width)],
                [Cell::Number(number)],
            );
            assert_eq!(text, expected, "{number} in {width}");
        }
    }
}
