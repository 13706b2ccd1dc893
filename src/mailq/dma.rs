//! dma's listing: `ID`, `From` and `To`, a tab and a colon behind each, `--` between messages. One message a recipient; no dates, no
//! reasons. An empty queue says `Mail queue is empty`, as Postfix does. Source: captures of 0.13.

use super::listing::{Parser, Sink};
use super::message::Message;
use super::open::Open;

/// The parser.
#[derive(Default)]
pub(super) struct Dma {
    open: Open,
}

impl Dma {
    fn field(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let expected = "ID before From and To";
        match name {
            "From" => self.open.message(expected)?.sender = value.to_owned().into(),
            "To" => self.open.recipient(value, None, expected)?,
            _ => return Err("ID, From, To or --"),
        }
        Ok(())
    }
}

impl Parser for Dma {
    fn line(&mut self, line: &str, sink: Sink<'_>) -> Result<(), &'static str> {
        if matches!(line.trim_end(), "" | "--") {
            return Ok(());
        }
        let (name, value) = line.split_once("\t:").ok_or("ID, From, To or --")?;
        let value = value.trim();
        if name != "ID" {
            return self.field(name, value);
        }
        let next = Message {
            id: value.to_owned().into(),
            ..Message::default()
        };
        self.open.begin(next, sink);
        Ok(())
    }

    fn end(&mut self, whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        let last = self.open.message("");
        let addressed = last.is_err() || last.is_ok_and(|m| !m.recipients.is_empty());
        self.open.close(sink);
        match addressed && whole {
            true => Ok(()),
            false => Err("To of the last message"),
        }
    }
}

/// Whether `line` begins a message.
pub(super) fn begins(line: &str) -> bool {
    line.starts_with("ID\t:")
}
