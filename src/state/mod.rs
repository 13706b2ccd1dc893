//! What a run leaves for the next one: records of bytes in a private file, written whole or not at all.
//!
//! The file is a cache: whatever is wrong with it, the check can do without, and what it holds never counts for more than the logs that it
//! was made of. Knows no log and no check.

pub mod file;
pub mod record;
