//! Whole listings: the captured ones, hostile ones, cut ones.

use super::calendar::Calendar;
use super::detect::Format;
use super::listing::{Listing, ListingError, Outcome};
use super::message::{Message, Queue};
use crate::host::time::{Civil, Micros, Zone};
use proptest::prelude::*;

mod opensmtpd;
mod postfix;
mod sendmail;

const SHORT: &[u8] = include_bytes!("../../fixtures/mailq/postfix-short-ids.txt");
const LONG: &[u8] = include_bytes!("../../fixtures/mailq/postfix-long-ids.txt");
const JSON: &[u8] = include_bytes!("../../fixtures/mailq/postfix-short-ids.json");
const SENDMAIL: &[u8] = include_bytes!("../../fixtures/mailq/sendmail.txt");
const SENDMAIL_V: &[u8] = include_bytes!("../../fixtures/mailq/sendmail-v.txt");
const SENDMAIL_EMPTY: &[u8] = include_bytes!("../../fixtures/mailq/sendmail-empty.txt");
const OPENSMTPD: &[u8] = include_bytes!("../../fixtures/mailq/opensmtpd.txt");
const EXIM: &[u8] = include_bytes!("../../fixtures/mailq/exim.txt");
const NULLMAILER: &[u8] = include_bytes!("../../fixtures/mailq/nullmailer.txt");
const DMA: &[u8] = include_bytes!("../../fixtures/mailq/dma.txt");

const HEADER: &str = "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n";

fn at(hour: u8, minute: u8, second: u8) -> Micros {
    Civil::new(2026, 11, 21, (hour, minute, second), 0)
        .unwrap()
        .as_utc()
}

fn calendar() -> Calendar {
    Calendar::new(at(12, 0, 0), Zone::Fixed(0))
}

fn read_in_pieces(bytes: &[u8], piece: usize) -> (Vec<Message<'static>>, Outcome) {
    let mut listing = Listing::new(calendar());
    let mut messages = Vec::new();
    let mut sink = |message: &Message<'_>| messages.push(message.clone().into_owned());
    for chunk in bytes.chunks(piece) {
        listing.push(chunk, &mut sink);
    }
    let outcome = listing.finish(&mut sink);
    (messages, outcome)
}

fn read(bytes: impl AsRef<[u8]>) -> (Vec<Message<'static>>, Outcome) {
    read_in_pieces(bytes.as_ref(), usize::MAX)
}

/// The messages of a listing that must be right.
fn messages(bytes: impl AsRef<[u8]>) -> Vec<Message<'static>> {
    let (messages, outcome) = read(bytes);
    assert_eq!(outcome.error, None);
    messages
}

fn error(text: &str) -> String {
    read(text)
        .1
        .error
        .map_or(String::from("none"), |e| e.to_string())
}

/// `id sender recipient=reason …`, to compare at a glance.
fn brief(message: &Message<'_>) -> String {
    let recipients: Vec<String> = message
        .recipients
        .iter()
        .map(|r| format!("{}={}", r.address, r.reason.as_deref().unwrap_or("-")))
        .collect();
    format!(
        "{} <{}> {}",
        message.id,
        message.sender,
        recipients.join(" ")
    )
}

#[test]
fn postfix_text_and_json_of_one_queue_are_the_same_messages() {
    let by_id = |bytes| {
        let mut found = messages(bytes);
        found.sort_by(|a: &Message<'_>, b: &Message<'_>| a.id.cmp(&b.id));
        found
    };
    let (text, json) = (by_id(SHORT), by_id(JSON));
    assert_eq!(text.len(), 59);
    assert_eq!(text, json);
}

#[test]
fn counts_of_the_captured_listings() {
    for (name, bytes, format, count, recipients, reasons) in [
        ("short", SHORT, Format::PostfixText, 59, 72, 72),
        ("long", LONG, Format::PostfixText, 132, 158, 155),
        ("json", JSON, Format::PostfixJson, 59, 72, 72),
        ("sendmail", SENDMAIL, Format::Sendmail, 9, 10, 9),
        ("sendmail -v", SENDMAIL_V, Format::Sendmail, 9, 10, 9),
        ("sendmail, empty", SENDMAIL_EMPTY, Format::Sendmail, 0, 0, 0),
        ("opensmtpd", OPENSMTPD, Format::Opensmtpd, 9, 10, 10),
        ("exim", EXIM, Format::Exim, 9, 10, 0),
        ("nullmailer", NULLMAILER, Format::Nullmailer, 2, 3, 0),
        ("dma", DMA, Format::Dma, 3, 3, 0),
    ] {
        let (messages, outcome) = read(bytes);
        assert_eq!(
            outcome,
            Outcome {
                format: Some(format),
                error: None
            },
            "{name}"
        );
        let all = || messages.iter().flat_map(|m| &m.recipients);
        let found = (
            messages.len(),
            all().count(),
            all().filter(|r| r.reason.is_some()).count(),
        );
        assert_eq!(found, (count, recipients, reasons), "{name}");
    }
}

