//! What a log tells of each message, as a tally: who refused it, whether it went out in the end.
//!
//! A message is a queue id and an arrival: short ids are used again. The arrival is the time of a line less its `delay=`, to the
//! second. Messages that were never refused are forgotten as soon as they leave the queue, if all of their history was seen.

use super::site::site;
use crate::delivery::event::{Attempt, Event, Outcome, What};
use crate::delivery::{exim, postfix};
use crate::host::time::{Micros, SECOND};
use crate::log::entry::Line;
use crate::log::fold::Tally;
use hashbrown::HashMap;

/// How far two reckonings of one arrival lie apart: stamps have seconds, `delay=` is rounded.
const SAME: Micros = 3 * SECOND;
/// How many servers that were not the last are remembered of one message.
const MOST_REFUSALS: usize = 8;

/// What a log tells, by queue id.
#[derive(Debug, Default)]
pub struct Trails {
    trails: HashMap<String, Vec<Trail>>,
    /// When each site accepted a message.
    accepted: HashMap<String, Vec<Micros>>,
    first: Option<Micros>,
}

/// What a log tells of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trail {
    /// The mail system's name in the log.
    pub instance: String,
    /// When the message came in.
    pub arrival: Option<Micros>,
    /// The envelope sender.
    pub sender: Option<String>,
    /// What the servers said, the last word to each recipient.
    pub replies: Vec<Reply>,
    /// It went back to the sender as a whole.
    pub expired: Option<Micros>,
    begun: Option<Micros>,
    removed: bool,
}

/// The last word to one recipient, or of a server that was not the last to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// `None`: the message as a whole.
    pub recipient: Option<String>,
    /// The reason as Postfix writes it; that of the last refusal where the message was sent after all.
    pub reason: String,
    /// When such a reason was given first.
    pub first: Micros,
    /// When it was given last.
    pub last: Micros,
    /// What became of it.
    pub outcome: Outcome,
    /// The site of the server that accepted it, or of one that was not the last to be tried.
    site: Option<String>,
}

impl Trails {
    /// The words that the lines hold which this tally reads.
    pub fn words() -> Vec<&'static str> {
        postfix::WORDS.into_iter().chain(exim::WORDS).collect()
    }

    /// Takes out what is known of a message: the last one with this id that fits.
    pub fn take(&mut self, instance: &str, id: &str, arrival: Option<Micros>) -> Option<Trail> {
        let trails = self.trails.get_mut(id)?;
        let fits = |trail: &Trail| {
            let same = instance.is_empty() || trail.instance == instance;
            same && match (arrival, trail.arrival) {
                (Some(a), Some(b)) => (a - b).abs() <= SAME,
                (Some(a), None) => trail.begun.is_none_or(|begun| begun + SAME >= a),
                (None, _) => true,
            }
        };
        let at = trails.iter().rposition(fits)?;
        Some(trails.remove(at))
    }

    /// What is left, with the ids.
    pub fn rest(&self) -> impl Iterator<Item = (&str, &Trail)> {
        self.trails
            .iter()
            .flat_map(|(id, trails)| trails.iter().map(move |trail| (id.as_str(), trail)))
    }

    /// How many messages a site has accepted after `since`.
    pub fn accepted_since(&self, site: &str, since: Micros) -> u64 {
        let times = self.accepted.get(site).map_or(&[][..], Vec::as_slice);
        times.iter().filter(|at| **at > since).count() as u64
    }

    fn note(&mut self, at: Micros, event: Event<'_>) {
        self.first.get_or_insert(at);
        let mut news = Trail {
            instance: event.instance.into_owned(),
            begun: Some(at),
            ..Trail::default()
        };
        match event.what {
            What::Queued { sender } => news.sender = Some(sender.into_owned()),
            What::Expired => news.expired = Some(at),
            What::Removed => news.removed = true,
            What::Refused { reason } => news.replies.push(Reply {
                recipient: None,
                site: replying_host(&reason).map(site),
                reason: reason.into_owned(),
                first: at,
                last: at,
                outcome: Outcome::Deferred,
            }),
            What::Tried(attempt) => self.tried(at, attempt, &mut news),
        }
        self.add(&event.id, news);
    }

    fn tried(&mut self, at: Micros, attempt: Attempt<'_>, news: &mut Trail) {
        let accepting = match (attempt.outcome, &attempt.relay) {
            (Outcome::Sent, Some(relay)) => Some(site(relay)),
            _ => None,
        };
        if let Some(site) = &accepting {
            self.accepted.entry_ref(site.as_str()).or_default().push(at);
        }
        news.arrival = attempt.delay.map(|delay| at - delay);
        news.replies.push(Reply {
            recipient: Some(attempt.recipient.into_owned()),
            reason: match attempt.outcome {
                Outcome::Sent => String::new(),
                _ => attempt.reason.into_owned(),
            },
            first: at,
            last: at,
            outcome: attempt.outcome,
            site: accepting,
        });
    }

    /// Adds what came later to the last message with this id, or begins a new one.
    fn add(&mut self, id: &str, news: Trail) {
        let first = self.first;
        let trails = match self.trails.get_mut(id) {
            Some(trails) => trails,
            None => self.trails.entry(id.to_owned()).or_default(),
        };
        match trails.last_mut() {
            Some(last) if last.is_same(&news) => last.absorb(news),
            _ => trails.push(news),
        }
        let done = |trail: &Trail| trail.removed && !trail.is_refused() && trail.is_whole(first);
        if trails.last().is_some_and(done) {
            trails.pop();
        }
        if trails.is_empty() {
            self.trails.remove(id);
        }
    }
}

