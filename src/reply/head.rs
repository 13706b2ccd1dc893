//! What the sending mail server wrote before the reply: who replied, from which address, at which stage.
//!
//! Relies on the exact words of Postfix 2.x–3.11 (`host NAME[IP] said: R`, `host NAME[IP] refused to talk to me: R`, `connect
//! to NAME[IP]:25: …`) and of Exim's main log (`H=NAME [IP]: SMTP error from remote mail server after RCPT TO:<…>: R`; in older ones, and in
//! bounces, the server's name stands in the error: `… after RCPT TO:<…>: host NAME [IP]: R`, or `host NAME [IP] SMTP error …`).

use memchr::memchr;
use std::net::IpAddr;

/// The words before the reply, and the reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    /// The server that replied, as written.
    pub(super) host: Option<&'a str>,
    /// Its address, as written.
    address: &'a str,
    pub(super) stage: Stage<'a>,
    pub(super) reply: &'a str,
}

/// When the reply came: at the greeting, after a command that Exim names, or as the reply's own tail tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage<'a> {
    Greeting,
    After(&'a str),
    Told,
}

/// How Postfix tells that the greeting or HELO was refused.
pub(super) const REFUSED: &str = "refused to talk to me: ";

const SUSPENDED: &str = "delivery temporarily suspended: ";
const EXIM_ERROR: &str = "SMTP error from remote mail server after ";

/// Postfix's own words when no reply came.
const SILENCE: [&str; 7] = [
    "connect to ",
    "lost connection with ",
    "conversation with ",
    "TLS is required",
    "Cannot start TLS",
    "Server certificate",
    "message size ",
];

impl<'a> Head<'a> {
    /// Splits a reason; a text without such words is all reply.
    pub(super) fn of(reason: &'a str) -> Self {
        let rest = unwrapped(reason);
        let rest = rest.strip_prefix(SUSPENDED).unwrap_or(rest);
        Self::named(rest)
            .or_else(|| Self::silent(rest))
            .unwrap_or_else(|| Self::bare(rest))
    }

    /// The address of the server that replied.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let address: IpAddr = self.address.parse().ok()?;
        Some(address.to_canonical())
    }

    fn bare(rest: &'a str) -> Self {
        let (stage, reply) = match rest.strip_prefix(REFUSED) {
            Some(reply) => (Stage::Greeting, reply),
            None => match rest.strip_prefix(EXIM_ERROR).and_then(exim_stage) {
                Some((stage, error)) => return Self::behind_stage(stage, error),
                None => (Stage::Told, rest),
            },
        };
        Self::nobody(stage, reply)
    }

    /// The error of an older Exim: `host NAME [IP]: ` before the reply.
    fn behind_stage(stage: Stage<'a>, error: &'a str) -> Self {
        let named = || {
            let (host, address, tail) = bracketed(error.strip_prefix("host ")?)?;
            let (host, reply) = (host.trim_end(), tail.strip_prefix(": ")?);
            let one_word = !is_socket(address) && memchr(b' ', host.as_bytes()).is_none();
            one_word.then_some(Head {
                host: Some(host),
                address,
                stage,
                reply,
            })
        };
        named().unwrap_or_else(|| Self::nobody(stage, error))
    }

    fn nobody(stage: Stage<'a>, reply: &'a str) -> Self {
        Head {
            host: None,
            address: "",
            stage,
            reply,
        }
    }

    /// No reply came: the first `NAME[IP]` is the other server.
    fn silent(rest: &'a str) -> Option<Self> {
        SILENCE
            .iter()
            .any(|words| rest.starts_with(words))
            .then_some(())?;
        let (before, address, _) = bracketed(rest)?;
        Some(Head {
            host: before.rsplit(' ').next(),
            address,
            stage: Stage::Told,
            reply: rest,
        })
    }

    fn named(rest: &'a str) -> Option<Self> {
        let (name, address, tail) = bracketed(name_on(rest)?)?;
        let host = name.trim_end();
        if is_socket(address) || memchr(b' ', host.as_bytes()).is_some() {
            return None;
        }
        let (stage, reply) = said(tail)?;
        Some(Head {
            host: Some(host),
            address,
            stage,
            reply,
        })
    }
}

/// What stands before, in and behind the first brackets.
fn bracketed(text: &str) -> Option<(&str, &str, &str)> {
    let open = memchr(b'[', text.as_bytes())?;
    let (before, tail) = (text.get(..open)?, text.get(open + 1..)?);
    let close = memchr(b']', tail.as_bytes())?;
    Some((before, tail.get(..close)?, tail.get(close + 1..)?))
}

/// Mail that a socket of this host takes has no server to name, its reason is all text: `private/dovecot-lmtp`, `/run/lmtp`. A server on the
/// loopback can be a tunnel or a proxy, and its reply that of a remote one.
fn is_socket(address: &str) -> bool {
    memchr(b'/', address.as_bytes()).is_some()
}

/// The text from the server's name on.
fn name_on(rest: &str) -> Option<&str> {
    let exim = || {
        rest.split_once(" H=")
            .filter(|_| rest.starts_with("defer ("))
            .map(|(_, name)| name)
    };
    let starts = ["host ", "H=", "connect to "];
    starts
        .iter()
        .find_map(|start| rest.strip_prefix(start))
        .or_else(exim)
}

