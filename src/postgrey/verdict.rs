//! What to do about a sender: whitelist it, leave it to greylisting, or look closer. A pure function of the evidence; the words it
//! uses (long, many, few, dynamic …) are numbers in one table.

use super::sender::Evidence;
use crate::host::time::{HOUR, MINUTE, Micros, Span};
use serde::{Serialize, Serializer};
use std::fmt;

/// Delays with at least this median are long.
pub const LONG_DELAY: Micros = HOUR;
/// A mail came back when it passed or was tried again at least this long after the first try: Postgrey's own delay. Bots hammer.
pub const COMES_BACK_AFTER: Micros = 5 * MINUTE;
/// A sender's mail comes back when at least this share of it (per cent) did.
pub const COMES_BACK_SHARE: u32 = 50;
/// A sender never returns when at most this share of its mail (per cent) did.
pub const NEVER_SHARE: u32 = 10;
/// A sender is a pool when at least this share of its mail (per cent) was tried from two or more networks.
pub const POOL_SHARE: u32 = 20;
/// A sender keeps trying when at least this share of its mail (per cent) was tried again [`KEEPS_TRYING_FOR`] after the first try.
pub const KEEPS_TRYING_SHARE: u32 = 50;
/// No bot takes so much trouble with one mail.
pub const KEEPS_TRYING_FOR: Micros = HOUR;
/// A sender is too young to judge when of less than this share of its mail (per cent) it is known what became of it.
pub const TOLD_SHARE: u32 = 50;
/// A sender retries well when at least this share of its mail (per cent) passed.
pub const RETRIES_WELL_SHARE: u32 = 75;
/// At least this many networks are many.
pub const MANY_NETWORKS: u32 = 10;
/// Networks are used once when at least this share of them (per cent) tried one triplet only.
pub const USED_ONCE_SHARE: u32 = 80;
/// At most this many hosts are few.
pub const FEW_HOSTS: u32 = 5;
/// Names are dynamic when at least this share of the hosts (per cent) has a name that looks so.
pub const DYNAMIC_SHARE: u32 = 50;

/// The words of the verdicts and what they mean, for -vv.
pub fn words() -> Vec<(&'static str, String)> {
    let share = |least: u32, of: &str| format!("at least {least} % of {of}");
    vec![
        (
            "long",
            format!("a median delay of {} or more", Span(LONG_DELAY)),
        ),
        (
            "came back",
            format!(
                "passed, or tried again {} or more after the first try",
                Span(COMES_BACK_AFTER)
            ),
        ),
        ("comes back", share(COMES_BACK_SHARE, "the mails came back")),
        (
            "never returns",
            format!("at most {NEVER_SHARE} % of the mails came back"),
        ),
        (
            "too young",
            format!("what became of it is known of less than {TOLD_SHARE} % of the mails"),
        ),
        (
            "keeps trying",
            format!(
                "at least {KEEPS_TRYING_SHARE} % of the mails tried again {} or more after the first try",
                Span(KEEPS_TRYING_FOR)
            ),
        ),
        (
            "pool",
            share(POOL_SHARE, "the mails tried from two networks or more"),
        ),
        (
            "retries well",
            share(RETRIES_WELL_SHARE, "the mails passed"),
        ),
        ("many", format!("{MANY_NETWORKS} networks or more")),
        (
            "used once",
            share(USED_ONCE_SHARE, "the networks tried one triplet only"),
        ),
        ("few", format!("at most {FEW_HOSTS} hosts")),
        (
            "dynamic",
            share(DYNAMIC_SHARE, "the hosts named like dynamic lines"),
        ),
    ]
}

/// What to do about a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Greylisting delays its mail and stops no spam of it.
    Whitelist,
    /// What greylisting is for, or a sender that it hardly hurts.
    Leave,
    /// A person should look.
    Look,
}

impl Verdict {
    /// The word in every view.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Whitelist => "whitelist",
            Verdict::Leave => "leave",
            Verdict::Look => "look",
        }
    }
}

