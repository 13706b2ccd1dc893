//! Whole listings: the captured ones, hostile ones, cut ones.

use super::calendar::Calendar;
use super::detect::Format;
use super::listing::{Listing, ListingError, Outcome};
use super::message::{Message, Queue};
use crate::host::time::{Civil, Micros, Zone};
use proptest::prelude::*;

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

#[test]
fn postfix_lines() {
    for (name, body, expected) in [
        (
            "a reason holds for all recipients until the next one",
            "B0169992181 1833 Sat Nov 21 07:48:37 a@x\n(one (in reply to RCPT TO command))\n  b@y\n  c@y\n(two)\n  d@z\n",
            "B0169992181 <a@x> b@y=one (in reply to RCPT TO command) c@y=one (in reply to RCPT TO command) d@z=two",
        ),
        (
            "recipients before the first reason have none",
            "B0169992181 1833 Sat Nov 21 07:48:37 a@x\n  b@y\n  (one)\n  c@y\n",
            "B0169992181 <a@x> b@y=- c@y=one",
        ),
        (
            "no reason known",
            "B0169992181 1833 Sat Nov 21 07:48:37 a@x\n(one)\n b@y\n  (reason unavailable)\n  c@y\n",
            "B0169992181 <a@x> b@y=one c@y=-",
        ),
        (
            "quoted addresses and the null sender",
            "B0169992181 1833 Sat Nov 21 07:48:37 MAILER-DAEMON\n  \"(john doe)\"@y\n\t\"jane(x)\"@z\n",
            "B0169992181 <> \"(john doe)\"@y=- \"jane(x)\"@z=-",
        ),
        (
            "a sender with blanks",
            "B0169992181 1833 Sat Nov 21 07:48:37 \"a b\"@x\n  b@y\n",
            "B0169992181 <\"a b\"@x> b@y=-",
        ),
        (
            "no blank between flag and size, before 2.11",
            "C420820802*10485760 Sat Nov 21 07:48:37 a@x\n  b@y\n",
            "C420820802 <a@x> b@y=-",
        ),
        (
            "maildrop",
            "B0169992181 1833 Sat Nov 21 07:48:37 a@x (maildrop queue, sender UID 0)\n  b@y\n",
            "B0169992181 <a@x> b@y=-",
        ),
    ] {
        let text = format!("{HEADER}{body}\n-- 0 Kbytes in 1 Request.\n");
        assert_eq!(
            messages(&text).iter().map(brief).collect::<Vec<_>>(),
            [expected],
            "{name}"
        );
    }
}

#[test]
fn postfix_flags_and_dates() {
    for (flags, queue, forced) in [
        ("", Queue::Waiting, false),
        ("*", Queue::Active, false),
        ("!", Queue::Hold, false),
        ("#", Queue::Waiting, true),
        ("*#", Queue::Active, true),
        ("!#", Queue::Hold, true),
    ] {
        let text = format!(
            "----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------\n\
             4jWlRm5XXjz1Sf08{flags}     2309 Sat Nov 21 08:17:08 a@x\n   b@y\n\n-- 2 Kbytes in 1 Request.\n"
        );
        let found = messages(&text).remove(0);
        assert_eq!(
            (found.queue, found.forced_expire),
            (queue, forced),
            "{flags}"
        );
        assert_eq!(
            (found.arrival, found.size),
            (Some(at(8, 17, 8)), Some(2309)),
            "{flags}"
        );
    }
}

#[test]
fn two_instances_in_one_file() {
    let one = format!(
        "{HEADER}B0169992181 1833 Sat Nov 21 07:48:37 a@x\n  b@y\n\n-- 0 Kbytes in 1 Request.\n"
    );
    assert_eq!(
        messages(format!("{one}{one}Mail queue is empty\n{one}")).len(),
        3
    );
}

#[test]
fn a_warning_of_postqueue_is_not_part_of_the_listing() {
    let text = format!(
        "postqueue: warning: Mail system is down -- accessing queue directly (Connect to the Postfix showq service: Connection \
         refused)\n{}",
        String::from_utf8_lossy(SHORT)
    );
    assert_eq!(messages(text).len(), 59);
}

#[test]
fn json_fields_may_come_and_go() {
    let line = |extra: &str| {
        format!(
            "{{\"queue_name\": \"hold\", \"queue_id\": \"A1\", \"arrival_time\": 5, \"message_size\": 6, {extra}\"sender\": \
             \"MAILER-DAEMON\", \"recipients\": [{{\"address\": \"a\\\"b@y\", \"delay_reason\": \"x \\u00e9\", \"orig_address\": \"c\"}}]}}\n"
        )
    };
    for extra in ["", "\"forced_expire\": false, ", "\"new\": [{}], "] {
        let found = messages(line(extra)).remove(0);
        assert_eq!(brief(&found), "A1 <> a\"b@y=x é");
        assert_eq!((found.queue, found.arrival), (Queue::Hold, Some(5_000_000)));
    }
}

