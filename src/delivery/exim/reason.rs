//! Why a try failed, as Postfix would put it: from the fields of a log line, or from the text of an error as a bounce quotes it.
//!
//! Where the server stands depends on the version. Today it is a field before the text, up to about 4.8x it stood behind the command
//! or behind the text:
//!
//! ```text
//! … H=NAME [IP]: SMTP error from remote mail server after RCPT TO:<…>: REPLY
//! …: SMTP error from remote mail server after RCPT TO:<…>: host NAME [IP]: REPLY
//! …: Connection timed out H=NAME [IP]
//! ```

use crate::log::escape::{self, octal};
use std::borrow::Cow;

/// SMTP, or LMTP to the program that keeps the mailboxes.
const ERROR: &str = "MTP error from remote mail server after ";
/// Exim's words where it did not even try: they say nothing new about the reason.
const SKIPPED: [&str; 2] = ["retry time not reached", "retry timeout exceeded"];
/// How a line ends whose try was the last one: the retry time has run out.
const GIVEN_UP: &str = ": retry timeout exceeded";
/// `all hosts for 'a.example' have been failing for a long time (and retry time not reached)`
const FAILING: [&str; 2] = ["all hosts", " have been failing for a long time"];

/// Name and address of a server.
type Server<'a> = (&'a str, &'a str);

/// The reason in the fields of a line.
pub(super) fn reason(fields: &str) -> String {
    refusal(fields).unwrap_or_else(|| plain(fields))
}

/// `host NAME[IP] said: REPLY`, or `refused to talk to me` where the greeting or EHLO was refused.
pub(super) fn refusal(fields: &str) -> Option<String> {
    let (before, error) = fields.split_once(ERROR)?;
    let (command, reply) = error.split_once(": ")?;
    let ((name, address), reply) = match (behind_command(reply), host(before)) {
        (Some(found), _) => found,
        (None, server) => (server?, reply),
    };
    let reply = unescaped(reply.strip_suffix(GIVEN_UP).unwrap_or(reply));
    // With pipelining Exim says so before the command.
    let command = command.strip_prefix("pipelined ").unwrap_or(command);
    let greeting = ["initial connection", "EHLO", "HELO", "LHLO"];
    let verb = match greeting.iter().any(|start| command.starts_with(start)) {
        true => "refused to talk to me",
        false => "said",
    };
    Some(format!("host {name}[{address}] {verb}: {reply}"))
}

/// The reason in the text of an error without the fields of a line, over several lines perhaps.
pub fn quoted(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let failed = ["Connection ", "defer ("]
        .iter()
        .any(|start| text.starts_with(start));
    if failed && !text.contains(ERROR) {
        return without_server(&text).1.map(|_| plain(&text));
    }
    let has_fields = text.starts_with("H=") || text.contains(" H=");
    (!has_fields).then(|| refusal(&text))?
}

/// Whether no server was asked, because one had refused others just before or for long.
pub(super) fn is_skipped(fields: &str) -> bool {
    let (_, text) = split(fields);
    let [start, end] = FAILING;
    SKIPPED.iter().any(|words| text.starts_with(words))
        || (text.starts_with(start) && text.contains(end))
}

/// Whether a try that no server's reply ended was the last one: what was said before is the reason.
pub(super) fn gives_up(fields: &str) -> bool {
    fields.ends_with(GIVEN_UP) && refusal(fields).is_none()
}

/// Name and address of `H=name [address]`; a name that is not verified stands in parentheses. Bounces write `host name [address]`.
pub(super) fn host(fields: &str) -> Option<Server<'_>> {
    let starts = ["H=", "host "];
    let at = match starts.iter().find_map(|start| fields.strip_prefix(start)) {
        Some(rest) => rest,
        None => &fields[fields.find(" H=")? + 3..],
    };
    let (name, rest) = at.split_once(" [")?;
    let (address, _) = rest.split_once(']')?;
    is_single(name).then_some((name, address))
}

/// `host NAME [IP]: REPLY`
fn behind_command(text: &str) -> Option<(Server<'_>, &str)> {
    let (name, rest) = text.strip_prefix("host ")?.split_once(" [")?;
    let (address, reply) = rest.split_once("]: ")?;
    is_single(name).then_some(((name, address), reply))
}

fn is_single(name: &str) -> bool {
    !name.is_empty() && !name.contains(' ')
}

/// What stands behind the first colon that ends a field. Of a connection that failed Postfix says to whom.
fn plain(fields: &str) -> String {
    let (before, text) = split(fields);
    let (text, behind) = without_server(text);
    let text = unescaped(text);
    if !text.starts_with("Connection ") {
        return text;
    }
    match host(before).or(behind) {
        Some((name, address)) => format!("connect to {name}[{address}]: {text}"),
        None => format!("connect to the next server: {text}"),
    }
}

/// The fields, and the text behind them.
fn split(fields: &str) -> (&str, &str) {
    let (before, text) = fields.split_once(": ").unwrap_or(("", fields));
    (before, text.trim())
}

/// The text, and the server that old versions wrote behind it.
fn without_server(text: &str) -> (&str, Option<Server<'_>>) {
    let port = |c: char| c.is_ascii_digit() || c == ':';
    let is_last = text.trim_end_matches(port).ends_with(']');
    let at = text.rfind(" H=").filter(|_| is_last);
    match at.and_then(|at| Some((at, host(&text[at..])?))) {
        Some((at, server)) => (&text[..at], Some(server)),
        None => (text, None),
    }
}

/// Text as it was before Exim escaped it: one line, `\303\251` is an é.
fn unescaped(text: &str) -> String {
    escape::unescaped(text, |behind| match behind {
        [b'n', ..] => Some((b' ', 1)),
        digits => octal(digits),
    })
}

/// What a command wrote or how it ended, in Postfix's words: that it is no server's reply must be seen.
pub(super) fn by_command(reason: String) -> Cow<'static, str> {
    Cow::Owned(["Command output: ", &reason].concat())
}