/// The stage and the reply, from what follows the server's address.
fn said(tail: &str) -> Option<(Stage<'_>, &str)> {
    if let Some(reply) = tail.strip_prefix(" said: ") {
        return Some((Stage::Told, reply));
    }
    let error = tail.strip_prefix(':').unwrap_or(tail).trim_start();
    if let Some(error) = error.strip_prefix(EXIM_ERROR) {
        return exim_stage(error);
    }
    let (port, words) = tail.split_once(' ')?;
    let words = match port.strip_suffix(':') {
        Some(_) => words.strip_prefix("server ")?,
        None => Some(words).filter(|_| port.is_empty())?,
    };
    let reply = words.strip_prefix(REFUSED)?;
    Some((
        Stage::Greeting,
        reply.trim_end_matches("(port 25)").trim_end(),
    ))
}

/// `RCPT TO:<a@b.example>: 550 …`, `end of data: 550 …`, `initial connection: 554 …`.
fn exim_stage(tail: &str) -> Option<(Stage<'_>, &str)> {
    let (stage, reply) = tail.split_once(": ").or_else(|| tail.split_once(":\n"))?;
    let (stage, reply) = (stage.trim(), reply.trim_start());
    let stage = stage.split_once(":<").map_or(stage, |(command, _)| command);
    let greeting = ["initial connection", "EHLO", "HELO"]
        .iter()
        .any(|start| stage.starts_with(start));
    Some((
        if greeting {
            Stage::Greeting
        } else {
            Stage::After(stage)
        },
        reply,
    ))
}

/// The listing's parentheses, should someone paste the whole line.
fn unwrapped(reason: &str) -> &str {
    let reason = reason.trim();
    let inner = reason
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'));
    inner
        .filter(|inner| inner.starts_with("host ") || inner.starts_with("delivery "))
        .unwrap_or(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_head_is_told_from_the_reply() {
        use Stage::{After, Greeting, Told};
        let rows = [
            (
                "host mx.a.example[192.0.2.1] said: 550 No",
                Some("mx.a.example"),
                Told,
                "550 No",
            ),
            (
                "(host mx.a.example[192.0.2.1] said: 550 No)",
                Some("mx.a.example"),
                Told,
                "550 No",
            ),
            (
                "host mx.a.example[192.0.2.1] refused to talk to me: 554 No",
                Some("mx.a.example"),
                Greeting,
                "554 No",
            ),
            (
                "delivery temporarily suspended: host m[192.0.2.1] refused to talk to me: 421 Go",
                Some("m"),
                Greeting,
                "421 Go",
            ),
            (
                "connect to m[192.0.2.1]: server refused to talk to me: 421 Go   (port 25)",
                Some("m"),
                Greeting,
                "421 Go",
            ),
            (
                "connect to m[192.0.2.1]:25: Connection refused",
                Some("m"),
                Told,
                "connect to m[192.0.2.1]:25: Connection refused",
            ),
            (
                "lost connection with m[192.0.2.1] while sending",
                Some("m"),
                Told,
                "lost connection with m[192.0.2.1] while sending",
            ),
            (
                "defer (-44) H=m [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<x@a.example>: 452 Full",
                Some("m"),
                After("RCPT TO"),
                "452 Full",
            ),
            (
                "H=m [192.0.2.1]: SMTP error from remote mail server after initial connection: 554 No",
                Some("m"),
                Greeting,
                "554 No",
            ),
            (
                "SMTP error from remote mail server after end of data: 554 No",
                None,
                After("end of data"),
                "554 No",
            ),
            (
                "SMTP error from remote mail server after RCPT TO:<u@a.example>: host m [192.0.2.1]: 550 No",
                Some("m"),
                After("RCPT TO"),
                "550 No",
            ),
            (
                "SMTP error from remote mail server after initial connection: host m [192.0.2.1]: 554 No",
                Some("m"),
                Greeting,
                "554 No",
            ),
            (
                "host m [192.0.2.1]\n    SMTP error from remote mail server after end of data:\n    554 No",
                Some("m"),
                After("end of data"),
                "554 No",
            ),
            (
                "SMTP error from remote mail server after end of data: host of spam",
                None,
                After("end of data"),
                "host of spam",
            ),
            ("refused to talk to me: 554 No", None, Greeting, "554 No"),
            (
                "host m[private/dovecot-lmtp] said: 450 4.2.0 Listed",
                None,
                Told,
                "host m[private/dovecot-lmtp] said: 450 4.2.0 Listed",
            ),
            (
                "host m[/run/lmtp] refused to talk to me: 421 Listed",
                None,
                Told,
                "host m[/run/lmtp] refused to talk to me: 421 Listed",
            ),
            (
                "550 host mx.a.example[192.0.2.1] said: no",
                None,
                Told,
                "550 host mx.a.example[192.0.2.1] said: no",
            ),
        ];
        for (reason, host, stage, reply) in rows {
            let address = host.map_or("", |_| "192.0.2.1");
            assert_eq!(
                Head::of(reason),
                Head {
                    host,
                    address,
                    stage,
                    reply
                },
                "{reason}"
            );
        }
    }
}