/// What text shows behind a recipient has another name in JSON where the recipient was refused for good (Postfix 3.11).
#[test]
fn json_reasons_of_every_name() {
    for (reasons, expected) in [
        ("\"delay_reason\": \"x\"", "x"),
        ("\"bounce_reason\": \"x\"", "x"),
        (
            "\"other_reason\": \"x\", \"new\": {\"delay_reason\": [1]}",
            "x",
        ),
        ("\"delay_reason\": null, \"bounce_reason\": \"x\"", "x"),
        ("\"bounce_reason\": \"b\", \"delay_reason\": \"x\"", "x"),
        ("\"new\": \"x\"", "-"),
    ] {
        let line = format!(
            "{{ \"queue_name\": \"deferred\", \"queue_id\": \"A1\", \"arrival_time\": 5, \"message_size\": 6, \"sender\": \"s@x\", \
             \"recipients\": [{{\"address\": \"a@y\", {reasons}}}]}}\n"
        );
        assert_eq!(
            brief(&messages(line)[0]),
            format!("A1 <s@x> a@y={expected}")
        );
    }
}

#[test]
fn sendmail_reasons() {
    let found: Vec<String> = messages(SENDMAIL_V).iter().map(brief).collect();
    assert_eq!(
        found[8],
        "6AL8DasO005141 <news@lab.example> blocked@mixed.example=Deferred: 450 4.7.1 <blocked@mixed.example>: Recipient address \
         rejected: Client host [203.0.113.25]  full@mixed.example=Deferred: 452 4.2.2 <full@mixed.example>: Mailbox full"
    );
    assert_eq!(found[0], "6AL8DagF005124 <> root=Operating system error");
    let plain: Vec<String> = messages(SENDMAIL).iter().map(brief).collect();
    assert_eq!(
        plain[5],
        "6AL8DapC005137 <news@lab.example> dora@live.com=Deferred: 451 4.7.650 The mail server [203.0.113.25] has bee"
    );
    assert_eq!(messages(SENDMAIL)[5].arrival, Some(at(8, 13, 0)));
    assert_eq!(messages(SENDMAIL_V)[5].arrival, Some(at(8, 13, 0)));
}

#[test]
fn sendmail_odd_lines() {
    let text = "\t\t/var/spool/mqueue (3 requests)\n\
        -----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n\
        6AL8DapC005137*    1103 Sat Nov 21 08:13 <a@x>\n      8BITMIME   (Deferred: (b))\n\t\t\t\t\t <b@y>\n\
        6AL8DapC005138 (job completed)\n\
        6AL8DapC005140X    1103 Sat Nov 21 08:13 <a@x>\n\t\t\t\t\t d@y\n\
        6AL8DapC005139?    1103 Sat Nov 21 08:13 <>\n      8BITMIME\n\t\t\t\t\t c@y\n\
        \t\tTotal requests: 3\n";
    let found = messages(text);
    let shown: Vec<String> = found.iter().map(brief).collect();
    assert_eq!(
        shown,
        [
            "6AL8DapC005137 <a@x> b@y=Deferred: (b)",
            "6AL8DapC005140 <a@x> d@y=-",
            "6AL8DapC005139 <> c@y=-"
        ]
    );
    assert_eq!(
        found.iter().map(|m| m.queue).collect::<Vec<_>>(),
        [Queue::Active, Queue::Waiting, Queue::Hold]
    );
}