/// Why a sender got its verdict; printed in a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Of most mails it is not known yet what becomes of them.
    TooYoung,
    /// It comes back but hardly passes, and its names look dynamic.
    DynamicPool,
    /// A pool whose mail comes back.
    Pool,
    /// Long delays, but its mail comes back.
    LongDelays,
    /// One host that retries well.
    OneHost,
    /// Hosts that retry well.
    RetriesWell,
    /// It never returns, and this many networks tried one triplet only.
    UsedOnce(u32),
    /// It never returns, and its names look dynamic.
    DynamicNames,
    /// It never returns, but comes from this many hosts only.
    FewHosts(u32),
    /// Nothing of the above.
    Mixed {
        /// Mails that passed.
        passed: u32,
        /// All mails.
        mails: u32,
        /// Mails that did not pass.
        lost: u32,
        /// Mails too young to tell.
        pending: u32,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Why::TooYoung => "too young to tell",
            Why::DynamicPool => {
                "tried again from elsewhere but hardly ever passed, from names like dynamic lines"
            }
            Why::Pool => "a pool, and its mail comes back",
            Why::LongDelays => "long delays, and its mail comes back",
            Why::OneHost => "one host that retries well",
            Why::RetriesWell => "its hosts retry well",
            Why::UsedOnce(networks) => {
                return write!(f, "never returns, {networks} networks used once");
            }
            Why::DynamicNames => "never returns, names like dynamic lines",
            Why::FewHosts(hosts) => {
                let hosts = counted(hosts.into(), "host");
                return write!(
                    f,
                    "never returns, and comes from {hosts} only: mail may be lost for good"
                );
            }
            Why::Mixed {
                passed,
                mails,
                lost,
                pending,
            } => {
                let mails = counted(mails.into(), "mail");
                write!(f, "mixed: {passed} of {mails} passed, {lost} lost")?;
                return match pending {
                    0 => Ok(()),
                    _ => write!(f, ", {pending} too young to tell"),
                };
            }
        })
    }
}

