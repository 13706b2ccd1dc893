//! Whether a host name is that of the blocklist: it stands behind `blocked using` or `listed at`, whatever it looks like.
//!
//! Relies on the words of Postfix (`Client host [IP] blocked using ZONE; text`), Exim, Sendmail and their kin. What stands behind
//! `Sender address [x@y] blocked using` lists domains; the receiver's name and a name with an address behind it are no list.

use super::address;

/// Longer names are not shown: a stranger wrote them.
const LONGEST: usize = 80;

/// Words before which a host was turned away; with `using` behind them a list follows.
const TURNED_AWAY: [&str; 6] = [
    "blocked", "rejected", "refused", "denied", "deferred", "filtered",
];

/// Behind `listed`.
const WHERE: [&str; 5] = ["using", "by", "at", "in", "on"];

/// Between `listed in` and the name.
const FILLERS: [&str; 9] = [
    "the",
    "our",
    "zone",
    "list",
    "dnsbl",
    "rbl",
    "blocklist",
    "blacklist",
    "dns",
];

/// Words that say that a host is listed.
const OF_A_HOST: [&str; 14] = [
    "ip",
    "host",
    "client",
    "server",
    "mailserver",
    "mta",
    "relay",
    "gateway",
    "system",
    "network",
    "netblock",
    "subnet",
    "you",
    "helo",
];

/// Words that say that something else is.
const OF_MAIL: [&str; 12] = [
    "domain",
    "link",
    "url",
    "uri",
    "hostname",
    "header",
    "body",
    "sender",
    "recipient",
    "message",
    "mail",
    "email",
];

/// Whether a name behind this text is that of a list.
pub(super) fn is_behind(before: &str) -> bool {
    let mut words = words(before).skip_while(|word| one_of(&FILLERS, letters(word)));
    let (Some(how), Some(what)) = (words.next(), words.next()) else {
        return false;
    };
    let (how, what) = (letters(how), letters(what));
    let using = how.eq_ignore_ascii_case("using") && one_of(&TURNED_AWAY, what);
    let listed = one_of(&WHERE, how) && ends_in_listed(what);
    match (using, listed) {
        (false, false) => false,
        _ => is_a_host_meant(words).unwrap_or(using),
    }
}

/// The same for a reply as it came: what folding may change counts as well.
pub(super) fn may_be_behind(before: &str) -> bool {
    const NEAR: usize = 200;
    let from = before.len().saturating_sub(NEAR);
    let near = before.as_bytes().get(from..).unwrap_or_default();
    let odd = |b: &u8| matches!(b, b'\\' | b'_') || !(b.is_ascii_graphic() || *b == b' ');
    near.iter().any(odd) || is_behind(before)
}

/// Whether the name is the server's that replied, or a host's in the text: `mail.a.example[203.0.113.7]`, `Client host [mail.a.example]`.
pub(super) fn is_a_host(name: &str, server: Option<&str>, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let of_server = server.is_some_and(|server| {
        let server = server.to_ascii_lowercase();
        let above = server.strip_suffix(name.as_str());
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    });
    of_server || has_address(&text.to_ascii_lowercase(), &name)
}

/// Whether another name stands right behind this one: `listed by a.example,b.example`. Then none of them decides.
pub(super) fn is_one_of_several(name: &str, text: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let behind = text.get(at + name.len()..);
        let next = behind.and_then(|behind| behind.strip_prefix(','));
        next.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

/// The zone without the address that was asked for in front of it (`7.113.0.203.dnsbl.a.example`); `None` when it is too long.
pub(super) fn cleaned(name: &str) -> Option<&str> {
    let zone = address::asked(name).map_or(name, |(_, zone)| zone);
    (zone.len() <= LONGEST).then_some(zone)
}

/// `listed`, `blacklisted`, `black-listed`.
fn ends_in_listed(word: &str) -> bool {
    let at = word.len().saturating_sub("listed".len());
    let end = word.get(at..);
    let start = word.get(..at).unwrap_or_default();
    end.is_some_and(|end| end.eq_ignore_ascii_case("listed")) && !one_of(&["white", "allow"], start)
}

/// Whether the words before `listed`, from the last one back to the start of the sentence, mean a host: the nearest one decides.
fn is_a_host_meant<'a>(words: impl Iterator<Item = &'a str>) -> Option<bool> {
    const FAR: usize = 8;
    let mut of_an_address = false;
    // `Rejected: listed at …` and nothing before it: nobody else can be meant.
    let mut implied = Some(true);
    for (nth, word) in words.take(FAR).enumerate() {
        let plain = letters(word);
        if nth == 0 && !word.ends_with([';', '.', '!', '?', ':', ',', '-']) {
            implied = None;
        }
        if word.ends_with([';', '.', '!', '?']) {
            return implied;
        }
        if nth == 0 && one_of(&["not", "never", "t"], plain) {
            return Some(false);
        }
        if is_an_address(word) || is_you(word) || one_of(&OF_A_HOST, plain) {
            return Some(true);
        }
        if is_echo(word) || one_of(&OF_MAIL, plain) {
            return Some(false);
        }
        // `your address`, but not `sender address` or `from address`.
        if of_an_address {
            return Some(plain.eq_ignore_ascii_case("your"));
        }
        of_an_address = plain.eq_ignore_ascii_case("address");
    }
    implied
}

