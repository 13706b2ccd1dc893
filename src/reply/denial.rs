//! Cuts what a reply says is not so: `not blacklisted`, `nothing to do with any blacklist`, `DKIM pass`.
//!
//! Rules look for words, and a reply that acquits our host uses the same words as one that accuses it. Relies on folded text
//! (small letters, no accents). Lists of those who are let in (`not whitelisted`) are no denial.

use std::sync::OnceLock;

use regex::{Captures, Regex};

/// Stands for what is denied.
const DENIED: &str = "#not";

/// Stands for a denial that clears our host: what else is said against it in general words does not count.
const CLEARED: &str = "#cleared";

/// One of these must occur before a pattern is tried.
const SIGNS: [&str; 32] = [
    "not ",
    "n't ",
    "never ",
    "no longer",
    "none",
    "nothing",
    "good",
    "pass",
    "clean",
    " fine",
    " ok",
    "=ok",
    ":ok",
    "(ok",
    "innocent",
    "in order",
    " off the",
    "removed",
    "unaffected",
    "keine",
    "nicht",
    "nessun",
    "ningun",
    "nenhum",
    "aucun",
    "pas ",
    "nie ",
    "niet ",
    " nao ",
    " non ",
    " no ",
    "претензий нет",
];

/// What a reply denies without a word for our host. Small letters; blanks are single.
const DENIALS: [&str; 2] = [
    r"(?-u:\b)not (?:in|on) (?:our|the|my|a) list of (?:(?:relay|allowed|permitted|trusted)[a-z]* [a-z]+|known (?:hosts|servers|clients|relays|networks))",
    r"(?-u:\b)(?:spf|dkim|dmarc)(?:(?:,| and|, and| &)? (?:spf|dkim|dmarc))*(?: check| result)?s?[ =:]+(?:(?:both |all )?(?:pass(?:ed|es)?|ok|none|neutral|valid)(?-u:\b)|soft-?fail \(ok\))",
];

/// What clears our host.
const CLEARANCES: [&str; 16] = [
    // Another is meant.
    r"(?-u:\b)not (?:your|the) (?:mail ?|sending )?(?:server|host|ip|machine|network)(?-u:\b)(?: itself)?[,;.]",
    // On no list, not blocked.
    r"(?-u:\b)(?:not|never|n't|no longer) (?:(?:yet|currently|being|been|be|on|in|by|any|our|of|the|a|one|public|local|known) )*(?:(?:black|block|deny)[- ]?list(?:ed|s)?|dnsbls?|rbls?|blocked|banned|blackholed)(?-u:\b)",
    r"(?-u:\b)(?:not|never|no longer) listed(?: (?:anywhere|there|on any|in any|by any|at any)(?-u:\b)|[,.;:)]|$)",
    r"(?-u:\b)(?:on|in) (?:no|none of (?:the|our)) (?:[a-z]+ )?(?:black|block|deny)[- ]?lists?",
    r"(?:black|block)[- ]?lists?: (?:none|no|0)(?-u:\b)",
    r"(?-u:\b)nothing to do with (?:[a-z'-]+ ){0,4}[a-z-]+",
    r"(?-u:\b)(?:this|it|that) (?:is|was) (?:not|no) (?:about )?(?:an? )?(?:[a-z]+ )?(?:block|blocking|ban|blacklisting|listing|reputation (?:block|problem|issue))(?-u:\b)",
    r"(?-u:\b)no (?:reputation|(?:black|block)[- ]?list) (?:problem|issue|block|entry|listing)s?|(?-u:\b)(?:has|have|keeps?|kept|retains?) (?:an?|its|the) (?:good|excellent|fine|neutral) (?:reputation|standing)|(?-u:\b)reputation (?:is |was )?(?:un|not )affected",
    // Was on one.
    r"(?-u:\b)(?:is|are|was|been|came|just) (?:now )?off the (?:black|block|deny)[- ]?list|(?-u:\b)(?:was|were|is|has been|have been) (?:already )?(?:removed|deleted|taken) (?:from|off) (?:our|the|all|any) (?:(?:black|block|deny)[- ]?lists?|lists?|rbls?|dnsbls?)",
    // Looked at by nobody.
    r"(?-u:\b)(?:ip|host|server) (?:address )?(?:[0-9a-f.:\[\]]+ )?(?:was|is|were) not (?:considered|looked at|checked|used|involved|consulted|counted|concerned|meant)",
    // Checked and found in order.
    r"(?-u:\b)(?:rbl|dnsbl|(?:black|block)[- ]?list|reputation) (?:check|test|lookup)s? (?:is |was )?(?:passed|ok|clean|fine)(?-u:\b)|претензий нет",
    r"(?:(?-u:\b)(?:ip|host|server) (?:address )?(?:[0-9a-f.:\[\]]+ )?|[0-9a-f]+[.:][0-9a-f.:]+ )(?:is|was|looks) (?:clean|fine|ok|okay|good|innocent|in order)(?-u:\b)",
    r"(?:[0-9a-f.:\[\]]+ )?(?:is |are )?not (?:affected|to blame|at fault)(?-u:\b)|(?-u:\b)no offen[cs]e to (?:your |#)[a-z]+|(?-u:\b)(?:[0-9a-f.:\[\]]+|#host) ?(?:\[[0-9a-f.:]+\] )?(?:ist|sind) (?:davon |hiervon )?nicht betroffen",
    r"(?-u:\b)(?:no por|pas (?:a cause de|pour)|non per|nao por|nicht wegen|niet vanwege|nie z powodu) (?:(?:la|l'|il|o|der|die|ihrer?|su|votre|uw) ?)?(?:direccion |adresse |indirizzo )?(?:ip|host|server|serveur|servidor)(?-u:\b)(?: [0-9a-f.:]+)?|(?-u:\b)no (?:tiene (?:nada )?que ver con|se trata de) (?:la |su )?(?:ip|direccion|servidor)(?: [0-9a-f.:]+)?",
    // The first two in other languages.
    r"(?-u:\b)(?:auf|in) keiner (?:[a-z-]+ )?[a-z]*(?:liste|blacklist|rbl)|(?-u:\b)nicht (?:gesperrt|blockiert|gelistet)|(?-u:\b)(?:sur|dans) aucune (?:liste|blacklist)(?: noire)?|n'est pas (?:bloque|liste)e?|(?-u:\b)en ninguna (?:lista(?: negra)?|blacklist)|(?-u:\b)no esta (?:bloquead[ao]|listad[ao])",
    r"(?-u:\b)in nessuna (?:lista(?: nera)?|blacklist)|(?-u:\b)non (?:e )?bloccat[ao]|(?-u:\b)em nenhuma (?:lista(?: negra)?|blacklist)|(?-u:\b)nao esta (?:bloquead[ao]|listad[ao])|(?-u:\b)niet (?:geblokkeerd|op een [a-z]+lijst)|(?-u:\b)nie jest (?:zablokowan[ya]|na (?:zadnej|czarnej) [a-z]+)",
];

