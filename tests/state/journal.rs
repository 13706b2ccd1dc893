//! A journal that a test writes, rotates and vacuums: the heads of its files where the check looks at them, its entries in a table that a
//! stand-in for journalctl prints.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = include_str!("journalctl.awk");

#[derive(Debug)]
pub(crate) struct Journal {
    root: PathBuf,
    entries: Vec<Entry>,
    /// The files that there are, and whether they are archived. The last one of each kind is written.
    files: Vec<Part>,
    /// The numbers of entries and files that were given.
    given: u64,
    boot: u64,
    /// Which series the numbers of entries are of.
    series: u64,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    received: i64,
    spoken: i64,
    boot: u64,
    file: u64,
    tag: String,
    message: String,
}

#[derive(Debug)]
struct Part {
    id: u64,
    user: bool,
    archived: bool,
}

impl Journal {
    /// An empty journal below `root`, and a journalctl that reads it.
    pub(crate) fn new(root: &Path) -> Self {
        for name in ["var/log/journal/0123", "usr/bin", "etc"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        fs::write(root.join("etc/machine-id"), "0123\n").unwrap();
        fs::write(root.join("journalctl.awk"), PROGRAM).unwrap();
        let at = root.display();
        let text = format!(
            "#!/bin/sh\necho \"$@\" >> {at}/asked\nif [ -e {at}/failing ]; then echo 'No such thing' >&2; exit 1; fi\nexec awk -f {at}/journalctl.awk -- {at}/entries \"$@\"\n"
        );
        fs::write(root.join("stub"), text).unwrap();
        // By another process: what a thread of this one has open for writing when another one forks cannot be run.
        let paths = [root.join("stub"), root.join("usr/bin/journalctl")];
        let mut install = Command::new("install");
        let install = install.args(["-m", "755"]).args(paths).status();
        assert!(install.unwrap().success());
        let mut journal = Self {
            root: root.to_path_buf(),
            entries: Vec::new(),
            files: Vec::new(),
            given: 0,
            boot: 1,
            series: 1,
        };
        journal.begin(false);
        journal.begin(true);
        journal
    }

    fn next(&mut self) -> u64 {
        self.given += 1;
        self.given
    }

    fn begin(&mut self, user: bool) {
        let id = self.next();
        let archived = false;
        self.files.push(Part { id, user, archived });
    }

    /// A program says something; times are microseconds.
    pub(crate) fn write(&mut self, received: i64, spoken: i64, user: bool, said: &str) {
        let (tag, message) = said.split_once("[7]: ").unwrap_or(("other", said));
        let number = self.next();
        let mut files = self.files.iter().rev();
        let file = files.find(|file| file.user == user).unwrap().id;
        self.entries.push(Entry {
            number,
            received,
            spoken,
            boot: self.boot,
            file,
            tag: tag.to_owned(),
            message: message.to_owned(),
        });
    }

    /// journald archives the files that it writes, and begins others.
    pub(crate) fn rotate(&mut self) {
        self.files.iter_mut().for_each(|file| file.archived = true);
        self.begin(false);
        self.begin(true);
    }

    /// The last entries are gone.
    pub(crate) fn roll_back(&mut self, lost: usize) {
        let kept = self.entries.len().saturating_sub(lost);
        self.entries.truncate(kept);
    }

    /// The machine starts again.
    pub(crate) fn boot(&mut self) {
        self.boot += 1;
    }

    /// All is copied into other files, as when a journal that was kept in memory goes to the disk.
    pub(crate) fn flush(&mut self) {
        self.series += 1;
        for file in &mut self.files {
            let old = file.id;
            self.given += 1;
            file.id = self.given;
            let entries = self.entries.iter_mut().filter(|entry| entry.file == old);
            entries.for_each(|entry| entry.file = file.id);
        }
    }

    /// The oldest archived file is deleted.
    pub(crate) fn vacuum(&mut self) {
        self.delete(0);
    }

    /// One of the archived files is deleted.
    pub(crate) fn delete(&mut self, which: usize) {
        let archived: Vec<u64> = self
            .files
            .iter()
            .filter(|file| file.archived)
            .map(|file| file.id)
            .collect();
        if let Some(&gone) = archived.get(which % archived.len().max(1)) {
            self.files.retain(|file| file.id != gone);
            self.entries.retain(|entry| entry.file != gone);
        }
    }

    /// Makes it as it is what a check will find.
    pub(crate) fn save(&self) {
        let directory = self.root.join("var/log/journal/0123");
        fs::remove_dir_all(&directory).unwrap();
        fs::create_dir_all(&directory).unwrap();
        for file in &self.files {
            let kind = if file.user { "user-1000" } else { "system" };
            let name = match file.archived {
                true => format!("{kind}@{}.journal", file.id),
                false => format!("{kind}.journal"),
            };
            fs::write(directory.join(name), self.head(file)).unwrap();
        }
        let mut table = String::new();
        for entry in &self.entries {
            writeln!(
                table,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                entry.number,
                entry.received,
                entry.spoken,
                entry.boot,
                self.series,
                entry.tag,
                entry.message
            )
            .unwrap();
        }
        fs::write(self.root.join("entries"), table).unwrap();
    }

    /// The head of a file, as systemd's "Journal File Format" has it.
    fn head(&self, file: &Part) -> Vec<u8> {
        let entries = self.entries.iter().filter(|entry| entry.file == file.id);
        let times: Vec<i64> = entries.map(|entry| entry.received).collect();
        let time = |at: Option<&i64>| at.copied().unwrap_or_default() as u64;
        let mut head = vec![0; 272];
        head[..8].copy_from_slice(b"LPKSHHRH");
        head[16] = if file.archived { 2 } else { 1 };
        for (at, word) in [
            (24, file.id),
            (152, times.len() as u64),
            (184, time(times.first())),
            (192, time(times.last())),
        ] {
            head[at..at + 8].copy_from_slice(&word.to_le_bytes());
        }
        head
    }

    /// What journalctl was asked for Postgrey's entries since this was called last.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.root.join("asked");
        let text = fs::read_to_string(&asked).unwrap_or_default();
        let _ = fs::remove_file(&asked);
        let wanted = text.lines().filter(|line| line.contains(" SYSLOG_"));
        wanted.map(str::to_owned).collect()
    }

    /// From now on journalctl fails, or does no more.
    pub(crate) fn fail(&self, fails: bool) {
        let mark = self.root.join("failing");
        match fails {
            true => fs::write(mark, "").unwrap(),
            false => fs::remove_file(mark).unwrap(),
        }
    }
}