/// Not the one in a link.
fn is_an_address(word: &str) -> bool {
    !word.contains('/') && !address::addresses(word).is_empty()
}

/// `<user@a.example>:`, of which `<>:` is left.
fn is_echo(word: &str) -> bool {
    word.starts_with('<') && word.trim_end_matches([':', ',']).ends_with('>')
}

/// `you've`, `you're`.
fn is_you(word: &str) -> bool {
    let start = word.get(..4);
    start.is_some_and(|start| start.eq_ignore_ascii_case("you'"))
}

/// From the last word on backwards.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let counts = |word: &&str| {
        is_echo(word) || word.bytes().any(|b| b.is_ascii_alphanumeric()) && !is_code(word)
    };
    text.rsplit(' ').filter(counts)
}

/// `550`, `550-5.7.1`, `5.7.1`: folding takes some of them out.
fn is_code(word: &str) -> bool {
    word.len() < 14
        && word
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
        && address::addresses(word).is_empty()
}

/// The letters at the end of a word; a name or its stand-in (`#host`) is no word.
fn letters(word: &str) -> &str {
    let word = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    if word.contains(['.', '#', '@']) {
        return "";
    }
    let other = word.bytes().rposition(|b| !b.is_ascii_alphabetic());
    word.get(other.map_or(0, |at| at + 1)..).unwrap_or_default()
}

fn one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn has_address(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, behind) = text.split_at(at);
        if before.ends_with("host [") || before.ends_with("command [") {
            return true;
        }
        let behind = behind.get(name.len()..).unwrap_or_default();
        let behind = behind.strip_prefix(' ').unwrap_or(behind);
        let address = behind.strip_prefix(['[', '(']).unwrap_or_default();
        // 127.0.0.2 is the answer of a list.
        address.starts_with(|c: char| c.is_ascii_digit()) && !address.starts_with("127.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_by_the_words_before_it() {
        for (before, list) in [
            ("client host [203.0.113.7] blocked using ", true),
            ("203.0.113.7 rejected using ", true),
            ("203.0.113.7 is listed in the DNSBL ", true),
            ("Your IP address 203.0.113.7 is BLACKLISTED at (", true),
            ("your host is black-listed by '", true),
            ("sender address [#addr] blocked using ", false),
            ("the domain a.example is listed in ", false),
            ("203.0.113.7 is not listed in ", false),
            ("203.0.113.7 isn't listed in ", false),
            ("203.0.113.7 is whitelisted at ", false),
            ("you've been blacklisted by ", true),
            ("blocked using ", true),
            ("recipient domain: 203.0.113.7 is listed at ", true),
            ("sender #addr is listed in ", false),
            ("<>: blacklisted at ", false),
            ("from address blacklisted by ", false),
            ("your message was rejected using ", false),
            ("203.0.113.7 refused; see the codes listed at ", false),
            ("the rules listed at ", false),
            ("domain #host rejected using ", false),
            ("rejected using #zone (", false),
            ("550 listed at ", true),
            ("550 5.7.1 rejected: listed at ", true),
            ("550 5.7.1 sender address rejected: listed at ", false),
            ("link to 203.0.113.7/x listed at ", false),
            ("rejected by ", false),
            ("blocked, see ", false),
            ("listed, see http://", false),
            ("", false),
        ] {
            assert_eq!(is_behind(before), list, "{before}");
            assert!(!list || may_be_behind(before), "{before}");
        }
        assert!(may_be_behind("blocked\\nusing ") && may_be_behind("blöcked using "));
    }

    #[test]
    fn hosts_are_no_lists() {
        let server = Some("MX.a.example");
        for (name, text, host) in [
            ("mx.a.example", "", true),
            ("a.example", "", true),
            ("rbl.a.example", "", false),
            ("x.a.example", "", false),
            ("a.example.org", "", false),
            ("out.b.example", "from Out.b.example[203.0.113.7]", true),
            ("out.b.example", "client host [out.b.example] blocked", true),
            ("dnsbl.b.example", "dnsbl.b.example (127.0.0.2)", false),
        ] {
            assert_eq!(is_a_host(name, server, text), host, "{name}");
        }
    }

    #[test]
    fn the_address_asked_for_is_no_part_of_the_zone() {
        for (name, zone) in [
            ("7.113.0.203.dnsbl.a.example", Some("dnsbl.a.example")),
            ("88.dnsbl.a.example", Some("88.dnsbl.a.example")),
            ("a.b.c.example", Some("a.b.c.example")),
            (&format!("{}example", "5.".repeat(32)), Some("example")),
            (&format!("{}.example", "x".repeat(80)), None),
        ] {
            assert_eq!(cleaned(name), zone, "{name}");
        }
    }
}
