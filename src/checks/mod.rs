//! The checks: the only place where rooms meet. Each goes one way: arguments → plan → gather → facts → judge → report.

pub mod logs;
pub mod mailq;
pub mod memory;
pub mod postgrey;
