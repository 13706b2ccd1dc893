//! The books of all causes, bounded: a stranger chooses the names of servers and of lists.

use super::facts::Cause;
use super::ledger::Ledger;
use super::meaning::Meaning;
use super::site::SiteNames;
use super::trails::Trails;
use crate::reply::Class;
use hashbrown::HashMap;
use std::sync::Arc;

/// Different causes that are kept apart.
const MOST_CAUSES: usize = 300;
/// The name of all the others.
const OTHERS: &str = "others";
/// The name of a server that has none.
const NAMELESS: &str = "a server without a name";
/// Pages that are remembered for one verdict; more are looked up by name.
const MOST_PAGES: usize = 1000;

/// What does not count comes last, then by class and name.
type Key = (bool, Class, String);

/// One ledger for each cause.
#[derive(Default)]
pub(super) struct Shelf {
    pages: HashMap<Key, usize>,
    ledgers: Vec<Ledger>,
    sites: SiteNames,
}

impl Shelf {
    /// The ledger of a verdict that came from `host`, and the site of that server.
    pub(super) fn ledger(
        &mut self,
        meaning: &mut Meaning,
        host: Option<&str>,
    ) -> (&mut Ledger, Option<Arc<str>>) {
        let site = host.map(|host| self.sites.of(host));
        let name = match meaning.name {
            Some(_) => "",
            None => site.as_deref().unwrap_or(NAMELESS),
        };
        let page = meaning.pages.get(name).copied();
        let page = page.unwrap_or_else(|| {
            let title = meaning.name.clone().unwrap_or_else(|| name.to_owned());
            let page = self.page((!meaning.counts(), meaning.class, title));
            if meaning.pages.len() < MOST_PAGES {
                meaning.pages.insert(name.to_owned(), page);
            }
            page
        });
        (&mut self.ledgers[page], site)
    }

    fn page(&mut self, mut key: Key) -> usize {
        if self.pages.len() >= MOST_CAUSES && !self.pages.contains_key(&key) {
            key.2 = String::from(OTHERS);
        }
        *self.pages.entry(key).or_insert_with(|| {
            self.ledgers.push(Ledger::default());
            self.ledgers.len() - 1
        })
    }

    /// All causes; the log tells what a site has accepted since.
    pub(super) fn causes(self, log: Option<&Trails>) -> Vec<Cause> {
        let mut ledgers: Vec<Option<Ledger>> = self.ledgers.into_iter().map(Some).collect();
        let mut pages: Vec<(Key, usize)> = self.pages.into_iter().collect();
        pages.sort_unstable();
        pages
            .into_iter()
            .filter_map(|((uncounted, class, name), page)| {
                let ledger = ledgers.get_mut(page)?.take()?;
                Some(ledger.cause(class, name, !uncounted, log))
            })
            .collect()
    }
}
