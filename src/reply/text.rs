//! From the reason as Postfix or Exim shows it to the words that the other server meant.
//!
//! Both mail servers join the lines of a reply with the status code of each line left inside (`421-4.7.0 … 421 4.7.0`); Exim
//! writes the line break as `\n`. The phrase `refused to talk to me:` and the tail `(in reply to … command)` stay: they tell
//! the stage.

use std::borrow::Cow;
use std::net::IpAddr;

use super::head::{Head, REFUSED, Stage};
use super::names::Names;
use super::{denial, echo, fold};

/// Postfix keeps about twice its `line_length_limit` of 2048 bytes of a reply; more than this is not read.
const LONGEST: usize = 8192;

/// A reply without transport damage and echoes, in plain lower-case words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The server that replied, lower case, where the reason names it.
    pub host: Option<String>,
    /// The address of that server: theirs, never ours.
    pub host_address: Option<IpAddr>,
    /// What rules are matched against.
    pub text: String,
    /// Names in the text that are those of a DNS blocklist, by their looks or by the words before them, and in none of our tables.
    pub zones: Vec<String>,
    /// The list that the reply itself names, behind `blocked using` or `listed at`: it decides before any other name.
    pub lister: Option<String>,
}

impl Normalised {
    /// Undoes what the transport did and cuts what only echoes names and addresses.
    ///
    /// Accepts a reason as Postfix shows it, the same in its outer parentheses, or the bare reply.
    #[must_use]
    pub fn new(reason: &str, names: &Names) -> Self {
        let head = Head::of(readable(reason));
        let cut = echo::cut(&without_inner_codes(&folded(head.reply)), head.host, names);
        let said = denial::cut(cut.text);
        let text = match head.stage {
            Stage::Greeting => [REFUSED, &said].concat(),
            Stage::After(stage) => {
                format!("{said} (in reply to {} command)", fold::fold(stage))
            }
            Stage::Told => said,
        };
        Normalised {
            host: head.host.map(str::to_lowercase),
            host_address: head.address(),
            text,
            zones: cut.zones,
            lister: cut.lister,
        }
    }
}

/// Exim's written line breaks count as blanks; `anti-spam` is one word, for it says nothing about spam.
fn folded(reply: &str) -> String {
    let spaced = if reply.contains("\\n") {
        Cow::Owned(reply.replace("\\n", " "))
    } else {
        Cow::Borrowed(reply)
    };
    let folded = fold::fold(&spaced);
    if !folded.contains("anti") {
        return folded;
    }
    folded
        .replace("anti-spam", "antispam")
        .replace("anti spam", "antispam")
}

/// The part of a reason that is read at all.
pub(super) fn readable(reason: &str) -> &str {
    let mut end = LONGEST.min(reason.len());
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.get(..end).unwrap_or(reason)
}

/// Takes out the status codes that stood at the start of the reply's further lines; the first line keeps its own.
fn without_inner_codes(reply: &str) -> String {
    let (first, rest) = reply.split_once(' ').unwrap_or((reply, ""));
    let several = code_of(first).is_some_and(|(_, tail)| tail.is_some());
    let mut words =
        code_of(first).map_or_else(|| first.to_owned(), |(code, tail)| spaced(code, tail));
    let mut line_start = false;
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        let cut = line_code(word, several.then(|| first.get(..3)).flatten());
        let word = cut.unwrap_or(word);
        line_start |= cut.is_some();
        if word.is_empty() || (line_start && is_enhanced(word)) {
            continue;
        }
        let glued = line_start && word.starts_with(['.', '/']);
        words.push_str(if glued { "" } else { " " });
        words.push_str(word);
        line_start = false;
    }
    words
}

fn spaced(code: &str, tail: Option<&str>) -> String {
    [code, tail.unwrap_or_default()]
        .join(" ")
        .trim_end()
        .to_owned()
}

