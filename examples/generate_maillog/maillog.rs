//! A made-up week of a mail server's log: senders with pools, a provider's bots, hosts that retry well, regular correspondents, and the
//! lines of Postfix between them. The shapes are those of real logs of Postfix 3.7 and Postgrey 1.37; all names below example
//! domains or of the providers that such logs are full of, all addresses of recipients in example domains.

use std::io::{self, Write};

/// What to write.
pub(crate) struct Recipe {
    /// About this many bytes.
    pub(crate) bytes: usize,
    /// `Nov 21 08:19:33` instead of RFC 3339.
    pub(crate) traditional: bool,
    /// Lines of Postgrey among 100.
    pub(crate) share: u64,
    /// Seconds since 1970 of the last line.
    pub(crate) end: i64,
}

impl Default for Recipe {
    /// One MiB that ends on 21 November 2026 at 08:20 UTC.
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            traditional: false,
            share: 5,
            end: 1_795_249_200,
        }
    }
}

const WEEK: i64 = 7 * 86_400;
/// Bytes of an average line.
const LINE: usize = 150;

/// A small generator of numbers that only have to look random (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }
}

/// Postgrey's line at a second.
type Event = (i64, String);

/// How a sender behaves.
struct Habit {
    /// Makes a host's name and address from two numbers.
    host: fn(u64, u64) -> (String, String),
    hosts: u64,
    /// Waits between tries, in minutes.
    waits: &'static [i64],
    /// Mails of 100 that pass in the end.
    passes: u64,
    /// Whether each try comes from another host.
    pool: bool,
    /// Its part of all mails, in thousandths.
    part: u64,
}

const HABITS: [Habit; 7] = [
    Habit {
        host: sendgrid,
        hosts: 240,
        waits: &[16, 33, 65, 130, 250],
        passes: 85,
        pool: true,
        part: 120,
    },
    Habit {
        host: mandrill,
        hosts: 60,
        waits: &[15, 30, 75, 120],
        passes: 90,
        pool: true,
        part: 30,
    },
    Habit {
        host: outlook,
        hosts: 400,
        waits: &[2, 9, 17, 40, 95, 200],
        passes: 80,
        pool: true,
        part: 120,
    },
    Habit {
        host: amazonses,
        hosts: 90,
        waits: &[6, 20, 45, 90],
        passes: 85,
        pool: true,
        part: 60,
    },
    Habit {
        host: asianet,
        hosts: 60_000,
        waits: &[],
        passes: 0,
        pool: false,
        part: 60,
    },
    Habit {
        host: well_behaved,
        hosts: 1,
        waits: &[6],
        passes: 98,
        pool: false,
        part: 30,
    },
    Habit {
        host: small_sites,
        hosts: 90_000,
        waits: &[8],
        passes: 97,
        pool: false,
        part: 380,
    },
];

fn sendgrid(a: u64, b: u64) -> (String, String) {
    (
        format!("o{}.ptr{}.sendgrid.net", a % 9 + 1, 1000 + a * 7),
        format!("167.89.{}.{}", a % 97, b % 250 + 1),
    )
}
fn mandrill(a: u64, b: u64) -> (String, String) {
    (
        format!(
            "mail{}-{}.suw{}.mandrillapp.com",
            100 + a,
            b % 250,
            a % 9 + 10
        ),
        format!("198.2.{}.{}", 180 + a % 40, b % 250 + 1),
    )
}
fn outlook(a: u64, b: u64) -> (String, String) {
    let name = format!("mail-db8eur05on2{:03}.outbound.protection.outlook.com", a);
    (name, format!("40.107.{}.{}", a % 120, b % 250 + 1))
}
fn amazonses(a: u64, b: u64) -> (String, String) {
    (
        format!("a{}-{}.smtp-out.amazonses.com", a, b % 250),
        format!("54.240.{}.{}", a, b % 250 + 1),
    )
}
fn asianet(a: u64, _: u64) -> (String, String) {
    let (x, y, z) = (a % 60 + 100, a / 60 % 250, a % 251);
    (
        format!("ppp-171-{x}-{y}-{z}.revip5.asianet.co.th"),
        format!("171.{x}.{y}.{z}"),
    )
}
fn well_behaved(_: u64, _: u64) -> (String, String) {
    (
        String::from("lists.club.example"),
        String::from("198.51.100.25"),
    )
}
fn small_sites(a: u64, _: u64) -> (String, String) {
    (
        format!("mx.site{a}.example"),
        format!("203.{}.{}.25", a / 250 % 250, a % 250),
    )
}

