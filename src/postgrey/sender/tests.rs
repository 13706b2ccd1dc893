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
