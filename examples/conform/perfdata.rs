//! Performance data as the guidelines write it: `'label'=value[UOM];[warn];[crit];[min];[max]`, separated by blanks.

/// One number for the graphs, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    pub label: String,
    pub value: String,
    pub unit: String,
    /// Warning, critical, minimum and maximum; empty where there is none.
    pub limits: [String; 4],
}

/// The metrics of one line's perfdata.
///
/// # Errors
/// The token that is none, in words.
pub fn parse(text: &str) -> Result<Vec<Metric>, String> {
    let mut metrics = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (metric, behind) = metric(rest)?;
        metrics.push(metric);
        rest = behind.trim_start();
    }
    Ok(metrics)
}

fn metric(text: &str) -> Result<(Metric, &str), String> {
    let wrong = |what: &str| format!("{what} in '{}'", head(text));
    let (label, rest) = label(text).ok_or_else(|| wrong("no label"))?;
    let (data, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let mut fields = data.split(';');
    let (value, unit) = number(fields.next().unwrap_or_default());
    if !is_number(value) || !is_unit(unit) {
        return Err(wrong("no plain number"));
    }
    let mut limits: [String; 4] = Default::default();
    for limit in &mut limits {
        *limit = fields.next().unwrap_or_default().to_owned();
    }
    if fields.next().is_some() {
        return Err(wrong("too many fields"));
    }
    let (ranges, ends) = limits.split_at(2);
    if !ranges.iter().all(|range| is_range(range)) || !ends.iter().all(|end| is_bound(end)) {
        return Err(wrong("a limit that is none"));
    }
    let (label, value, unit) = (label.to_owned(), value.to_owned(), unit.to_owned());
    let metric = Metric {
        label,
        value,
        unit,
        limits,
    };
    Ok((metric, behind))
}

/// The label, without its quotes, and what follows the equals sign.
fn label(text: &str) -> Option<(&str, &str)> {
    let (label, rest) = match text.strip_prefix('\'') {
        Some(quoted) => quoted.split_once("'=")?,
        None => text.split_once('=')?,
    };
    (!label.is_empty()).then_some((label, rest))
}

/// Digits and what stands behind them.
fn number(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-'))
        .unwrap_or(text.len());
    text.split_at(end)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn is_unit(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'%')
}

fn is_bound(text: &str) -> bool {
    text.is_empty() || is_number(text)
}

fn is_range(text: &str) -> bool {
    let body = text.strip_prefix('@').unwrap_or(text);
    match body.split_once(':') {
        None => is_bound(body),
        Some((start, end)) => (start == "~" || is_bound(start)) && is_bound(end),
    }
}

fn head(text: &str) -> String {
    text.chars().take(40).collect()
}
