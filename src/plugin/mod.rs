//! What the monitoring cores expect of a plugin: states, ranges, perfdata, one clean write, one exit. Lives once, for all plugins.
//!
//! Sources: the Monitoring Plugins Development Guidelines, the IETF draft "The Monitoring Plugins Interface" (2026), and what
//! Icinga 2.13, Nagios 4.4 and NRPE 4.1 were seen to do with odd output.

pub mod clean;
pub mod decimal;
pub mod diagnosis;
pub mod edge;
pub mod failure;
pub mod json;
pub mod limits;
pub mod meter;
pub mod metric;
pub mod options;
pub mod page;
pub mod range;
pub mod render;
pub mod report;
pub mod state;
pub mod table;
