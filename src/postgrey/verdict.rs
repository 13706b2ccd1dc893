//! What to do about a sender: whitelist it, leave it to greylisting, or look closer. A pure function of the evidence; the words it
//! uses (long, many, few, dynamic …) are numbers in one table.

use super::sender::Evidence;
use crate::host::time::{HOUR, MINUTE, Micros, Span};
use crate::words::counted;
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
        (
            "hardly ever passed",
            format!("at most {NEVER_SHARE} % of the mails passed"),
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
    /// All that is known is one mail, tried from many networks that did nothing else: perhaps bounces of a forged sender, all to one victim.
    OneMail,
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
            Why::OneMail => "one mail only, from many networks used once, and it never passed",
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
    // Bots that send the same again keep trying too; but the networks of a real pool come again with other mail.
    let like_bots = !signs.keeps_trying || signs.many_used_once;
    if evidence.mails == 1 && signs.hardly_passes && signs.many_used_once {
        (Verdict::Look, Why::OneMail)
    } else if signs.dynamic && signs.hardly_passes && delayed && like_bots {
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
mod tests;
