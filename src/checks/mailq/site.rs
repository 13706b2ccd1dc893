//! Which servers belong together: those below one registrable name (`l.google.com` and `google.com`, by the public suffix list).

/// The site of a host name, in lower case.
pub(super) fn site(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    match psl::domain_str(&host) {
        Some(domain) => domain.to_owned(),
        None => host,
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
        ] {
            assert_eq!(site(host), expected);
        }
    }
}
