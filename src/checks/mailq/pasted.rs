//! What a person pastes behind `--explain`: a bare reply, or a line of a log or a listing that holds one.
//!
//! In a whole line the words in front of the reply would be read as its own, and the server's address taken for ours.

use crate::delivery::event::{Event, What};
use crate::delivery::{exim, local, postfix};
use crate::host::time::Zone;
use crate::log::entry::Line;
use crate::log::stamp;
use crate::mailq::calendar::Calendar;
use crate::mailq::listing::Listing;

/// The reply in a line of a log, of `postqueue -j`, a field of it, or in the text of an error of Exim's; else the text itself.
pub(super) fn reply(text: &str) -> String {
    let line = text.trim();
    let found = logged(line.as_bytes()).or_else(|| listed(line));
    let found = found.or_else(|| exim::quoted(line));
    let found = found.unwrap_or_else(|| text.to_owned());
    match local::is_local(&found) {
        true => [local::NO_SERVER, &found].concat(),
        false => found,
    }
}

/// The reply in a log line, with its time or from the queue id on.
fn logged(line: &[u8]) -> Option<String> {
    let Some((_, form, rest)) = stamp::parse(line) else {
        return reason(postfix::event(b"postfix/smtp", line)).or_else(|| reason(exim::event(line)));
    };
    let line = Line { at: 0, form, rest };
    let of_postfix = || {
        let entry = line.entry()?;
        reason(postfix::event(entry.tag, entry.message))
    };
    reason(exim::event(rest)).or_else(of_postfix)
}

fn reason(event: Option<Event<'_>>) -> Option<String> {
    let reason = match event?.what {
        What::Tried(attempt) => attempt.reason,
        What::Refused { reason } => reason,
        What::Queued { .. } | What::Skipped { .. } | What::Expired | What::Removed => return None,
    };
    (!reason.is_empty()).then(|| reason.into_owned())
}

/// The first reason of a message, or the value of `"delay_reason": "…"`.
fn listed(line: &str) -> Option<String> {
    let field = line.trim_end_matches(['}', ']', ',']).strip_prefix('"');
    if let Some((_, value)) = field.and_then(|field| field.split_once("_reason\": ")) {
        return serde_json::from_str(value).ok();
    }
    if !line.starts_with('{') {
        return None;
    }
    let mut first = None;
    let mut listing = Listing::new(Calendar::new(0, Zone::Fixed(0)));
    let mut sink = |message: &crate::mailq::message::Message<'_>| {
        let mut reasons = message
            .recipients
            .iter()
            .filter_map(|r| r.reason.as_deref());
        first = first.take().or_else(|| reasons.next().map(str::to_owned));
    };
    listing.push(line.as_bytes(), &mut sink);
    listing.finish(&mut sink);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLY: &str =
        "host mx.b.example[192.0.2.2] said: 550 5.7.1 no (in reply to RCPT TO command)";

    #[test]
    fn lines_that_hold_a_reply() {
        let fields = format!(
            "A73E6992199: to=<d@b.example>, relay=mx.b.example[192.0.2.2]:25, delay=1, delays=0/0/1/0, dsn=5.7.1, status=bounced ({REPLY})"
        );
        let exim = "1xUg39-0000Ld-24 ** d@b.example R=dnslookup T=remote_smtp H=mx.b.example [192.0.2.2]: SMTP error from remote mail \
                    server after RCPT TO:<d@b.example>: 550 5.7.1 no";
        let of_exim = "host mx.b.example[192.0.2.2] said: 550 5.7.1 no";
        let json = format!(
            r#"{{"queue_name": "deferred", "queue_id": "A1", "arrival_time": 5, "message_size": 6, "sender": "a", "recipients": [{{"address": "x"}}, {{"address": "y", "delay_reason": "{REPLY}"}}]}}"#
        );
        for (text, expected) in [
            (
                format!("Nov 21 07:48:38 vm postfix/smtp[1]: {fields}\n"),
                REPLY,
            ),
            (
                format!("<22>1 2026-11-21T07:48:38Z vm postfix/smtp 1 - - {fields}"),
                REPLY,
            ),
            (fields.clone(), REPLY),
            (format!("A73E6992199: {REPLY}"), REPLY),
            (format!("2026-11-21 08:02:19 {exim}"), of_exim),
            (exim.to_owned(), of_exim),
            (
                String::from(
                    "SMTP error from remote mail server after RCPT TO:<d@b.example>:\n  host mx.b.example [192.0.2.2]: 550 5.7.1 no",
                ),
                of_exim,
            ),
            (
                String::from("Command output: blocked"),
                "host local[private/local] said: Command output: blocked",
            ),
            (json, REPLY),
            (format!("\"delay_reason\": \"{REPLY}\"}}]}}"), REPLY),
            (format!("({REPLY})"), &format!("({REPLY})")),
            (REPLY.to_owned(), REPLY),
            (String::from("550 5.7.1 no"), "550 5.7.1 no"),
            (
                String::from("Nov 21 07:48:38 vm cron[1]: x"),
                "Nov 21 07:48:38 vm cron[1]: x",
            ),
            (String::from("{no json"), "{no json"),
            (String::from(" "), " "),
        ] {
            assert_eq!(reply(&text), expected, "{text}");
        }
    }
}
