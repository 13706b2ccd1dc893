//! Postgrey's log messages.
//!
//! `[QUEUEID: ]action=A, reason=R[, delay=N][, client_name=NAME][, client_address=IP][, sender=S][, recipient=R]`: an attribute
//! that is empty is left out, the order is fixed. The sender is chosen by a stranger and may hold anything, also
//! `, client_name=`; so the first client name counts, and the sender ends at the last `, recipient=`.

use memchr::memmem;
use std::net::{IpAddr, Ipv4Addr};

/// One message of Postgrey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// A decision about one recipient.
    Decision(Decision<'a>),
    /// Postgrey started, or read its whitelists again.
    Loaded,
    /// Anything else that it logs.
    Other,
}

const RECIPIENT: &[u8] = b", recipient=";

/// What Postgrey decided about one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Whether and why the mail was delayed or passed.
    pub action: Action,
    /// The verified name of the client; `None` for `unknown`.
    pub client_name: Option<&'a [u8]>,
    /// The address of the client, as it was written; empty where it is missing.
    pub client_address: &'a [u8],
    /// The envelope sender; empty for the null sender.
    pub sender: &'a [u8],
    /// The recipient; empty where several were asked about at once (at DATA).
    pub recipient: &'a [u8],
}

impl Decision<'_> {
    /// The client's address; `None` where it is missing or none.
    pub fn address(&self) -> Option<IpAddr> {
        address(self.client_address)
    }
}

/// Action and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `action=greylist, reason=new` (or a reason that is not known): the triplet was not known.
    New,
    /// `action=greylist, reason=early-retry (Ns missing)`.
    EarlyRetry,
    /// `action=pass`, with its reason.
    Pass(Passed),
}

/// Why a mail passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// `client whitelist`
    ClientWhitelist,
    /// `recipient whitelist`
    RecipientWhitelist,
    /// `client AWL`: the address has passed often enough.
    AutoWhitelist,
    /// `triplet found`: the mail was delayed and came back.
    Triplet,
    /// A reason that is not known.
    Other,
}

/// All reasons to pass, in the order of [`Passed::index`].
pub const PASSED: [(Passed, &str); 5] = [
    (Passed::ClientWhitelist, "client whitelist"),
    (Passed::RecipientWhitelist, "recipient whitelist"),
    (Passed::AutoWhitelist, "client AWL"),
    (Passed::Triplet, "triplet found"),
    (Passed::Other, "other"),
];

impl Passed {
    /// The place in [`PASSED`].
    pub fn index(self) -> usize {
        PASSED
            .iter()
            .position(|(passed, _)| *passed == self)
            .unwrap_or(PASSED.len() - 1)
    }
}

/// Whether a syslog tag is Postgrey's: `postgrey`, `postfix/postgrey`, or the unit's name `postgrey.service`.
pub fn is_postgrey(tag: &[u8]) -> bool {
    let behind_slash = memchr::memrchr(b'/', tag).map_or(0, |slash| slash + 1);
    let name = &tag[behind_slash..];
    name == b"postgrey" || name == b"postgrey.service"
}

/// Understands a message that Postgrey logged.
pub fn parse(message: &[u8]) -> Message<'_> {
    if let Some(decision) = decision(message) {
        return Message::Decision(decision);
    }
    // "2026/11/21-08:19:30 postgrey (type Net::Server::Multiplex) starting! pid(21087)"
    let loaded = message.starts_with(b"HUP received")
        || message
            .get(..48)
            .is_some_and(|head| memmem::find(head, b" postgrey (type Net::Server").is_some());
    match loaded {
        true => Message::Loaded,
        false => Message::Other,
    }
}

fn decision(message: &[u8]) -> Option<Decision<'_>> {
    let mut fields = Fields(behind_queue_id(message)?);
    let action = fields.take(b"action=")?;
    let reason = fields.take(b"reason=").unwrap_or_default();
    let action = match action {
        b"greylist" if reason.starts_with(b"early-retry") => Action::EarlyRetry,
        b"greylist" => Action::New,
        b"pass" => Action::Pass(passed(reason)),
        _ => return None,
    };
    if matches!(action, Action::Pass(_)) {
        fields.take(b"delay=");
    }
    let client_name = fields.take(b"client_name=").filter(|name| is_name(name));
    let client_address = fields.take(b"client_address=").unwrap_or_default();
    let (sender, recipient) = envelope(fields.0);
    Some(Decision {
        action,
        client_name,
        client_address,
        sender,
        recipient,
    })
}

