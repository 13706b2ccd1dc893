//! Both sides of every edge of the verdicts.

use super::*;
use Verdict::{Leave, Look, Whitelist};

/// 100 mails from 10 hosts in 8 networks, of which `passed` passed and the rest never came back.
fn sender(passed: u32) -> Evidence {
    Evidence {
        tries: 200,
        hosts: 10,
        networks: 8,
        networks_used_once: 0,
        mails: 100,
        passed,
        returned: passed,
        lost: 100 - passed,
        delay_median: (passed > 0).then_some(10 * MINUTE),
        ..Evidence::default()
    }
}

fn with(mut evidence: Evidence, change: impl FnOnce(&mut Evidence)) -> Evidence {
    change(&mut evidence);
    evidence
}

/// One mail that was tried again but did not pass, from so many networks, of which so many tried nothing else.
fn one_mail(networks: u32, networks_used_once: u32) -> Evidence {
    Evidence {
        tries: 20,
        hosts: 20,
        networks,
        networks_used_once,
        mails: 1,
        pool_mails: 1,
        returned: 1,
        lost: 1,
        ..Evidence::default()
    }
}

#[test]
fn both_sides_of_every_edge() {
    let pool = |mails| with(sender(100), |e| e.pool_mails = mails);
    let rows: Vec<(&str, Evidence, Verdict)> = vec![
        ("pool share reached", pool(POOL_SHARE), Whitelist),
        ("pool share missed", pool(POOL_SHARE - 1), Leave),
        (
            "long delay",
            with(sender(100), |e| e.delay_median = Some(LONG_DELAY)),
            Whitelist,
        ),
        (
            "not long",
            with(sender(100), |e| e.delay_median = Some(LONG_DELAY - 1)),
            Leave,
        ),
        (
            "comes back",
            with(sender(50), |e| e.pool_mails = 50),
            Whitelist,
        ),
        (
            "comes back not quite",
            with(sender(49), |e| e.pool_mails = 50),
            Look,
        ),
        ("retries well", sender(RETRIES_WELL_SHARE), Leave),
        ("retries not so well", sender(RETRIES_WELL_SHARE - 1), Look),
        (
            "never returns, many networks",
            with(sender(NEVER_SHARE), |e| {
                (e.networks, e.networks_used_once) = (10, 8)
            }),
            Leave,
        ),
        (
            "seldom returns, many networks",
            with(sender(NEVER_SHARE + 1), |e| {
                (e.networks, e.networks_used_once) = (10, 8)
            }),
            Look,
        ),
        (
            "not so many networks",
            with(sender(0), |e| (e.networks, e.networks_used_once) = (9, 9)),
            Look,
        ),
        (
            "not used once",
            with(sender(0), |e| (e.networks, e.networks_used_once) = (10, 7)),
            Look,
        ),
        (
            "dynamic names",
            with(sender(0), |e| e.dynamic_hosts = 5),
            Leave,
        ),
        (
            "some dynamic names",
            with(sender(0), |e| e.dynamic_hosts = 4),
            Look,
        ),
        (
            "dynamic names that come back",
            with(pool(50), |e| e.dynamic_hosts = 10),
            Whitelist,
        ),
        (
            "dynamic names that try again but hardly pass",
            with(sender(10), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts) = (90, 90, 5)
            }),
            Look,
        ),
        (
            "dynamic names that try again and pass a little more",
            with(sender(11), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts) = (90, 90, 5)
            }),
            Whitelist,
        ),
        (
            "a pool that never gets through",
            with(sender(0), |e| (e.returned, e.pool_mails) = (90, 90)),
            Whitelist,
        ),
        (
            "dynamic names that keep trying, as Outlook's do",
            with(sender(0), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 50)
            }),
            Whitelist,
        ),
        (
            "dynamic names that try again for less than an hour",
            with(sender(0), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 49)
            }),
            Look,
        ),
        (
            "dynamic names that keep trying, but most networks did so once",
            with(sender(0), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 50);
                (e.networks, e.networks_used_once) = (10, 8);
            }),
            Look,
        ),
        (
            "dynamic names that keep trying, and some networks came again",
            with(sender(0), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 50);
                (e.networks, e.networks_used_once) = (10, 7);
            }),
            Whitelist,
        ),
        (
            "dynamic names that keep trying from not so many networks",
            with(sender(0), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 50);
                (e.networks, e.networks_used_once) = (9, 9);
            }),
            Whitelist,
        ),
        (
            "other names that keep trying from networks used once",
            with(sender(0), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 4, 50);
                (e.networks, e.networks_used_once) = (10, 10);
            }),
            Whitelist,
        ),
        (
            "dynamic names of networks used once that pass a little more",
            with(sender(11), |e| {
                (e.returned, e.pool_mails, e.dynamic_hosts, e.kept_trying) = (90, 90, 10, 50);
                (e.networks, e.networks_used_once) = (10, 10);
            }),
            Whitelist,
        ),
        ("one mail", one_mail(10, 8), Look),
        ("one mail, not used once", one_mail(10, 7), Whitelist),
        ("one mail, not so many networks", one_mail(9, 9), Whitelist),
        (
            "two mails",
            with(one_mail(10, 10), |e| {
                (e.mails, e.lost, e.returned, e.pool_mails) = (2, 2, 2, 2);
            }),
            Whitelist,
        ),
        (
            "one mail that passed",
            with(one_mail(10, 10), |e| (e.passed, e.lost) = (1, 0)),
            Whitelist,
        ),
        (
            "one mail that is still under way",
            with(one_mail(10, 10), |e| {
                (e.lost, e.pending, e.pending_returned) = (0, 1, 1);
            }),
            Look,
        ),
        (
            "one mail that never came again",
            with(one_mail(10, 10), |e| e.returned = 0),
            Leave,
        ),
        (
            "all pending",
            with(sender(0), |e| (e.lost, e.pending) = (0, 100)),
            Look,
        ),
        (
            "a wave of today, one of it passed late",
            with(sender(1), |e| {
                (e.lost, e.pending, e.delay_median) = (0, 99, Some(2 * HOUR));
                (e.networks, e.networks_used_once) = (100, 100);
            }),
            Look,
        ),
        (
            "half of the mails are told of, none came back",
            with(sender(0), |e| {
                (e.lost, e.pending, e.networks, e.networks_used_once) = (50, 50, 10, 10);
            }),
            Leave,
        ),
        (
            "not quite half are told of",
            with(sender(0), |e| {
                (e.lost, e.pending, e.networks, e.networks_used_once) = (49, 51, 10, 10);
            }),
            Look,
        ),
        (
            "pending, but seen from elsewhere already",
            with(sender(0), |e| {
                (
                    e.lost,
                    e.pending,
                    e.pending_returned,
                    e.returned,
                    e.pool_mails,
                ) = (0, 100, 60, 60, 60)
            }),
            Whitelist,
        ),
    ];
    for (name, evidence, verdict) in rows {
        let (found, why) = judge(&evidence);
        assert_eq!(found, verdict, "{name}: {why}");
    }
}

