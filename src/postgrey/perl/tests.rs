use super::super::pattern::Patterns;
use super::*;

/// Each row was tried against Perl 5.36.
#[test]
fn matches_what_perl_matches() {
    for (pattern, hits, misses) in [
        (
            r"[\w-.]+\.foo\.com$",
            &["a-b.foo.com", "A.FOO.com"][..],
            &["foo.com"][..],
        ),
        ("^[a&&b]$", &["a", "&", "b"], &["c"]),
        ("^[a-c~~]$", &["b", "~"], &["d", "-"]),
        (r"\<foo\>", &["<foo>"], &["foo"]),
        (r"^\h$", &["\t"], &["a", "h"]),
        (r"^\H$", &["a"], &[" "]),
        (r"^a\R?\v?b$", &["ab"], &["arb", "avb"]),
        ("(?^:foo)", &["foo"], &["FOO"]),
        ("(?-i:f)oo", &["fOO"], &["Foo"]),
        ("a(?-i)b|c", &["Ab", "c"], &["aB", "C"]),
        (r"\146oo", &["foo", "Foo"], &["46oo"]),
        ("^(?|a|b)$", &["a", "b"], &["c"]),
        ("^[[]$", &["["], &["a"]),
        ("^[]a]$", &["]", "a"], &["b"]),
        (r"^[\1\8]$", &["\u{1}", "8"], &["1"]),
        (r"^[a-\d-z]$", &["a", "-", "5", "z"], &["b"]),
        ("^[[:^upper:]]$", &["1"], &["a", "A"]),
        ("^[^a]$", &["b"], &["a", "A"]),
        (r"^\Qa\E$", &["qae"], &["a"]),
        ("a{b", &["a{b"], &["ab"]),
        ("^a{2}$", &["aa"], &["a", "aaa"]),
        ("a++ab", &[], &["aaab"]),
        ("(?>a+)ab", &[], &["aaab"]),
        (r"^(a)\1$", &["aa", "aA"], &["ab"]),
        (r"^(?<n>a)\k<n>\g{-1}$", &["aaa"], &["aa"]),
        (r"^(a)\10$", &["a\u{8}"], &["aa0"]),
        (r"x\K(?=y)", &["xy"], &["xz"]),
        (r"^(?=b)*a\Z", &["a"], &["b"]),
        ("a$b@c", &[], &["ab@c", "a$b@c"]),
        ("a@c", &["a@c"], &["ac"]),
        ("(?<!not)partner", &["partner"], &["notpartner"]),
        ("(*nlb:not)partner(*pla:s)", &["partners"], &["notpartners"]),
        ("^(?n)(a)(?<x>b)$", &["ab"], &["a"]),
    ] {
        let mut patterns = Patterns::default();
        patterns.push(1, pattern.as_bytes());
        assert_eq!(patterns.faults(), [], "{pattern}");
        for name in hits {
            assert!(patterns.is_match(name), "{pattern} {name}");
        }
        for name in misses {
            assert!(!patterns.is_match(name), "{pattern} {name}");
        }
    }
}

#[test]
fn what_perl_refuses_and_what_is_foreign() {
    use Fault::{Foreign, Refused};
    for (pattern, fault) in [
        ("*.example.com", Refused),
        ("a**", Refused),
        ("a{1}{2}", Refused),
        ("(a", Refused),
        ("a)", Refused),
        ("[a", Refused),
        ("[]", Refused),
        ("[z-a]", Refused),
        ("[[:foo:]]", Refused),
        ("a\\", Refused),
        (r"\8", Refused),
        (r"(a)\2", Refused),
        (r"\o101", Refused),
        ("(?{1})", Refused),
        ("(?aaa)", Refused),
        ("a{65536}", Refused),
        ("a{,2}", Foreign),
        (r"\d{x", Foreign),
        ("[[:al[pha:]]", Foreign),
        ("[[:^digit]:]]", Foreign),
        ("[[.a b.]]", Foreign),
        (r"\p{L}", Foreign),
        (r"\X", Foreign),
        ("(?1)(a)", Foreign),
        ("(?(?=a)b)", Foreign),
        ("(*SKIP)a", Foreign),
        (r"(?|(a)|(b))\1", Foreign),
        ("(?<=a*)b", Foreign),
        ("(?=a*?)b", Foreign),
        ("(?=a?+)b", Foreign),
        ("(?<=(?>a))b", Foreign),
        (r"(?!(a)b)\1", Foreign),
        ("^{2}+a", Foreign),
        (r"(a)\g{-1[}", Foreign),
    ] {
        assert_eq!(translate(pattern.as_bytes()), Err(fault), "{pattern}");
    }
}

#[test]
fn what_every_match_holds() {
    for (pattern, needle) in [
        (r"^mail\d+\.telekom\.de$", ".telekom.de"),
        ("^odk.fdv.uni-lj.si$", "uni-lj"),
        (
            r"^(?:mail|fallback-mx)\d+.ATL.registeredsite.com$",
            "registeredsite",
        ),
        ("^p?smtp$", "smtp"),
        ("abc?", "ab"),
        ("abc*de", "ab"),
        ("abc{0}", "ab"),
        ("ab(cdef)g", "ab"),
        ("ab(cdef)?g", "ab"),
        ("(?:abc)", ""),
        ("(?!abc)d", "d"),
        (r"(a)b\1cd", "cd"),
        (r"a\bb\K\x63$", "abc"),
        ("a[b]c", "a"),
        ("abc|d", ""),
        ("(abc|d)e", "e"),
        (r"\d+", ""),
        ("", ""),
    ] {
        let translated = translate(pattern.as_bytes()).unwrap();
        assert_eq!(translated.needle, needle.as_bytes(), "{pattern}");
    }
}
