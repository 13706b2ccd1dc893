//! The names of a sender: those that lines of a whitelist may name, and those that they leave out.

use crate::postgrey::suffix::{self, Names, TooWide};
use crate::postgrey::verdict::Verdict;
use crate::state::record::Record;
use serde::{Serialize, Serializer};
use std::ops::Deref;

/// How many host names a sender shows.
const HOST_NAMES: usize = 10;

/// The names of a sender that counts. There may be a million others: they have none, and take no room for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderNames(Option<Box<ShownNames>>);

/// What is shown of a sender's names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ShownNames {
    /// What a whitelist line may name; of senders that are not to be left.
    pub suffixes: Vec<String>,
    /// The only host, to be named without what is below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<String>,
    /// Names that cover hosts named like dynamic lines too, where all below them is covered: a person must decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub too_wide: Vec<TooWide>,
    /// The hosts that such lines leave out, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_covered: Option<NotCovered>,
    /// Some of the host names.
    pub host_names: Vec<String>,
}

/// Hosts of a sender that neither a suffix covers nor a line names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCovered {
    /// How many.
    pub hosts: u32,
    /// Some of their names.
    pub names: Vec<String>,
}

impl SenderNames {
    /// Of a sender with these hosts.
    pub(super) fn of(verdict: Verdict, hosts: &[&str]) -> Self {
        if hosts.is_empty() {
            return Self::default();
        }
        let names = match verdict {
            Verdict::Leave => Names::default(),
            Verdict::Whitelist | Verdict::Look => suffix::names(hosts),
        };
        Self(Some(Box::new(ShownNames {
            not_covered: NotCovered::of(hosts, &names),
            exact: names.exact,
            too_wide: names.too_wide,
            suffixes: names.suffixes,
            host_names: some(hosts.iter().copied()),
        })))
    }
}

impl Deref for SenderNames {
    type Target = ShownNames;

    fn deref(&self) -> &ShownNames {
        static NONE: ShownNames = ShownNames {
            suffixes: Vec::new(),
            exact: None,
            too_wide: Vec::new(),
            not_covered: None,
            host_names: Vec::new(),
        };
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl Record for SenderNames {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Record::read(from).map(Self)
    }
}

impl Serialize for SenderNames {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.deref().serialize(serializer)
    }
}

impl NotCovered {
    /// Those that should perhaps be covered come first.
    fn of(hosts: &[&str], names: &Names) -> Option<Self> {
        if names.suffixes.is_empty() && names.exact.is_none() {
            return None;
        }
        let (others, dynamic) = suffix::by_naming(hosts);
        let hosts = [others, dynamic].concat();
        let mut left = suffix::not_covered(&hosts, names);
        let names = some(left.by_ref());
        let count = names.len() + left.count();
        (count > 0).then(|| Self {
            hosts: u32::try_from(count).unwrap_or(u32::MAX),
            names,
        })
    }
}

/// The first few names.
fn some<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    names.take(HOST_NAMES).map(str::to_owned).collect()
}
