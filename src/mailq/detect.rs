//! Whose listing is it? Each format is known by the lines it can begin with, and by the lines that begin a message.

use super::calendar::Calendar;
use super::listing::Parser;
use super::{dma, exim, nullmailer, opensmtpd, postfix_json, postfix_text, sendmail};
use serde::Serialize;
use std::fmt;

/// A listing's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `postqueue -p`, `mailq` of Postfix.
    PostfixText,
    /// `postqueue -j`.
    PostfixJson,
    /// `mailq` of Sendmail, plain or with -v.
    Sendmail,
    /// `smtpctl show queue`.
    Opensmtpd,
    /// `exim -bp`.
    Exim,
    /// `mailq` of nullmailer.
    Nullmailer,
    /// `mailq` of dma.
    Dma,
}

/// How a format is recognised and read.
struct Row {
    format: Format,
    name: &'static str,
    has_reasons: bool,
    /// The lines before the first message.
    opens: fn(&str) -> bool,
    /// The first line of a message.
    begins: fn(&str) -> bool,
    parser: fn(&Calendar) -> Box<dyn Parser>,
}

#[rustfmt::skip]
const FORMATS: [Row; 7] = [
    Row { format: Format::PostfixJson, name: "Postfix JSON", has_reasons: true,
          opens: |_| false, begins: postfix_json::begins, parser: |_| Box::new(postfix_json::Json) },
    Row { format: Format::PostfixText, name: "Postfix", has_reasons: true,
          opens: postfix_text::opens, begins: postfix_text::begins, parser: |calendar| Box::new(postfix_text::Text::new(calendar)) },
    Row { format: Format::Sendmail, name: "Sendmail", has_reasons: true,
          opens: sendmail::opens, begins: sendmail::begins, parser: |calendar| Box::new(sendmail::Sendmail::new(calendar)) },
    Row { format: Format::Opensmtpd, name: "OpenSMTPD", has_reasons: true,
          opens: |_| false, begins: opensmtpd::begins, parser: |_| Box::new(opensmtpd::Envelopes::default()) },
    Row { format: Format::Exim, name: "Exim", has_reasons: false,
          opens: |_| false, begins: exim::begins, parser: |_| Box::new(exim::Exim::default()) },
    Row { format: Format::Nullmailer, name: "nullmailer", has_reasons: false,
          opens: |_| false, begins: nullmailer::begins, parser: |calendar| Box::new(nullmailer::Nullmailer::new(calendar)) },
    Row { format: Format::Dma, name: "dma", has_reasons: false,
          opens: |_| false, begins: dma::begins, parser: |_| Box::new(dma::Dma::default()) },
];

fn row(format: Format) -> &'static Row {
    // Every format has its row; the first stands in for none.
    FORMATS
        .iter()
        .find(|row| row.format == format)
        .unwrap_or(&FORMATS[0])
}

impl Format {
    /// Whether the listing says why a message waits.
    pub fn has_reasons(self) -> bool {
        row(self).has_reasons
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(row(*self).name)
    }
}

/// The format of a listing that begins with `line`.
pub fn format(line: &str) -> Option<Format> {
    FORMATS
        .iter()
        .find(|row| (row.opens)(line) || (row.begins)(line))
        .map(|row| row.format)
}

/// Whether `line` stands before the first message of this format.
pub(super) fn is_header(format: Format, line: &str) -> bool {
    (row(format).opens)(line)
}

/// Whether a message of this format begins with `line`.
pub(super) fn begins_message(format: Format, line: &str) -> bool {
    (row(format).begins)(line)
}

/// A fresh parser.
pub(super) fn parser(format: Format, calendar: &Calendar) -> Box<dyn Parser> {
    (row(format).parser)(calendar)
}
