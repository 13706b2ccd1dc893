//! What a run leaves for the next one: a small file that is written each time, and the base that it stands on, which rarely changes. Both are
//! private, and written whole or not at all.
//!
//! They are a cache: whatever is wrong with them, the check can do without, and what they hold never counts for more than the logs that they
//! were made of. Knows no log and no check.

pub mod base;
pub mod checksum;
pub mod file;
pub mod place;
pub mod record;
pub mod spool;
pub mod stream;
pub mod table;
pub mod write;
