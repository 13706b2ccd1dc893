//! Lays out a tally.

use super::{SECTIONS, SenderRow, Totals, apart_key};
use crate::host::time::Micros;
use crate::postgrey::apart::{apart, latest};
use crate::postgrey::budget::BYTES;
use crate::postgrey::client::{CLASSES, Client, Standing, Visits};
use crate::postgrey::keyed::Key;
use crate::postgrey::mail::{Fate, Mail, RETRY_WINDOW};
use crate::postgrey::sender::{Evidence, Sums};
use crate::postgrey::tally::GreylistTally;
use crate::state::record::Record;
use crate::state::spool::{Scratch, Spool};
use crate::state::table;

/// The sections of what was counted, judged as of `now`. `None` where there is so much of it that there is no memory for them, or mails are
/// not in order of time.
pub fn lay(tally: &GreylistTally, now: Micros, scratch: &Scratch) -> Option<Vec<Spool>> {
    let open = tally.mails.open(now)?;
    if !tally.lens.budget.has(BYTES / 2) {
        return None;
    }
    let (totals, senders, delays) = sums(tally, now);
    let mut numbers = vec![0; tally.senders()];
    for (number, key, ()) in tally.senders.entries() {
        numbers[number as usize] = key;
    }
    let rows = senders.iter().zip(&numbers);
    let rows = rows.filter(|(row, _)| !row.name.is_empty());
    let networks = tally.networks.entries().map(|(_, key, row)| (key, row));
    let clients = tally.clients.entries().map(|(_, key, row)| (key, row));
    // Each is out of the way before the next one is made.
    let keep = |bytes| scratch.keep(bytes);
    let mut sections = vec![
        keep(written(&totals)),
        keep(numbers.iter().copied().flat_map(Key::to_le_bytes).collect()),
    ];
    sections.extend(table::bytes(rows.map(|(row, key)| (*key, row))).map(keep));
    drop((senders, numbers));
    sections.extend(table::bytes::<Client>(clients).map(keep));
    sections.extend(table::bytes(hosts(tally)).map(keep));
    sections.extend(table::bytes::<Visits>(networks).map(keep));
    sections.extend(table::bytes(open.iter().copied()).map(keep));
    sections.extend(table::bytes(apart_hosts(tally)).map(keep));
    sections.push(keep(pending(&open, now)));
    let delays = delays.into_iter().flat_map(Micros::to_le_bytes);
    sections.push(keep(delays.collect()));
    debug_assert_eq!(sections.len(), SECTIONS);
    Some(sections)
}

fn written(value: &impl Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.write(&mut bytes);
    bytes
}

/// The totals, the senders by their numbers, and the delays.
fn sums(tally: &GreylistTally, now: Micros) -> (Totals, Vec<SenderRow>, Vec<Micros>) {
    let Sums {
        senders,
        mut all,
        delays: mut of,
    } = Sums::of(tally, now, |_| false);
    of.of_senders.sort_unstable();
    of.all.sort_unstable();
    all.delay_worst = of.all.last().copied();
    let mut rows = named(tally, senders);
    for (place, (number, delay)) in (0..).zip(&of.of_senders) {
        if let Some(row) = rows.get_mut(*number as usize) {
            if row.evidence.delay_worst.is_none() {
                row.delays = place;
            }
            row.evidence.delay_worst = Some(*delay);
        }
    }
    let totals = Totals {
        now,
        all,
        delays: of.of_senders.len() as u64,
        passes: tally.passes(),
        lines: tally.lines(),
        loaded: tally.loaded(),
        latest: latest(tally)
            .into_iter()
            .map(|(number, (at, name))| (number, (at, name.into())))
            .collect(),
        apart: apart(tally),
    };
    let delays = of.of_senders.into_iter().map(|(_, delay)| delay);
    (totals, rows, delays.chain(of.all).collect())
}

/// The senders with their names; those that do not count have none.
fn named(tally: &GreylistTally, senders: Vec<Evidence>) -> Vec<SenderRow> {
    let row = |evidence| SenderRow {
        name: Box::default(),
        evidence,
        delays: 0,
    };
    let mut rows: Vec<SenderRow> = senders.into_iter().map(row).collect();
    for client in counted(tally) {
        if let Some(row) = rows.get_mut(client.sender_number as usize) {
            row.name = client.sender().into();
        }
    }
    rows
}

fn counted(tally: &GreylistTally) -> impl Iterator<Item = &Client> {
    let counted = |client: &&Client| client.standing == Standing::Counted;
    tally.clients().filter(counted)
}

fn hosts(tally: &GreylistTally) -> impl Iterator<Item = (Key, &Box<str>)> {
    counted(tally).map(|client| (tally.senders.key(client.sender_number), &client.name))
}

fn apart_hosts(tally: &GreylistTally) -> impl Iterator<Item = (Key, &'static ())> {
    tally.clients().filter_map(|client| {
        let class = CLASSES.iter().position(|class| class(client.standing))?;
        Some((apart_key(class, client, &tally.hasher), &()))
    })
}

/// When each of the mails that are pending is lost, and its key.
fn pending(open: &[(Key, &Mail)], now: Micros) -> Vec<u8> {
    let pending = open
        .iter()
        .filter(|(_, mail)| mail.fate(now) == Fate::Pending);
    let mut losses: Vec<(Micros, Key)> = pending
        .map(|(key, mail)| (mail.last.saturating_add(RETRY_WINDOW), *key))
        .collect();
    losses.sort_unstable();
    let mut bytes = Vec::new();
    losses.iter().for_each(|loss| loss.write(&mut bytes));
    bytes
}
