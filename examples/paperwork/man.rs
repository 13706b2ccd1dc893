//! Man pages: names, synopsis and options from the option table, the rest from the plugin's [`Page`]. Relies on the `man` macros of
//! groff and mandoc.

use crate::page::{Exit, Page};
use clap_mangen::Man;
use postmaster_plugins::plugin::edge::OptionTable;
use roff::{Inline, Roff, bold, italic, roman};
use std::io;

/// The grammar of `-w` and `-c`, on the pages of plugins whose limits are plain ranges.
const RANGES: [(&str, &str); 5] = [
    ("10", "alarm outside 0 to 10"),
    ("10:", "alarm below 10"),
    ("~:10", "alarm above 10"),
    ("10:20", "alarm outside 10 to 20"),
    ("@10:20", "alarm inside 10 to 20"),
];

/// The source of a plugin's man page.
///
/// # Errors
/// None but those of writing to memory.
pub(crate) fn page(table: &OptionTable, page: &Page) -> io::Result<String> {
    let man = Man::new(told_once(table))
        .title(table.get_name().to_uppercase())
        .date(&page.date)
        .manual("Monitoring plugins");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    text.extend(synopsis(table).into_bytes());
    man.render_description_section(&mut text)?;
    text.extend(paragraphs(&page.description).into_bytes());
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    text.extend(one_section(&String::from_utf8_lossy(&options), table).into_bytes());
    text.extend(sections(table, page).into_bytes());
    Ok(one_preamble(&String::from_utf8_lossy(&text)))
}

/// The table without what stands elsewhere on the page: the summary, which NAME tells, before the long text, and the exit status.
fn told_once(table: &OptionTable) -> OptionTable {
    let long = table.get_long_about().map(ToString::to_string);
    let long = long.unwrap_or_default();
    let rest = long.split_once("\n\n").map_or("", |(_, rest)| rest);
    table
        .clone()
        .long_about(rest.to_owned())
        .after_help(None::<&str>)
}

fn synopsis(table: &OptionTable) -> String {
    let mut line = vec![
        bold(table.get_name()),
        roman(" ["),
        italic("OPTION"),
        roman("]..."),
    ];
    for operand in table.get_positionals().filter(|arg| !arg.is_hide_set()) {
        let name = operand.get_value_names().unwrap_or_default().join(" ");
        line.extend([roman(" ["), italic(name), roman("]...")]);
    }
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]).text(line);
    roff.to_roff()
}

fn paragraphs(texts: &[String]) -> String {
    let mut roff = Roff::new();
    for text in texts {
        roff.control("PP", []).text([roman(text)]);
    }
    roff.to_roff()
}

/// clap_mangen makes a section of every help heading, which are parts of OPTIONS, and breaks lines where a blank line does.
fn one_section(options: &str, table: &OptionTable) -> String {
    let headings = table
        .get_arguments()
        .filter_map(|arg| arg.get_help_heading());
    let options = options.replace("\n.br\n\n.br\n", "\n.sp\n");
    headings.fold(options, |text, heading| {
        let section = format!(".SH \"{}\"\n", heading.to_uppercase());
        text.replace(&section, &format!(".SS \"{heading}\"\n"))
    })
}

fn sections(table: &OptionTable, page: &Page) -> String {
    let mut roff = Roff::new();
    if takes_plain_ranges(table) {
        roff.control("SH", ["RANGES"]);
        RANGES
            .iter()
            .for_each(|(range, text)| entry(&mut roff, bold(*range), text));
    }
    exit_status(&mut roff, &page.exit);
    performance_data(&mut roff, page);
    examples(&mut roff, page);
    roff.control("SH", ["FILES"]);
    page.file
        .iter()
        .for_each(|file| entry(&mut roff, italic(&file.path), &file.text));
    see_also(&mut roff, &page.see_also);
    roff.to_roff()
}

fn takes_plain_ranges(table: &OptionTable) -> bool {
    let warning = table.get_arguments().find(|arg| arg.get_id() == "warning");
    warning
        .and_then(|arg| arg.get_value_names())
        .is_some_and(|names| names.iter().any(|name| name == "RANGE"))
}

fn entry(roff: &mut Roff, tag: Inline, text: &str) {
    roff.control("TP", []).text([tag]).text([roman(text)]);
}

fn exit_status(roff: &mut Roff, exit: &Exit) {
    roff.control("SH", ["EXIT STATUS"]);
    let rows = [
        ("0 OK", &exit.ok),
        ("1 WARNING", &exit.warning),
        ("2 CRITICAL", &exit.critical),
        ("3 UNKNOWN", &exit.unknown),
    ];
    rows.iter()
        .for_each(|(status, text)| entry(roff, bold(*status), text));
}

fn performance_data(roff: &mut Roff, page: &Page) {
    roff.control("SH", ["PERFORMANCE DATA"]);
    for metric in &page.metric {
        let text = match metric.unit.as_str() {
            "" => metric.text.clone(),
            unit => format!("({unit}) {}", metric.text),
        };
        entry(roff, bold(&metric.label), &text);
    }
}

fn examples(roff: &mut Roff, page: &Page) {
    roff.control("SH", ["EXAMPLES"]);
    for (at, example) in page.example.iter().enumerate() {
        if at > 0 {
            roff.control("PP", []);
        }
        roff.text([roman(&example.text)]);
        roff.control("PP", [])
            .control("RS", ["4"])
            .control("nf", [])
            .text([bold(&example.call)])
            .control("fi", [])
            .control("RE", []);
    }
}

fn see_also(roff: &mut Roff, pages: &[String]) {
    let last = pages.len().saturating_sub(1);
    roff.control("SH", ["SEE ALSO"]);
    for (at, page) in pages.iter().enumerate() {
        let (name, section) = page.split_once('(').unwrap_or((page, ""));
        let comma = if at == last { "" } else { "," };
        roff.text([bold(name), roman(format!("({section}{comma}"))]);
    }
}

/// Each part that clap_mangen renders opens with the same definition of an apostrophe: once is enough.
fn one_preamble(text: &str) -> String {
    let preamble = Roff::new().render();
    format!("{preamble}{}", text.replace(&preamble, ""))
}
