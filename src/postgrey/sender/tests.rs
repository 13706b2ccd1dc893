//! What is counted of a sender, and how it joins.

use super::*;

#[test]
fn medians() {
    for (values, expected) in [
        (vec![], None),
        (vec![7], Some(7)),
        (vec![1, 4], Some(2)),
        (vec![9, 1, 2], Some(2)),
        (vec![9, 3, 1, 6], Some(4)),
    ] {
        let mut values = values;
        assert_eq!(median(&mut values), expected);
    }
}

#[test]
fn heads_are_in_the_order_of_the_names() {
    let mut names = [
        "",
        "a",
        "a\0",
        "a.b",
        "ab",
        "abcdefgh",
        "abcdefgh.i",
        "abcdefgi",
        "é",
        "z",
    ];
    names.sort_unstable();
    for pair in names.windows(2) {
        assert!(head(pair[0]) <= head(pair[1]), "{pair:?}");
    }
    assert!(head("abcdefgh") < head("abcdefgi"));
}
