//! A machine whose clock, logs and whitelist a test moves, and the check run on it with and without a state file.

use super::journal::Journal;
use clap::Parser as _;
use postmaster_plugins::checks::postgrey::facts::Facts;
use postmaster_plugins::checks::postgrey::options::Options;
use postmaster_plugins::checks::postgrey::plan::Plan;
use postmaster_plugins::checks::postgrey::{PostgreyWhitelist, gather};
use postmaster_plugins::host::deadline::Deadline;
use postmaster_plugins::host::env::Host;
use postmaster_plugins::host::time::{Civil, SECOND, Zone};
use postmaster_plugins::plugin::edge::rehearse;
use postmaster_plugins::state::base::{Bytes, Seal};
use postmaster_plugins::state::place::Place;
use postmaster_plugins::state::write::Ground;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// 2026-11-21 00:00 UTC.
const START: i64 = 1_795_219_200;

/// What happens between two runs. What rotates logs does the like to a journal: see [`World::happen_to`].
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// Programs write lines, so many seconds apart at most.
    Lines { count: usize, seed: u64, gap: i64 },
    /// A line is begun.
    HalfALine(u64),
    /// Time passes.
    Wait(i64),
    /// logrotate renames, and compresses the one before the last.
    Rename { pack: bool },
    /// logrotate copies and truncates.
    CopyTruncate,
    /// logrotate renames to a date.
    Dated { pack: bool },
    /// The oldest log is compressed.
    PackOldest,
    /// The oldest log is deleted.
    DeleteOldest,
    /// The clock is set.
    SetClock(i64),
    /// The whitelist changes.
    Whitelist(u64),
    /// The log is written anew, under its name.
    Replace,
    /// A byte of the state changes.
    DamageState(usize),
    /// A byte of its base changes.
    DamageBase(usize),
    /// The base is deleted.
    DropBase,
    /// A backup of the base is made.
    KeepBase,
    /// And is put back.
    OldBase,
    /// The machine goes back to a snapshot, and others are written in place of the last lines. Happens to a journal only.
    Rollback(usize),
    /// A line comes that many seconds too late.
    LateLine { seed: u64, late: i64 },
}

pub(crate) struct World {
    directory: tempfile::TempDir,
    now: i64,
    traditional: bool,
    found: bool,
    window: &'static str,
    /// The least tries of a sender that counts.
    pub(crate) least: u64,
    /// Whether the time is given by `--now`: then later lines do not count.
    pub(crate) as_of: bool,
    /// What is left to be written of a line that was begun.
    half: Option<String>,
    dates: usize,
    /// How often a whitelist was written.
    lists: usize,
    /// Where programs write to instead of the log.
    pub(crate) journal: Option<Journal>,
}

/// A small generator of numbers: the same seed, the same lines.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

impl World {
    pub(crate) fn new(traditional: bool, found: bool, as_of: bool, window: &'static str) -> Self {
        let mut world = Self::empty(traditional, found, as_of, window);
        world.happen(&Event::Lines {
            count: 20,
            seed: 1,
            gap: 600,
        });
        world
    }

    /// A world whose programs write to the journal, behind a log that was given up where there is one.
    pub(crate) fn with_journal(log: bool, found: bool, window: &'static str) -> Self {
        let mut world = match log {
            true => Self::behind_a_log(4000, window),
            false => Self::empty(false, found, false, window).with_an_empty_journal(),
        };
        world.happen(&Event::Lines {
            count: 20,
            seed: 2,
            gap: 600,
        });
        world
    }

    /// A world whose programs will write to the journal; its log was given up so many seconds ago.
    pub(crate) fn behind_a_log(seconds: i64, window: &'static str) -> Self {
        let mut world = Self::new(false, true, false, window);
        world.happen(&Event::Wait(seconds));
        world.with_an_empty_journal()
    }

    /// Postfix writes a log of its own, the last line of which is 5 minutes old.
    pub(crate) fn with_a_log_of_postfix(self) -> Self {
        let path = |name: &str| self.directory.path().join(name);
        fs::create_dir_all(path("etc/postfix")).unwrap();
        let main_cf = "maillog_file = /var/log/postfix.log\n";
        fs::write(path("etc/postfix/main.cf"), main_cf).unwrap();
        let time = |ago| Civil::from_utc((self.now - ago) * SECOND).to_string();
        let line = |ago| {
            let time = time(ago).replace(' ', "T");
            format!("{time}+00:00 mx postfix/smtpd[1]: connect from unknown[192.0.2.1]\n")
        };
        fs::write(path("var/log/postfix.log"), line(40 * 86_400) + &line(300)).unwrap();
        self
    }

