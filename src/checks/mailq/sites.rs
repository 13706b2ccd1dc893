//! When each site accepted mail. A server's site is worked out once for each of its names.

use super::site::site;
use crate::host::time::Micros;
use hashbrown::HashMap;
use std::sync::Arc;

/// The sites that accepted mail.
#[derive(Debug, Default)]
pub(super) struct Sites {
    /// By the server's name as written.
    servers: HashMap<Box<[u8]>, usize>,
    /// By the site's name.
    numbers: HashMap<Arc<str>, usize>,
    accepted: Vec<Accepted>,
    /// The bytes of all that.
    filled: usize,
}

/// What a server and a site cost, beside their names, and a time.
const SERVER: usize = 100;
const SITE: usize = 160;
const TIME: usize = 12;

#[derive(Debug)]
struct Accepted {
    site: Arc<str>,
    times: Vec<Micros>,
}

impl Sites {
    /// Notes that `server` accepted a message, and names its site.
    pub(super) fn accepts(&mut self, server: &[u8], at: Micros) -> Option<Arc<str>> {
        let number = match self.servers.get(server) {
            Some(&number) => number,
            None => {
                let number = self.number(&site(&String::from_utf8_lossy(server)));
                self.servers.insert(server.into(), number);
                self.filled += SERVER + server.len();
                number
            }
        };
        let accepted = self.accepted.get_mut(number)?;
        accepted.times.push(at);
        self.filled += TIME;
        Some(Arc::clone(&accepted.site))
    }

    fn number(&mut self, name: &str) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let (site, number): (Arc<str>, usize) = (name.into(), self.accepted.len());
        self.numbers.insert(Arc::clone(&site), number);
        self.filled += SITE + name.len();
        self.accepted.push(Accepted {
            site,
            times: Vec::new(),
        });
        number
    }

    /// The bytes that are filled.
    pub(super) fn filled(&self) -> usize {
        self.filled
    }

    /// How many messages a site has accepted after `since`.
    pub(super) fn accepted_since(&self, site: &str, since: Micros) -> u64 {
        let number = self.numbers.get(site).copied();
        let times = number
            .and_then(|number| self.accepted.get(number))
            .map_or(&[][..], |accepted| &accepted.times);
        times.iter().filter(|at| **at > since).count() as u64
    }

    /// Adds what was accepted later.
    pub(super) fn join(&mut self, later: Self) {
        for Accepted { site, times } in later.accepted {
            let number = self.number(&site);
            if let Some(known) = self.accepted.get_mut(number) {
                known.times.extend(times);
            }
        }
    }
}
