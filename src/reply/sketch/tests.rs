//! What a sketch leaves out, and what it keeps.

use super::*;

fn sketch(reason: &str) -> Sketch {
    let mut sketch = Sketch::default();
    sketch.draw(&Head::of(reason), &Names::builtin().unwrap());
    sketch
}

fn key(reason: &str) -> String {
    sketch(reason).key
}

#[test]
fn what_rules_cannot_see_is_left_out() {
    for (name, one, other, same) in [
        (
            "addresses",
            "host a.example[192.0.2.1] said: 550 [203.0.113.7] no",
            "host a.example[192.0.2.9] said: 550 [203.0.113.9] no",
            true,
        ),
        (
            "servers of nobody we know",
            "host a.example[192.0.2.1] said: 550 no",
            "host b.example[192.0.2.1] said: 550 no",
            true,
        ),
        (
            "servers of a provider",
            "host a.example[192.0.2.1] said: 550 no",
            "host mx.l.google.com[192.0.2.1] said: 550 no",
            false,
        ),
        (
            "stages",
            "host a.example[192.0.2.1] said: 550 no",
            "host a.example[192.0.2.1] refused to talk to me: 550 no",
            false,
        ),
        (
            "echoes",
            "550 <a@b.example>: no",
            "550 <c.d@e.example>: no",
            true,
        ),
        (
            "web addresses",
            "550 <http://a@b.example/x>: no",
            "550 <http://a@b.example/y>: no",
            false,
        ),
        (
            "hosts in the text and in web addresses",
            "550 no, mx.a.example, see http://www.a.example/help/c.example.html?d=e.example.",
            "550 no, mx.b.example, see http://www.b.example/help/d.example.html?d=f.example.",
            true,
        ),
        (
            "names of our tables",
            "550 see http://www.spamhaus.org/x",
            "550 see http://www.spamcop.net/x",
            false,
        ),
        (
            "names that look like a list",
            "550 listed by rbl.a.example",
            "550 listed by rbl.b.example",
            false,
        ),
        (
            "names that words make a list",
            "550 listed by srn.a.example",
            "550 listed by srn.b.example",
            false,
        ),
        (
            "a list of the server's own name",
            "host mx.a.example[192.0.2.1] said: 550 listed by a.example",
            "host mx.b.example[192.0.2.1] said: 550 listed by a.example",
            false,
        ),
        (
            "a list's name with an address",
            "550 listed by srn.a.example, srn.a.example[203.0.113.7]",
            "550 listed by srn.a.example, srn.b.example[203.0.113.7]",
            false,
        ),
        (
            "status codes before a name",
            "554-a.example no",
            "451-a.example no",
            false,
        ),
        (
            "counted time",
            "451 in 243 seconds",
            "451 in 17 seconds",
            true,
        ),
        ("numbers", "550 no (ref 48213)", "550 no (ref 59177)", true),
        ("named numbers", "550 no=1000722", "550 no=1000723", false),
        (
            "silent servers",
            "connect to a.example[192.0.2.1]:25: Connection timed out",
            "connect to b.example[192.0.2.9]:25: Connection timed out",
            true,
        ),
        (
            "ids",
            "550 no 5b1f17b1804b1-42f4e7a1d2asi12.230 - gsmtp",
            "550 no 6c1f17b1804b1-42f4e7a1d2asi99.17 - gsmtp",
            true,
        ),
        (
            "codes of providers",
            "550 no (S3150)",
            "550 no (S3140)",
            false,
        ),
        ("status codes", "550 5.7.511 no", "550 5.7.606 no", false),
        (
            "Yahoo's codes",
            "421 4.7.0 [TSS04] no",
            "421 4.7.0 [TSS05] no",
            false,
        ),
        (
            "answers of lists",
            "550 no 127.255.255.254",
            "550 no 127.0.0.2",
            false,
        ),
    ] {
        assert_eq!(key(one) == key(other), same, "{name}");
    }
}

#[test]
fn addresses_are_those_of_the_whole_text() {
    for reply in [
        "550 IP=203.0.113.7 - no",
        "550 [IPv6:2001:db8::7] v4.16.55.1 b203.0.113.7x 203.0.113.8.",
        "550 ip:203.0.113.9: x 203.0.113.7-static.example",
    ] {
        assert_eq!(sketch(reply).found, address::addresses(reply), "{reply}");
    }
}