    /// Nothing of Postgrey's is in it yet.
    fn with_an_empty_journal(mut self) -> Self {
        let mut journal = Journal::new(self.directory.path());
        for days in [40, 30] {
            let at = (self.now - days * 86_400) * 1_000_000;
            journal.write(at, at, false, "another program");
            journal.rotate();
        }
        journal.save();
        self.journal = Some(journal);
        self
    }

    fn empty(traditional: bool, found: bool, as_of: bool, window: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for name in ["var/log", "state", "etc"] {
            fs::create_dir_all(directory.path().join(name)).unwrap();
        }
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(directory.path().join("state"), private).unwrap();
        fs::write(directory.path().join("etc/whitelist"), "").unwrap();
        fs::write(directory.path().join("etc/ignore"), "").unwrap();
        Self {
            directory,
            now: START,
            traditional,
            found,
            window,
            least: 5,
            as_of,
            half: None,
            dates: 0,
            lists: 0,
            journal: None,
        }
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("var/log/mail.log")
    }

    fn numbered(&self, number: usize, packed: bool) -> PathBuf {
        let ending = if packed { ".gz" } else { "" };
        self.directory
            .path()
            .join(format!("var/log/mail.log.{number}{ending}"))
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.path().join("state/postgrey.state")
    }

    pub(crate) fn happen(&mut self, event: &Event) {
        if let Some(mut journal) = self.journal.take() {
            let happened = self.happen_to(&mut journal, event);
            journal.save();
            self.journal = Some(journal);
            if happened {
                return;
            }
        }
        match *event {
            Event::Lines { count, seed, gap } => self.lines(count, seed, gap),
            Event::HalfALine(seed) => self.half_a_line(seed),
            Event::Wait(seconds) => self.now += seconds,
            Event::Rename { pack } => self.rename(pack),
            Event::CopyTruncate => self.copy_truncate(),
            Event::Dated { pack } => self.dated(pack),
            Event::PackOldest => self
                .rotated()
                .first()
                .filter(|path| path.extension().is_none_or(|end| end != "gz"))
                .into_iter()
                .for_each(|path| self.pack(path)),
            Event::DeleteOldest => self
                .rotated()
                .first()
                .into_iter()
                .for_each(|path| fs::remove_file(path).unwrap()),
            Event::SetClock(seconds) => self.now += seconds,
            Event::Whitelist(seed) => self.whitelist(seed),
            Event::Replace => self.replace(),
            Event::DamageState(at) => damage(&self.state(), at),
            Event::DamageBase(at) => damage(&self.base(), at),
            Event::DropBase => drop(fs::remove_file(self.base())),
            Event::KeepBase => drop(fs::copy(self.base(), self.backup())),
            Event::OldBase => drop(fs::copy(self.backup(), self.base())),
            Event::LateLine { seed, late } => self.late_line(seed, late),
            Event::Rollback(_) => {}
        }
    }

    /// What an event means for a journal; `false` where it is none of its business.
    fn happen_to(&mut self, journal: &mut Journal, event: &Event) -> bool {
        let (count, seed, gap) = match *event {
            Event::Lines { count, seed, gap } => (count, seed, gap),
            Event::HalfALine(seed) | Event::LateLine { seed, .. } => (1, seed, 1),
            Event::Rollback(lost) => (lost, lost as u64, 2),
            _ => (0, 0, 1),
        };
        if let Event::Rollback(lost) = *event {
            journal.roll_back(lost);
        }
        let late = match *event {
            Event::LateLine { late, .. } => late,
            _ => 0,
        };
        let mut numbers = Numbers(seed);
        for _ in 0..count {
            self.now += numbers.below(gap as u64) as i64;
            let spoken = (self.now - late) * 1_000_000 + numbers.below(1000) as i64;
            let (message, user) = (self.message(&mut numbers), numbers.below(7) == 0);
            journal.write(self.now * 1_000_000 + 1000, spoken, user, &message);
        }
        match *event {
            Event::Lines { .. }
            | Event::HalfALine(_)
            | Event::LateLine { .. }
            | Event::Rollback(_) => {}
            Event::Rename { .. } => journal.rotate(),
            Event::Dated { .. } => journal.boot(),
            Event::CopyTruncate => journal.flush(),
            Event::PackOldest => journal.delete(4),
            Event::DeleteOldest => journal.vacuum(),
            Event::Replace => journal.delete(2),
            _ => return false,
        }
        true
    }

