//! Exports of journald, whole and in pieces.

use super::*;
use proptest::prelude::*;

fn read(export: &[u8]) -> Result<String, String> {
    as_lines(export, Syntax::Export)
}

fn as_lines(entries: &[u8], syntax: Syntax) -> Result<String, String> {
    let mut text = Vec::new();
    match Lines::new(entries, syntax).read_to_end(&mut text) {
        Ok(_) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(error) => Err(error.to_string()),
    }
}

const TIME: &str = "__CURSOR=x\n__REALTIME_TIMESTAMP=1795247858790946\n";

/// A field with a length.
fn binary(name: &str, value: &[u8]) -> Vec<u8> {
    let length = (value.len() as u64).to_le_bytes();
    [name.as_bytes(), b"\n", &length, value, b"\n"].concat()
}

#[test]
fn entries() {
    let tag = "_HOSTNAME=vm\nSYSLOG_IDENTIFIER=postgrey\nSYSLOG_PID=7\n";
    for (name, fields, line) in [
        (
            "whole",
            format!("{tag}MESSAGE=a=b: c\n"),
            "1795247858.790946 vm postgrey[7]: a=b: c\n",
        ),
        (
            "when it spoke",
            format!("{tag}MESSAGE=x\n_SOURCE_REALTIME_TIMESTAMP=1795247858000001\n"),
            "1795247858.000001 vm postgrey[7]: x\n",
        ),
        (
            "a time that is none",
            format!("{tag}MESSAGE=x\n_SOURCE_REALTIME_TIMESTAMP=yesterday\n"),
            "1795247858.790946 vm postgrey[7]: x\n",
        ),
        (
            "no host",
            String::from("SYSLOG_IDENTIFIER=postgrey\nMESSAGE=x\n"),
            "1795247858.790946 postgrey: x\n",
        ),
        (
            "no identifier",
            String::from("_COMM=postgrey\n_PID=8\nMESSAGE=x\n"),
            "1795247858.790946 postgrey[8]: x\n",
        ),
        (
            "the syslog id first",
            format!("_PID=8\n_COMM=perl\n{tag}MESSAGE=x\n"),
            "1795247858.790946 vm postgrey[7]: x\n",
        ),
        (
            "the first of two",
            format!("{tag}MESSAGE=x\nMESSAGE=y\n"),
            "1795247858.790946 vm postgrey[7]: x\n",
        ),
        (
            "a tag that ends early",
            String::from("SYSLOG_IDENTIFIER=a: postgrey[1]\nMESSAGE=x\n"),
            "1795247858.790946 a__postgrey_1_: x\n",
        ),
        ("no message", String::from(tag), ""),
    ] {
        assert_eq!(
            read(format!("{TIME}{fields}\n").as_bytes()),
            Ok(line.to_owned()),
            "{name}"
        );
    }
    assert_eq!(read(b"MESSAGE=no time\n\n"), Ok(String::new()));
}

#[test]
fn values_with_a_length() {
    let message = binary(
        "MESSAGE",
        b"one\nNov 21 10:00:00 vm postgrey[1]: forged\n\0=\x80",
    );
    let other = binary("SYSLOG_RAW", b"\n\nMESSAGE=not this\n\n");
    let export = [
        TIME.as_bytes(),
        &other,
        b"_COMM=x\n",
        &message,
        b"\n",
        TIME.as_bytes(),
        b"MESSAGE=next\n\n",
    ]
    .concat();
    assert_eq!(
        read(&export).unwrap(),
        "1795247858.790946 x: one#012Nov 21 10:00:00 vm postgrey[1]: forged#012#000=\u{fffd}\n1795247858.790946: next\n"
    );
}

