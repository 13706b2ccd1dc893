//! Rows of the threshold grammar. Total 8371765248 bytes and free 4907630592 bytes, as in the original's oracle.

use super::threshold::{Bad, Threshold};
use crate::plugin::limits::Limits;
use crate::plugin::range::Range;
use proptest::prelude::*;

const TOTAL: u64 = 8_371_765_248;
const FREE: u64 = 4_907_630_592;

fn range(text: &str, bad: Bad) -> Range {
    let threshold: Threshold = text.parse().unwrap();
    threshold.range(bad, TOTAL).unwrap()
}

#[test]
fn ranges_in_bytes() {
    for (text, low, high) in [
        ("50%", "4185882624:", "4185882624"),
        ("25%", "2092941312:", "2092941312"),
        ("60%", "5023059148.8:", "5023059148.8"),
        ("50.5%", "4227741450.24:", "4227741450.24"),
        ("59%", "4939341496.32:", "4939341496.32"),
        ("100%", "8371765248:", "8371765248"),
        ("0%", "0:", "0"),
        ("2G", "2147483648:", "2147483648"),
        ("10%,2G", "837176524.8:", "2147483648"),
        ("2G,10%", "837176524.8:", "2147483648"),
        ("50%,2G", "2147483648:", "4185882624"),
        ("50%:", "4185882624:", "4185882624:"),
        ("2000000000", "2000000000", "2000000000"),
        ("4907630592:", "4907630592:", "4907630592:"),
        ("@0:5000000000", "@5000000000", "@5000000000"),
        ("@5G", "@5368709120", "@5368709120"),
        (
            "@10%:20%",
            "@837176524.8:1674353049.6",
            "@837176524.8:1674353049.6",
        ),
        (
            "10%:90%",
            "837176524.8:7534588723.2",
            "837176524.8:7534588723.2",
        ),
        ("~:2G", "~:2147483648", "~:2147483648"),
        (":2G", "2147483648", "2147483648"),
        ("1M:10%", "1048576:837176524.8", "1048576:837176524.8"),
        ("~:", "~:", "~:"),
    ] {
        assert_eq!(range(text, Bad::Low).to_string(), low, "{text}");
        assert_eq!(range(text, Bad::High).to_string(), high, "{text}");
        assert_eq!(text.parse::<Threshold>().unwrap().to_string(), text);
    }
}

#[test]
fn units_are_powers_of_1024() {
    for (text, bytes) in [
        ("7B", "7:"),
        ("7b", "7:"),
        ("1K", "1024:"),
        ("1k", "1024:"),
        ("1KB", "1024:"),
        ("1KiB", "1024:"),
        ("1.5M", "1572864:"),
        ("1MiB", "1048576:"),
        ("2g", "2147483648:"),
        ("1T", "1099511627776:"),
        ("1TiB", "1099511627776:"),
    ] {
        assert_eq!(range(text, Bad::Low).to_string(), bytes, "{text}");
    }
}

#[test]
fn not_a_threshold() {
    for (text, why) in [
        ("", "it is empty"),
        ("abc", "'abc' has no unit of B, K, M, G or T"),
        ("nan", "'nan' has no unit of"),
        ("inf", "'inf' has no unit of"),
        ("nan%", "'nan' is not a plain decimal number"),
        ("%", "there is no number"),
        ("G", "there is no number"),
        ("101%", "101% is not between 0% and 100%"),
        ("100.000000001%", "100.000000001% is not between"),
        ("-5%", "-5% is not between"),
        ("101%:", "101% is not between"),
        ("-5", "'-5' is no size of memory"),
        ("50 %", "'50 ' is not a plain decimal number"),
        ("50%%", "'50%' is not a plain decimal number"),
        ("1e9", "'1e9' is not a plain decimal number"),
        ("0x10", "'0x10' is not a plain decimal number"),
        ("1,5", "a list is one percentage and one size"),
        ("10%,20%", "a list is one percentage and one size"),
        ("1G,2G", "a list is one percentage and one size"),
        ("10%,2000000000", "a list is one percentage and one size"),
        ("10%,", "there is no number"),
        ("10%,2G,3G", "a list is one percentage and one size"),
        ("10%:,2G", "'10%:' is not a plain decimal number"),
        ("2X", "'2X' has no unit of B, K, M, G or T"),
        ("2iB", "'2iB' has no unit of"),
        ("2P", "'2P' has no unit of"),
        ("99999999999999T", "'99999999999999T' is no size of memory"),
        (":", "there is no number"),
        ("@", "there is no number"),
        ("~", "'~' is not a plain decimal number"),
        ("2G:1G", "the start lies above the end"),
        ("20%:10%", "the start lies above the end"),
        ("10:20:30", "'20:30' is not a plain decimal number"),
        ("٣%", "'٣' is not a plain decimal number"),
    ] {
        let error = text.parse::<Threshold>().unwrap_err();
        assert!(error.starts_with(why), "{text}: {error}");
        assert!(error.ends_with("a range such as 2G: or 10%:90%"), "{error}");
    }
}