    fn lines(&mut self, count: usize, seed: u64, gap: i64) {
        let mut numbers = Numbers(seed);
        let mut text = self.half.take().unwrap_or_default();
        for _ in 0..count {
            self.now += numbers.below(gap as u64) as i64;
            text.push_str(&self.line(&mut numbers));
        }
        self.write(&text);
    }

    fn half_a_line(&mut self, seed: u64) {
        let mut numbers = Numbers(seed);
        let text = self.half.take().unwrap_or_default() + &self.line(&mut numbers);
        let cut = numbers.below(text.len() as u64) as usize;
        self.half = Some(text[cut..].to_owned());
        self.write(&text[..cut]);
    }

    fn write(&self, text: &str) {
        let mut log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        log.write_all(text.as_bytes()).unwrap();
        self.touch(&log);
    }

    fn touch(&self, file: &File) {
        file.set_modified(UNIX_EPOCH + Duration::from_secs(self.now as u64))
            .unwrap();
    }

    fn line(&self, numbers: &mut Numbers) -> String {
        let civil = Civil::from_utc(self.now * SECOND).to_string();
        let time = match self.traditional {
            false => civil.replace(' ', "T") + "+00:00",
            true => {
                const MONTHS: [&str; 12] = [
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                    "Dec",
                ];
                let month: usize = civil[5..7].parse().unwrap();
                let day: u8 = civil[8..10].parse().unwrap();
                format!("{} {day:2} {}", MONTHS[month - 1], &civil[11..])
            }
        };
        format!("{time} mx {}\n", self.message(numbers))
    }

    fn message(&self, numbers: &mut Numbers) -> String {
        let (host, domain) = (numbers.below(6), numbers.below(5));
        let (network, mail) = (numbers.below(4), numbers.below(8));
        let envelope = match numbers.below(9) {
            0 => format!("recipient=r{mail}@lab.example"),
            _ => format!("sender=s{mail}@d{domain}.example, recipient=r{mail}@lab.example"),
        };
        let name = match numbers.below(10) {
            0 => String::from("unknown"),
            _ => format!("mx{host}.out.d{domain}.example"),
        };
        let client = format!("client_name={name}, client_address=192.0.{network}.{host}");
        match numbers.below(12) {
            0..=4 => format!("postgrey[7]: action=greylist, reason=new, {client}, {envelope}"),
            5 => format!(
                "postgrey[7]: action=greylist, reason=early-retry (80s missing), {client}, {envelope}"
            ),
            6 | 7 => format!(
                "postgrey[7]: action=pass, reason=triplet found, delay=300, {client}, {envelope}"
            ),
            8 => format!("postgrey[7]: action=pass, reason=client AWL, {client}, {envelope}"),
            9 if numbers.below(9) == 0 => String::from("postgrey[7]: HUP received: reloading"),
            _ => String::from("postfix/smtpd[1]: connect from unknown[192.0.2.1]"),
        }
    }

    /// The rotated logs, in the order of their age.
    fn rotated(&self) -> Vec<PathBuf> {
        let names = fs::read_dir(self.directory.path().join("var/log")).unwrap();
        let names = names.map(|entry| entry.unwrap().path());
        let mut names: Vec<PathBuf> = names.filter(|path| *path != self.log()).collect();
        names.sort_by_key(|path| {
            (
                fs::metadata(path).unwrap().modified().unwrap(),
                path.clone(),
            )
        });
        names
    }

    fn pack(&self, path: &Path) {
        let text = fs::read(path).unwrap();
        let modified = fs::metadata(path).unwrap().modified().unwrap();
        let file = File::create(format!("{}.gz", path.display())).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packer.write_all(&text).unwrap();
        packer.finish().unwrap().set_modified(modified).unwrap();
        fs::remove_file(path).unwrap();
    }