#[test]
fn any_pieces_give_the_same_messages() {
    for bytes in [SHORT, JSON, SENDMAIL_V, OPENSMTPD, EXIM, NULLMAILER, DMA] {
        let whole = read(bytes);
        for piece in [1, 7, 64, 4096] {
            assert_eq!(read_in_pieces(bytes, piece), whole);
        }
        let crlf = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
        assert_eq!(read(crlf), whole);
    }
}

/// A greeting of ssh before a listing: what follows counts, and what was read is said to be incomplete.
#[test]
fn lines_in_front_of_a_listing() {
    for listing in [SHORT, JSON, SENDMAIL_V, OPENSMTPD, EXIM, NULLMAILER, DMA] {
        let listing = String::from_utf8_lossy(listing);
        let (found, outcome) = read(format!(
            "Welcome to vm\n\n * Support: see /etc/motd\n{listing}"
        ));
        assert_eq!(found, messages(&*listing));
        assert_eq!(outcome.error, Some(ListingError::Unrecognised { line: 1 }));
    }
}

#[test]
fn exim_arrivals_sizes_and_delivered_recipients() {
    let found = messages(EXIM);
    assert_eq!(
        brief(&found[6]),
        "1xUg39-0000Lt-29 <news@lab.example> full@mixed.example=- blocked@mixed.example=-"
    );
    assert_eq!((found[0].queue, found[0].size), (Queue::Hold, Some(1945)));
    assert!(found.iter().all(|m| m.arrival == Some(at(8, 2, 19))));
    let long =
        " 90m  1.2M 1xUg39-00000000Lt9-2234 <a@x> (login)\n        +D b@y\n          c@y\n\n";
    assert_eq!(
        brief(&messages(long)[0]),
        "1xUg39-00000000Lt9-2234 <a@x> c@y=-"
    );
}

#[test]
fn errors_name_the_line_and_never_the_content() {
    let one = "B0169992181 1833 Sat Nov 21 07:48:37 a@x\n";
    for (name, text, expected) in [
        ("nothing", String::new(), "nothing in it: an empty queue"),
        (
            "blank lines only",
            String::from("\n\n"),
            "nothing in it: an empty queue",
        ),
        (
            "a password file",
            String::from("root:x:0:0:root:/root:/bin/sh\n"),
            "line 1: expected the listing of Postfix",
        ),
        (
            "no trailer",
            format!("{HEADER}{one}  b@y\n\n"),
            "the Postfix listing is cut off after line 4: expected the last line",
        ),
        (
            "cut in a reason",
            format!("{HEADER}{one}(host x said"),
            "line 3 of the Postfix listing: expected a reason in parentheses",
        ),
        (
            "a line missing",
            format!("{HEADER}{one}  b@y\n\n-- 9 Kbytes in 2 Requests.\n"),
            "line 5 of the Postfix listing: expected as many",
        ),
        (
            "a foreign line",
            format!("{HEADER}{one}  b@y\nsecret\n"),
            "line 4 of the Postfix listing: expected a queue id",
        ),
        (
            "no message yet",
            format!("{HEADER}  b@y\n"),
            "line 2 of the Postfix listing: expected a queue id before",
        ),
        (
            "JSON cut",
            String::from("{\"queue_name\": \"hold\", \"que"),
            "line 1 of the Postfix JSON listing: expected one JSON object",
        ),
        (
            "JSON of something else",
            String::from("{\"secret\": 1}\n"),
            "line 1 of the Postfix JSON listing: expected one JSON object",
        ),
        (
            "sendmail cut",
            String::from_utf8_lossy(&SENDMAIL[..899]).into_owned(),
            "the Sendmail listing is cut off after line 20",
        ),
        (
            "exim cut",
            String::from_utf8_lossy(&EXIM[..60]).into_owned(),
            "the Exim listing is cut off after line 2",
        ),
        (
            "opensmtpd cut",
            String::from_utf8_lossy(&OPENSMTPD[..600]).into_owned(),
            "line 4 of the OpenSMTPD listing: expected an envelope",
        ),
        (
            "nullmailer cut",
            String::from_utf8_lossy(&NULLMAILER[..70]).into_owned(),
            "line 2 of the nullmailer listing: expected",
        ),
        (
            "dma cut",
            String::from_utf8_lossy(&DMA[..30]).into_owned(),
            "the dma listing is cut off after line 2",
        ),
    ] {
        let found = error(&text);
        assert!(found.starts_with(expected), "{name}: {found}");
        assert!(!found.contains("secret"), "{name}");
    }
}

