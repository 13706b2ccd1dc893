//! Commands that an admin may paste into a shell: each word is quoted so that POSIX sh reads it as it was, and a word that would not reach
//! the reader as it is makes no command at all.
//!
//! Output is cleaned before it is printed (`plugin::clean`): with a `$` that has become a `?` the command would be about another file. A
//! quote is written `'"'"'`, because the backslash of the usual `'\''` is cleaned away.

use std::path::Path;

/// Longer names are left to the reader: output is cut, and with it the end of a command.
const LONGEST: usize = 256;

/// The word as a shell reads it; `None` where printing would change it.
pub fn word(text: &str) -> Option<String> {
    if text.len() > LONGEST || !text.chars().all(is_kept) {
        return None;
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&b);
    Some(match !text.is_empty() && text.bytes().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r#"'"'"'"#)),
    })
}

/// The command of these words; `None` where printing would change one.
pub fn command(words: &[&str]) -> Option<String> {
    let words: Option<Vec<String>> = words.iter().map(|text| word(text)).collect();
    Some(words?.join(" "))
}

/// The command of these words and a file, by its whole path: it is pasted who knows where.
pub fn command_on(words: &[&str], file: &Path) -> Option<String> {
    let file = std::path::absolute(file).ok()?;
    command(&[words, &[file.to_str()?]].concat())
}

/// What is printed as it is: of ASCII all that can be seen and harms nobody, of other characters letters and digits.
pub fn is_kept(c: char) -> bool {
    match c {
        '|' | '\\' | ';' | '<' | '>' | '&' | '$' => false,
        ' '..='~' => true,
        '\u{300}'..='\u{36f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => false,
        _ => c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn words_of_every_kind() {
        for (text, quoted) in [
            ("/var/log/mail.log", Some("/var/log/mail.log")),
            ("u:nagios:rx", Some("u:nagios:rx")),
            ("a_b@c%d+e=f:g,h.i-j", Some("a_b@c%d+e=f:g,h.i-j")),
            ("", Some("''")),
            ("a b", Some("'a b'")),
            (" a  b ", Some("' a  b '")),
            ("q`id`.log", Some("'q`id`.log'")),
            ("it's", Some(r#"'it'"'"'s'"#)),
            ("'", Some(r#"''"'"''"#)),
            ("\"", Some("'\"'")),
            ("~root", Some("'~root'")),
            ("a*?[b]{c}", Some("'a*?[b]{c}'")),
            ("!x #y ^z (a)", Some("'!x #y ^z (a)'")),
            ("Boîte", Some("'Boîte'")),
            ("a$b", None),
            ("a\\b", None),
            ("a|b", None),
            ("a;b", None),
            ("a&b", None),
            ("a<b", None),
            ("a>b", None),
            ("a\nb", None),
            ("a\tb", None),
            ("\u{1b}[31m", None),
            ("a\u{202e}b", None),
            ("a\u{a0}b", None),
            ("e\u{301}", None),
            ("\u{fffd}", None),
        ] {
            assert_eq!(word(text).as_deref(), quoted, "{text:?}");
        }
        assert_eq!(word(&"x".repeat(LONGEST + 1)), None);
    }

    #[test]
    fn commands() {
        let on = |name: &str| command_on(&["rm"], Path::new(name));
        assert_eq!(on("/a b").as_deref(), Some("rm '/a b'"));
        assert_eq!(on("/a$b"), None);
        let here = std::path::absolute("-r").unwrap();
        assert_eq!(on("-r"), command(&["rm", here.to_str().unwrap()]));
        assert!(on("-r").unwrap().starts_with("rm /"));
        assert_eq!(command(&["a", "b\u{7}"]), None);
    }

    #[test]
    fn names_that_are_no_text_make_no_command() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"/var/log/\xff");
        assert_eq!(command_on(&["rm"], Path::new(name)), None);
    }

    /// What a shell makes of a command's words: each behind a NUL.
    fn read_back(command: &str) -> Vec<u8> {
        let script = format!(r#"set -- {command}; for word do printf '\0%s' "$word"; done"#);
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{command}");
        output.stdout
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_shell_reads_the_same_words(
            words in prop::collection::vec("[ -~]{0,12}|[a-z'\"` *?~#!(){}\\[\\]^äß日]{1,12}|\\PC{0,6}", 1..6)
        ) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if let Some(command) = command(&words) {
                let expected: String = words.iter().map(|word| format!("\0{word}")).collect();
                let read = read_back(&command);
                prop_assert_eq!(String::from_utf8_lossy(&read), expected);
            } else {
                prop_assert!(words.iter().any(|word| !word.chars().all(is_kept)));
            }
        }
    }
}
