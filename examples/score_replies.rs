//! How well the rules judge a labelled sample of replies.
//!
//! ```text
//! cargo run --release --example score_replies -- SAMPLE.tsv [--rules FILE] [--misses] [--load N]
//! ```
//!
//! SAMPLE.tsv has a head line and tab-separated columns, found by their names: `class`, `confidence` (`sure` or anything
//! else), `provider`, and the reply in `postfix_reason` (else in `text`). Prints recall and false alarms of the alarm classes,
//! the *sure* rows apart, and the confusion by class; `--misses` shows each row judged otherwise (`!`: alarm or not is wrong).
//! `--load N` times N replies made of the sample's, each with an address, an id and a time of its own. Exit status 1 when the sample cannot be read.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use postmaster_plugins::reply::{Class, Classifier, Memo, RuleSet};

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "score_replies: {error:#}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    sample: String,
    rules: Option<String>,
    misses: bool,
    load: usize,
}

fn options(words: Vec<String>) -> Result<Options> {
    let mut options = Options {
        sample: String::new(),
        rules: None,
        misses: false,
        load: 0,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--load" => options.load = words.next().context("--load wants a number")?.parse()?,
            "--misses" => options.misses = true,
            "--rules" => options.rules = Some(words.next().context("--rules wants a file")?),
            _ if word.starts_with('-') => {
                bail!("unknown option {word}: use --rules FILE, --misses or --load N")
            }
            _ => options.sample = word,
        }
    }
    if options.sample.is_empty() {
        bail!("give a sample: score_replies SAMPLE.tsv [--rules FILE] [--misses] [--load N]");
    }
    Ok(options)
}

fn run(words: Vec<String>) -> Result<()> {
    let options = options(words)?;
    let sample = fs::read_to_string(&options.sample).with_context(|| options.sample.clone())?;
    let rows = rows(&sample)?;
    let started = Instant::now();
    let classifier = Classifier::new(rules(options.rules.as_deref())?);
    let mut memo = Memo::new(&classifier);
    let judged: Vec<Judged<'_>> = rows
        .into_iter()
        .map(|row| Judged {
            found: memo.classify(row.reason).class,
            row,
        })
        .collect();
    let took = started.elapsed();
    let mut out = io::stdout().lock();
    scores(&mut out, &judged)?;
    confusion(&mut out, &judged)?;
    if options.misses {
        misses(&mut out, &judged, &classifier)?;
    }
    writeln!(
        out,
        "{} replies, {} different, {:.1} ms with loading the rules",
        judged.len(),
        memo.different(),
        took.as_secs_f64() * 1e3
    )?;
    load(&mut out, &judged, &options)
}

/// The sample's replies over and over, as a queue holds them: the same causes, other addresses, ids and times.
fn load(out: &mut impl Write, judged: &[Judged<'_>], options: &Options) -> Result<()> {
    if options.load == 0 || judged.is_empty() {
        return Ok(());
    }
    let reasons: Vec<String> = judged
        .iter()
        .cycle()
        .take(options.load)
        .enumerate()
        .map(|(nth, judged)| varied(judged.row.reason, nth))
        .collect();
    let started = Instant::now();
    let classifier = Classifier::new(rules(options.rules.as_deref())?);
    let loaded = started.elapsed();
    let mut memo = Memo::new(&classifier);
    let alarms = reasons
        .iter()
        .filter(|reason| memo.classify(reason).class.is_alarm())
        .count();
    let took = started.elapsed();
    writeln!(
        out,
        "{} replies, {} different when masked, {alarms} alarming: rules ready after {:.2} ms, all after {:.0} ms",
        reasons.len(),
        memo.different(),
        loaded.as_secs_f64() * 1e3,
        took.as_secs_f64() * 1e3
    )?;
    Ok(())
}

fn varied(reason: &str, nth: usize) -> String {
    let (high, low, minute, second) = (nth / 250 % 250, nth % 250, nth / 60 % 60, nth % 60);
    format!(
        "{reason} [198.18.{high}.{low}] 5b1f{nth:x}a1d{nth:o}si{nth}f8f.{low} 2026-11-21T07:{minute:02}:{second:02}Z"
    )
}

fn rules(file: Option<&str>) -> Result<RuleSet> {
    let Some(file) = file else {
        return Ok(RuleSet::builtin()?);
    };
    let extra = fs::read_to_string(file).with_context(|| file.to_owned())?;
    Ok(RuleSet::builtin_with(&extra, file)?)
}

struct Row<'a> {
    class: Class,
    sure: bool,
    provider: &'a str,
    reason: &'a str,
}

struct Judged<'a> {
    row: Row<'a>,
    found: Class,
}

