//! Mail queues: what waits, for whom, and why, from the listings of seven mail systems.
//!
//! Every format is read line by line and hands out one [`message::Message`] at a time, so memory does not grow with the queue.
//! Relies on the listings of Postfix 2.3 to 3.11, Sendmail 8.17, OpenSMTPD 6.8, Exim 4.96, nullmailer 2.2 and dma 0.13, as
//! captured in `fixtures/mailq/` and read in the sources of Postfix (`showq_compat.c`, `showq_json.c`).

pub mod ask;
mod batch;
pub mod calendar;
pub mod detect;
mod dma;
mod exim;
pub mod listing;
pub mod main_cf;
pub mod message;
mod nullmailer;
mod open;
mod opensmtpd;
mod postfix_json;
mod postfix_text;
pub mod saved;
mod sendmail;
#[cfg(test)]
mod tests;
