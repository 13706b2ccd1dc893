//! The lines that matter, found by byte search before anything is parsed.

use aho_corasick::{AhoCorasick, packed};
use memchr::memmem::Finder;
use std::sync::Arc;

/// What to look for.
#[derive(Clone)]
pub struct Search(Arc<Words>);

enum Words {
    Program(Box<Finder<'static>>),
    /// By vector instructions.
    Few(packed::Searcher),
    /// Where the processor has none that serve.
    Several(AhoCorasick),
}

impl Search {
    /// Lines that contain at least one of `words`. `None` where the words cannot be searched for (none, or far too many).
    pub fn words(words: &[&str]) -> Option<Self> {
        if words.is_empty() {
            return None;
        }
        let few = packed::Searcher::new(words).map(Words::Few);
        let several = || AhoCorasick::new(words).ok().map(Words::Several);
        Some(Self(Arc::new(few.or_else(several)?)))
    }

    /// Lines that may be those of a program: its name, with what follows it in a tag.
    pub fn program(name: &str) -> Self {
        let finder = Finder::new(name.as_bytes()).into_owned();
        Self(Arc::new(Words::Program(Box::new(finder))))
    }

    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        match &*self.0 {
            Words::Few(words) => words.find(text).map(|found| found.start()),
            Words::Several(words) => words.find(text).map(|found| found.start()),
            Words::Program(finder) => {
                let mut hits = finder.find_iter(text);
                hits.find(|hit| ends_tag(&text[hit + finder.needle().len()..]))
            }
        }
    }
}

/// What follows a program's name: `[pid]:`, `:`, a blank (RFC 5424), or `.service[pid]:` (journalctl with units).
fn ends_tag(rest: &[u8]) -> bool {
    matches!(rest.first(), Some(b'[' | b':' | b' ')) || rest.starts_with(b".service")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: [&str; 4] = ["status=", "] said: ", " => ", ": removed"];
    /// Words, parts of words, and what stands between.
    const PIECES: [&str; 12] = [
        "status=",
        "stat",
        "us=",
        "] said: ",
        "]",
        " said: ",
        " => ",
        " =",
        ": removed",
        ": re",
        "\n",
        "some other text of a line",
    ];

    /// The lines in which something is found, each once.
    fn found(search: &Search, text: &str) -> Vec<usize> {
        let (mut lines, mut at) = (Vec::new(), 0);
        while let Some(hit) = search.find(&text.as_bytes()[at..]) {
            let end = text[at + hit..]
                .find('\n')
                .map_or(text.len(), |end| at + hit + end + 1);
            lines.push(text[..at + hit].matches('\n').count());
            at = end;
        }
        lines
    }

    proptest! {
        #[test]
        fn each_line_with_a_word_is_found_with_vector_instructions_and_without(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
            let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
            let holds = |(_, line): &(usize, &str)| WORDS.iter().any(|word| line.contains(word));
            let expected: Vec<usize> = text.split('\n').enumerate().filter(holds).map(|(number, _)| number).collect();
            let several = Words::Several(AhoCorasick::new(WORDS).unwrap());
            prop_assert_eq!(&found(&Search(Arc::new(several)), &text), &expected);
            prop_assert_eq!(&found(&Search::words(&WORDS).unwrap(), &text), &expected);
        }
    }
}
