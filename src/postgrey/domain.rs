//! Which sender a client belongs to: the registrable domain of its name, by the Public Suffix List.
//!
//! Only the list's ICANN rules decide: a name under a private suffix (`x.compute.amazonaws.com`) belongs to that suffix's owner
//! (`amazonaws.com`), who runs the servers. The list is compiled in (crate psl).

use psl::Type;
use std::fmt;
use std::str::FromStr;

/// How clients are grouped to senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// By registrable domain.
    Domain,
    /// By what is left when this many labels are cut off the front; at least two labels must be left.
    Strip(usize),
    /// Each host by itself.
    Host,
}

/// The most labels that can be cut off: a name has no more than 127.
const MOST_LABELS: usize = 125;

impl Grouping {
    /// The sender of the host `name` (lower case), or `None` where the name is too short to be grouped this way.
    pub fn sender(self, name: &str) -> Option<&str> {
        match self {
            Grouping::Domain => Some(registrable(name).unwrap_or(name)),
            Grouping::Host => Some(name),
            Grouping::Strip(labels) => {
                let rest = name.splitn(labels + 1, '.').nth(labels)?;
                rest.contains('.').then_some(rest)
            }
        }
    }
}

impl FromStr for Grouping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{text}' is no way to group: write domain, host or strip:N (N from 1 to {MOST_LABELS})"
            )
        };
        match text {
            "domain" => Ok(Grouping::Domain),
            "host" => Ok(Grouping::Host),
            _ => {
                let digits = text.strip_prefix("strip:").ok_or_else(wrong)?;
                let labels: usize = digits.parse().map_err(|_| wrong())?;
                let plain = digits.bytes().all(|b| b.is_ascii_digit());
                (plain && (1..=MOST_LABELS).contains(&labels))
                    .then_some(Grouping::Strip(labels))
                    .ok_or_else(wrong)
            }
        }
    }
}

impl fmt::Display for Grouping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Grouping::Domain => f.write_str("domain"),
            Grouping::Host => f.write_str("host"),
            Grouping::Strip(labels) => write!(f, "strip:{labels}"),
        }
    }
}

/// The registrable domain of `name` (lower case) by ICANN rules. `None` for a public suffix itself and for a single label.
pub fn registrable(name: &str) -> Option<&str> {
    let suffix = icann_suffix(name)?;
    let rest = name.strip_suffix(suffix)?.strip_suffix('.')?;
    let start = rest.rfind('.').map_or(0, |dot| dot + 1);
    (start < rest.len()).then(|| &name[start..])
}

/// Whether `name` (lower case) is a public suffix of either section, the parent of a wildcard rule (`*.compute-1.amazonaws.com`), or a
/// single label.
pub fn is_public_suffix(name: &str) -> bool {
    let is_suffix = |name: &str| psl::suffix_str(name).is_none_or(|suffix| suffix == name);
    !name.contains('.') || is_suffix(name) || is_suffix(&format!("any-label.{name}"))
}

/// The private suffix that `name` lies under, if there is one.
pub fn private_suffix(name: &str) -> Option<&str> {
    let suffix = psl::suffix(name.as_bytes())?;
    (suffix.typ() == Some(Type::Private)).then(|| &name[name.len() - suffix.as_bytes().len()..])
}

/// The suffix by ICANN rules: that of the nearest parent of a private suffix that is none itself.
fn icann_suffix(name: &str) -> Option<&str> {
    let mut rest = name;
    loop {
        let suffix = psl::suffix(rest.as_bytes())?;
        let text = &rest[rest.len() - suffix.as_bytes().len()..];
        match suffix.typ() {
            Some(Type::Private) => rest = text.split_once('.')?.1,
            _ => return Some(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn registrable_domains() {
        for (name, domain) in [
            (
                "mail-db8eur05on2104.outbound.protection.outlook.com",
                Some("outlook.com"),
            ),
            ("mail.bigfirm.co.uk", Some("bigfirm.co.uk")),
            ("117.196.33.8.asianet.co.th", Some("asianet.co.th")),
            ("smtp-out-1.loja.com.br", Some("loja.com.br")),
            ("mail.city.kawasaki.jp", Some("city.kawasaki.jp")),
            ("ec2-1-2-3-4.compute-1.amazonaws.com", Some("amazonaws.com")),
            ("x.s3.eu-west-1.amazonaws.com", Some("amazonaws.com")),
            ("mail.user.github.io", Some("github.io")),
            ("github.io", Some("github.io")),
            ("mx.partner.example", Some("partner.example")),
            ("partner.example", Some("partner.example")),
            ("mail-128.42.1.10.in-addr.arpa", Some("10.in-addr.arpa")),
            ("xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("co.uk", None),
            ("com", None),
            ("localhost", None),
            ("", None),
        ] {
            assert_eq!(registrable(name), domain, "{name}");
        }
    }

    #[test]
    fn grouping() {
        for (way, name, sender) in [
            ("domain", "a.b.sendgrid.net", Some("sendgrid.net")),
            ("domain", "localhost", Some("localhost")),
            ("domain", "co.uk", Some("co.uk")),
            (
                "strip:2",
                "mail-x.outbound.protection.outlook.com",
                Some("protection.outlook.com"),
            ),
            (
                "strip:2",
                "a8-31.smtp-out.amazonses.com",
                Some("amazonses.com"),
            ),
            ("strip:2", "mail.mcsv.net", None),
            ("strip:1", "mail.mcsv.net", Some("mcsv.net")),
            ("host", "a.b.c", Some("a.b.c")),
        ] {
            let way: Grouping = way.parse().unwrap();
            assert_eq!(way.sender(name), sender, "{way} {name}");
        }
        for text in [
            "",
            "strip",
            "strip:",
            "strip:0",
            "strip:-1",
            "strip:+1",
            "strip:999",
            "strip:x",
            "Domain",
        ] {
            assert!(text.parse::<Grouping>().is_err(), "{text}");
        }
    }

    #[test]
    fn public_suffixes() {
        for (name, public) in [
            ("com", true),
            ("co.uk", true),
            ("github.io", true),
            ("compute-1.amazonaws.com", true),
            ("kawasaki.jp", true),
            ("example", true),
            ("outlook.com", false),
            ("amazonaws.com", false),
        ] {
            assert_eq!(is_public_suffix(name), public, "{name}");
        }
        assert_eq!(private_suffix("a.b.github.io"), Some("github.io"));
        assert_eq!(private_suffix("a.b.outlook.com"), None);
    }

    proptest! {
        #[test]
        fn a_sender_is_a_suffix_of_its_host(name in "[a-z0-9._-]{0,40}") {
            for way in [Grouping::Domain, Grouping::Host, Grouping::Strip(2)] {
                if let Some(sender) = way.sender(&name) {
                    prop_assert!(name.ends_with(sender));
                }
            }
        }
    }
}
