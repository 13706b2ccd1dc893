//! One spelling for all: lower case, Latin letters without accents, one blank between words.
//!
//! Mail servers write `refuse`, `refusé` and `REFUSÉ`, because SMTP replies were 7-bit for thirty years. Rules are
//! written once, in plain lower-case letters; other scripts are only lower-cased.

/// Accented Latin letters (lower case) and what stands for them.
const PLAIN: &[(&str, &str)] = &[
    ("àáâãäåāăą", "a"),
    ("çćčĉċ", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ìíîïĩīĭįı", "i"),
    ("łľĺļ", "l"),
    ("ñńňņ", "n"),
    ("òóôõöøōŏő", "o"),
    ("ŕřŗ", "r"),
    ("śšşŝș", "s"),
    ("ťţț", "t"),
    ("ùúûüũūŭůűų", "u"),
    ("ýÿ", "y"),
    ("źžż", "z"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("’‘´`", "'"),
    ("“”„«»", "\""),
    ("–—‐‑", "-"),
];

/// The folded text. Control characters count as blanks; the result has no blank at either end.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let plain = plain_run(rest);
        let (run, after) = rest.split_at(plain);
        folded.push_str(run);
        rest = after;
        if plain == 0 {
            push(&mut folded, c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    folded.make_ascii_lowercase();
    folded.truncate(folded.trim_end().len());
    folded
}

/// Bytes that fold to themselves or to their small letter: nearly all of a reply.
fn plain_run(text: &str) -> usize {
    text.bytes()
        .position(|b| !b.is_ascii_graphic())
        .unwrap_or(text.len())
}

fn push(folded: &mut String, c: char) {
    if c.is_whitespace() || c.is_control() {
        if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    } else {
        c.to_lowercase().for_each(|lower| push_plain(folded, lower));
    }
}

/// `İ` lower-cases to an i and a combining dot: the dot says nothing here.
fn push_plain(folded: &mut String, lower: char) {
    const COMBINING: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';
    match PLAIN.iter().find(|(accented, _)| accented.contains(lower)) {
        Some((_, plain)) => folded.push_str(plain),
        None if COMBINING.contains(&lower) => {}
        None => folded.push(lower),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_fold_to_one() {
        let rows = [
            ("Service REFUSÉ", "service refuse"),
            (
                "Boîte  aux\tlettres\r\npleine – réessayez ",
                "boite aux lettres pleine - reessayez",
            ),
            ("Größe überschritten", "grosse uberschritten"),
            ("ODRZUCONO: ŁĄCZE", "odrzucono: lacze"),
            ("İzin", "izin"),
            ("Ваш IP в ЧЁРНОМ списке", "ваш ip в чёрном списке"),
            ("owner’s “policy”", "owner's \"policy\""),
            ("\u{0}\u{1b}[0m", "[0m"),
            ("", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(fold(text), expected, "{text}");
        }
    }
}
