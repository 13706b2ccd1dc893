//! One rule's pattern: compiled when it is first needed, run under a step limit.
//!
//! fancy-regex in ASCII byte mode: plain patterns go to the linear-time engine, look-around to a backtracking one whose
//! steps are bounded. The text is folded before, so that patterns are lower case and need no Unicode tables.

use std::sync::OnceLock;

use fancy_regex::{BytesMode, Regex, RegexOptionsBuilder};

/// Steps that a pattern with look-around may take on one reply; a reply has at most 4 KiB.
const STEPS: usize = 100_000;

/// Compiled size of one pattern: an admin's `.{1000}{1000}` must not eat the memory of the mail server.
const SIZE: usize = 1 << 20;

/// What a pattern says about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It matches; with the group named `code`, where there is one.
    Yes(Option<String>),
    No,
    /// It could not be decided within the step limit.
    GaveUp,
}

/// A pattern after its `{words}` are filled in.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(source: String) -> Self {
        Pattern {
            source,
            compiled: OnceLock::new(),
        }
    }

    /// Compiles now, to find mistakes of an admin's file when it is loaded.
    pub(super) fn check(&self) -> Result<(), String> {
        let regex = compile(&self.source).map_err(|error| error.to_string())?;
        self.compiled.get_or_init(|| Some(regex));
        Ok(())
    }

    pub(super) fn ask(&self, text: &str) -> Answer {
        let compiled = self.compiled.get_or_init(|| compile(&self.source).ok());
        match compiled
            .as_ref()
            .map(|regex| regex.captures(text.as_bytes()))
        {
            Some(Ok(Some(groups))) => {
                let code = groups
                    .name("code")
                    .map(|code| String::from_utf8_lossy(code.as_bytes()).to_uppercase());
                Answer::Yes(code)
            }
            Some(Ok(None)) => Answer::No,
            Some(Err(_)) | None => Answer::GaveUp,
        }
    }
}

fn compile(source: &str) -> Result<Regex, Box<fancy_regex::Error>> {
    RegexOptionsBuilder::new()
        .bytes_mode(BytesMode::Ascii)
        .unicode_mode(false)
        .backtrack_limit(STEPS)
        .delegate_size_limit(SIZE)
        .max_prog_size(SIZE)
        // The search for the rules' literals has done that already, for all patterns at once.
        .build_delegate_prefilter(false)
        .build(source.to_owned())
        .map_err(Box::new)
}
