//! How far an export of the journal was read: its last entry, told by the thread that reads it to the one that asked.

use crate::host::time::Micros;
use crate::state::record::record;
use std::sync::{Arc, Mutex, PoisonError};

/// The last entry of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// What it is called.
    pub cursor: String,
    /// When the journal received it.
    pub heard: Micros,
}

record!(Last { cursor, heard });

/// Where a reader of an export notes the last entry, when it has come to its end.
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<Mutex<Option<Last>>>);

impl Trail {
    /// The last entry of the export that was read last.
    pub fn last(&self) -> Option<Last> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }

    /// Notes the last entry.
    pub(super) fn note(&self, last: Option<&Last>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = last.cloned();
    }
}
