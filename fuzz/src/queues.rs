//! One queue, printed in Postfix's two forms: both give the same messages.

use super::dice::Dice;
use super::parsers::{NOW, messages};
use postmaster_plugins::host::time::{Civil, SECOND};
use serde_json::json;

/// A message as both forms can tell it.
pub struct Queued {
    pub id: String,
    pub queue: &'static str,
    /// Seconds since 1970.
    pub arrival: i64,
    pub size: u64,
    pub sender: String,
    /// Addresses, with the reason that each was refused for.
    pub recipients: Vec<(String, Option<String>)>,
}

const QUEUES: [&str; 3] = ["deferred", "active", "hold"];
const WORDS: [&str; 12] = [
    "host mx.partner.example[192.0.2.1] said: 550 5.7.1 ",
    "host mx.partner.example[192.0.2.1] refused to talk to me: 554 5.7.1 ",
    "Service unavailable; client [203.0.113.7] blocked using zen.spamhaus.org",
    " https://www.spamhaus.org/query/ip/203.0.113.7",
    "greylisted, try again later",
    "(in reply to RCPT TO command)",
    "mailbox full",
    "(",
    ")",
    " | x=1;2 $HOST$ \\n <b>",
    "\u{202e}é",
    "-- 1 Kbytes in 1 Request.",
];

fn reason(dice: &mut Dice<'_>) -> Option<String> {
    let words = dice.byte() % 5;
    let text: String = (0..words).map(|_| dice.pick(&WORDS)).collect();
    // Postfix prints what came on one line and without blanks at its ends.
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn address(dice: &mut Dice<'_>) -> String {
    let local = dice.pick(&[
        "a",
        "postmaster",
        "x.y+z",
        "\"two words\"",
        "\"(odd\"",
        "-dash",
    ]);
    let domain = dice.pick(&[
        "partner.example",
        "xn--bcher-kva.example",
        "[192.0.2.1]",
        "a.b.c.example",
    ]);
    format!("{local}@{domain}")
}

/// A queue of up to 12 messages.
pub fn queue(dice: &mut Dice<'_>) -> Vec<Queued> {
    (0..dice.byte() % 13)
        .map(|number| {
            let mut recipients = Vec::new();
            for _ in 0..=dice.byte() % 4 {
                let reason = reason(dice);
                recipients.push((address(dice), reason));
            }
            Queued {
                id: format!("B{:09X}{number:X}", dice.below(1 << 20)),
                queue: dice.pick(&QUEUES),
                arrival: NOW / SECOND - 1 - dice.below(200 * 86_400) as i64,
                size: dice.below(1 << 20) as u64 + 1,
                sender: dice
                    .pick(&["", "news@lab.example", "a b@lab.example"])
                    .replace(' ', "_"),
                recipients,
            }
        })
        .collect()
}

/// `postqueue -j`.
pub fn as_json(queue: &[Queued]) -> String {
    let line = |message: &Queued| {
        let recipients: Vec<_> = message
            .recipients
            .iter()
            .map(|(address, reason)| match reason {
                Some(reason) => json!({"address": address, "delay_reason": reason}),
                None => json!({"address": address}),
            })
            .collect();
        let sender = match message.sender.as_str() {
            "" => "MAILER-DAEMON",
            sender => sender,
        };
        json!({
            "queue_name": message.queue, "queue_id": message.id, "arrival_time": message.arrival, "message_size": message.size,
            "forced_expire": false, "sender": sender, "recipients": recipients,
        })
        .to_string()
            + "\n"
    };
    queue.iter().map(line).collect()
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn date(arrival: i64) -> String {
    let civil = Civil::from_utc(arrival * SECOND);
    let day = DAYS[usize::try_from(arrival.div_euclid(86_400).rem_euclid(7)).unwrap()];
    let (seconds, month) = (civil.of_day / SECOND, MONTHS[usize::from(civil.month) - 1]);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!(
        "{day} {month} {:2} {hours:02}:{minutes:02}:{:02}",
        civil.day,
        seconds % 60
    )
}

/// `postqueue -p`.
pub fn as_text(queue: &[Queued]) -> String {
    if queue.is_empty() {
        return String::from("Mail queue is empty\n");
    }
    let mut text =
        String::from("-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
    let mut bytes = 0;
    for message in queue {
        let flag = match message.queue {
            "active" => '*',
            "hold" => '!',
            _ => ' ',
        };
        let sender = match message.sender.as_str() {
            "" => "MAILER-DAEMON",
            sender => sender,
        };
        let id = format!("{}{flag}", message.id);
        text += &format!(
            "{id:<11} {:7} {} {sender}\n",
            message.size,
            date(message.arrival)
        );
        text += &recipients(message);
        text.push('\n');
        bytes += message.size;
    }
    let request = if queue.len() == 1 {
        "Request"
    } else {
        "Requests"
    };
    text + &format!("-- {} Kbytes in {} {request}.\n", bytes / 1024, queue.len())
}

/// A reason once for the recipients behind it; who was never tried among others gets the words for that.
fn recipients(message: &Queued) -> String {
    let (mut text, mut last) = (String::new(), None);
    for (address, reason) in &message.recipients {
        if *reason != last {
            let words = reason.as_deref().unwrap_or("reason unavailable");
            text += &format!("{:>78}\n", format!("({words})"));
            last = reason.clone();
        }
        text += &format!("{:41}{address}\n", "");
    }
    text
}

/// Both forms, the same messages.
pub fn forms(data: &[u8]) {
    let queue = queue(&mut Dice::new(data));
    if queue.is_empty() {
        return; // an empty queue in JSON is an empty file, which says nothing
    }
    let (text, json) = (as_text(&queue), as_json(&queue));
    let (from_text, outcome) = messages(text.as_bytes(), usize::MAX);
    assert!(outcome.contains("error: None"), "{outcome}\n{text}");
    let (from_json, outcome) = messages(json.as_bytes(), usize::MAX);
    assert!(outcome.contains("error: None"), "{outcome}\n{json}");
    assert_eq!(from_text, from_json, "{text}\n{json}");
    assert_eq!(from_json.len(), queue.len());
}
