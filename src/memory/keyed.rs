//! Flat keyed files, one `key value` pair a line: /proc/vmstat, memory.stat, memory.events, memory.oom_control.

use super::quantity;

/// The value of `key`, or `None` where the key is missing or its value is no whole number.
pub fn value(content: &[u8], key: &str) -> Option<u64> {
    content
        .split(|byte| *byte == b'\n')
        .find_map(|line| quantity::number(of_key(line, key.as_bytes())?))
}

/// What follows `key` and a blank.
fn of_key<'a>(line: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let rest = line.trim_ascii_start().strip_prefix(key)?;
    rest.first()?.is_ascii_whitespace().then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let content = b"anon 5\ninactive_file_x 1\nbad value\ninactive_file 1626112";
        for (key, expected) in [
            ("anon", Some(5)),
            ("inactive_file", Some(1_626_112)),
            ("file", None),
            ("bad", None),
            ("", None),
        ] {
            assert_eq!(value(content, key), expected, "{key}");
        }
    }
}