impl Trail {
    /// Nothing happens to a message before it arrives.
    fn is_same(&self, later: &Trail) -> bool {
        let close = match (self.arrival, later.arrival) {
            (Some(a), Some(b)) => (a - b).abs() <= SAME,
            (None, Some(b)) => self.begun.is_none_or(|begun| begun + SAME >= b),
            (_, None) => true,
        };
        !self.removed && close && self.instance == later.instance
    }

    fn is_refused(&self) -> bool {
        self.expired.is_some() || self.replies.iter().any(|reply| !reply.reason.is_empty())
    }

    /// Whether the log goes back to the message's arrival.
    fn is_whole(&self, first: Option<Micros>) -> bool {
        self.arrival
            .zip(first)
            .is_some_and(|(arrival, first)| arrival >= first + SAME)
    }

    /// Adds what came later.
    fn absorb(&mut self, later: Trail) {
        self.arrival = self.arrival.or(later.arrival);
        self.sender = later.sender.or_else(|| self.sender.take());
        self.expired = self.expired.or(later.expired);
        self.begun = self.begun.or(later.begun);
        self.removed |= later.removed;
        for reply in later.replies {
            self.reply(reply);
        }
    }

    fn reply(&mut self, reply: Reply) {
        if reply.outcome == Outcome::Sent && reply.site.is_some() {
            self.settle(&reply.site, reply.last);
        }
        let full = self.refusals() >= MOST_REFUSALS;
        let known = self
            .replies
            .iter_mut()
            .find(|known| match &reply.recipient {
                None => known.recipient.is_none() && known.reason == reply.reason,
                recipient => known.recipient == *recipient,
            });
        match known {
            Some(known) => known.update(reply),
            None if reply.recipient.is_none() && full => {}
            None => self.replies.push(reply),
        }
    }

    /// Another server of the same site took the message at `sent`: what its first one refused before has come to nothing.
    fn settle(&mut self, site: &Option<String>, sent: Micros) {
        let open = |r: &&mut Reply| r.recipient.is_none() && r.site == *site && r.last <= sent;
        for reply in self.replies.iter_mut().filter(open) {
            reply.outcome = Outcome::Sent;
        }
    }

    fn refusals(&self) -> usize {
        self.replies
            .iter()
            .filter(|r| r.recipient.is_none())
            .count()
    }

    /// Whether it was sent to anybody.
    pub fn is_sent(&self) -> bool {
        self.replies
            .iter()
            .any(|reply| reply.outcome == Outcome::Sent)
    }
}

impl Reply {
    fn update(&mut self, later: Reply) {
        // A recipient who has the message is done with.
        if self.recipient.is_some() && self.outcome == Outcome::Sent {
            return;
        }
        self.outcome = later.outcome;
        self.last = later.last;
        if self.reason.is_empty() {
            self.first = later.first;
        }
        if !later.reason.is_empty() {
            self.reason = later.reason;
        }
        self.site = later.site.or_else(|| self.site.take());
    }
}

/// NAME of `host NAME[IP] …`.
fn replying_host(reason: &str) -> Option<&str> {
    let (name, _) = reason.strip_prefix("host ")?.split_once('[')?;
    Some(name)
}

impl Tally for Trails {
    fn see(&mut self, line: &Line<'_>) {
        if let Some(event) = exim::event(line.rest) {
            self.note(line.at, event);
        } else if let Some(entry) = line.entry()
            && let Some(event) = postfix::event(entry.tag, entry.message)
        {
            self.note(line.at, event);
        }
    }

