//! Cuts what a reply only echoes: addresses in `<>`, mail addresses, names of hosts.
//!
//! A recipient's domain may be called greylisted.org and a host blacklist.example: names must not decide. Kept are the
//! names of our own tables (blocklists and providers), the words of web addresses, and IP addresses.

use super::lister;
use super::names::{self, Names};

/// Stands for a mail address.
pub(super) const MAILBOX: &str = "#addr";

/// A folded text without echoes.
pub(super) struct Cut {
    pub(super) text: String,
    /// DNS blocklists that our tables do not know: by their looks (`rbl.…`) or by the words before them.
    pub(super) zones: Vec<String>,
    /// The name behind `blocked using` or `listed at`, in our tables or not.
    pub(super) lister: Option<String>,
}

/// Cuts the echoes of a folded text, the reply of this server.
pub(super) fn cut(text: &str, server: Option<&str>, names: &Names) -> Cut {
    let mut scissors = Scissors {
        kept: String::with_capacity(text.len()),
        zones: Vec::new(),
        lister: None,
        text,
        server,
        names,
    };
    let mut rest = text;
    while let Some((before, echo, after)) = bracketed(rest) {
        scissors.words(before);
        scissors.kept.push('<');
        scissors.words(&inside(echo));
        scissors.kept.push('>');
        rest = after;
    }
    scissors.words(rest);
    Cut {
        text: scissors.kept,
        zones: scissors.zones,
        lister: scissors.lister,
    }
}

/// The first `<…>` without blanks in it: an echo, not a sentence.
fn bracketed(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find('<')?;
        let (echo, after) = text.get(open + 1..)?.split_once('>')?;
        if !echo.contains([' ', '<']) {
            return Some((text.get(..open)?, echo, after));
        }
        from = open + 1;
    }
}

/// `name[203.0.113.7]:1234` keeps the address, a web address stays, all else goes.
fn inside(echo: &str) -> String {
    if echo.contains("://") || echo.parse::<std::net::IpAddr>().is_ok() {
        return echo.to_owned();
    }
    let address = echo
        .split_once('[')
        .and_then(|(_, tail)| tail.split_once(']'))
        .map(|(address, _)| address);
    address
        .map(|address| format!("[{address}]"))
        .unwrap_or_default()
}

struct Scissors<'n> {
    kept: String,
    zones: Vec<String>,
    lister: Option<String>,
    /// The whole text, and who wrote it.
    text: &'n str,
    server: Option<&'n str>,
    names: &'n Names,
}

impl Scissors<'_> {
    /// Web addresses stay up to their `?`; behind it names are echoes again.
    fn words(&mut self, text: &str) {
        let any_web = is_web(text);
        for (nth, word) in text.split(' ').enumerate() {
            self.kept.push_str(if nth > 0 { " " } else { "" });
            let web = any_web && is_web(word);
            let page = if web {
                word.find('?').unwrap_or(word.len())
            } else {
                0
            };
            let (page, rest) = word.split_at(page);
            self.names(page, Self::page);
            self.names(rest, Self::name);
        }
    }

    /// Replaces the mail addresses and host names of one word, or of a web address up to its `?`.
    fn names(&mut self, mut word: &str, name: fn(&mut Self, &str)) {
        while !word.is_empty() {
            let (run, rest) = word.split_at(word.find(|c| !in_name(c)).unwrap_or(word.len()));
            name(self, run);
            let (between, next) = rest.split_at(rest.find(in_name).unwrap_or(rest.len()));
            self.kept.push_str(between);
            word = next;
        }
    }

    /// In a web address names of hosts go; those that look like a blocklist stay, and so do words.
    fn page(&mut self, run: &str) {
        let name = without_page_end(run.trim_end_matches('.'));
        let is_host = self.names.stand_in(name) == Some(names::HOST);
        self.kept.push_str(if is_host { names::HOST } else { run });
    }

    fn name(&mut self, run: &str) {
        let name = run.trim_end_matches('.');
        let stand_in = if is_mailbox(name) {
            Some(MAILBOX)
        } else {
            self.names.stand_in(name)
        };
        let stand_in = match self.lists(name, stand_in) {
            true => stand_in.map(|_| names::zone_for(name)),
            false => stand_in,
        };
        match stand_in {
            Some(stand_in) => self.kept.push_str(stand_in),
            None => self.words_of(name),
        }
        self.kept
            .push_str(run.get(name.len()..).unwrap_or_default());
        if stand_in == Some(names::ZONE) {
            self.zones.extend(lister::cleaned(name).map(str::to_owned));
        }
    }

    /// Whether the words before the name make it that of a blocklist; the first one is remembered.
    fn lists(&mut self, name: &str, stand_in: Option<&str>) -> bool {
        let may = match stand_in {
            Some(names::HOST | names::ZONE) => true,
            Some(_) => false,
            None => self.names.list_of(name).is_some(),
        };
        let lists = may
            && lister::is_behind(&self.kept)
            && !lister::is_a_host(name, self.server, self.text);
        if lists && self.lister.is_none() && !lister::is_one_of_several(name, self.text) {
            self.lister = lister::cleaned(name).map(str::to_owned);
        }
        lists
    }

    /// `IP_BLACKLISTED` is two words, `OFR006_102` is one code.
    fn words_of(&mut self, name: &str) {
        let mut last: Option<&str> = None;
        for part in name.split('_') {
            let between = last.map_or("", |last| {
                if ends_in_letter(last) && begins_with_letter(part) {
                    " "
                } else {
                    "_"
                }
            });
            self.kept.extend([between, part]);
            last = Some(part);
        }
    }
}