/// `mailq -qQ` of 8.18, with a warning of its configuration.
#[test]
fn sendmail_quarantine_and_warnings() {
    let text = "WARNING: local host name (vm) is not qualified; see cf/README: WHO AM I?\n\
        MTA Queue status...\n\
        Warning: Cannot use HostStatusDirectory = /var/lib/sendmail/host_status: No such file or directory\n\
        \t\t/var/spool/mqueue/q1 (1 request)\n\
        -----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n\
        6ASLQJo9000118        6 Sat Nov 28 21:26 news@lab.example\n     QUARANTINE: bad_one\n\
        \u{20}                (Deferred: Connection refused by mx02.t-online.de.)\n\t\t\t\t\t c@t-online.de\n\
        \t\tTotal requests: 1\n";
    let (found, outcome) = read(text);
    assert_eq!(outcome.error, None);
    assert_eq!(
        brief(&found[0]),
        "6ASLQJo9000118 <news@lab.example> c@t-online.de=connect to mx02.t-online.de.: Connection refused"
    );
    assert_eq!(found[0].queue, Queue::Hold);
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

/// MaxQueueRunSize is a limit of the listing too.
#[test]
fn sendmail_prints_only_some() {
    let text = "\t\t/var/spool/mqueue (1500 requests, only 1 printed)\n\
        -----Q-ID----- --Size-- -----Q-Time----- ------------Sender/Recipient-----------\n\
        6AL8DapC005137*    1103 Sat Nov 21 08:13 <a@x>\n\t\t\t\t\t <b@y>\n\t\tTotal requests: 1500\n";
    let (found, outcome) = read(text);
    assert_eq!(
        (
            found.len(),
            outcome.format,
            outcome.error.map(|e| e.to_string())
        ),
        (
            1,
            Some(Format::Sendmail),
            Some(String::from(
                "line 1 of the Sendmail listing: expected all requests of the queue, not only those that MaxQueueRunSize lets it print"
            ))
        )
    );
}

#[test]
fn opensmtpd_envelopes_of_one_message() {
    let found = messages(OPENSMTPD);
    assert_eq!(
        brief(&found[6]),
        "6ba675ba <news@lab.example> full@mixed.example=452 4.2.2 <full@mixed.example>: Mailbox full \
         blocked@mixed.example=450 4.7.1 <blocked@mixed.example>: Recipient address rejected: Client host [203.0.113.25] is listed \
         at dnsbl.sorbs.net"
    );
    let odd = "59fb50a2b82ffb55|inet4|mta|suspend|a|b@x|c@y|c@y|17|18|0|1|pending|388|x | y\n";
    let found = messages(odd).remove(0);
    assert_eq!(brief(&found), "59fb50a2 <a|b@x> c@y=x | y");
    assert_eq!(
        (found.queue, found.arrival),
        (Queue::Hold, Some(17_000_000))
    );
}

/// Lines of OpenSMTPD 7.6: an alias that led to two, letters that are not ASCII as vis(3) writes them.
#[test]
fn opensmtpd_destinations_and_letters() {
    let listing = r"d0911ca90e2ceafa|local|mta|auth|news@lab.example|team@lab.example|c@soft.example|1795900991|1795900991|0|1|pending|390|450 no
d0911ca998537223|local|mta|auth|news@lab.example|team@lab.example|a@gmail.com|1795900991|1795900991|0|1|offline||421 C:\\x
09947f0f062dacf8|local|mta|auth|@|o@utf.example|o@utf.example|1795900991|1795900991|0|1|pending|390|451 bloqu\M-C\M-)e \M-b\M^@\M^S \M-C\240\^Iici \9 \M-
";
    let found: Vec<String> = messages(listing).iter().map(brief).collect();
    assert_eq!(
        found,
        [
            r"d0911ca9 <news@lab.example> c@soft.example=450 no a@gmail.com=421 C:\x",
            r"09947f0f <> o@utf.example=451 bloquée – à ici \9 \M-",
        ]
    );
}

/// A listing may be sorted or put together; `hold` is no one's wish but a relay with more mail than it takes at a time.
#[test]
fn opensmtpd_envelopes_that_do_not_stand_together() {
    let line = |id: &str, flags: &str, state: &str, reason: &str| {
        format!("{id}|inet4|mta|{flags}|a@x|{state}@y|{state}@y|17|18|0|1|{state}|388|{reason}\n")
    };
    for (one, other, expected) in [
        (("", "pending"), ("", "inflight"), Queue::Active),
        (("", "inflight"), ("", "pending"), Queue::Active),
        (("suspend", "pending"), ("", "offline"), Queue::Waiting),
        (("", "offline"), ("suspend", "pending"), Queue::Waiting),
        (
            ("suspend", "pending"),
            ("auth,suspend", "pending"),
            Queue::Hold,
        ),
        (
            ("suspend,hold", "pending"),
            ("suspend", "pending"),
            Queue::Hold,
        ),
        (
            ("hold", "pending"),
            ("auth,hold", "pending"),
            Queue::Waiting,
        ),
    ] {
        let listing = line("59fb50a2b82ffb55", one.0, one.1, "450 no")
            + &line("6ba675ba00000000", "", "pending", "450 no")
            + &line("59fb50a2b82ffb56", other.0, other.1, "451 no");
        let found = messages(&listing);
        assert_eq!(found.len(), 2, "{listing}");
        assert_eq!(
            brief(&found[0]),
            format!("59fb50a2 <a@x> {}@y=450 no {}@y=451 no", one.1, other.1)
        );
        assert_eq!(found[0].queue, expected, "{listing}");
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
