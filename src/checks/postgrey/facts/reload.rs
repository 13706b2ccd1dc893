//! Whitelists that were changed and that Postgrey has not loaded since.

use super::moment::Moment;
use crate::host::env::Host;
use crate::host::time::Micros;
use crate::postgrey::client::Lens;
use serde::Serialize;

/// A whitelist that covers hosts which were greylisted after it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotReloaded {
    /// The file.
    pub file: String,
    /// When it changed.
    pub changed: Moment,
    /// A host that it covers and that was greylisted since.
    pub host: String,
    /// When that happened last.
    pub at: Moment,
}

/// The clients that were greylisted after the whitelist that covers them changed, if Postgrey has not been loaded since: of the `latest`
/// for each whitelist.
pub fn not_reloaded<'a>(
    latest: impl IntoIterator<Item = (u32, (Micros, &'a str))>,
    loaded: Option<Micros>,
    lens: &Lens,
    host: &Host,
) -> Vec<NotReloaded> {
    let found = latest.into_iter().filter_map(|(number, (at, name))| {
        let listed = lens.whitelists.get(number as usize)?;
        let solved = loaded.is_some_and(|loaded| loaded > at);
        (at > listed.changed && !solved).then(|| NotReloaded {
            file: listed.file.clone(),
            changed: Moment::new(listed.changed, host),
            host: if name.is_empty() { "unknown" } else { name }.to_owned(),
            at: Moment::new(at, host),
        })
    });
    found.collect()
}
