//! The checks: the only place where rooms meet. Each goes one way: arguments → plan → gather → facts → judge → report.

pub mod logs;
pub mod mailq;
pub mod memory;
pub mod postgrey;

use crate::plugin::edge::{OptionTable, option_table};

/// The option table of every plugin: what is documented, packaged and defined for the cores is compared with these.
pub fn option_tables() -> [OptionTable; 3] {
    [
        option_table::<postgrey::PostgreyWhitelist>(),
        option_table::<mailq::MailqBlacklist>(),
        option_table::<memory::Memory>(),
    ]
}
