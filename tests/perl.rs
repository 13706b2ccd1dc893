//! Whitelist entries against Perl itself, which Postgrey hands them to: a table of what differs between Perl and other engines, and
//! expressions made up from a seed. Skipped where there is no perl; Debian has one everywhere.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use postmaster_plugins::postgrey::whitelist::Whitelist;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Answers a line of an expression and names, all in hexadecimal, with a digit for each name, or with E where Perl refuses the
/// expression. Compiled as Postgrey does: interpolated, without regard to case, of bytes.
const PROGRAM: &str = r#"
$SIG{__WARN__} = sub {};
alarm 60;
while (<STDIN>) {
    my ($source, @names) = map { pack 'H*', $_ } split;
    my $compiled = eval { qr{$source}i };
    print defined $compiled ? map({ $_ =~ $compiled ? 1 : 0 } @names) : 'E', "\n";
}
"#;

/// What is asked: an expression and the names it is tried on.
type Question = (String, Vec<String>);

/// Perl's answers, or `None` without perl.
fn ask_perl(questions: &[Question]) -> Option<Vec<String>> {
    let mut child = Command::new("perl")
        .args(["-e", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
    let mut input = String::new();
    for (source, names) in questions {
        input += &hex(source);
        names.iter().for_each(|name| {
            let _ = write!(input, " {}", hex(name));
        });
        input.push('\n');
    }
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), questions.len(), "perl answers all");
    Some(answers)
}

/// What the plugin answers to the same; `?` where it says that it cannot tell.
fn ask_plugin((source, names): &Question) -> String {
    let list = Whitelist::parse(format!("/{source}/\n").as_bytes());
    let said: String = list.oddities().iter().map(ToString::to_string).collect();
    if said.contains("is not a valid regular expression") {
        return String::from("E");
    }
    if said.contains("cannot be understood here") {
        return String::from("?");
    }
    assert_eq!(said, "", "{source}");
    let digit = |name: &String| {
        if list.covers_name(Some(name)) {
            '1'
        } else {
            '0'
        }
    };
    names.iter().map(digit).collect()
}

