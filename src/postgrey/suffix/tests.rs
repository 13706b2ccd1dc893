//! Which names a line may hold.

use super::*;
use proptest::prelude::*;

/// Whether `name` lies below `suffix`, by at least one label.
fn is_below(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix)
        .is_some_and(|head| head.ends_with('.'))
}

#[test]
fn suffixes() {
    for (name, hosts, expected) in [
        (
            "one family",
            vec![
                "a1.outbound.protection.outlook.com",
                "b2.outbound.protection.outlook.com",
            ],
            vec!["outbound.protection.outlook.com"],
        ),
        (
            "siblings",
            vec!["o1.ptr1.sendgrid.net", "o2.ptr2.sendgrid.net"],
            vec!["sendgrid.net"],
        ),
        (
            "two families",
            vec![
                "x1.a.foo.com",
                "x2.a.foo.com",
                "y1.b.foo.com",
                "y2.b.foo.com",
            ],
            vec!["a.foo.com", "b.foo.com"],
        ),
        (
            "an outlier widens",
            vec!["x1.a.foo.com", "x2.a.foo.com", "y.b.foo.com"],
            vec!["foo.com"],
        ),
        (
            "a host is no suffix of itself",
            vec!["foo.com", "mx.foo.com"],
            vec![],
        ),
        ("one host", vec!["mx.foo.com"], vec![]),
        ("a public suffix", vec!["a.co.uk", "b.co.uk"], vec![]),
        (
            "a private suffix",
            vec![
                "ec2-1.compute-1.amazonaws.com",
                "ec2-2.compute-1.amazonaws.com",
            ],
            vec![],
        ),
        (
            "above private suffixes",
            vec![
                "x.compute-1.amazonaws.com",
                "y.eu-west-1.compute.amazonaws.com",
            ],
            vec![],
        ),
        (
            "no host names",
            vec!["a/.foo.com", "b/.foo.com", "a b.foo.com", "x..foo.com"],
            vec![],
        ),
    ] {
        let found = names(&hosts);
        assert_eq!(found.suffixes, expected, "{name}");
        assert_eq!(found.too_wide, [], "{name}");
    }
}

#[test]
fn hosts_named_like_dynamic_lines_are_not_sought_to_be_covered() {
    let wide = |suffix: &str, dynamic_hosts, example: &str| TooWide {
        suffix: suffix.to_owned(),
        dynamic_hosts,
        example: example.to_owned(),
    };
    let cable = "modemcable1.2-3-73.mc.videotron.ca";
    let home = ["c-73-1.hsd1.ga.comcast.net", "c-73-2.hsd1.ga.comcast.net"];
    for (name, hosts, suffixes, too_wide) in [
        (
            "the suffix covers one",
            vec!["smtp1.videotron.ca", "smtp2.videotron.ca", cable],
            vec![],
            vec![wide("videotron.ca", 1, cable)],
        ),
        (
            "they lie elsewhere",
            vec![
                home[0],
                home[1],
                "resqmta-1.sys.comcast.net",
                "resqmta-2.sys.comcast.net",
            ],
            vec!["sys.comcast.net"],
            vec![],
        ),
        (
            "a safe suffix below one that is too wide",
            vec![
                home[0],
                home[1],
                "mx.comcast.net",
                "resqmta-1.sys.comcast.net",
                "resqmta-2.sys.comcast.net",
            ],
            vec!["sys.comcast.net"],
            vec![wide("comcast.net", 2, home[0])],
        ),
        (
            "the suffix is itself such a host",
            vec![
                "a.dyn.foo.com",
                "dyn.foo.com",
                "x1.out.foo.com",
                "x2.out.foo.com",
            ],
            vec!["out.foo.com"],
            vec![],
        ),
        (
            "all are named so",
            home.to_vec(),
            vec!["hsd1.ga.comcast.net"],
            vec![],
        ),
        (
            "addresses are no words",
            vec![
                "66-220-144-1.mail-mail.facebook.com",
                "66-220-144-2.mail-mail.facebook.com",
                "66-220-155-1.outmail.facebook.com",
                "66-220-155-2.outmail.facebook.com",
            ],
            vec!["mail-mail.facebook.com", "outmail.facebook.com"],
            vec![],
        ),
        (
            "a firm called so",
            vec!["mx1.mobile.de", "mx2.mobile.de"],
            vec!["mobile.de"],
            vec![],
        ),
    ] {
        let found = names(&hosts);
        assert_eq!(found.suffixes, suffixes, "{name}");
        assert_eq!(found.too_wide, too_wide, "{name}");
    }
}

#[test]
fn hosts_that_lines_leave_out() {
    let hosts = [
        "a.m.foo.com",
        "m.foo.com",
        "xm.foo.com",
        "b.a.m.foo.com",
        "foo.com",
    ];
    let names = Names {
        suffixes: vec![String::from("m.foo.com")],
        ..Names::default()
    };
    let left: Vec<&str> = not_covered(&hosts, &names).collect();
    assert_eq!(left, ["xm.foo.com", "foo.com"]);
    assert_eq!(not_covered(&hosts, &Names::default()).count(), hosts.len());
    let names = Names {
        exact: Some(String::from("m.foo.com")),
        ..Names::default()
    };
    let left: Vec<&str> = not_covered(&hosts, &names).collect();
    assert_eq!(
        left,
        ["a.m.foo.com", "xm.foo.com", "b.a.m.foo.com", "foo.com"]
    );
}