#[test]
fn networks_used_once_are_counted_as_such() {
    let bots = with(sender(0), |e| (e.networks, e.networks_used_once) = (10, 8));
    assert_eq!(
        judge(&bots).1.to_string(),
        "never returns, 8 networks used once"
    );
}

#[test]
fn few_hosts_are_told_apart_in_words() {
    for (hosts, words) in [
        (
            1,
            "never returns, and comes from 1 host only: mail may be lost for good",
        ),
        (
            FEW_HOSTS,
            "never returns, and comes from 5 hosts only: mail may be lost for good",
        ),
        (FEW_HOSTS + 1, "mixed: 0 of 100 mails passed, 100 lost"),
    ] {
        assert_eq!(
            judge(&with(sender(0), |e| e.hosts = hosts)).1.to_string(),
            words
        );
    }
    assert_eq!(
        judge(&with(sender(90), |e| e.hosts = 1)),
        (Leave, Why::OneHost)
    );
    assert_eq!(judge(&sender(90)), (Leave, Why::RetriesWell));
}

#[test]
fn every_word_is_explained() {
    let words = words();
    for word in [
        "long",
        "many",
        "few",
        "dynamic",
        "pool",
        "too young",
        "keeps trying",
        "hardly ever passed",
    ] {
        assert!(words.iter().any(|(known, _)| *known == word), "{word}");
    }
}