/// Compares all answers; gives how many the plugin could not tell, or `None` without perl.
fn compare(questions: &[Question]) -> Option<usize> {
    let answers = ask_perl(questions)?;
    let mut unknown = 0;
    let mut differ = Vec::new();
    for (question, perl) in questions.iter().zip(answers) {
        match ask_plugin(question) {
            ours if ours == "?" => unknown += 1,
            ours if ours != perl => differ.push(format!("{question:?}: {ours}, Perl {perl}")),
            _ => {}
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    Some(unknown)
}

/// Says why nothing was tried.
fn skipped() {
    println!("skipped: there is no perl on this machine");
}

const NAMES: [&str; 16] = [
    "foo",
    "a.b",
    "ab",
    "aab",
    "a-b.foo.com",
    "mx1.foo.com",
    "1a",
    "-",
    "_a.b",
    "<a>",
    "a&b",
    "aa.aa",
    "b1-c.a",
    "[a]",
    "~",
    "qae",
];

/// Each differs from other engines, or did here once.
const ODD: [&str; 54] = [
    r"[\w-.]+\.foo\.com$",
    "^[a&&b]$",
    "[a--b]",
    "[a~~]",
    r"\<a\>",
    r"\h",
    r"\H\v?\R?b",
    r"^\N+$",
    "(?^:foo)",
    "(?-i:A)",
    "(?i)(?^)a",
    r"\146oo",
    r"\o{146}oo",
    r"\x66oo",
    r"\x{66}oo",
    r"\x6",
    r"\cA",
    "^(?|a|b)",
    "[[]",
    "[]a]",
    "[^]a]",
    r"[\1\8]",
    r"[\d-z]",
    r"[a-\d]",
    "[[:alpha:]]",
    "[[:^digit:]]",
    "[[:foo:]]",
    r"\Qa\E",
    "a{",
    "a{b",
    "a{2",
    "a{1}{2}",
    "a**",
    "a++b",
    "a?+a",
    "(?>a+)b",
    r"(a)\1",
    r"(a)\10",
    r"(?<n>a)\k<n>",
    r"(a)\g{-1}",
    r"a\K(?=b)",
    "(?<!a)b",
    "(?<=a)b",
    r"a\Z",
    r"\Aa\z",
    "a$",
    "$a",
    "a$b",
    "a@b",
    "*a",
    "a)",
    "(a",
    r"\8",
    r"\b-\b",
];

#[test]
fn odd_expressions_mean_what_they_mean_in_perl() {
    let question = |source: &&str| (String::from(*source), NAMES.map(String::from).to_vec());
    let questions: Vec<Question> = ODD.iter().map(question).collect();
    match compare(&questions) {
        // `a{2` and such Perl takes for text, the plugin too; nothing in the table is beyond it.
        Some(unknown) => assert_eq!(unknown, 0),
        None => skipped(),
    }
}

/// A generator of choices (Steele's SplitMix64): the same on each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const ATOMS: [&str; 50] = [
    "a",
    "b",
    "c",
    "1",
    "-",
    "_",
    "a",
    "b",
    ".",
    r"\.",
    r"\-",
    r"\d",
    r"\w",
    r"\W",
    r"\D",
    r"\s",
    r"\S",
    r"\h",
    r"\H",
    r"\v",
    r"\N",
    r"\R",
    r"\x61",
    r"\x{62}",
    r"\141",
    r"\61",
    r"\o{142}",
    r"\cA",
    r"\e",
    r"\<",
    r"\>",
    r"\_",
    "&",
    "~",
    "<",
    "@",
    "]",
    "}",
    "[ab]",
    "[^ab]",
    "[a-c]",
    r"[\w-.]",
    "[a&&b]",
    "[[:alpha:]]",
    "[[:^digit:]]",
    "[]a]",
    r"[\d-z]",
    "[a-]",
    r"[\141-c]",
    "[^[:punct:]b]",
];
const EDGES: [&str; 8] = ["^", "$", r"\b", r"\B", r"\A", r"\z", r"\Z", r"\K"];
const BACK: [&str; 5] = [r"\1", r"\2", r"\g1", r"\g{-1}", r"\10"];
const OPENINGS: [&str; 14] = [
    "(", "(", "(?:", "(?i:", "(?-i:", "(?^:", "(?|", "(?>", "(?=", "(?!", "(?<=", "(?<!", "(?<n>",
    "(?n:",
];
const COUNTS: [&str; 15] = [
    "*", "+", "?", "{2}", "{1,2}", "{2,}", "*?", "+?", "??", "++", "?+", "*+", "{2}?", "{2}+",
    "{a}",
];

/// An expression of a few pieces, with groups down to `depth`.
fn expression(dice: &mut Dice, depth: usize) -> String {
    let mut text = String::new();
    for _ in 0..=dice.below(3) {
        match dice.below(12) {
            0 => text += dice.pick(&EDGES),
            1 => text += dice.pick(&BACK),
            2 | 3 if depth > 0 => {
                let opening = dice.pick(&OPENINGS);
                let inside = expression(dice, depth - 1);
                text += &format!("{opening}{inside})");
            }
            4 if depth > 0 => text += &format!("{}|", expression(dice, 0)),
            _ => text += dice.pick(&ATOMS),
        }
        if dice.below(4) == 0 {
            text += dice.pick(&COUNTS);
        }
    }
    text
}

/// The same with a character lost, or with a stray one.
fn broken(dice: &mut Dice, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = dice.below(characters.len());
    match dice.below(2) {
        0 => drop(characters.remove(place)),
        _ => characters.insert(
            place,
            dice.pick(&["(", ")", "[", "]", "{", "*", "\\", "|"])
                .chars()
                .next()
                .unwrap(),
        ),
    }
    characters.into_iter().collect()
}

fn name(dice: &mut Dice) -> String {
    let length = 1 + dice.below(6);
    (0..length)
        .map(|_| dice.pick(&["a", "b", "c", "1", "-", ".", "_", "a", "b"]))
        .collect()
}

fn question(dice: &mut Dice) -> Question {
    let whole = expression(dice, 2);
    let source = match dice.below(6) {
        0 => broken(dice, &whole),
        _ => whole,
    };
    let mut names: Vec<String> = NAMES.map(String::from).to_vec();
    names.extend((0..8).map(|_| name(dice)));
    (source, names)
}

#[test]
fn expressions_from_a_seed_mean_what_they_mean_in_perl() {
    let mut dice = Dice(2026);
    let questions: Vec<Question> = std::iter::repeat_with(|| question(&mut dice))
        .filter(|(source, _)| !source.is_empty())
        .take(3000)
        .collect();
    match compare(&questions) {
        // What cannot be told is said, and rare enough that the comparison means something.
        Some(unknown) => assert!(unknown * 5 < questions.len(), "{unknown} not understood"),
        None => skipped(),
    }
}
