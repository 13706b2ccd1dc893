//! The views of the facts: status line with details, report for people, explanation of one reply. JSON is the facts themselves.

pub mod check;
pub mod explain;
pub mod report;
pub mod words;
