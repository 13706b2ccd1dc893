//! Listings of OpenSMTPD.

use super::*;

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