/// The time counts, whatever an entry says and in whatever bytes, and if it says nothing.
#[test]
fn the_time_of_the_last_entry() {
    let first = b"__REALTIME_TIMESTAMP=7\nMESSAGE=x\n\n".to_vec();
    let latin = binary("MESSAGE", b"sender=\xe9t\xe9@lab.example");
    for (name, fields, expected) in [
        ("text", &b"MESSAGE=x\n"[..], Some(1_795_247_858_790_946)),
        ("Latin-1", &latin, Some(1_795_247_858_790_946)),
        ("empty", b"MESSAGE=\n", Some(1_795_247_858_790_946)),
        ("no message", b"_COMM=x\n", Some(1_795_247_858_790_946)),
        ("when it spoke", b"_SOURCE_REALTIME_TIMESTAMP=5\n", Some(5)),
    ] {
        for end in [&b"\n"[..], b""] {
            let export = [&first, TIME.as_bytes(), fields, end].concat();
            let last = Lines::new(&export[..], Syntax::Export).last_time();
            assert_eq!(last.unwrap(), expected, "{name}");
        }
    }
    for (export, expected) in [
        (&b""[..], None),
        (b"MESSAGE=no time\n\n", None),
        (&[&first, &b"MESSAGE=x\n\n"[..]].concat(), Some(7)),
    ] {
        let last = Lines::new(export, Syntax::Export).last_time();
        assert_eq!(last.unwrap(), expected);
    }
    let cut = Lines::new(&latin[..15], Syntax::Export).last_time();
    assert!(cut.is_err());
}

#[test]
fn endless_values_are_cut_and_lengths_that_lie_end_the_input() {
    let long = vec![b'y'; 3 * VALUE_LIMIT];
    let text = [
        TIME.as_bytes(),
        b"MESSAGE=",
        &long,
        b"\n\n",
        TIME.as_bytes(),
        b"MESSAGE=next\n\n",
    ]
    .concat();
    let sized = [
        TIME.as_bytes(),
        &binary("MESSAGE", &long),
        b"\n",
        TIME.as_bytes(),
        b"MESSAGE=next\n\n",
    ]
    .concat();
    for export in [text, sized] {
        let lines = read(&export).unwrap();
        let lengths: Vec<usize> = lines.lines().map(str::len).collect();
        assert!(lengths[0] > VALUE_LIMIT / 2 && lengths[0] <= super::super::block::LINE_LIMIT);
        assert_eq!(lengths.len(), 2);
    }
    let lie = [
        TIME.as_bytes(),
        b"MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffabc\n\n",
    ]
    .concat();
    let early = Err(String::from("its export ends too early, or is none"));
    assert_eq!(read(&lie), early);
    assert_eq!(read(b"MESSAGE\n\x01"), early);
}

#[test]
fn a_real_export_says_what_journalctl_prints() {
    let export = include_bytes!("../../../fixtures/journal/export.txt");
    let short = include_str!("../../../fixtures/journal/short-iso.txt");
    let lines = read(export).unwrap();
    let message = |line: &str| line.split_once(' ').map(|(_, rest)| rest.to_owned());
    let lines: Vec<_> = lines.lines().map(message).collect();
    let printed: Vec<_> = short.lines().take(lines.len()).map(message).collect();
    assert!(lines.len() > 50);
    assert_eq!(lines, printed);
}

#[test]
fn the_last_entry_is_noted_at_the_end() {
    let entry =
        |name: &str, rest: &str| format!("__CURSOR={name}\n__REALTIME_TIMESTAMP=17{rest}\n");
    let last = |cursor: &str| {
        Some(Last {
            cursor: cursor.to_owned(),
            heard: 17,
        })
    };
    let [one, two] = ["a", "b"].map(|name| entry(name, "\nMESSAGE=x\n"));
    for (name, export, skipped, expected) in [
        ("two", format!("{one}{two}"), Some("a"), last("b")),
        ("one", one.clone(), Some("a"), last("a")),
        (
            "no message",
            format!("{one}{}\n", entry("c", "")),
            Some("a"),
            last("c"),
        ),
        (
            "no end",
            format!("{one}{}", entry("c", "")),
            Some("a"),
            last("c"),
        ),
        ("none", String::new(), None, None),
        ("no cursor", format!("MESSAGE=x\n\n{one}"), None, last("a")),
    ] {
        let trail = Trail::default();
        let mut lines = Lines::new(export.as_bytes(), Syntax::Export).noting(trail.clone());
        assert_eq!(lines.skip_entry().unwrap().as_deref(), skipped, "{name}");
        io::copy(&mut lines, &mut io::sink()).unwrap();
        assert_eq!(trail.last(), expected, "{name}");
    }
    let trail = Trail::default();
    let mut lines = Lines::new(two.as_bytes(), Syntax::Export).noting(trail.clone());
    lines.read_exact(&mut [0; 3]).unwrap();
    assert_eq!(trail.last(), None, "not at the end");
}

