//! From files, rotated sets and standard input to lines with a time. Knows no mail program.
//!
//! A run goes: [`locate`] and [`journal`] find logs; [`source`] opens them, puts them in order and cuts long ones into [`piece`]s; [`fold`] reads these on several
//! threads, picks the lines that contain one of the wanted words, and gives each, with its time, to a [`fold::Tally`]; the
//! tallies of the pieces are joined in order of time. Blocks, threads and rotated files are one operation: a join.
//!
//! Relies on: RFC 3164 and RFC 5424 heads, RFC 3339 times, journalctl's short forms (systemd 252), rsyslog's repeated lines.

pub mod block;
pub mod budget;
pub mod calendar;
pub mod clock;
pub mod coverage;
pub mod decode;
pub mod entry;
pub mod escape;
pub mod export;
pub mod fold;
pub mod identity;
pub mod journal;
pub mod locate;
pub mod look;
pub mod memo;
pub mod piece;
pub mod plain;
pub mod runs;
pub mod sample;
pub mod search;
pub mod source;
pub mod stamp;
mod stream;
pub mod trail;
pub mod window;
