//! What whitelists cover and what is odd about them.

use super::*;

#[test]
fn entries_of_every_kind_count() {
    let text = b"192.0.2.0/24\n192.0.3.9\n2001:db8::/32\nmx.example\n/^a$/\n# no entry\n";
    assert_eq!(Whitelist::parse(text).entries(), 5);
}

fn covers(entry: &str, name: &str, address: &str) -> bool {
    let name = (name != "unknown").then(|| name.to_ascii_lowercase());
    Whitelist::parse(entry.as_bytes()).covers(name.as_deref(), address.parse().ok())
}

#[test]
fn coverage() {
    for (entry, name, address, covered) in [
        ("partner.example", "partner.example", "", true),
        ("partner.example", "mx.PARTNER.example", "", true),
        ("Partner.Example", "mx.partner.example", "", true),
        ("partner.example", "notpartner.example", "", false),
        ("partner.example", "partner.example.evil.example", "", false),
        (
            "  partner.example   # no retry",
            "partner.example",
            "",
            true,
        ),
        ("partner.example\r", "partner.example", "", true),
        ("# partner.example", "partner.example", "", false),
        (
            r"/.*\.protection\.outlook\.com$/",
            "a.protection.outlook.com",
            "",
            true,
        ),
        (
            r"/.*\.protection\.outlook\.com$/",
            "protection.outlook.com",
            "",
            false,
        ),
        (r"/OUTLOOK/", "x.outlook.com.evil", "", true),
        (r"/^10\.0/", "x", "10.0.0.1", false),
        (r"/a b/", "a b", "", false),
        (r"/x#y/", "x", "", false),
        ("1.2.3.4", "x", "1.2.3.4", true),
        ("1.2.3.4", "x", "1.2.3.5", false),
        ("1.2.3.77/24", "x", "1.2.3.5", true),
        ("1.2.3", "x", "1.2.3.200", true),
        ("1.2.3", "x", "1.2.4.1", false),
        ("1.2.3/24", "x", "1.2.3.5", false),
        ("1.2.3.4.5", "x", "1.2.3.4", false),
        ("1.2.3.4.5", "x.1.2.3.4.5", "1.1.1.1", true),
        ("1.2", "x", "1.2.0.9", true),
        ("1.2", "x", "1.2.3.9", false),
        ("0.0.0.0/0", "x", "9.9.9.9", true),
        ("1.2.3.4/33", "x", "1.2.3.4", false),
        ("300.1.1.1", "x", "44.1.1.1", false),
        ("2001:db8::/32", "x", "2001:db8:beef::1", true),
        ("2001:DB8:0:0::1", "x", "2001:db8::1", true),
        ("2001:db8::/32", "x", "2001:db9::1", false),
        ("2001:db8::/129", "x", "2001:db8::1", false),
        ("unknown", "unknown", "9.9.9.9", true),
        ("com", "a.b.com", "", true),
        (".example.com", "mx.example.com", "", false),
        ("*.example.com", "mx.example.com", "", false),
        ("example.com.", "mx.example.com", "", false),
        ("two words", "words", "", false),
        ("", "x", "1.1.1.1", false),
        ("[2001:db8::1]", "x", "2001:db8::1", true),
        ("::/0", "x", "9.9.9.9", true),
        ("\u{feff}partner.example", "partner.example", "", false),
        ("\u{feff}\npartner.example", "partner.example", "", true),
        ("partner.example\u{a0}", "partner.example", "", false),
    ] {
        assert_eq!(
            covers(entry, name, address),
            covered,
            "{entry:?} {name} {address}"
        );
    }
}

#[test]
fn an_oddity_names_postgrey_only_where_postgrey_reads() {
    for (text, postgrey, without) in [
        (
            "two words",
            "holds blanks, Postgrey ignores it: write one entry a line",
            "holds blanks: write one entry a line",
        ),
        (
            r"/\p{L}/",
            "is a regular expression that cannot be understood here, its hosts count as not covered: write a simpler one",
            "is a regular expression that cannot be understood here: write a simpler one",
        ),
        (
            "\u{feff}a.example",
            "begins with an invisible byte order mark (BOM) and never matches: save the file as UTF-8 without BOM",
            "begins with an invisible byte order mark (BOM): save the file as UTF-8 without BOM",
        ),
    ] {
        let oddities = Whitelist::parse(text.as_bytes()).oddities();
        assert_eq!(oddities[0].to_string(), postgrey);
        assert_eq!(oddities[0].without_postgrey(), without);
    }
}

#[test]
fn oddities_have_lines_and_no_content() {
    let text = b"good.example\n.x.com\n*.x.com\n1.2\ntwo words\n300.1.1.1\nx.com.\n/(/\nsecret$hash\n1.2.3.4/33\na:b:c\n/a b/\n1.2.3/24\n";
    let odd: Vec<(usize, Odd)> = Whitelist::parse(text)
        .oddities()
        .iter()
        .map(|o| (o.line, o.why))
        .collect();
    assert_eq!(
        odd,
        [
            (2, odd::LEADING_DOT),
            (3, odd::STAR),
            (4, odd::TWO_OCTETS),
            (5, odd::BLANKS),
            (6, odd::BAD_ADDRESS),
            (7, odd::TRAILING_DOT),
            (8, odd::BAD_PATTERN),
            (9, odd::NOT_A_NAME),
            (10, odd::BAD_ADDRESS),
            (11, odd::BAD_ADDRESS),
            (12, odd::BLANKS),
            (13, odd::NOT_A_NAME),
        ]
    );
    assert_eq!(Whitelist::parse(text).entries(), 2);
}