/// What is left of a word that begins a further line: `421-4.7.0` and `421-text`, behind a `421-` also a bare `421`.
fn line_code<'a>(word: &'a str, first: Option<&str>) -> Option<&'a str> {
    match code_of(word)? {
        (_, Some(tail)) if is_enhanced(tail) || !tail.starts_with(|c: char| c.is_ascii_digit()) => {
            Some(tail)
        }
        (code, None) if Some(code) == first => Some(""),
        _ => None,
    }
}

/// A status code (RFC 5321: 2, 4 or 5 and two digits), alone or with what follows a hyphen.
fn code_of(word: &str) -> Option<(&str, Option<&str>)> {
    let (code, rest) = word.split_at_checked(3)?;
    let is_code = code.starts_with(['2', '4', '5']) && code.bytes().all(|b| b.is_ascii_digit());
    match rest.strip_prefix('-') {
        _ if !is_code => None,
        Some(tail) => Some((code, Some(tail))),
        None => rest.is_empty().then_some((code, None)),
    }
}

/// An enhanced status code (RFC 3463): class, subject and detail.
fn is_enhanced(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let number =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transport_leaves_no_trace() {
        let rows = [
            (
                "host mx.a.example[192.0.2.1] said: 550 5.7.1 No (in reply to MAIL FROM command)",
                "550 5.7.1 no (in reply to mail from command)",
            ),
            ("(host mx.a.example[192.0.2.1] said: 550 No)", "550 no"),
            (
                "host mx.a.example[2001:db8::1] refused to talk to me: 554 No",
                "refused to talk to me: 554 no",
            ),
            (
                "delivery temporarily suspended: host mx.a.example[192.0.2.1] refused to talk to me: 421 Go",
                "refused to talk to me: 421 go",
            ),
            (
                "connect to mx.a.example[192.0.2.1]: server refused to talk to me: 421 Go   (port 25)",
                "refused to talk to me: 421 go",
            ),
            (
                "host m[192.0.2.1] said: 421-4.7.0 an unusual rate of 421-4.7.0 unsolicited 421 4.7.0 mail",
                "421 4.7.0 an unusual rate of unsolicited mail",
            ),
            ("554-one 554-two 554 three", "554 one two three"),
            (
                "550-see http://www.a.example 550-/help.html for 550 more",
                "550 see http://#host/help.html for more",
            ),
            (
                "550 5.1.1 wait 200-300 seconds, at most 250 tries",
                "550 5.1.1 wait 200-300 seconds, at most 250 tries",
            ),
            (
                "defer (-44) H=mx.a.example [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<x@a.example>: 452-4.2.2 Full\\n452-4.2.2 up",
                "452 4.2.2 full up (in reply to rcpt to command)",
            ),
            (
                "refused to talk to me: 554 No",
                "refused to talk to me: 554 no",
            ),
            ("", ""),
        ];
        let names = Names::builtin().unwrap();
        for (reason, expected) in rows {
            assert_eq!(Normalised::new(reason, &names).text, expected, "{reason}");
        }
    }

    #[test]
    fn the_replying_server_is_named_and_is_not_part_of_the_text() {
        let cut = Normalised::new(
            "host MX.spamhaus-fan.example[192.0.2.1] said: 550 No",
            &Names::builtin().unwrap(),
        );
        assert_eq!(cut.host.as_deref(), Some("mx.spamhaus-fan.example"));
        assert_eq!(cut.host_address, Some("192.0.2.1".parse().unwrap()));
        assert_eq!(cut.text, "550 no");
        assert_eq!(
            Normalised::new("550 No", &Names::builtin().unwrap()).host,
            None
        );
    }

    #[test]
    fn a_giant_reply_is_cut_between_characters() {
        let giant = "é".repeat(LONGEST);
        assert_eq!(
            Normalised::new(&giant, &Names::builtin().unwrap())
                .text
                .len(),
            LONGEST / 2
        );
    }
}