/// Writes the log.
///
/// # Errors
/// Whatever the writer says.
pub(crate) fn write_log(recipe: &Recipe, out: &mut impl Write) -> io::Result<()> {
    let lines = (recipe.bytes / LINE) as u64;
    let wanted = lines * recipe.share / 100;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut events = events(&mut dice, wanted as usize, recipe.end);
    events.sort();
    let start = recipe.end - WEEK;
    let mut next = events.into_iter().peekable();
    let others = lines.saturating_sub(wanted).max(1);
    for n in 0..others {
        let at = start + (WEEK * n as i64) / others as i64;
        while let Some((when, text)) = next.next_if(|(when, _)| *when <= at) {
            stamp(recipe, when, dice.roll(1_000_000), out)?;
            writeln!(out, "postgrey[1044]: {text}")?;
        }
        stamp(recipe, at, dice.roll(1_000_000), out)?;
        writeln!(out, "{}", postfix(&mut dice, n))?;
    }
    // The admin has reloaded Postgrey: what its whitelist covers now was rightly delayed before.
    stamp(recipe, recipe.end, 0, out)?;
    writeln!(out, "postgrey[1044]: HUP received: reloading whitelists...")?;
    out.flush()
}

/// Postgrey's lines: greylisted mails, and passes of those it knows.
fn events(dice: &mut Dice, wanted: usize, end: i64) -> Vec<Event> {
    let mut events = Vec::with_capacity(wanted + 8);
    let mut mail = 0;
    while events.len() < wanted {
        mail += 1;
        let start = end - WEEK + dice.roll(WEEK as u64 - 60) as i64;
        let mut draw = dice.roll(1000);
        let habit = HABITS.iter().find(|habit| {
            let found = draw < habit.part;
            draw = draw.saturating_sub(habit.part);
            found
        });
        match habit {
            Some(habit) => one_mail(dice, habit, mail, start, end, &mut events),
            None => {
                let (name, address) = small_sites(dice.roll(300), 0);
                events.push((
                    start,
                    line("pass, reason=client AWL", &name, &address, mail),
                ));
            }
        }
    }
    events.truncate(wanted);
    events
}

fn one_mail(
    dice: &mut Dice,
    habit: &Habit,
    mail: u64,
    start: i64,
    end: i64,
    events: &mut Vec<Event>,
) {
    let own = dice.roll(habit.hosts);
    let passes = dice.roll(100) < habit.passes;
    let mut at = start;
    for (index, wait) in std::iter::once(&0).chain(habit.waits).enumerate() {
        at += wait * 60 + dice.roll(50) as i64;
        if at >= end {
            return;
        }
        let host = if habit.pool {
            dice.roll(habit.hosts)
        } else {
            own
        };
        let (name, address) = (habit.host)(host, mail);
        let last = index == habit.waits.len();
        let action = match (last && passes && !habit.waits.is_empty(), index) {
            (true, _) => format!("pass, reason=triplet found, delay={}", at - start),
            (false, 1) if !habit.pool => {
                String::from("greylist, reason=early-retry (120s missing)")
            }
            _ => String::from("greylist, reason=new"),
        };
        events.push((at, line(&action, &name, &address, mail)));
        if habit.pool && dice.roll(100) < 12 {
            return;
        }
    }
}

fn line(action: &str, name: &str, address: &str, mail: u64) -> String {
    format!(
        "action={action}, client_name={name}, client_address={address}, sender=bounces+{mail}-x=lab.example@news{}.example, recipient=user{}@lab.example",
        mail % 50,
        mail % 400
    )
}

