//! What is said of one reply, and how it came about.

use std::net::IpAddr;

use super::class::Class;

/// What a reply means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// What the reply means; *other* when no rule fits.
    pub class: Class,
    /// The rule that decided.
    pub rule: Option<String>,
    /// Who refuses: by the replying host's name, else by the rule, else by a name in the text.
    pub provider: Option<String>,
    /// The blocklist, or the provider's own list with its code.
    pub list: Option<String>,
    /// Our own address as the reply names it.
    pub ours: Option<IpAddr>,
    /// Where to ask for removal: a web page or a mail address of our own tables, never of the reply.
    pub ask: Option<String>,
    /// The server that replied, where the reason names it.
    pub remote_host: Option<String>,
    /// The step limit was hit before a rule fitted: `rule` is the one that gave up, and the reply is not classified.
    pub limit_hit: bool,
}

/// A verdict with the steps that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The text that rules are matched against, before masking.
    pub text: String,
    /// All rules that match, in order: the first one decided.
    pub matching: Vec<String>,
    /// The judgement.
    pub verdict: Verdict,
}
