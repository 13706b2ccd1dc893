//! Lines of every version of Postgrey, and what only looks like one.

use super::*;
use proptest::prelude::*;

fn read(message: &str) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match parse(message.as_bytes()) {
        Message::Loaded => String::from("loaded"),
        Message::Other => String::from("other"),
        Message::Decision(d) => format!(
            "{:?} {} {} <{}> <{}>",
            d.action,
            d.client_name.map_or(String::from("-"), text),
            d.address().map_or(String::from("-"), |a| a.to_string()),
            text(d.sender),
            text(d.recipient)
        ),
    }
}

#[test]
fn messages() {
    for (message, expected) in [
        (
            "action=greylist, reason=new, client_name=a8-31.smtp-out.amazonses.com, client_address=54.240.8.31, sender=0100-1@amazonses.com, recipient=info@lab.example",
            "New a8-31.smtp-out.amazonses.com 54.240.8.31 <0100-1@amazonses.com> <info@lab.example>",
        ),
        (
            "action=greylist, reason=early-retry (3s missing), client_name=mx1.bigfirm.co.uk, client_address=81.2.69.142, sender=a@b, recipient=c@d",
            "EarlyRetry mx1.bigfirm.co.uk 81.2.69.142 <a@b> <c@d>",
        ),
        (
            "action=pass, reason=triplet found, delay=8, client_name=o1.ptr2625.sendgrid.net, client_address=1.2.3.4, sender=a@b, recipient=c@d",
            "Pass(Triplet) o1.ptr2625.sendgrid.net 1.2.3.4 <a@b> <c@d>",
        ),
        (
            "9FE9B98E842: action=pass, reason=triplet found, client_name=two.rcpt.example, client_address=1.2.3.4, sender=a@b",
            "Pass(Triplet) two.rcpt.example 1.2.3.4 <a@b> <>",
        ),
        (
            "ABCDEFABCDE: action=pass, reason=client AWL, client_name=x.y",
            "Pass(AutoWhitelist) x.y - <> <>",
        ),
        (
            "4jWlRm5XXjz1Sf08: action=pass, reason=client AWL, client_name=x.y",
            "Pass(AutoWhitelist) x.y - <> <>",
        ),
        (
            "action=pass, reason=client whitelist, client_name=unknown, client_address=2001:db8::1",
            "Pass(ClientWhitelist) - 2001:db8::1 <> <>",
        ),
        (
            "action=pass, reason=recipient whitelist, client_name=x.y, client_address=1.2.3.4/32, recipient=c@d",
            "Pass(RecipientWhitelist) x.y 1.2.3.4 <> <c@d>",
        ),
        (
            "action=pass, reason=moon, client_name=x.y",
            "Pass(Other) x.y - <> <>",
        ),
        (
            "action=greylist, reason=new, client_address=2001:DB8:0:0:0:0:0:1/128, sender=a@b",
            "New - 2001:db8::1 <a@b> <>",
        ),
        (
            "action=greylist, reason=new, client_name=1.2.3.4, client_address=::ffff:1.2.3.4",
            "New - ::ffff:1.2.3.4 <> <>",
        ),
        ("action=greylist, reason=new", "New - - <> <>"),
        ("action=greylist", "New - - <> <>"),
        (
            "action=greylist, reason=new, client_name=forger.example, client_address=198.18.14.31, sender=x, client_name=mail.google.com, client_address=192.0.2.1@forger.example, recipient=info@lab.example",
            "New forger.example 198.18.14.31 <x, client_name=mail.google.com, client_address=192.0.2.1@forger.example> <info@lab.example>",
        ),
        (
            "action=greylist, reason=new, client_name=f.example, client_address=1.2.3.4, sender=x, recipient=y, recipient=z",
            "New f.example 1.2.3.4 <x, recipient=y> <z>",
        ),
        (
            "2026/11/21-08:19:30 postgrey (type Net::Server::Multiplex) starting! pid(21087)",
            "loaded",
        ),
        ("HUP received: reloading whitelists...", "loaded"),
        ("2026/11/21-08:17:45 Server closing!", "other"),
        ("whitelisted: mx.regular.example[198.18.30.1]", "other"),
        ("NOQUEUE: reject: action=greylist, reason=new", "other"),
        ("action=dance, reason=new", "other"),
        ("WARNING: action=greylist, reason=new", "other"),
        ("", "other"),
    ] {
        assert_eq!(read(message), expected, "{message}");
    }
}

#[test]
fn addresses() {
    for text in [
        "1.2.3.4",
        "0.0.0.0",
        "255.255.255.255",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3",
        "1.2.3.4.5",
        "1..2.3",
        ".1.2.3",
        "1.2.3.",
        "1.2.3.4 ",
        "1.2.3.0004",
        "",
        "10.20.30.400",
        "1.2.3.a",
    ] {
        assert_eq!(dotted(text.as_bytes()), text.parse().ok(), "{text}");
    }
    for (text, expected) in [
        ("1.2.3.4/32", "1.2.3.4"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ("2001:DB8:0:0:0:0:0:1/128", "2001:db8::1"),
    ] {
        assert_eq!(address(text.as_bytes()), expected.parse().ok(), "{text}");
    }
}

#[test]
fn tags() {
    for (tag, ours) in [
        ("postgrey", true),
        ("postfix/postgrey", true),
        ("postgrey.service", true),
        ("postfix/smtpd", false),
        ("postgreyx", false),
        ("xpostgrey", false),
        ("", false),
    ] {
        assert_eq!(is_postgrey(tag.as_bytes()), ours, "{tag}");
    }
}

proptest! {
    #[test]
    fn dotted_addresses_are_those_of_the_standard_library(text in "[0-9.]{0,16}") {
        prop_assert_eq!(dotted(text.as_bytes()), text.parse().ok());
    }

    #[test]
    fn any_bytes(message in proptest::collection::vec(any::<u8>(), 0..120)) {
        let _ = parse(&message);
    }

    #[test]
    fn what_a_sender_writes_stays_in_the_sender(sender in "[ -~]{0,60}") {
        let line = format!("action=greylist, reason=new, client_name=a.b, client_address=1.2.3.4, sender={sender}, recipient=c@d");
        let Message::Decision(decision) = parse(line.as_bytes()) else { panic!() };
        prop_assert_eq!(decision.client_name, Some(b"a.b".as_slice()));
        prop_assert_eq!(decision.sender, sender.as_bytes());
        prop_assert_eq!(decision.recipient, b"c@d".as_slice());
    }
}