    fn join(&mut self, later: Self) {
        self.first = self.first.or(later.first);
        for (id, trails) in later.trails {
            for trail in trails {
                self.add(&id, trail);
            }
        }
        for (site, times) in later.accepted {
            self.accepted.entry(site).or_default().extend(times);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::stamp;
    use crate::log::stamp::Stamp;
    use proptest::prelude::*;

    fn see(trails: &mut Trails, line: &str) {
        let (stamp, form, rest) = stamp::parse(line.as_bytes()).unwrap();
        let Stamp::Instant(at) = stamp else {
            panic!("{line}");
        };
        trails.see(&Line { at, form, rest });
    }

    fn trails(lines: &[String]) -> Trails {
        let mut trails = Trails::default();
        lines.iter().for_each(|line| see(&mut trails, line));
        trails
    }

    /// A line of Postfix, `second` seconds after 10:00.
    fn line(second: u32, program: &str, message: &str) -> String {
        let (minute, second) = (second / 60, second % 60);
        format!("2026-11-21T10:{minute:02}:{second:02}+00:00 vm postfix/{program}[1]: {message}")
    }

    fn tried(second: u32, id: &str, to: &str, delay: u32, status: &str) -> String {
        let message = format!(
            "{id}: to=<{to}>, relay=mx.b.example[192.0.2.1]:25, delay={delay}, delays=0/0/0/0, dsn=4.0.0, status={status}"
        );
        line(second, "smtp", &message)
    }

    const REFUSED: &str = "host mx0.b.example[192.0.2.2] refused to talk to me: 554 no";

    /// id, arrival in seconds after 10:00, sender, replies: all that is kept, sorted.
    fn shown(trails: &Trails) -> Vec<String> {
        let start = trails.first.unwrap_or_default();
        let mut all: Vec<String> = trails
            .rest()
            .map(|(id, trail)| {
                let replies: Vec<String> = trail
                    .replies
                    .iter()
                    .map(|r| {
                        format!(
                            "{}={:?} {:?}",
                            r.recipient.as_deref().unwrap_or("*"),
                            r.outcome,
                            r.reason
                        )
                    })
                    .collect();
                let arrival = trail.arrival.map(|at| (at - start) / SECOND);
                format!("{id} {arrival:?} {:?} {}", trail.sender, replies.join(", "))
            })
            .collect();
        all.sort();
        all
    }

    #[test]
    fn one_message() {
        let found = trails(&[
            line(
                0,
                "qmgr",
                "B0169992181: from=<a@x>, size=3, nrcpt=1 (queue active)",
            ),
            line(1, "smtp", &format!("B0169992181: {REFUSED}")),
            tried(1, "B0169992181", "c@b", 1, "deferred (later)"),
            tried(100, "B0169992181", "c@b", 100, "sent (ok)"),
            tried(100, "B0169992181", "d@b", 100, "bounced (no)"),
            line(101, "qmgr", "B0169992181: removed"),
        ]);
        assert_eq!(
            shown(&found),
            [format!(
                "B0169992181 Some(0) Some(\"a@x\") *=Sent \"{REFUSED}\", c@b=Sent \"later\", d@b=Bounced \"no\""
            )]
        );
        let since = found.first.unwrap();
        assert_eq!(found.accepted_since("b.example", since), 1);
        assert_eq!(found.accepted_since("b.example", since + 100 * SECOND), 0);
    }

    #[test]
    fn messages_that_were_never_refused_are_forgotten() {
        let lines = [
            tried(0, "B0169992182", "c@b", 0, "deferred (later)"),
            line(
                10,
                "qmgr",
                "B0169992181: from=<a@x>, size=3, nrcpt=1 (queue active)",
            ),
            tried(11, "B0169992181", "c@b", 1, "sent (ok)"),
            line(11, "qmgr", "B0169992181: removed"),
        ];
        assert_eq!(
            shown(&trails(&lines)),
            ["B0169992182 Some(0) None c@b=Deferred \"later\""]
        );
    }

    #[test]
    fn short_ids_are_used_again() {
        let again = [
            tried(5, "B0169992181", "c@b", 5, "bounced (one)"),
            line(6, "qmgr", "B0169992181: removed"),
            tried(30, "B0169992181", "d@b", 1, "deferred (two)"),
        ];
        let arrivals = |found: &Trails| {
            found
                .rest()
                .map(|(_, t)| t.arrival.map(|at| (at - found.first.unwrap()) / SECOND))
                .collect::<Vec<_>>()
        };
        assert_eq!(arrivals(&trails(&again)), [Some(-5), Some(24)]);
        let unseen_removal = [again[0].clone(), again[2].clone()];
        let mut found = trails(&unseen_removal);
        assert_eq!(arrivals(&found), [Some(-5), Some(24)]);
        let first = found.first.unwrap();
        assert_eq!(
            found.take("postfix", "B0169992181", Some(first + 500 * SECOND)),
            None
        );
        assert_eq!(
            found.take("postfix-out", "B0169992181", Some(first + 24 * SECOND)),
            None
        );
        let taken = found
            .take("postfix", "B0169992181", Some(first + 24 * SECOND))
            .unwrap();
        assert_eq!(taken.replies[0].reason, "two");
        assert_eq!(arrivals(&found), [Some(-5)]);
    }

    #[test]
    fn refusals_without_recipient_have_no_arrival_but_never_come_before_the_message() {
        let lines = [line(50, "smtp", &format!("B0169992181: {REFUSED}"))];
        let first = trails(&lines).first.unwrap();
        assert!(
            trails(&lines)
                .take("", "B0169992181", Some(first - 9 * SECOND))
                .is_some()
        );
        assert!(
            trails(&lines)
                .take("", "B0169992181", Some(first + 9 * SECOND))
                .is_none()
        );
    }

    #[test]
    fn exim_lines() {
        let log = include_str!("../../../fixtures/mailq/exim-mainlog");
        let lines: Vec<String> = log
            .lines()
            .filter(|line| line.starts_with("2026"))
            .map(|line| format!("{}+00:00{}", line[..19].replace(' ', "T"), &line[19..]))
            .collect();
        let mut found = trails(&lines);
        let trail = found.take("exim", "1xUg39-0000Ll-27", None).unwrap();
        assert_eq!(trail.sender.as_deref(), Some("news@lab.example"));
        assert!(
            trail
                .replies
                .iter()
                .any(|r| r.recipient.as_deref() == Some("dora@live.com")
                    && r.reason.starts_with(
                        "host live-com.olc.protection.outlook.com[127.0.1.3] said: 451 4.7.650"
                    ))
        );
        let bounced = found.take("exim", "1xUg39-0000Kx-1p", None).unwrap();
        assert_eq!(
            bounced
                .replies
                .iter()
                .filter(|r| r.outcome == Outcome::Bounced)
                .count(),
            1
        );
    }

    /// A line of one of three messages.
    fn any_line() -> impl Strategy<Value = (u8, u8)> {
        (0u8..3, 0u8..7)
    }

    proptest! {
        #[test]
        fn a_log_may_be_cut_anywhere(script in proptest::collection::vec(any_line(), 0..40), cuts in proptest::collection::vec(0usize..40, 0..3)) {
            let mut born = [None; 3];
            let lines: Vec<String> = script.iter().enumerate().map(|(index, (message, kind))| {
                let second = index as u32 * 10;
                let id = format!("B016999218{message}");
                // The first life began before the log, the next one with the first line behind a removal.
                let born = &mut born[usize::from(*message)];
                let delay = second - born.unwrap_or(0);
                match kind {
                    0 => line(second, "qmgr", &format!("{id}: from=<s{message}@x>, size=3, nrcpt=1 (queue active)")),
                    1 => line(second, "smtp", &format!("{id}: {REFUSED}")),
                    2 => tried(second, &id, "c@b", delay, "deferred (later)"),
                    3 => tried(second, &id, "c@b", delay, "sent (ok)"),
                    4 => tried(second, &id, "d@b", delay, "bounced (no)"),
                    5 => line(second, "qmgr", &format!("{id}: from=<s>, status=expired, returned to sender")),
                    _ => {
                        *born = Some(second + 10);
                        line(second, "qmgr", &format!("{id}: removed"))
                    }
                }
            }).collect();
            let whole = trails(&lines);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(lines.len())).collect();
            cuts.sort_unstable();
            let (mut joined, mut start) = (Trails::default(), 0);
            for end in cuts.into_iter().chain([lines.len()]) {
                joined.join(trails(&lines[start..end]));
                start = end;
            }
            let refused = |trails: &Trails| -> Vec<String> {
                let mut all: Vec<String> = trails.rest().filter(|(_, t)| t.is_refused()).map(|(id, t)| format!("{id} {t:?}")).collect();
                all.sort();
                all
            };
            prop_assert_eq!(refused(&joined), refused(&whole));
        }
    }
}
