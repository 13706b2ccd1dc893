//! The inner loops, each on a line, name or reply as it stands in real logs and queues: `cargo bench --bench inner`.

#![allow(clippy::unwrap_used)]

use divan::Bencher;
use divan::counter::BytesCount;
use postmaster_plugins::log::{entry::Line, stamp};
use postmaster_plugins::plugin::clean::Clean;
use postmaster_plugins::postgrey::domain::registrable;
use postmaster_plugins::postgrey::naming::Naming;
use postmaster_plugins::postgrey::whitelist::Whitelist;
use postmaster_plugins::postgrey::{event, suffix};
use postmaster_plugins::reply::classify::Classifier;
use postmaster_plugins::reply::rules::RuleSet;

const LINE: &[u8] = b"2026-11-21T08:16:03.932733+00:00 mail postgrey[1044]: action=greylist, reason=new, client_name=mail-db8eur05on2104.outbound.protection.outlook.com, client_address=40.107.20.104, sender=news@partner.example, recipient=info@lab.example";
const TRADITIONAL: &[u8] = b"Nov 21 08:16:03 mail postgrey[1044]: action=greylist, reason=new";
const NAME: &str = "mail-db8eur05on2104.outbound.protection.outlook.com";
const REPLY: &str = "host mx.partner.example[198.51.100.7] said: 450 4.7.1 Service unavailable; Client host [203.0.113.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.7 (in reply to RCPT TO command)";

fn main() {
    divan::main();
}

#[divan::bench(args = [LINE, TRADITIONAL])]
fn log_stamp(bencher: Bencher<'_, '_>, line: &[u8]) {
    bencher.bench(|| stamp::parse(divan::black_box(line)).is_some());
}

#[divan::bench]
fn log_entry(bencher: Bencher<'_, '_>) {
    let (_, form, rest) = stamp::parse(LINE).unwrap();
    let line = Line { at: 0, form, rest };
    bencher.bench(|| divan::black_box(&line).entry().is_some());
}

#[divan::bench]
fn postgrey_event(bencher: Bencher<'_, '_>) {
    let (_, form, rest) = stamp::parse(LINE).unwrap();
    let message = Line { at: 0, form, rest }.entry().unwrap().message;
    bencher.counter(BytesCount::of_slice(message)).bench(|| {
        matches!(
            event::parse(divan::black_box(message)),
            event::Message::Decision(_)
        )
    });
}

#[divan::bench]
fn postgrey_registrable_domain() -> bool {
    registrable(divan::black_box(NAME)).is_some()
}

#[divan::bench]
fn postgrey_naming() -> bool {
    let address = "40.107.20.104".parse().ok();
    Naming::of(divan::black_box(NAME)).is_dynamic(NAME, address)
}

#[divan::bench]
fn postgrey_whitelist(bencher: Bencher<'_, '_>) {
    let list = Whitelist::parse(
        b"partner.example\n/^mail[0-9]+\\.example\\.org$/\n/\\.club\\.example$/\n",
    );
    bencher.bench(|| list.covers_name(divan::black_box(Some(NAME))));
}

#[divan::bench]
fn postgrey_suffix() -> usize {
    suffix::names(divan::black_box(&[
        "a.outbound.example.com",
        "b.outbound.example.com",
    ]))
    .suffixes
    .len()
}

#[divan::bench]
fn reply_classify(bencher: Bencher<'_, '_>) {
    let classifier = Classifier::new(RuleSet::builtin().unwrap());
    bencher.bench(|| classifier.classify(divan::black_box(REPLY)).class);
}

#[divan::bench]
fn plugin_clean() -> Clean {
    Clean::text(divan::black_box(REPLY))
}