#[test]
fn rented_machines_share_no_suffix() {
    for (name, hosts, suffixes, exact) in [
        (
            "neighbours",
            vec![
                "static.1.2.3.88.clients.your-server.de",
                "static.2.2.3.88.clients.your-server.de",
            ],
            vec![],
            None,
        ),
        (
            "machines and the hoster's own",
            vec![
                "static.1.2.3.88.clients.your-server.de",
                "www1.your-server.de",
                "www2.your-server.de",
            ],
            vec![],
            None,
        ),
        (
            "above one, without a machine",
            vec!["www1.your-server.de", "www2.your-server.de"],
            vec![],
            None,
        ),
        (
            "the hoster's own, elsewhere",
            vec![
                "1.2.3.4.host.secureserver.net",
                "a.prod.phx3.secureserver.net",
                "b.prod.phx3.secureserver.net",
            ],
            vec!["prod.phx3.secureserver.net"],
            None,
        ),
        (
            "regions",
            vec![
                "a.westeurope.cloudapp.azure.com",
                "b.westeurope.cloudapp.azure.com",
            ],
            vec![],
            None,
        ),
        (
            "one machine",
            vec!["4.3.2.1.bc.googleusercontent.com"],
            vec![],
            Some("4.3.2.1.bc.googleusercontent.com"),
        ),
        ("the name", vec!["bc.googleusercontent.com"], vec![], None),
        (
            "above the name",
            vec!["googleusercontent.com"],
            vec![],
            None,
        ),
    ] {
        let found = names(&hosts);
        assert_eq!(found.suffixes, suffixes, "{name}");
        assert_eq!(found.exact.as_deref(), exact, "{name}");
        assert_eq!(found.too_wide, [], "{name}");
    }
}

#[test]
fn one_host_is_named_exactly() {
    let cable = "modemcable1.2-3-73.mc.videotron.ca";
    for (name, hosts, exact, too_wide) in [
        (
            "a pool behind one name",
            vec!["mout.kundenserver.de"],
            Some("mout.kundenserver.de"),
            None,
        ),
        (
            "the domain itself",
            vec!["kundenserver.de"],
            Some("kundenserver.de"),
            None,
        ),
        (
            "two hosts",
            vec!["kundenserver.de", "mout.kundenserver.de"],
            None,
            None,
        ),
        (
            "one beside dynamic lines",
            vec![cable, "smtp.videotron.ca"],
            Some("smtp.videotron.ca"),
            None,
        ),
        (
            "the domain itself above dynamic lines",
            vec![cable, "videotron.ca"],
            Some("videotron.ca"),
            Some("videotron.ca"),
        ),
        ("one dynamic line", vec![cable], Some(cable), None),
        (
            "a customer of a private suffix",
            vec!["mail.github.io"],
            Some("mail.github.io"),
            None,
        ),
        ("a private suffix", vec!["github.io"], None, None),
        (
            "above a private suffix",
            vec!["ppp1.x.compute-1.amazonaws.com", "amazonaws.com"],
            None,
            None,
        ),
        ("a public suffix", vec!["co.uk"], None, None),
        ("a single label", vec!["localhost"], None, None),
        ("no host name", vec!["a|b.foo.com"], None, None),
        ("no host", vec![], None, None),
    ] {
        let found = names(&hosts);
        assert_eq!(found.exact.as_deref(), exact, "{name}");
        assert_eq!(found.suffixes, [""; 0], "{name}");
        let wide = found.too_wide.first().map(|wide| wide.suffix.as_str());
        assert_eq!(wide, too_wide, "{name}");
    }
}

#[test]
fn host_names() {
    for (name, valid) in [
        ("mail-db8eur05on2104.outbound.protection.outlook.com", true),
        ("static_ip_1.under_score.example", true),
        ("1.2.3.4", false),
        ("a..b", false),
        ("", false),
        ("A.b", false),
        ("a|b.c", false),
        ("a.b\n", false),
    ] {
        assert_eq!(is_host_name(name), valid, "{name}");
    }
}

proptest! {
    #[test]
    fn each_covers_two_hosts_and_is_no_host(hosts in proptest::collection::vec("[a-c]{1,2}(\\.[a-c]{1}){0,3}\\.(com|co\\.uk|github\\.io)", 0..8)) {
        let borrowed: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let found = names(&borrowed);
        if let Some(host) = &found.exact {
            prop_assert!(hosts.iter().all(|other| other == host) && !is_public_suffix(host));
            prop_assert!(found.suffixes.is_empty());
        }
        for suffix in found.suffixes {
            let distinct: BTreeSet<&String> = hosts.iter().filter(|host| is_below(host, &suffix)).collect();
            prop_assert!(distinct.len() >= 2);
            prop_assert!(!is_public_suffix(&suffix));
        }
    }
}