fn stamp(recipe: &Recipe, at: i64, micros: u64, out: &mut impl Write) -> io::Result<()> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (year, month, day) = civil(at.div_euclid(86_400));
    let second = at.rem_euclid(86_400);
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    if recipe.traditional {
        let month = MONTHS[month as usize - 1];
        write!(out, "{month} {day:2} {h:02}:{m:02}:{s:02} mx1 ")
    } else {
        write!(
            out,
            "{year}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{micros:06}+00:00 mx1 "
        )
    }
}

/// The date of a day since 1970, for the years around now.
fn civil(days: i64) -> (i64, i64, i64) {
    let (mut year, mut left) = (1970, days);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    while left >= 365 + i64::from(leap(year)) {
        left -= 365 + i64::from(leap(year));
        year += 1;
    }
    let lengths = [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    (year, month as i64 + 1, left + 1)
}

/// One of the lines that Postfix writes.
fn postfix(dice: &mut Dice, n: u64) -> String {
    // Eight lines in a row are about one message.
    let (pid, id) = (1000 + n % 3000, format!("{:010X}", 0xB1_6999_0000 + n / 8));
    let (name, address) = small_sites(dice.roll(5000), 0);
    match n % 8 {
        0 => format!("postfix/smtpd[{pid}]: connect from {name}[{address}]"),
        1 => format!("postfix/smtpd[{pid}]: {id}: client={name}[{address}]"),
        2 => format!("postfix/cleanup[{pid}]: {id}: message-id=<{n}.{pid}@{name}>"),
        3 => format!(
            "postfix/qmgr[812]: {id}: from=<news@{name}>, size={}, nrcpt=1 (queue active)",
            900 + dice.roll(90_000)
        ),
        // One line in a hundred.
        4 if (n / 8).is_multiple_of(12) => undelivered(pid, &id, n),
        // Two of three stay in the queue.
        7 if (n / 8).is_multiple_of(12) && n / 96 % 3 < 2 => {
            format!("postfix/smtpd[{pid}]: lost connection after AUTH from {name}[{address}]")
        }
        4 => format!(
            "postfix/smtp[{pid}]: {id}: to=<user{}@partner.example>, relay=mx.partner.example[198.51.100.7]:25, delay=1.2, delays=0.1/0/0.4/0.7, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {id})",
            n % 400
        ),
        5 if dice.roll(10) < 4 => format!(
            "postfix/smtpd[{pid}]: NOQUEUE: reject: RCPT from {name}[{address}]: 450 4.2.0 <user{}@lab.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/lab.example.html; from=<news@{name}> to=<user{}@lab.example> proto=ESMTP helo=<{name}>",
            n % 400,
            n % 400
        ),
        5 | 6 => format!(
            "postfix/smtpd[{pid}]: disconnect from {name}[{address}] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7"
        ),
        _ => format!("postfix/qmgr[812]: {id}: removed"),
    }
}

/// A mail that was deferred, or bounced, because the other side refused it.
fn undelivered(pid: u64, id: &str, n: u64) -> String {
    let ours = format!("203.0.113.{}", n % 4 + 1);
    let (dsn, status, reply) = match n / 96 % 3 {
        0 => (
            "4.7.1",
            "deferred",
            format!(
                "said: 450 4.7.1 Service unavailable; Client host [{ours}] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/{ours} (in reply to RCPT TO command)"
            ),
        ),
        1 => (
            "4.0.0",
            "deferred",
            format!(
                "refused to talk to me: 554 IP={ours} - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.)"
            ),
        ),
        _ => (
            "5.1.1",
            "bounced",
            format!(
                "said: 550 5.1.1 <user{}@partner.example>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)",
                n % 400
            ),
        ),
    };
    format!(
        "postfix/smtp[{pid}]: {id}: to=<user{}@partner.example>, relay=mx.partner.example[198.51.100.7]:25, delay=3.1, delays=0.1/0/2/1, dsn={dsn}, status={status} (host mx.partner.example[198.51.100.7] {reply})",
        n % 400
    )
}