/// Pressure: percentages only, with or without the sign.
#[test]
fn shares() {
    for (text, range) in [
        ("10", "10"),
        ("2.5%", "2.5"),
        ("1%:5%", "1:5"),
        ("1:5%", "1:5"),
        ("20:", "20:"),
        ("@5", "@5"),
        ("~:5%", "~:5"),
        ("0", "0"),
        ("100%", "100"),
    ] {
        let threshold = Threshold::of_shares(text).unwrap();
        let found = threshold.range(Bad::High, 100).unwrap();
        assert_eq!(
            (found.to_string(), threshold.to_string()),
            (range.to_owned(), text.to_owned())
        );
    }
    for (text, why) in [
        ("", "there is no number"),
        ("%", "there is no number"),
        ("1%0", "'1%0' is not a plain decimal number"),
        ("%10", "'%10' is not a plain decimal number"),
        ("10%%", "'10%' is not a plain decimal number"),
        ("1%0:20", "'1%0' is not a plain decimal number"),
        ("101", "101% is not between 0% and 100%"),
        ("100.1%", "100.1% is not between 0% and 100%"),
        ("-1", "-1% is not between 0% and 100%"),
        ("1G", "'1G' is not a plain decimal number"),
        ("x", "'x' is not a plain decimal number"),
        ("10%,20%", "'10%,20' is not a plain decimal number"),
        ("10%,2G", "'10%,2G' is not a plain decimal number"),
        ("20:10", "the start lies above the end"),
    ] {
        let error = Threshold::of_shares(text).unwrap_err();
        assert_eq!(
            error,
            format!("{why}; write a percentage such as 10 or 2.5%, or a range of them"),
            "{text}"
        );
    }
}

#[test]
fn mixed_ends_meet_the_machine() {
    let threshold: Threshold = "5G:10%".parse().unwrap();
    assert!(threshold.range(Bad::Low, TOTAL).is_err());
    assert!(threshold.range(Bad::Low, 64 << 30).is_ok());
}

#[test]
fn order_of_warning_and_critical() {
    for (warning, critical, low, high) in [
        ("50%", "25%", false, true),
        ("25%", "50%", true, false),
        ("25%", "25%", false, false),
        ("2G", "1G", false, true),
        ("1G", "2G", true, false),
        ("10%,2G", "5%,1G", false, true),
        ("10%,2G", "5%,3G", false, false),
        ("20%,1G", "10%,2G", false, false),
        ("5%,1G", "10%,2G", true, false),
        ("10%,2G", "20%", true, false),
        ("20%", "30%,2G", false, false),
        ("10%", "2G", false, false),
        ("25%:", "50%:", true, true),
        ("25%", "50%:", true, false),
        ("1000:", "2000:", true, true),
        ("2000", "1000", true, true),
        ("1000", "2000", false, false),
        ("50%", "2000000000", false, false),
        ("10%:90%", "5%:95%", false, false),
        ("5%:95%", "10%:99%", true, true),
        ("@0:50%", "@0:25%", false, false),
        ("@0:25%", "@0:50%", true, true),
        ("@0:25%", "50%", false, false),
    ] {
        let [w, c]: [Threshold; 2] = [warning, critical].map(|text| text.parse().unwrap());
        assert_eq!(w.is_behind(&c, Bad::Low), low, "{warning} {critical} free");
        assert_eq!(
            w.is_behind(&c, Bad::High),
            high,
            "{warning} {critical} used"
        );
    }
}

#[test]
fn which_side_was_passed() {
    for (text, value, words) in [
        ("60%", FREE, "below 60%"),
        ("90%,8G", FREE, "below 90% and 8G"),
        ("60%:", FREE, "below 60%"),
        ("60%:90%", FREE, "below 60%"),
        ("10%:20%", FREE, "above 20%"),
        ("2000000000", FREE, "above 2000000000"),
        ("~:2G", FREE, "above 2G"),
        ("@0:5000000000", FREE, "inside @0:5000000000"),
    ] {
        let threshold: Threshold = text.parse().unwrap();
        let range = threshold.range(Bad::Low, TOTAL).unwrap();
        assert!(range.alerts(value.into()), "{text}");
        assert_eq!(threshold.passed_by(value.into(), range), words, "{text}");
    }
    let used: Threshold = "50%,2G".parse().unwrap();
    let range = used.range(Bad::High, TOTAL).unwrap();
    assert_eq!(used.passed_by(TOTAL.into(), range), "above 50% and 2G");
}

proptest! {
    #[test]
    fn less_memory_is_never_better(warning in 0u64..=1000, critical in 0u64..=1000, total in 1u64..1 << 50, a: u64, b: u64) {
        let limit = |tenths: u64| -> Option<Range> {
            let threshold: Threshold = format!("{}.{}%", tenths / 10, tenths % 10).parse().unwrap();
            threshold.range(Bad::Low, total).ok()
        };
        let limits = Limits { warning: limit(warning.max(critical)), critical: limit(warning.min(critical)) };
        let (less, more) = (a.min(b) % total, a.max(b) % total);
        prop_assert!(limits.judge(less.min(more).into()) >= limits.judge(less.max(more).into()));
    }

    #[test]
    fn any_text_is_a_threshold_or_an_error(text in "[-0-9.%,:@~KMGTiBx]{0,12}") {
        if let Ok(threshold) = text.parse::<Threshold>() {
            prop_assert_eq!(threshold.to_string(), text);
            prop_assert!(threshold.range(Bad::Low, TOTAL).is_err() || threshold.range(Bad::High, TOTAL).is_ok());
        }
    }
}
