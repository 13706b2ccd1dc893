//! Worse input never gives a better state.

use super::dice::Dice;
use super::parsers::NOW;
use super::perfdata;
use super::queues::{as_json, as_text, queue};
use super::rules::perfdata_of;
use super::whole::{file, host, scratch};
use clap::Parser as _;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use postmaster_plugins::checks::mailq::MailqBlacklist;
use postmaster_plugins::checks::postgrey::{
    PostgreyWhitelist, gather, options::Options, plan::Plan,
};
use postmaster_plugins::host::deadline::Deadline;
use postmaster_plugins::host::time::{Civil, SECOND};
use postmaster_plugins::plugin::edge::rehearse;
use postmaster_plugins::plugin::state::State;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

/// A log of Postgrey's with some senders, mails and noise.
fn log(dice: &mut Dice<'_>) -> String {
    let mut at = NOW / SECOND - 86_400;
    let mut text = String::new();
    let traditional = dice.byte() & 1 == 1;
    for _ in 0..=dice.byte() % 64 {
        at += dice.below(600) as i64;
        text += &stamp(at, traditional);
        text += &line(dice);
    }
    text
}

fn stamp(at: i64, traditional: bool) -> String {
    let civil = Civil::from_utc(at * SECOND);
    let seconds = civil.of_day / SECOND;
    let clock = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    match traditional {
        true => format!("Nov {:2} {clock} mail ", civil.day),
        false => format!("2026-11-{:02}T{clock}.5+00:00 mail ", civil.day),
    }
}

fn line(dice: &mut Dice<'_>) -> String {
    if dice.byte().is_multiple_of(8) {
        return String::from("postfix/smtpd[7]: connect from unknown[192.0.2.9]\n");
    }
    let action = dice.pick(&[
        "action=greylist, reason=new",
        "action=greylist, reason=early-retry (200s missing)",
        "action=pass, reason=triplet found",
        "action=pass, reason=client AWL",
    ]);
    let host = dice.below(4);
    let name = dice.pick(&["mail.pool.example", "out.other.example", "unknown"]);
    let name = match name {
        "unknown" => name.to_owned(),
        name => format!("m{host}.{name}"),
    };
    let mail = dice.below(6);
    format!(
        "postgrey[9]: {action}, client_name={name}, client_address=198.51.{host}.7/32, sender=a{mail}@pool.example, recipient=b@lab.example\n"
    )
}

/// The facts of these files, without their names.
fn facts(files: &[String], root: &Path) -> Value {
    let host = host(root);
    let mut words = vec!["check", "--min-attempts", "1"];
    words.extend(files.iter().map(String::as_str));
    let plan = Plan::new(Options::try_parse_from(words).unwrap(), &host);
    let facts = gather::gather(&plan, &host, &Deadline::new(Duration::from_secs(60))).unwrap();
    let mut value = serde_json::to_value(facts).unwrap();
    value["logs"] = Value::Null;
    value
}

/// A log cut anywhere, also within a line, gives the same facts.
pub fn log_cut(data: &[u8]) {
    let mut dice = Dice::new(data);
    let cut = dice.below(1 << 16);
    let text = log(&mut dice);
    let cut = cut % text.len();
    let directory = scratch();
    let file = |name: &str, content: &str| {
        let path = file(&directory, name, content.as_bytes());
        let changed = std::time::UNIX_EPOCH + Duration::from_micros(NOW.unsigned_abs());
        let opened = std::fs::File::options().write(true).open(&path).unwrap();
        opened.set_modified(changed).unwrap();
        path
    };
    let whole = file("whole.log", &text);
    let (older, newer) = text.split_at(cut);
    let pieces = [file("mail.log.1", older), file("mail.log", newer)];
    let root = directory.path();
    let expected = facts(&[whole], root);
    let found = facts(&pieces, root);
    if older.is_empty() || newer.is_empty() {
        return; // an empty file is read as well, and has a name
    }
    assert_eq!(found, expected, "cut at {cut}:\n{text}");
}

/// The state of check_mailq_blacklist for a listing.
fn state_of(listing: &[u8]) -> (String, State) {
    let directory = scratch();
    let path = file(&directory, "queue", listing);
    rehearse::<MailqBlacklist>(&["--file", &path], &host(directory.path()))
}

/// Nothing is missing, or the answer says so: UNKNOWN, or "at least".
fn says_so(out: &str, state: State) -> bool {
    state == State::Unknown || state != State::Ok && out.contains(" at least ")
}

/// A listing that lost its end is UNKNOWN, or an alarm that the rest proves.
pub fn listing_cut(data: &[u8]) {
    let mut dice = Dice::new(data);
    let keep = dice.below(1 << 16);
    let text = as_text(&queue(&mut dice));
    let keep = keep % text.trim_end().len();
    let (out, cut) = state_of(&text.as_bytes()[..keep]);
    assert!(says_so(&out, cut), "{keep} of\n{text}\n{out}");
}

/// The number of refused messages that an answer names.
fn refused(out: &str) -> u64 {
    let parsed = perfdata::parse(perfdata_of(out)).unwrap();
    let metric = parsed.iter().find(|metric| metric.label == "refused");
    metric.map_or(0, |metric| metric.value.parse().unwrap())
}

/// Refused messages more: never a better state, each of them counts, and both forms say the same.
pub fn more_refusals(data: &[u8]) {
    let mut dice = Dice::new(data);
    let mut messages = queue(&mut dice);
    let (said, before) = state_of(as_text(&messages).as_bytes());
    let (_, json) = state_of(as_json(&messages).as_bytes());
    assert!(messages.is_empty() || json == before);
    let more = queue(&mut dice);
    let count = refused(&said) + more.len() as u64;
    for (number, mut message) in more.into_iter().enumerate() {
        message.id = format!("F{number:09X}");
        message.queue = "deferred";
        for (_, reason) in &mut message.recipients {
            let words = "host mx.x.example[192.0.2.9] said: 550 5.7.1 Service unavailable; client [203.0.113.7] blocked using zen.spamhaus.org (in reply to RCPT TO command)";
            *reason = Some(String::from(words));
        }
        messages.push(message);
    }
    let (out, after) = state_of(as_text(&messages).as_bytes());
    assert!(after >= before, "{before} became {after}: {out}");
    assert_eq!(refused(&out), count, "{out}");
}

/// What gzip itself makes of a file: the text, where nothing is wrong with it.
fn unpacked(packed: &[u8]) -> Option<String> {
    let mut text = String::new();
    let whole = MultiGzDecoder::new(packed).read_to_string(&mut text);
    whole.ok().map(|_| text)
}

/// A packed log with bytes flipped, or that lost its end, is UNKNOWN, or an alarm that the rest proves; unless its text is still whole.
pub fn packed_damage(data: &[u8]) {
    let mut dice = Dice::new(data);
    let (place, mask, keep) = (dice.below(1 << 16), dice.byte(), dice.byte());
    let text = log(&mut dice);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let mut packed = encoder.finish().unwrap();
    let place = place % packed.len();
    packed[place] ^= mask;
    if keep & 1 == 1 {
        packed.truncate(place);
    }
    let (out, state) = state_of_log(&packed);
    let whole = unpacked(&packed).as_ref() == Some(&text);
    assert!(
        whole || says_so(&out, state),
        "{place} {mask} {keep}: {out}\n{text}"
    );
}

fn state_of_log(log: &[u8]) -> (String, State) {
    let directory = scratch();
    let path = file(&directory, "mail.log.gz", log);
    let arguments = [path.as_str(), "--min-attempts", "1"];
    rehearse::<PostgreyWhitelist>(&arguments, &host(directory.path()))
}
