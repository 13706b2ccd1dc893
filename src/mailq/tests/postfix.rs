//! Listings of Postfix, as text and as JSON.

use super::*;

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

/// A line in parentheses behind so many blanks, and what is read for the recipient after it: `next=REASON`, or two recipients.
#[test]
fn parentheses_of_reasons_and_of_addresses() {
    let reason = "(host mx.y[192.0.2.1] said: 450 mailbox of <a@y> is full)";
    for (indent, line, expected) in [
        (41, "(a)@x.example", "(a)@x.example=- next@y=-"),
        (47, "(a)@x.example", "(a)@x.example=- next@y=-"),
        (41, "(a)b@x.example", "(a)b@x.example=- next@y=-"),
        (41, "(a@x.example)", "(a@x.example)=- next@y=-"),
        (2, "(a)@x.example", "(a)@x.example=- next@y=-"),
        (64, "(a@x.example)", "next@y=a@x.example"),
        (0, "(a@x.example)", "next@y=a@x.example"),
        (
            0,
            reason,
            "next@y=host mx.y[192.0.2.1] said: 450 mailbox of <a@y> is full",
        ),
        (
            20,
            reason,
            "next@y=host mx.y[192.0.2.1] said: 450 mailbox of <a@y> is full",
        ),
        (
            41,
            "(connect to mx.y: Connection refused)",
            "next@y=connect to mx.y: Connection refused",
        ),
        (41, "(see a@y)", "next@y=see a@y"),
        (41, "(timeout)", "next@y=timeout"),
        (41, "(reason unavailable)", "next@y=-"),
    ] {
        let text = format!(
            "{HEADER}B0169992181 1833 Sat Nov 21 07:48:37 s@x\n{:indent$}{line}\n{:41}next@y\n\n-- 0 Kbytes in 1 Request.\n",
            "", ""
        );
        let found = brief(&messages(text)[0]);
        assert_eq!(
            found,
            format!("B0169992181 <s@x> {expected}"),
            "{indent} {line}"
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

/// A byte order mark is no part of the first line, whatever pieces it comes in; anywhere else it is.
#[test]
fn a_byte_order_mark_in_front() {
    for (name, listing) in [("text", SHORT), ("JSON", JSON), ("Exim", EXIM)] {
        let marked = [&b"\xef\xbb\xbf"[..], listing].concat();
        for piece in [1, usize::MAX] {
            assert_eq!(
                read_in_pieces(&marked, piece),
                read(listing),
                "{name} {piece}"
            );
        }
    }
    assert!(error("\u{feff}").starts_with("nothing in it"));
    assert!(error(&format!("\n\u{feff}{HEADER}")).starts_with("line 2: expected"));
}