    fn make_room(&self) {
        for number in (1..30).rev() {
            for packed in [false, true] {
                let old = self.numbered(number, packed);
                if old.exists() {
                    fs::rename(old, self.numbered(number + 1, packed)).unwrap();
                }
            }
        }
    }

    fn rename(&mut self, pack: bool) {
        self.make_room();
        if self.log().exists() {
            fs::rename(self.log(), self.numbered(1, false)).unwrap();
        }
        let older = self.numbered(2, false);
        if pack && older.exists() {
            self.pack(&older);
        }
        self.write("");
    }

    fn copy_truncate(&mut self) {
        self.make_room();
        let text = fs::read(self.log()).unwrap();
        fs::write(self.numbered(1, false), text).unwrap();
        self.touch(
            &File::options()
                .append(true)
                .open(self.numbered(1, false))
                .unwrap(),
        );
        let log = File::options().write(true).open(self.log()).unwrap();
        log.set_len(0).unwrap();
        self.touch(&log);
    }

    fn dated(&mut self, pack: bool) {
        self.dates += 1;
        let dated = self
            .log()
            .with_file_name(format!("mail.log-{:08}", 20_261_000 + self.dates));
        fs::rename(self.log(), &dated).unwrap();
        if pack {
            self.pack(&dated);
        }
        self.write("");
    }

    fn whitelist(&mut self, seed: u64) {
        let mut numbers = Numbers(seed);
        let file = if numbers.below(2) == 0 {
            "whitelist"
        } else {
            "ignore"
        };
        // Another length each time: within one tick of the clock, older kernels do not stamp a second change.
        self.lists += 1;
        let text = format!("d{}.example\n{}", numbers.below(5), "\n".repeat(self.lists));
        let path = self.directory.path().join("etc").join(file);
        fs::write(&path, text).unwrap();
        self.touch(&File::options().append(true).open(path).unwrap());
    }

    /// An editor writes the log without its second line.
    fn replace(&self) {
        let text = fs::read_to_string(self.log()).unwrap();
        let lines = text.split_inclusive('\n').enumerate();
        let kept: String = lines
            .filter(|(number, _)| *number != 1)
            .map(|(_, line)| line)
            .collect();
        let new = self.directory.path().join("etc/new");
        fs::write(&new, kept).unwrap();
        self.touch(&File::options().append(true).open(&new).unwrap());
        fs::rename(new, self.log()).unwrap();
    }

    fn late_line(&mut self, seed: u64, late: i64) {
        let now = self.now;
        self.now -= late;
        let text = self.half.take().unwrap_or_default() + &self.line(&mut Numbers(seed));
        self.now = now;
        // A log whose last line is late is another matter: whether it lies before the window is told by its last line.
        let next = self.line(&mut Numbers(seed.rotate_left(7)));
        self.write(&(text + &next));
    }

    /// The base that there is.
    fn base(&self) -> PathBuf {
        let [first, second] =
            ["a", "b"].map(|name| PathBuf::from(format!("{}.{name}", self.state().display())));
        if second.exists() { second } else { first }
    }

    fn backup(&self) -> PathBuf {
        self.directory.path().join("etc/backup")
    }

    /// The seal of the base that there is.
    pub(crate) fn seal(&self) -> Seal {
        let (path, word) = (self.base(), |bytes: &[u8]| {
            u64::from_le_bytes(bytes.try_into().unwrap())
        });
        let bytes = fs::read(&path).unwrap();
        let at = 8 * (5 + word(&bytes[24..32]) as usize);
        Seal {
            second: path.extension().unwrap() == "b",
            sum: word(&bytes[at..at + 8]),
        }
    }

    /// Puts a state in its place whose bytes are not what the check wrote, and whose checksums are right.
    pub(crate) fn forge(&self, place: &Place, small: &[Vec<u8>; 4], base: &Bytes, seal: Seal) {
        place.open().unwrap();
        let small = small.each_ref().map(Vec::as_slice);
        assert_eq!(place.write(small, Ground::New(seal, base)), Ok(true));
    }