/// Where the columns stand.
struct Columns {
    class: usize,
    confidence: Option<usize>,
    provider: Option<usize>,
    reason: usize,
}

impl Columns {
    fn of(head: &str) -> Result<Self> {
        let column = |name: &str| head.split('\t').position(|title| title == name);
        let reason = column("postfix_reason").or_else(|| column("text"));
        Ok(Columns {
            class: column("class").context("no column 'class' in the head line")?,
            confidence: column("confidence"),
            provider: column("provider"),
            reason: reason.context("no column 'postfix_reason' or 'text' in the head line")?,
        })
    }

    fn row<'a>(&self, line: &'a str) -> Result<Row<'a>> {
        let fields: Vec<&'a str> = line.split('\t').collect();
        let field = |at: usize| fields.get(at).copied().context("too few columns");
        let optional = |at: Option<usize>| at.and_then(|at| fields.get(at)).copied();
        Ok(Row {
            class: field(self.class)?.parse()?,
            sure: optional(self.confidence).is_none_or(|confidence| confidence == "sure"),
            provider: optional(self.provider).unwrap_or("-"),
            reason: field(self.reason)?,
        })
    }
}

fn rows(sample: &str) -> Result<Vec<Row<'_>>> {
    let (head, lines) = sample.split_once('\n').context("the sample is empty")?;
    let columns = Columns::of(head)?;
    lines
        .lines()
        .enumerate()
        .map(|(nth, line)| {
            columns
                .row(line)
                .with_context(|| format!("line {}", nth + 2))
        })
        .collect()
}

fn scores(out: &mut impl Write, judged: &[Judged<'_>]) -> Result<()> {
    for (title, only_sure) in [("all rows", false), ("sure rows", true)] {
        let rows = || judged.iter().filter(|judged| judged.row.sure || !only_sure);
        let alarms = rows().filter(|judged| judged.row.class.is_alarm()).count();
        let found = rows()
            .filter(|judged| judged.row.class.is_alarm() && judged.found.is_alarm())
            .count();
        let innocent = rows().count() - alarms;
        let cried = rows()
            .filter(|judged| !judged.row.class.is_alarm() && judged.found.is_alarm())
            .count();
        let exact = rows()
            .filter(|judged| judged.row.class == judged.found)
            .count();
        writeln!(
            out,
            "{title:9}  recall {} of alarms ({found}/{alarms})  false alarms {} of the rest ({cried}/{innocent})  exact class {}",
            percent(found, alarms),
            percent(cried, innocent),
            percent(exact, rows().count())
        )?;
    }
    Ok(())
}

/// Per mille as an integer, printed with one decimal.
fn percent(part: usize, whole: usize) -> String {
    let mille = (part * 1000 + whole / 2).checked_div(whole);
    mille.map_or_else(
        || "-".to_owned(),
        |mille| format!("{}.{} %", mille / 10, mille % 10),
    )
}

fn confusion(out: &mut impl Write, judged: &[Judged<'_>]) -> Result<()> {
    let mut counts: BTreeMap<(Class, Class), usize> = BTreeMap::new();
    for judged in judged {
        *counts.entry((judged.row.class, judged.found)).or_default() += 1;
    }
    let short = |class: Class| class.name().chars().take(6).collect::<String>();
    let head: Vec<String> = Class::ALL
        .into_iter()
        .map(|class| format!("{:>6}", short(class)))
        .collect();
    writeln!(out, "\nlabel \\ rule {}", head.join(" "))?;
    for label in Class::ALL {
        let cell = |found: Class| {
            counts
                .get(&(label, found))
                .map_or_else(|| "     .".to_owned(), |n| format!("{n:6}"))
        };
        let cells: Vec<String> = Class::ALL.into_iter().map(cell).collect();
        writeln!(out, "{:12} {}", label.name(), cells.join(" "))?;
    }
    Ok(writeln!(out)?)
}

fn misses(out: &mut impl Write, judged: &[Judged<'_>], classifier: &Classifier) -> Result<()> {
    for judged in judged
        .iter()
        .filter(|judged| judged.row.class != judged.found)
    {
        let rule = classifier
            .classify(judged.row.reason)
            .rule
            .unwrap_or_default();
        let grave = if judged.row.class.is_alarm() == judged.found.is_alarm() {
            ' '
        } else {
            '!'
        };
        let sure = if judged.row.sure { "sure" } else { "arguable" };
        let (label, found, provider, reason) = (
            judged.row.class,
            judged.found,
            judged.row.provider,
            judged.row.reason,
        );
        writeln!(
            out,
            "{grave} {label} -> {found} [{rule}] ({sure}, {provider}) {reason}"
        )?;
    }
    Ok(writeln!(out)?)
}