proptest! {
    #[test]
    fn any_bytes(export in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'='), any::<u8>()], 0..300)) {
        let _ = read(&export);
    }
}

/// `journalctl -o json`: the same entries, an object a line.
#[test]
fn objects() {
    const HEAD: &str = r#"{"__CURSOR":"x","__REALTIME_TIMESTAMP":"1795247858790946","_HOSTNAME":"vm","SYSLOG_IDENTIFIER":"postgrey","#;
    let line = |message: &str| format!("1795247858.790946 vm postgrey: {message}\n");
    for (name, fields, expected) in [
        (
            "text",
            r#""MESSAGE":"a=b: \"c\"\td"}"#,
            line("a=b: \"c\"#011d"),
        ),
        (
            "bytes",
            r#""MESSAGE":[97,255,10]}"#,
            String::from("1795247858.790946 vm postgrey: a\u{fffd}#012\n"),
        ),
        ("said twice", r#""MESSAGE":["one","two"]}"#, line("one")),
        (
            "bytes said twice",
            r#""MESSAGE":[[97,98],"two"]}"#,
            line("ab"),
        ),
        (
            "too long for journalctl",
            r#""MESSAGE":null}"#,
            String::new(),
        ),
        (
            "an id",
            r#""_PID":"7","MESSAGE":"x"}"#,
            String::from("1795247858.790946 vm postgrey[7]: x\n"),
        ),
    ] {
        let one = format!("{HEAD}{fields}\n");
        assert_eq!(
            as_lines(one.as_bytes(), Syntax::Json).as_ref(),
            Ok(&expected),
            "{name}"
        );
        let two = [one.as_str(), one.trim_end()].concat();
        assert_eq!(
            as_lines(two.as_bytes(), Syntax::Json),
            Ok(expected.repeat(2)),
            "{name}"
        );
    }
    let long = format!("{HEAD}\"MESSAGE\":\"{}\"}}\n", "x".repeat(1 << 20));
    for (broken, whole) in [
        ("{\n  \"MESSAGE\": \"x\"\n}\n", false),
        ("[1]\n", false),
        ("", true),
        ("\n \r\n", true),
        ("{\"MESSAGE\":\"x", false),
        (&long, false),
        // What Docker keeps.
        (
            "{\"log\":\"Nov 21 08:19:33 vm postgrey[1]: x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T08:19:33Z\"}\n",
            false,
        ),
    ] {
        let text = format!("{HEAD}\"MESSAGE\":\"y\"}}\n{broken}");
        let expected = match whole {
            true => Ok(line("y")),
            false => Err(String::from(
                "one of its lines is no whole entry of journalctl -o json",
            )),
        };
        assert_eq!(
            as_lines(text.as_bytes(), Syntax::Json),
            expected,
            "{broken:.80}"
        );
    }
    for (head, found) in [
        (&b"{\"_HOSTN"[..], Some(Syntax::Json)),
        (b"__CURSOR=", Some(Syntax::Export)),
        (b"__CURSOR", None),
        (b"Nov 21 08", None),
        (b"", None),
    ] {
        assert_eq!(syntax(head), found);
    }
}
