use super::*;
use proptest::prelude::*;

/// What a line begins with, printed: `Z` for an instant, `L` for local, `Y` for yearless.
fn read(line: &str) -> String {
    match parse(line.as_bytes()) {
        None => String::from("-"),
        Some((stamp, form, rest)) => {
            let (letter, civil) = match stamp {
                Stamp::Instant(at) => ("Z", Civil::from_utc(at)),
                Stamp::Local(civil) => ("L", civil),
                Stamp::Yearless(civil) => ("Y", civil),
            };
            let rest = String::from_utf8_lossy(rest);
            format!("{letter} {civil}.{} {form:?}{rest}", civil.of_day % SECOND)
        }
    }
}

#[test]
fn forms() {
    for (line, expected) in [
        ("Nov 21 08:19:33 vm", "Y 2000-11-21 08:19:33.0 Bsd vm"),
        ("Jun  4 08:19:33 vm", "Y 2000-06-04 08:19:33.0 Bsd vm"),
        ("Jun 4 08:19:33 vm", "Y 2000-06-04 08:19:33.0 Bsd vm"),
        ("Jun 04 08:19:33 vm", "Y 2000-06-04 08:19:33.0 Bsd vm"),
        ("Feb 29 00:00:00", "Y 2000-02-29 00:00:00.0 Bsd"),
        (
            "Nov 21 07:59:04.839916 vm",
            "Y 2000-11-21 07:59:04.839916 Bsd vm",
        ),
        ("\0\0Nov 21 07:59:04 vm", "Y 2000-11-21 07:59:04.0 Bsd vm"),
        (
            "\u{feff}<134>Nov 21 07:59:04 vm",
            "Y 2000-11-21 07:59:04.0 Bsd vm",
        ),
        ("Nov 21 2026 07:59:04 vm", "L 2026-11-21 07:59:04.0 Bsd vm"),
        ("<134>Nov 21 07:59:04 vm", "Y 2000-11-21 07:59:04.0 Bsd vm"),
        (
            "2026-11-21T08:16:03.932733+00:00 vm",
            "Z 2026-11-21 08:16:03.932733 Bsd vm",
        ),
        (
            "2026-11-21T08:16:03.9+01:30 vm",
            "Z 2026-11-21 06:46:03.900000 Bsd vm",
        ),
        (
            "2026-11-21T07:59:04+0000 vm",
            "Z 2026-11-21 07:59:04.0 Bsd vm",
        ),
        (
            "2026-11-21T07:59:04-0500 vm",
            "Z 2026-11-21 12:59:04.0 Bsd vm",
        ),
        ("2026-11-21T07:59:04Z vm", "Z 2026-11-21 07:59:04.0 Bsd vm"),
        ("2026-11-21T07:59:04 vm", "L 2026-11-21 07:59:04.0 Bsd vm"),
        (
            "2026-11-21T07:59:04.1234567Z vm",
            "Z 2026-11-21 07:59:04.123456 Bsd vm",
        ),
        (
            "2026-11-21 07:59:04 1xUg39-0000Ld-24",
            "L 2026-11-21 07:59:04.0 Bsd 1xUg39-0000Ld-24",
        ),
        (
            "2026-11-21 07:59:04 +0100 1xUg39",
            "Z 2026-11-21 06:59:04.0 Bsd 1xUg39",
        ),
        (
            "2026-11-21 07:59:04 zeus",
            "L 2026-11-21 07:59:04.0 Bsd zeus",
        ),
        ("2026-11-21 07:59:04 Z vm", "Z 2026-11-21 07:59:04.0 Bsd vm"),
        (
            "2026-11-21 07:59:04.123 1xUg39",
            "L 2026-11-21 07:59:04.123000 Bsd 1xUg39",
        ),
        (
            "Sat 2026-11-21 07:59:04 UTC vm",
            "Z 2026-11-21 07:59:04.0 Bsd vm",
        ),
        (
            "Sat 2026-11-21 07:59:04 CET vm",
            "L 2026-11-21 07:59:04.0 Bsd vm",
        ),
        (
            "Sat 2026-11-21 07:59:04 +03 vm",
            "Z 2026-11-21 04:59:04.0 Bsd vm",
        ),
        (
            "<21>1 2026-11-21T08:16:03.932733+00:00 vm",
            "Z 2026-11-21 08:16:03.932733 Rfc5424 vm",
        ),
        (
            "1 2026-11-21T08:16:03Z vm",
            "Z 2026-11-21 08:16:03.0 Rfc5424 vm",
        ),
        (
            "1795247858.790946 vm",
            "Z 2026-11-21 07:57:38.790946 Bsd vm",
        ),
        ("", "-"),
        ("Nov", "-"),
        ("Nov 21", "-"),
        ("Nov 21 08:19", "-"),
        ("Nov 21 08:19:33x", "-"),
        ("\0\0", "-"),
        ("Nov 31 08:19:33 vm", "-"),
        ("Nov 21 24:19:33 vm", "-"),
        ("Nov    4 08:19:33 vm", "-"),
        ("nov 21 08:19:33 vm", "-"),
        ("2026-13-21T08:16:03Z vm", "-"),
        ("2026-11-21T08:16:03.Z vm", "-"),
        ("2026-11-21", "-"),
        ("<134Nov 21 07:59:04 vm", "-"),
        ("<1345>Nov 21 07:59:04 vm", "-"),
        ("12345 vm", "-"),
        ("-- Boot 3790e541dd5d4153885f6e77da34f239 --", "-"),
        ("x Nov 21 08:19:33 vm", "-"),
    ] {
        assert_eq!(read(line), expected, "{line}");
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Some((_, _, rest)) = parse(&bytes) {
            prop_assert!(bytes.ends_with(rest));
        }
    }
}
