//! Reasons that no other server gave: commands, and programs of this host that keep its mailboxes.
//!
//! What they write may be anything, a spam filter's talk of blocklists too, but it is nobody's refusal of this host. Relies on the
//! words of Postfix's `pipe` and `local` (`src/global/pipe_command.c`, 2.3 to 3.11) and of Exim's transports `pipe` and `lmtp`.

/// Stands in for such a reason where it is judged: Postfix's words for a program behind a socket of this host.
pub const NO_SERVER: &str = "host local[private/local] said: ";

const SUSPENDED: &str = "delivery temporarily suspended: ";
/// `service unavailable. Command output: …`
const OUTPUT: &str = "Command output: ";
const STARTS: [&str; 4] = [
    "Command died with ",
    "Command time limit exceeded",
    "Child process of ",
    "LMTP error ",
];
/// The longest name of an exit status is shorter (`src/global/sys_exits.c`).
const LONGEST_STATUS: usize = 60;

/// Whether a reason, as Postfix or Exim writes it, came from a program of this host.
pub fn is_local(reason: &str) -> bool {
    // Nearly all replies begin so.
    if reason.starts_with("host ") {
        return false;
    }
    let reason = reason.strip_prefix(SUSPENDED).unwrap_or(reason);
    let output = || reason.split_once(OUTPUT);
    STARTS.iter().any(|start| reason.starts_with(start))
        || output().is_some_and(|(status, _)| is_status(status))
}

/// Nothing, or the name of an exit status: words, no host and no code.
fn is_status(text: &str) -> bool {
    let words = |b: u8| b.is_ascii_alphabetic() || b" '/,.".contains(&b);
    text.len() <= LONGEST_STATUS && text.bytes().all(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_spoke() {
        for (reason, local) in [
            ("Command output: 550 listed by zen.spamhaus.org", true),
            ("service unavailable. Command output: 550 listed", true),
            (
                "can't create user output file. Command output: procmail: no",
                true,
            ),
            (
                "Command died with status 1: \"/usr/bin/filter\". Command output: 550",
                true,
            ),
            ("Command time limit exceeded: \"/usr/bin/filter\"", true),
            (
                "Child process of procmail_pipe transport returned 77 from command: procmail",
                true,
            ),
            (
                "LMTP error from remote mail server after RCPT TO:<k@lab.example>: 550 no",
                true,
            ),
            (
                "delivery temporarily suspended: temporary failure. Command output: 451 rbl",
                true,
            ),
            (
                "host mx.b.example[192.0.2.2] said: 550 Command output: listed",
                false,
            ),
            ("550 5.7.1 Command output: listed", false),
            (
                "delivery temporarily suspended: host mx.b.example[192.0.2.2] said: 550 Command output: no",
                false,
            ),
            ("user unknown", false),
            ("", false),
        ] {
            assert_eq!(is_local(reason), local, "{reason}");
        }
    }
}
