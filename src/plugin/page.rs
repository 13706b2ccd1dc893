//! The page of a report: 80 columns, text that is broken between words. Relies on `clean` for what the text may hold.

use super::clean::Clean;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Columns of the page.
pub const WIDTH: usize = 80;

/// Cleans a paragraph and breaks it between words; all lines but the first are indented by two more than `indent`.
pub fn wrap(paragraph: &str, indent: usize) -> Vec<String> {
    let (first, others) = (" ".repeat(indent), " ".repeat(indent + 2));
    let options = Options::new(WIDTH)
        .initial_indent(&first)
        .subsequent_indent(&others)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let clean = Clean::text(paragraph);
    let lines = textwrap::wrap(clean.as_str(), options);
    lines.into_iter().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_never_exceed_the_page() {
        let long = "x".repeat(200);
        let lines = wrap(&format!("{} {long}", "word ".repeat(30)), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(
            lines.len() > 4 && lines[0].starts_with("  word") && lines[1].starts_with("    word")
        );
        assert!(
            lines.concat().replace(' ', "").ends_with(&long),
            "nothing is cut"
        );
        assert_eq!(wrap("a|b", 0), ["a/b"]);
    }
}
