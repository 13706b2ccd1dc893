//! What is counted of a stretch of log: clients, mails, passes.

use super::client::{Client, Lens, Standing};
use super::event::{self, Action, Decision, Message, PASSED};
use super::keyed::{Key, Keyed};
use super::mail::{Mails, Trail};
use super::naming::looks_dynamic;
use crate::host::time::Micros;
use crate::log::entry::{Entry, Line};
use crate::log::fold::Tally;
use hashbrown::DefaultHashBuilder;
use std::hash::BuildHasher;
use std::sync::Arc;

/// The name that Postgrey's lines hold in their tag.
pub const PROGRAM: &str = "postgrey";

/// Counts Postgrey's lines.
#[derive(Debug)]
pub struct GreylistTally {
    lens: Arc<Lens>,
    /// Keyed per run: names, senders and recipients are chosen by strangers.
    hasher: DefaultHashBuilder,
    clients: Keyed<Client>,
    mails: Mails,
    passes: [u64; PASSED.len()],
    lines: u64,
    loaded: Option<Micros>,
    /// Names in lower case, while their hash is made.
    scratch: Vec<u8>,
}

impl GreylistTally {
    /// An empty tally. Tallies that are joined must share `hasher`.
    pub fn new(lens: Arc<Lens>, hasher: DefaultHashBuilder) -> Self {
        Self {
            lens,
            hasher,
            clients: Keyed::default(),
            mails: Mails::default(),
            passes: [0; PASSED.len()],
            lines: 0,
            loaded: None,
            scratch: Vec::new(),
        }
    }

    /// The clients that were greylisted.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.rows()
    }

    /// The mails.
    pub fn mails(&self) -> &Mails {
        &self.mails
    }

    /// How many recipients passed, in the order of [`PASSED`].
    pub fn passes(&self) -> [u64; PASSED.len()] {
        self.passes
    }

    /// How many decisions Postgrey logged.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// When Postgrey last started or read its whitelists again.
    pub fn loaded(&self) -> Option<Micros> {
        self.loaded
    }

    fn decide(&mut self, at: Micros, times: u32, decision: &Decision<'_>) {
        let times = u64::from(times);
        self.lines += times;
        let mail = self.mail_key(decision);
        match decision.action {
            Action::Pass(why) => {
                self.passes[why.index()] += times;
                self.mails.pass_at(mail, at);
            }
            Action::New => self.greylisted(mail, at, decision, times, 0),
            Action::EarlyRetry => self.greylisted(mail, at, decision, 0, times),
        }
    }

    fn greylisted(&mut self, mail: Key, at: Micros, decision: &Decision<'_>, new: u64, early: u64) {
        let client = self.client(decision);
        client.new += new;
        client.early += early;
        client.last = client.last.max(at);
        if matches!(
            client.standing,
            Standing::Whitelisted(_) | Standing::Ignored
        ) {
            return;
        }
        let trail = Trail {
            sender: client.sender_key,
            network: client.network(),
            pool: false,
        };
        self.mails.try_at(mail, at, trail);
    }

    fn client(&mut self, decision: &Decision<'_>) -> &mut Client {
        self.scratch.clear();
        self.scratch
            .extend_from_slice(decision.client_name.unwrap_or_default());
        self.scratch.make_ascii_lowercase();
        let key = self
            .hasher
            .hash_one((self.scratch.as_slice(), decision.client_address));
        let (lens, hasher, name) = (&self.lens, &self.hasher, &self.scratch);
        self.clients.get_or_insert_with(key, || {
            let name = text(name);
            let address = decision.address();
            let (standing, sender) =
                lens.look(decision.client_name.map(|_| name.as_str()), address);
            Client {
                sender_at: name.len() - sender.len(),
                sender_key: hasher.hash_one(sender),
                standing,
                dynamic: looks_dynamic(&name, address),
                address,
                new: 0,
                early: 0,
                last: Micros::MIN,
                name,
            }
        })
    }

    /// The key of a mail: sender and recipient without regard to case; for the null sender the client's domain too.
    fn mail_key(&mut self, decision: &Decision<'_>) -> Key {
        self.scratch.clear();
        self.scratch.extend_from_slice(decision.sender);
        // No address holds a newline.
        self.scratch.push(b'\n');
        self.scratch.extend_from_slice(decision.recipient);
        if let (b"", Some(name)) = (decision.sender, decision.client_name.map(lower)) {
            let domain = self.lens.grouping.sender(&name).unwrap_or(&name);
            self.scratch.push(b'\n');
            self.scratch.extend_from_slice(domain.as_bytes());
        }
        self.scratch.make_ascii_lowercase();
        self.hasher.hash_one(self.scratch.as_slice())
    }
}

impl Tally for GreylistTally {
    fn see(&mut self, line: &Line<'_>) {
        let Some(Entry {
            tag,
            message,
            times,
        }) = line.entry()
        else {
            return;
        };
        if !event::is_postgrey(tag) {
            return;
        }
        match event::parse(message) {
            Message::Decision(decision) => self.decide(line.at, times, &decision),
            Message::Loaded => self.loaded = self.loaded.max(Some(line.at)),
            Message::Other => {}
        }
    }

    fn join(&mut self, later: Self) {
        for (key, client) in later.clients {
            match self.clients.get_mut(key) {
                Some(known) => known.join(&client),
                None => drop(self.clients.get_or_insert_with(key, || client)),
            }
        }
        self.mails.join(later.mails);
        for (sum, more) in self.passes.iter_mut().zip(later.passes) {
            *sum += more;
        }
        self.lines += later.lines;
        self.loaded = self.loaded.max(later.loaded);
    }
}

/// A client's name in lower case; bytes that are no text become `?`-like marks, which no host name holds.
fn lower(name: &[u8]) -> String {
    text(name).to_ascii_lowercase()
}

fn text(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(name).into_owned(),
    }
}
