//! The systemd unit of a process, from its /proc/PID/cgroup: systemd names a unit's cgroup after the unit.

/// Kinds of units that have processes. A slice only groups them.
const KINDS: [&str; 5] = [".service", ".scope", ".socket", ".mount", ".swap"];

/// The unit in the lines `number:controllers:path`, or `None` outside systemd.
pub(super) fn of(cgroups: &str) -> Option<&str> {
    cgroups
        .lines()
        .filter(|line| is_systemds(line))
        .find_map(|line| innermost(line.splitn(3, ':').nth(2)?))
}

/// systemd's own hierarchy: the unified one, or in v1 the one named after it.
fn is_systemds(line: &str) -> bool {
    matches!(line.split(':').nth(1), Some("" | "name=systemd"))
}

fn innermost(path: &str) -> Option<&str> {
    path.rsplit('/')
        .find(|part| KINDS.iter().any(|kind| part.ends_with(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        for (cgroups, unit) in [
            (
                "0::/system.slice/postfix@-.service\n",
                Some("postfix@-.service"),
            ),
            (
                "0::/system.slice/system-getty.slice/getty@tty1.service",
                Some("getty@tty1.service"),
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope",
                Some("app-x.scope"),
            ),
            (
                "0::/system.slice/dovecot.service/worker/7",
                Some("dovecot.service"),
            ),
            (
                "5:memory:/x.service\n1:name=systemd:/system.slice/a.service\n0::/\n",
                Some("a.service"),
            ),
            ("0::/\n1:name=systemd:/docker/0123", None),
            ("0::/user.slice", None),
            ("0::/a.service:odd\n", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(of(cgroups), unit, "{cgroups:?}");
        }
    }
}