#[test]
fn after_an_error_counting_goes_on_at_the_next_message() {
    let line = String::from_utf8_lossy(JSON);
    let mut lines: Vec<&str> = line.lines().collect();
    lines.insert(3, "{\"queue_name\": \"def");
    let (found, outcome) = read(lines.join("\n"));
    assert_eq!(found.len(), 59);
    assert!(outcome.error.unwrap().to_string().starts_with("line 4 "));
    let text = String::from_utf8_lossy(SHORT).replacen("\n\n", "\nnonsense\n\n", 1);
    let (found, outcome) = read(text);
    assert_eq!(found.len(), 59);
    assert!(outcome.error.unwrap().to_string().starts_with("line 15 "));
}

/// What programs and ssh say beside a listing that proves itself whole, and beside one that does not.
#[test]
fn lines_beside_a_listing() {
    const SSH: &str = "** WARNING: connection is not using a post-quantum key exchange algorithm.\n\
        ** This session may be vulnerable to \"store now, decrypt later\" attacks.\n\
        ** The server may need to be upgraded. See https://openssh.com/pq.html\n";
    const POSTCONF: &str =
        "/usr/sbin/postconf: warning: /etc/postfix/main.cf: unused parameter: x=y\n";
    const CLOSED: &str = "Connection to mx.lab.example closed.\n";
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (postfix, sendmail) = (text(SHORT), text(SENDMAIL));
    let cut = postfix[..postfix.len() - 40].to_owned();
    for (name, listing, expected) in [
        ("ssh", format!("{SSH}{postfix}"), None),
        ("postconf", format!("{POSTCONF}{postfix}"), None),
        ("ssh -t", format!("{SSH}{postfix}{CLOSED}"), None),
        (
            "with its line end",
            format!("{postfix}Shared connection to a closed.\r\n"),
            None,
        ),
        (
            "Sendmail",
            format!("{SSH}{POSTCONF}{sendmail}{CLOSED}"),
            None,
        ),
        (
            "empty",
            format!("{SSH}{POSTCONF}Mail queue is empty\n{CLOSED}"),
            None,
        ),
        (
            "two instances",
            format!("{postfix}{POSTCONF}{postfix}"),
            None,
        ),
        (
            "nothing else",
            String::from(SSH),
            Some("line 1: expected the listing of"),
        ),
        (
            "cut",
            format!("{SSH}{cut}"),
            Some("the Postfix listing is cut off"),
        ),
        (
            "cut and closed",
            format!("{cut}\n{CLOSED}"),
            Some("line 260 of the Postfix listing: expected a queue id"),
        ),
        (
            "a broken connection",
            format!("{postfix}Connection to a closed by remote host.\n"),
            Some("line 262 of"),
        ),
        (
            "a greeting",
            format!("Welcome to ** mx\n{postfix}"),
            Some("line 1: expected the listing of"),
        ),
        (
            "no header",
            format!("{POSTCONF}{}", text(JSON)),
            Some("line 1: expected the listing of"),
        ),
        (
            "no last line",
            format!("{SSH}{}", text(EXIM)),
            Some("line 1: expected the listing of"),
        ),
        (
            "in the middle",
            postfix.replacen("\n\n", &format!("\n{SSH}\n"), 1),
            Some("line 15 of"),
        ),
    ] {
        let found = read(listing).1.error.map(|error| error.to_string());
        let start = found
            .as_deref()
            .zip(expected)
            .and_then(|(found, expected)| found.get(..expected.len()));
        assert_eq!(
            (start, found.is_some()),
            (expected, expected.is_some()),
            "{name}: {found:?}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0usize..7, cut in 0usize..2000) {
        let fixture = [SHORT, JSON, SENDMAIL_V, OPENSMTPD, EXIM, NULLMAILER, DMA][start];
        let mut text = fixture[..cut.min(fixture.len())].to_vec();
        text.extend(bytes);
        read(text);
    }

    #[test]
    fn a_cut_listing_never_gives_more_and_never_looks_whole(cut in 1usize..21_000) {
        let (found, outcome) = read(&SHORT[..cut]);
        prop_assert!(found.len() <= 59);
        prop_assert!(outcome.error.is_some());
    }
}