/// Skips `9FE9B98E842: `.
fn behind_queue_id(message: &[u8]) -> Option<&[u8]> {
    if message.starts_with(b"action=") {
        return Some(message);
    }
    let end = message.iter().position(|b| !b.is_ascii_alphanumeric())?;
    let rest = message[end..].strip_prefix(b": ")?;
    // The shortest queue id has five hexadecimal digits and an inode; one in ten thousand has letters only. Warnings begin with a word.
    let id = &message[..end];
    let hexadecimal = |b: &u8| matches!(b, b'0'..=b'9' | b'A'..=b'F');
    let is_id = end >= 6 && (id.iter().any(u8::is_ascii_digit) || id.iter().all(hexadecimal));
    (is_id && rest.starts_with(b"action=")).then_some(rest)
}

/// The fields that hold no comma, taken from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The value of `key` if it comes next.
    fn take(&mut self, key: &[u8]) -> Option<&'a [u8]> {
        let rest = self.0.strip_prefix(key)?;
        let end = separator(rest).unwrap_or(rest.len());
        self.0 = rest.get(end + 2..).unwrap_or_default();
        Some(&rest[..end])
    }
}

/// The first `, `.
fn separator(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b',', text).find(|comma| text.get(comma + 1) == Some(&b' '))
}

/// The last `, recipient=`: behind the last comma, unless the recipient itself holds one.
fn last_recipient(text: &[u8]) -> Option<usize> {
    let mut to = text.len();
    loop {
        to = memchr::memrchr(b',', &text[..to])?;
        if text[to..].starts_with(RECIPIENT) {
            return Some(to);
        }
    }
}

fn passed(reason: &[u8]) -> Passed {
    PASSED
        .iter()
        .find(|(_, text)| text.as_bytes() == reason)
        .map_or(Passed::Other, |(passed, _)| *passed)
}

/// A host's name: not `unknown`, not an address.
fn is_name(name: &[u8]) -> bool {
    // An address ends in a digit, or is IPv6 with a colon among its first five bytes; the names of top-level domains hold letters.
    let numeric =
        name.last().is_none_or(u8::is_ascii_digit) || name.iter().take(5).any(|&b| b == b':');
    !name.eq_ignore_ascii_case(b"unknown")
        && !(numeric && (name.is_empty() || address(name).is_some()))
}

/// An address as Postgrey writes it; some builds add `/32` or `/128` and write IPv6 in capitals and at full length. `::ffff:1.2.3.4` (Postfix
/// itself writes 1.2.3.4) stays IPv6: to Postgrey it is, in its whitelist and in its triplets.
fn address(text: &[u8]) -> Option<IpAddr> {
    if let Some(address) = dotted(text) {
        return Some(address.into());
    }
    let text = std::str::from_utf8(text).ok()?;
    let bare = text
        .strip_suffix("/32")
        .or_else(|| text.strip_suffix("/128"))
        .unwrap_or(text);
    bare.parse().ok()
}

/// `1.2.3.4`: every line has one, and the standard library takes its time.
fn dotted(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut octets, mut dots, mut digits, mut value) = ([0_u8; 4], 0, 0, 0_u16);
    for &byte in text {
        match byte {
            b'0'..=b'9' if digits < 3 && (digits == 0 || value > 0) => {
                value = value * 10 + u16::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && dots < 3 => {
                octets[dots] = u8::try_from(value).ok()?;
                (dots, digits, value) = (dots + 1, 0, 0);
            }
            _ => return None,
        }
    }
    octets[3] = u8::try_from(value).ok()?;
    (dots == 3 && digits > 0).then(|| octets.into())
}

/// `sender=S, recipient=R`, either of which may be missing.
fn envelope(rest: &[u8]) -> (&[u8], &[u8]) {
    if let Some(recipient) = rest.strip_prefix(b"recipient=") {
        return (b"", recipient);
    }
    let Some(sender) = rest.strip_prefix(b"sender=") else {
        return (b"", b"");
    };
    match last_recipient(sender) {
        Some(at) => (&sender[..at], &sender[at + RECIPIENT.len()..]),
        None => (sender, b""),
    }
}

#[cfg(test)]
mod tests;
