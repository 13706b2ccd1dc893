//! Counts in sentences. Relies on nothing.

/// `1 host`, `2 hosts`, `2 tries`, `2 processes`.
pub fn counted(count: u64, noun: &str) -> String {
    let behind_a_consonant = |stem: &&str| !stem.ends_with(['a', 'e', 'o', 'u']);
    match noun.strip_suffix('y').filter(behind_a_consonant) {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None if noun.ends_with('s') => format!("{count} {noun}es"),
        None => format!("{count} {noun}s"),
    }
}

/// What stands behind the first of several: ` (and 2 more)`, or nothing.
pub fn and_more(count: usize) -> String {
    match count {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_in_the_plural() {
        for (count, noun, words) in [
            (0, "host", "0 hosts"),
            (1, "reply", "1 reply"),
            (2, "reply", "2 replies"),
            (3, "day", "3 days"),
            (4, "process", "4 processes"),
        ] {
            assert_eq!(counted(count, noun), words);
        }
        assert_eq!([and_more(0), and_more(2)], ["", " (and 2 more)"]);
    }
}