/// `a.example.html` is a page about a.example.
pub(super) fn without_page_end(run: &str) -> &str {
    [".html", ".htm", ".php"]
        .iter()
        .find_map(|end| run.strip_suffix(end))
        .unwrap_or(run)
}

fn is_web(word: &str) -> bool {
    word.contains("://") || word.contains("www.")
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@')
}

fn ends_in_letter(word: &str) -> bool {
    word.ends_with(|c: char| c.is_ascii_alphabetic())
}

fn begins_with_letter(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn is_mailbox(name: &str) -> bool {
    name.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_blocklist_is_remembered_by_name() {
        let cut = cut(
            "blocked using rbl.unknown-list.org, see mx.unknown-list.org",
            None,
            &Names::builtin().unwrap(),
        );
        assert_eq!(cut.zones, ["rbl.unknown-list.org"]);
    }

    #[test]
    fn echoes_go_and_evidence_stays() {
        let rows = [
            ("<spam-report@a.example>: rejected", "<>: rejected"),
            (
                "<mail.a.example[203.0.113.7]:49309>: client host rejected",
                "<[203.0.113.7]>: client host rejected",
            ),
            (
                "<203.0.113.7> <http://a.example/x>",
                "<203.0.113.7> <http://#host/x>",
            ),
            (
                "https://a.example/help/greylisted.org.html http://rbl.a.example/bl.html",
                "https://#host/help/#host http://rbl.a.example/bl.html",
            ),
            ("no blacklist@a.example here.", "no #addr here."),
            (
                "greylisted.org and mx.block-fan.example.",
                "#host and #host.",
            ),
            (
                "blocked using zen.spamhaus.org",
                "blocked using zen.spamhaus.org",
            ),
            ("blocked using rbl.unknown-list.org", "blocked using #zone"),
            (
                "blocked using grey.rbl.unknown-list.org",
                "blocked using #greyzone",
            ),
            (
                "see https://a.example/rbl?ip=203.0.113.7&d=greylisted.org",
                "see https://#host/rbl?ip=203.0.113.7&d=#host",
            ),
            (
                "5.7.1 203.0.113.7 rejected.see",
                "5.7.1 203.0.113.7 rejected.see",
            ),
            (
                "550 server_ip_blacklisted ofr006_102 rcpt_",
                "550 server ip blacklisted ofr006_102 rcpt_",
            ),
            ("a < b > c <unclosed", "a < b > c <unclosed"),
        ];
        let names = Names::builtin().unwrap();
        for (text, expected) in rows {
            assert_eq!(cut(text, None, &names).text, expected, "{text}");
        }
    }
}