/// The text with a stand-in for each denial.
pub(super) fn cut(text: String) -> String {
    if !SIGNS.iter().any(|sign| text.contains(sign)) {
        return text;
    }
    let stand_in = |found: &Captures<'_>| match found.name("cleared") {
        Some(_) => CLEARED,
        None => DENIED,
    };
    match denials() {
        Some(denials) => denials.replace_all(&text, stand_in).into_owned(),
        None => text,
    }
}

/// Compiled when a reply first needs it.
fn denials() -> Option<&'static Regex> {
    static COMPILED: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = || format!("{}|(?<cleared>{})", DENIALS.join("|"), CLEARANCES.join("|"));
    COMPILED
        .get_or_init(|| Regex::new(&pattern()).ok())
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_no_evidence() {
        let rows = [
            ("not blacklisted, just too many", "#cleared, just too many"),
            ("your ip is not on our blocklist", "your ip is #cleared"),
            (
                "203.0.113.7 is not listed anywhere",
                "203.0.113.7 is #cleared",
            ),
            (
                "forged, nothing to do with any blacklist.",
                "forged, #cleared.",
            ),
            (
                "dkim pass, but the ip is in rbl",
                "#not, but the ip is in rbl",
            ),
            ("sbrs -7.4, blacklists: none", "sbrs -7.4, #cleared"),
            (
                "203.0.113.7 is not in our list of relay hosts",
                "203.0.113.7 is #not",
            ),
            (
                "su ip no esta en ninguna lista negra",
                "su ip no esta #cleared",
            ),
            ("steht auf keiner sperrliste", "steht #cleared"),
            ("spf softfail (ok), but", "#not, but"),
            ("203.0.113.7 is clean, the", "#cleared, the"),
            ("your ip has a good reputation but", "your ip #cleared but"),
            ("rbl check passed, but", "#cleared, but"),
            (
                "203.0.113.7 is off the blacklist since",
                "203.0.113.7 #cleared since",
            ),
            ("it was removed from our list, but", "it #cleared, but"),
            ("the ip 203.0.113.7 was not considered", "the #cleared"),
            ("spf and dkim pass, still deferred", "#not, still deferred"),
            (
                "regla del usuario, no por la ip",
                "regla del usuario, #cleared",
            ),
            (
                "#host[203.0.113.7] ist davon nicht betroffen",
                "#host#cleared",
            ),
            (
                "filtro, no tiene que ver con la ip 203.0.113.7",
                "filtro, #cleared",
            ),
            (
                "your ip must be removed from the list",
                "your ip must be removed from the list",
            ),
            (
                "your ip 203.0.113.7 is not whitelisted here",
                "your ip 203.0.113.7 is not whitelisted here",
            ),
            ("not on our allow list", "not on our allow list"),
            ("o servidor nao esta bloqueado.", "o servidor #cleared."),
            ("ip noted, reputation unaffected", "ip noted, #cleared"),
            ("the host keeps its good standing", "the host #cleared"),
            ("with no offence to #host", "with #cleared"),
            ("550 your server is blocked", "550 your server is blocked"),
        ];
        for (text, expected) in rows {
            assert_eq!(cut(text.to_owned()), expected, "{text}");
        }
    }

    #[test]
    fn the_patterns_compile() {
        assert!(denials().is_some());
    }
}