impl Serialize for Why {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The verdict on a sender, and why.
pub fn judge(evidence: &Evidence) -> (Verdict, Why) {
    let signs = Signs::of(evidence);
    if signs.comes_back {
        coming_back(evidence, &signs)
    } else if signs.too_young {
        (Verdict::Look, Why::TooYoung)
    } else if signs.never_returns {
        never_returning(evidence, &signs)
    } else {
        (Verdict::Look, mixed(evidence))
    }
}

fn coming_back(evidence: &Evidence, signs: &Signs) -> (Verdict, Why) {
    let delayed = signs.pool || signs.long;
    if signs.dynamic && signs.hardly_passes && delayed && !signs.keeps_trying {
        (Verdict::Look, Why::DynamicPool)
    } else if signs.pool {
        (Verdict::Whitelist, Why::Pool)
    } else if signs.long {
        (Verdict::Whitelist, Why::LongDelays)
    } else if !signs.retries_well {
        (Verdict::Look, mixed(evidence))
    } else if evidence.hosts == 1 {
        (Verdict::Leave, Why::OneHost)
    } else {
        (Verdict::Leave, Why::RetriesWell)
    }
}

fn never_returning(evidence: &Evidence, signs: &Signs) -> (Verdict, Why) {
    if signs.many_used_once {
        (Verdict::Leave, Why::UsedOnce(evidence.networks_used_once))
    } else if signs.dynamic {
        (Verdict::Leave, Why::DynamicNames)
    } else if evidence.hosts <= FEW_HOSTS {
        (Verdict::Look, Why::FewHosts(evidence.hosts))
    } else {
        (Verdict::Look, mixed(evidence))
    }
}

fn mixed(evidence: &Evidence) -> Why {
    Why::Mixed {
        passed: evidence.passed,
        mails: evidence.mails,
        lost: evidence.lost,
        pending: evidence.pending,
    }
}

/// `1 host`, `2 hosts`.
pub fn counted(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// The evidence in the words of the table. A mail too young to tell does not speak for a sender, and not against it.
struct Signs {
    comes_back: bool,
    too_young: bool,
    never_returns: bool,
    pool: bool,
    long: bool,
    retries_well: bool,
    hardly_passes: bool,
    keeps_trying: bool,
    many_used_once: bool,
    dynamic: bool,
}

impl Signs {
    fn of(evidence: &Evidence) -> Self {
        let mails = evidence.mails;
        let told = evidence.passed + evidence.lost + evidence.pending_returned;
        let shares = |part: u32, share: u32, whole: u32| {
            (u64::from(part) * 100).cmp(&(u64::from(share) * u64::from(whole)))
        };
        let at_least = |part, share, whole| whole > 0 && shares(part, share, whole).is_ge();
        let at_most = |part, share, whole| shares(part, share, whole).is_le();
        Self {
            comes_back: at_least(evidence.returned, COMES_BACK_SHARE, mails),
            too_young: !at_least(told, TOLD_SHARE, mails),
            never_returns: at_most(evidence.returned, NEVER_SHARE, told),
            pool: evidence.pool_mails > 0 && at_least(evidence.pool_mails, POOL_SHARE, mails),
            long: evidence
                .delay_median
                .is_some_and(|delay| delay >= LONG_DELAY),
            retries_well: at_least(evidence.passed, RETRIES_WELL_SHARE, mails),
            hardly_passes: at_most(evidence.passed, NEVER_SHARE, told),
            keeps_trying: at_least(evidence.kept_trying, KEEPS_TRYING_SHARE, mails),
            many_used_once: evidence.networks >= MANY_NETWORKS
                && at_least(
                    evidence.networks_used_once,
                    USED_ONCE_SHARE,
                    evidence.networks,
                ),
            dynamic: at_least(evidence.dynamic_hosts, DYNAMIC_SHARE, evidence.hosts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Leave, Look, Whitelist};

    /// 100 mails from 10 hosts in 8 networks, of which `passed` passed and the rest never came back.
    fn sender(passed: u32) -> Evidence {
        Evidence {
            tries: 200,
            hosts: 10,
            networks: 8,
            networks_used_once: 0,
            mails: 100,
            passed,
            returned: passed,
            lost: 100 - passed,
            delay_median: (passed > 0).then_some(10 * MINUTE),
            ..Evidence::default()
        }
    }

    fn with(mut evidence: Evidence, change: impl FnOnce(&mut Evidence)) -> Evidence {
        change(&mut evidence);
        evidence
    }

    #[test]
    fn both_sides_of_every_edge() {
        let pool = |mails| with(sender(100), |e| e.pool_mails = mails);
        let rows: Vec<(&str, Evidence, Verdict)> = vec![
            ("pool share reached", pool(POOL_SHARE), Whitelist),
            ("pool share missed", pool(POOL_SHARE - 1), Leave),
            (
                "long delay",
                with(sender(100), |e| e.delay_median = Some(LONG_DELAY)),
                Whitelist,
            ),
            (
                "not long",
                with(sender(100), |e| e.delay_median = Some(LONG_DELAY - 1)),
                Leave,
            ),
            (
                "comes back",
                with(sender(50), |e| e.pool_mails = 50),
                Whitelist,
            ),
            (
                "comes back not quite",
                with(sender(49), |e| e.pool_mails = 50),
                Look,
            ),
            ("retries well", sender(RETRIES_WELL_SHARE), Leave),
            ("retries not so well", sender(RETRIES_WELL_SHARE - 1), Look),
            (
                "never returns, many networks",
                with(sender(NEVER_SHARE), |e| {
                    (e.networks, e.networks_used_once) = (10, 8)
                }),
                Leave,
            ),
            (
                "seldom returns, many networks",
                with(sender(NEVER_SHARE + 1), |e| {
                    (e.networks, e.networks_used_once) = (10, 8)
                }),
                Look,
            ),
            (
                "not so many networks",
                with(sender(0), |e| (e.networks, e.networks_used_once) = (9, 9)),
                Look,
            ),
            (
                "not used once",
                with(sender(0), |e| (e.networks, e.networks_used_once) = (10, 7)),
                Look,
            ),
            (
                "dynamic names",
                with(sender(0), |e| e.dynamic_hosts = 5),
                Leave,
            ),
            (
                "some dynamic names",
                with(sender(0), |e| e.dynamic_hosts = 4),
                Look,
            ),
            (
                "dynamic names that come back",
                with(pool(50), |e| e.dynamic_hosts = 10),
                Whitelist,
            ),
            (
                "dynamic names that try again but hardly pass",
                with(sender(10), |e| {
                    (e.returned, e.pool_mails, e.dynamic_hosts) = (90, 90, 5)
                }),
                Look,
            ),
            (
                "dynamic names that try again and pass a little more",
                with(sender(11), |e| {
                    (e.returned, e.pool_mails, e.dynamic_hosts) = (90, 90, 5)
                }),
                Whitelist,
            ),
            (
                "a pool that never gets through",
                with(sender(0), |e| (e.returned, e.pool_mails) = (90, 90)),
                Whitelist,
            ),
            (
                "dynamic names that keep trying, as Outlook's do",
                with(sender(0), |e| {
                    (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 50)
                }),
                Whitelist,
            ),
            (
                "dynamic names that try again for less than an hour",
                with(sender(0), |e| {
                    (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 49)
                }),
                Look,
            ),
            (
                "all pending",
                with(sender(0), |e| (e.lost, e.pending) = (0, 100)),
                Look,
            ),
            (
                "a wave of today, one of it passed late",
                with(sender(1), |e| {
                    (e.lost, e.pending, e.delay_median) = (0, 99, Some(2 * HOUR));
                    (e.networks, e.networks_used_once) = (100, 100);
                }),
                Look,
            ),
            (
                "half of the mails are told of, none came back",
                with(sender(0), |e| {
                    (e.lost, e.pending, e.networks, e.networks_used_once) = (50, 50, 10, 10);
                }),
                Leave,
            ),
            (
                "not quite half are told of",
                with(sender(0), |e| {
                    (e.lost, e.pending, e.networks, e.networks_used_once) = (49, 51, 10, 10);
                }),
                Look,
            ),
            (
                "pending, but seen from elsewhere already",
                with(sender(0), |e| {
                    (
                        e.lost,
                        e.pending,
                        e.pending_returned,
                        e.returned,
                        e.pool_mails,
                    ) = (0, 100, 60, 60, 60)
                }),
                Whitelist,
            ),
        ];
        for (name, evidence, verdict) in rows {
            let (found, why) = judge(&evidence);
            assert_eq!(found, verdict, "{name}: {why}");
        }
    }

    #[test]
    fn networks_used_once_are_counted_as_such() {
        let bots = with(sender(0), |e| (e.networks, e.networks_used_once) = (10, 8));
        assert_eq!(
            judge(&bots).1.to_string(),
            "never returns, 8 networks used once"
        );
    }

    #[test]
    fn few_hosts_are_told_apart_in_words() {
        for (hosts, words) in [
            (
                1,
                "never returns, and comes from 1 host only: mail may be lost for good",
            ),
            (
                FEW_HOSTS,
                "never returns, and comes from 5 hosts only: mail may be lost for good",
            ),
            (FEW_HOSTS + 1, "mixed: 0 of 100 mails passed, 100 lost"),
        ] {
            assert_eq!(
                judge(&with(sender(0), |e| e.hosts = hosts)).1.to_string(),
                words
            );
        }
        assert_eq!(
            judge(&with(sender(90), |e| e.hosts = 1)),
            (Leave, Why::OneHost)
        );
        assert_eq!(judge(&sender(90)), (Leave, Why::RetriesWell));
    }

    #[test]
    fn every_word_is_explained() {
        let words = words();
        for word in [
            "long",
            "many",
            "few",
            "dynamic",
            "pool",
            "too young",
            "keeps trying",
        ] {
            assert!(words.iter().any(|(known, _)| *known == word), "{word}");
        }
    }
}
