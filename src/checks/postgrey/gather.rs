//! Reads whitelists and logs.

use super::facts::{Facts, FileFacts};
use super::plan::{Listing, Plan};
use super::resume;
use crate::checks::logs::doubt;
use crate::checks::logs::gather::{self, Wanted};
use crate::host::access::Identity;
use crate::host::deadline::Deadline;
use crate::host::env::{Host, micros_of};
use crate::host::partial::Partial;
use crate::host::small_file;
use crate::host::time::Micros;
use crate::log::budget::Budget;
use crate::log::coverage::Coverage;
use crate::log::fold::Outcome;
use crate::log::search::Search;
use crate::log::window::Reach;
use crate::plugin::failure::Failure;
use crate::postgrey::budget::BYTES;
use crate::postgrey::client::{Lens, Listed};
use crate::postgrey::keyed;
use crate::postgrey::tally::{GreylistTally, PROGRAM};
use crate::postgrey::whitelist::Whitelist;
use std::io;
use std::sync::Arc;

/// How the journal is asked for Postgrey's entries.
const JOURNAL: [&str; 2] = [
    "SYSLOG_IDENTIFIER=postgrey",
    "SYSLOG_IDENTIFIER=postfix/postgrey",
];

/// Gathers the facts.
///
/// # Errors
/// A [`Failure`] where a file that must be read cannot be.
pub fn gather(plan: &Plan, host: &Host, deadline: &Deadline) -> Result<Facts, Failure> {
    let mut facts = match &plan.state {
        Some(file) => resume::gather(file, plan, host, deadline)?,
        None => anew(plan, host, deadline, Budget::new(BYTES))?,
    };
    if !plan.oddities {
        facts.whitelists.clear();
    }
    Ok(facts)
}

/// Gathers the facts from the logs alone.
pub(super) fn anew(
    plan: &Plan,
    host: &Host,
    deadline: &Deadline,
    budget: Budget,
) -> Result<Facts, Failure> {
    let lens = lens(plan, host, deadline, budget)?;
    let fresh = fresh(&lens, keyed::random_seed());
    let (outcome, logs) = gather::read(&plan.logs, &wanted(), host, deadline, fresh)?;
    deadline.enter("summing up");
    Ok(sum_up(outcome, logs, &lens, plan, host))
}

/// Postgrey's lines.
pub(super) fn wanted() -> Wanted<'static> {
    Wanted {
        search: Search::program(PROGRAM),
        journal: &JOURNAL,
        postfix: false,
    }
}

/// Reads whitelists.
pub(super) fn lens(
    plan: &Plan,
    host: &Host,
    deadline: &Deadline,
    budget: Budget,
) -> Result<Arc<Lens>, Failure> {
    deadline.enter("reading whitelists");
    let identity = Identity::current(&host.root);
    Ok(Arc::new(Lens {
        grouping: plan.grouping,
        whitelists: whitelists(plan, &identity)?,
        ignored: ignored(plan, &identity)?,
        budget,
    }))
}

/// Makes empty tallies that can be joined.
pub(super) fn fresh(
    lens: &Arc<Lens>,
    seed: u64,
) -> impl Fn() -> GreylistTally + Send + Sync + Clone + 'static {
    let (lens, hasher) = (Arc::clone(lens), keyed::hasher(seed));
    move || GreylistTally::new(Arc::clone(&lens), hasher.clone())
}

/// The facts of what was read.
pub(super) fn sum_up(
    mut outcome: Outcome<GreylistTally>,
    logs: Vec<String>,
    lens: &Lens,
    plan: &Plan,
    host: &Host,
) -> Facts {
    let mut facts = Facts::sum_up(&mut outcome.tally, lens, plan, host);
    let heard = outcome.tally.lines() > 0;
    facts.doubts = doubts(heard, &outcome.coverage, &logs, plan, host);
    facts.cover(&outcome.coverage, plan);
    facts.logs = logs;
    facts.partial = outcome.partial;
    facts.partial.extend(uncounted(&outcome.tally));
    // The process ends soon: to free the clients and mails one by one would only take time. The fuzzer's does not.
    #[cfg(not(fuzzing))]
    std::mem::forget(outcome.tally);
    facts
}

