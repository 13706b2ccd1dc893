//! What a verdict means here, found once for all replies that get it: whether it counts, who refuses, which page it is written on.

use super::alarm::Alarm;
use super::facts::SetAside;
use super::known::{Entry, Known};
use super::site::site;
use crate::host::time::Micros;
use crate::reply::{Class, Verdict};
use hashbrown::HashMap;

/// A verdict under this plan.
pub(super) struct Meaning {
    pub(super) class: Class,
    /// Whether the class is an alarming one.
    alarming: bool,
    /// The block that the admin knows of, as a row without replies.
    pub(super) known: Option<SetAside>,
    /// The rule that gave up.
    pub(super) gave_up: Option<String>,
    /// Who refuses: the list, the provider; without them it is the site of the server.
    pub(super) name: Option<String>,
    /// The pages of the ledger by the site of the server; one without a site where there is a name.
    pub(super) pages: HashMap<String, usize>,
}

impl Meaning {
    pub(super) fn of(verdict: &Verdict, alarm: &Alarm, known: &Known, now: Micros) -> Self {
        let alarming = alarm.has(verdict.class);
        let entry = alarming.then(|| known.find(verdict, now)).flatten();
        Self {
            class: verdict.class,
            alarming,
            known: entry.map(row),
            gave_up: verdict
                .limit_hit
                .then(|| verdict.rule.clone().unwrap_or_default()),
            name: verdict.list.clone().or_else(|| verdict.provider.clone()),
            pages: HashMap::new(),
        }
    }

    /// The block that the admin knows of by the name of the server's site, which is what an alarm without list and provider is called.
    pub(super) fn of_site(
        &self,
        host: Option<&str>,
        known: &Known,
        now: Micros,
    ) -> Option<SetAside> {
        let host = host.filter(|_| self.counts() && self.name.is_none() && !known.is_empty())?;
        known.of_site(&site(host), now).map(row)
    }

    pub(super) fn counts(&self) -> bool {
        self.alarming && self.known.is_none()
    }
}

/// An entry as a row without replies.
fn row(entry: &Entry) -> SetAside {
    SetAside {
        name: entry.name.clone(),
        replies: 0,
        comment: entry.comment.clone(),
    }
}
