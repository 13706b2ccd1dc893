//! What a reply means for the postmaster: twelve classes, in the order in which they are shown.
//!
//! The names are an interface: options, perfdata labels (`class_NAME`), rule files and sample files use them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a reply of another mail server means.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Our address or host is on a public DNS blocklist or on the receiver's own one.
    Blocklist,
    /// Refused or slowed down for the reputation of our address: complaints, spam volume.
    Reputation,
    /// The server turns our host away and does not say why.
    Unexplained,
    /// PTR, HELO name or forward-confirmed reverse DNS of our host.
    Rdns,
    /// SPF, DKIM, DMARC or a required TLS.
    Auth,
    /// Our sender domain or a link in the message is listed or has a bad name.
    Domain,
    /// Judged spam, phishing or virus by its content.
    Content,
    /// The receiver's or the recipient's own rule, which is not about our reputation.
    Policy,
    /// The receiver's own fault: a broken list look-up, a full disk, a system error.
    Receiver,
    /// Greylisting in any wording: come back later and be let in.
    Greylist,
    /// A plain limit of connections, messages or recipients; no reputation is named.
    Rate,
    /// Everything else: unknown user, quota, relaying, size, time-outs, DNS of the recipient.
    #[default]
    Other,
}

impl Class {
    /// All classes, in the order in which they are shown.
    pub const ALL: [Class; 12] = [
        Class::Blocklist,
        Class::Reputation,
        Class::Unexplained,
        Class::Rdns,
        Class::Auth,
        Class::Domain,
        Class::Content,
        Class::Policy,
        Class::Receiver,
        Class::Greylist,
        Class::Rate,
        Class::Other,
    ];

    /// The classes that page by default: they are about our server, not about one message.
    pub const ALARM: [Class; 4] = [
        Class::Blocklist,
        Class::Reputation,
        Class::Unexplained,
        Class::Rdns,
    ];

    /// The name used in options, labels and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Class::Blocklist => "blocklist",
            Class::Reputation => "reputation",
            Class::Unexplained => "unexplained",
            Class::Rdns => "rdns",
            Class::Auth => "auth",
            Class::Domain => "domain",
            Class::Content => "content",
            Class::Policy => "policy",
            Class::Receiver => "receiver",
            Class::Greylist => "greylist",
            Class::Rate => "rate",
            Class::Other => "other",
        }
    }

    /// Whether the class pages by default.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        Self::ALARM.contains(&self)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownClass(pub String);

impl fmt::Display for UnknownClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Class::ALL.map(Class::name).join(", ");
        write!(f, "unknown class '{}': use one of {names}", self.0)
    }
}

impl std::error::Error for UnknownClass {}

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Class::ALL.into_iter().find(|class| class.name() == word);
        found.ok_or_else(|| UnknownClass(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_in_every_spelling_that_is_stored() {
        for class in Class::ALL {
            assert_eq!(class.name().parse(), Ok(class));
            assert_eq!(
                serde_json::to_string(&class).unwrap(),
                format!("\"{class}\"")
            );
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let error = "blacklist".parse::<Class>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown class 'blacklist': use one of blocklist, reputation, unexplained, rdns, auth, domain, content, \
             policy, receiver, greylist, rate, other"
        );
    }

    #[test]
    fn only_the_classes_about_our_server_page() {
        let alarm: Vec<&str> = Class::ALL
            .into_iter()
            .filter(|class| class.is_alarm())
            .map(Class::name)
            .collect();
        assert_eq!(alarm, ["blocklist", "reputation", "unexplained", "rdns"]);
    }
}