/// What was not counted because there are more names than memory should be given for.
fn uncounted(tally: &GreylistTally) -> Option<Partial> {
    let why = |lines| {
        format!(
            "{lines} lines came when half a gigabyte was full of other senders and mails and are not counted, look at a shorter --window"
        )
    };
    (tally.uncounted() > 0).then(|| Partial::new("the log", why(tally.uncounted())))
}

/// What is doubtful about the logs; `heard` says whether Postgrey wrote to them.
pub(super) fn doubts(
    heard: bool,
    coverage: &Coverage,
    logs: &[String],
    plan: &Plan,
    host: &Host,
) -> Vec<String> {
    let mut doubts = doubt::doubts(coverage, logs, &plan.logs, host.zone);
    if coverage.lines && !heard {
        doubts.insert(0, silence(&plan.logs.reach));
    }
    doubts
}

/// The log has lines, none of them is a decision of Postgrey.
fn silence(reach: &Reach) -> String {
    let since = match reach {
        Reach::All => String::new(),
        Reach::Back(span) => format!(" in the {span} asked for"),
    };
    format!(
        "the log has no decision of Postgrey{since}: is it running, with -d, without --quiet, and does it log here?"
    )
}

/// Postgrey's whitelists, the one that changed first in front.
fn whitelists(plan: &Plan, identity: &Identity) -> Result<Vec<Listed>, Failure> {
    let mut lists = Vec::new();
    for listing in &plan.whitelists {
        if let Some((text, changed)) = read(listing, identity)? {
            lists.push(Listed {
                file: listing.path.display().to_string(),
                changed,
                list: Whitelist::parse(&text),
            });
        }
    }
    lists.sort_by_key(|listed| listed.changed);
    Ok(lists)
}

/// All ignore files as one list. A line that does nothing is an error: the admin believes in it.
fn ignored(plan: &Plan, identity: &Identity) -> Result<Whitelist, Failure> {
    let mut all = Vec::new();
    for listing in &plan.ignores {
        let Some((text, _)) = read(listing, identity)? else {
            continue;
        };
        if let Some(oddity) = Whitelist::parse(&text).oddities().first() {
            let (file, line) = (listing.path.display(), oddity.line);
            let why = oddity.without_postgrey();
            return Err(Failure::new(format!("{file} line {line} {why}")));
        }
        all.extend_from_slice(&text);
        all.push(b'\n');
    }
    Ok(Whitelist::parse(&all))
}

/// The file's bytes and when it changed; `None` for a default file that does not exist.
fn read(listing: &Listing, identity: &Identity) -> Result<Option<(Vec<u8>, Micros)>, Failure> {
    let text = small_file::read(&listing.path);
    let changed = || {
        std::fs::metadata(&listing.path)
            .and_then(|meta| meta.modified())
            .map_or(Micros::MAX, micros_of)
    };
    match text {
        Ok(text) => Ok(Some((text, changed()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !listing.named => Ok(None),
        Err(error) => Err(Failure::obstacle(
            listing.path.display(),
            identity.explain(&listing.path, &error),
        )),
    }
}

/// What -v and JSON tell about the whitelists.
pub fn file_facts(lens: &Lens) -> Vec<FileFacts> {
    lens.whitelists
        .iter()
        .map(|listed| FileFacts {
            file: listed.file.clone(),
            entries: listed.list.entries() as u64,
            odd: listed
                .list
                .oddities()
                .into_iter()
                .map(|oddity| format!("line {} {oddity}", oddity.line))
                .collect(),
        })
        .collect()
}
