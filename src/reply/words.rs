//! Word lists that patterns share: `{us}` in a pattern stands for the entry `us` of `[words]`.

use std::collections::BTreeMap;

use super::written::AnyOf;

/// How often `{word}` may lead to another word.
const WORD_DEPTH: usize = 4;

/// Bytes of a pattern with its words filled in; the longest of ours has 30,000. Ten words within ten words, four deep, ask for more than
/// a mail server has.
const LONGEST: usize = 1 << 16;

/// Bytes of all filled words that are kept; ours have a tenth of it. What is beyond is filled where it is used.
const MOST: usize = 1 << 20;

/// The word lists of all rule files read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    written: BTreeMap<String, String>,
    /// The same without words in them: filled once, for dozens of patterns hold the same ones.
    whole: BTreeMap<String, String>,
}

impl Words {
    pub(super) fn extend(&mut self, words: BTreeMap<String, AnyOf>) {
        if words.is_empty() {
            return;
        }
        let words = words.into_iter().map(|(name, any)| (name, any.joined()));
        self.written.extend(words);
        self.whole.clear();
        let mut room = MOST;
        let filled = |(name, word): (&String, &String)| {
            let whole = self.filled(word).ok()?;
            room = room.checked_sub(whole.len())?;
            Some((name.clone(), whole))
        };
        self.whole = self.written.iter().filter_map(filled).collect();
    }

    /// The pattern with its `{words}` filled in.
    pub(super) fn filled(&self, pattern: &str) -> Result<String, String> {
        let mut filled = pattern.to_owned();
        for _ in 0..WORD_DEPTH {
            let Some(next) = self.filled_once(&filled)? else {
                return Ok(filled);
            };
            filled = next;
        }
        Err(format!("words are nested more than {WORD_DEPTH} deep"))
    }

    fn filled_once(&self, pattern: &str) -> Result<Option<String>, String> {
        let mut filled = String::with_capacity(pattern.len());
        let mut rest = pattern;
        let mut changed = false;
        while let Some((before, name, after)) = word_in(rest) {
            let word = self
                .whole
                .get(name)
                .or_else(|| self.written.get(name))
                .ok_or_else(|| format!("unknown word {{{name}}}: define it under [words]"))?;
            filled.extend([before, "(?:", word, ")"]);
            if filled.len() > LONGEST {
                return Err(format!("its words make it longer than {LONGEST} bytes"));
            }
            rest = after;
            changed = true;
        }
        filled.push_str(rest);
        Ok(changed.then_some(filled))
    }
}

/// The first `{word}`; `{2,5}` is a repetition.
fn word_in(pattern: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + pattern.get(from..)?.find('{')?;
        let (name, after) = pattern.get(open + 1..)?.split_once('}')?;
        if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Some((pattern.get(..open)?, name, after));
        }
        from = open + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::written::AnyOf;

    #[test]
    fn words_that_are_too_many_to_keep_are_filled_all_the_same() {
        let text = "x".repeat(LONGEST / 2);
        let names = 0..4 * MOST / LONGEST;
        let written = names
            .clone()
            .map(|n| (format!("w{n}"), AnyOf::from_text(&text)));
        let mut words = Words::default();
        words.extend(written.collect());
        assert!(words.whole.values().map(String::len).sum::<usize>() <= MOST);
        for n in names {
            assert_eq!(
                words.filled(&format!("a{{w{n}}}")),
                Ok(format!("a(?:{text})"))
            );
        }
    }
}
