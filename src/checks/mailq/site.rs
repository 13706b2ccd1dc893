//! Which servers belong together: those below one registrable name (`l.google.com` and `google.com`, by the public suffix list).

use hashbrown::HashMap;
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// Servers whose site is remembered: strangers choose their names.
const MOST_SERVERS: usize = 20_000;

/// The sites of servers, each worked out once for each name as written.
#[derive(Debug, Default)]
pub(super) struct SiteNames(HashMap<Box<str>, Arc<str>>);

impl SiteNames {
    /// The site of `server`.
    pub(super) fn of(&mut self, server: &str) -> Arc<str> {
        if let Some(site) = self.0.get(server) {
            return Arc::clone(site);
        }
        let site: Arc<str> = site(server).as_ref().into();
        if self.0.len() < MOST_SERVERS {
            self.0.insert(server.into(), Arc::clone(&site));
        }
        site
    }
}

/// The site of a host name, in lower case.
pub(super) fn site(host: &str) -> Cow<'_, str> {
    match lower(host.trim_end_matches('.')) {
        Cow::Borrowed(host) => Cow::Borrowed(registrable(host)),
        Cow::Owned(host) => Cow::Owned(registrable(&host).to_owned()),
    }
}

/// A relay may be named by its address, which belongs to no other.
fn registrable(host: &str) -> &str {
    match host.parse::<IpAddr>() {
        Ok(_) => host,
        Err(_) => psl::domain_str(host).unwrap_or(host),
    }
}

/// Small letters; borrowed where they are small already.
pub(super) fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites() {
        for (host, expected) in [
            ("alt1.gmail-smtp-in.l.google.com", "google.com"),
            ("MX00.T-Online.de.", "t-online.de"),
            ("mx.firm.co.uk", "firm.co.uk"),
            ("localhost", "localhost"),
            ("192.0.2.25", "192.0.2.25"),
            ("2001:DB8::25", "2001:db8::25"),
        ] {
            assert_eq!(site(host), expected);
        }
    }
}
