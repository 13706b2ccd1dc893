//! Why another mail server refused: from the reply's text to a class, a name and a place to ask.
//!
//! ```text
//! reason ─ text (transport undone, echoes and denials cut) ─ mask (addresses, ids, times) ─ search (literals) ─ rules ─ verdict
//! ```
//!
//! Rules (`rules/*.toml`), blocklists (`lists.toml`) and providers (`providers.toml`) are data. Relies on nothing but the
//! text: no DNS, no network. The reply is written by a stranger: it may choose the class it deserves, but where to ask comes
//! from our own tables only.

mod address;
pub mod class;
pub mod classify;
mod denial;
mod echo;
mod examples;
mod fold;
mod head;
mod lister;
mod marks;
mod mask;
pub mod memo;
pub mod names;
mod ours;
mod pattern;
pub mod rules;
mod search;
mod sketch;
#[cfg(test)]
mod tests;
pub mod text;
pub mod verdict;
mod wording;
mod words;
mod written;

pub use class::Class;
pub use classify::Classifier;
pub use memo::{Memo, Told, VerdictId};
pub use rules::{RuleError, RuleSet};
pub use verdict::{Explanation, Verdict};