    /// The facts without and with the state, as the check needs them that shows only senders that count.
    pub(crate) fn found(&self) -> (String, String) {
        let found = |state| {
            let words = std::iter::once(String::from("check")).chain(self.words(&[], state));
            let (options, host) = (Options::try_parse_from(words).unwrap(), self.host());
            let plan = Plan::new(options, &host);
            let deadline = Deadline::new(Duration::from_secs(600));
            let mut facts = match gather::gather(&plan, &host, &deadline) {
                Ok(facts) => facts,
                // A journal may have no entry left.
                Err(why) if self.journal.is_some() => return why.to_string(),
                Err(why) => panic!("{why:?}"),
            };
            facts.senders = facts.big().cloned().collect();
            facts.state_file.clear();
            let partial = format!("{:?}", facts.partial);
            serde_json::to_string_pretty(&facts).unwrap() + &partial
        };
        (found(None), found(Some(self.state())))
    }

    /// What the check says without and with the state. What it says of a damaged state is left out.
    pub(crate) fn answers(&self, view: &[&str]) -> (String, String) {
        (
            self.answer(view, None),
            self.answer(view, Some(self.state())),
        )
    }

    fn host(&self) -> Host {
        Host {
            root: self.directory.path().to_path_buf(),
            now: self.now * SECOND,
            zone: Zone::Fixed(0),
            terminal: false,
        }
    }

    fn words(&self, view: &[&str], state: Option<PathBuf>) -> Vec<String> {
        let at = |name: &str| self.directory.path().join(name).display().to_string();
        let mut words = vec![
            String::from("--whitelist"),
            at("etc/whitelist"),
            String::from("--ignore"),
            at("etc/ignore"),
            String::from("--min-attempts"),
            self.least.to_string(),
            String::from("--window"),
            String::from(self.window),
        ];
        words.extend(view.iter().map(|word| (*word).to_owned()));
        if self.as_of {
            words.push(format!("--now=@{}", self.now));
        }
        match (self.found, &self.journal) {
            (true, _) => {}
            (false, Some(_)) => words.push(String::from("--journal")),
            (false, None) => words.push(at("var/log/mail.log*")),
        }
        if let Some(state) = state {
            words.extend([String::from("--state"), state.display().to_string()]);
        }
        words
    }

    pub(crate) fn answer(&self, view: &[&str], state: Option<PathBuf>) -> String {
        let words = self.words(view, state);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (text, state) = rehearse::<PostgreyWhitelist>(&words, &self.host());
        let kept: Vec<&str> = text
            .lines()
            .filter(|line| !line.contains("the state file"))
            .collect();
        format!("{state:?}\n{}", kept.join("\n"))
    }

    /// The facts that a run with the state finds within a time limit.
    pub(crate) fn facts(&self, limit: Duration) -> Facts {
        self.facts_and_bytes(limit).0
    }

    /// The same, and how many bytes of logs were to be read for it.
    pub(crate) fn facts_and_bytes(&self, limit: Duration) -> (Facts, u64) {
        let words = self.words(&[], Some(self.state()));
        let words = std::iter::once(String::from("check")).chain(words);
        let (options, host) = (Options::try_parse_from(words).unwrap(), self.host());
        let plan = Plan::new(options, &host);
        let deadline = Deadline::new(limit);
        let facts = gather::gather(&plan, &host, &deadline).unwrap();
        (facts, deadline.progress().expected())
    }
}

/// Changes a byte of a file, if there is one.
fn damage(file: &Path, at: usize) {
    let Ok(mut bytes) = fs::read(file) else {
        return;
    };
    let at = at % bytes.len().max(1);
    bytes
        .iter_mut()
        .skip(at)
        .take(1)
        .for_each(|byte| *byte ^= 0x10);
    fs::write(file, bytes).unwrap();
}

/// The head of a state with another seal in it.
pub(crate) fn sealed(mut small: [Vec<u8>; 4], old: Seal, new: Seal) -> [Vec<u8>; 4] {
    let (old, new) = (old.sum.to_le_bytes(), new.sum.to_le_bytes());
    let at = small[0].windows(8).position(|word| word == old).unwrap();
    small[0][at..at + 8].copy_from_slice(&new);
    small
}

/// The seal of `bytes` under the name that `seal` has.
pub(crate) fn with_sum(seal: Seal, bytes: &Bytes) -> Seal {
    Seal {
        sum: bytes.seal(None).sum,
        ..seal
    }
}
