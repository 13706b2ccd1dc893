//! dma's listing: `ID`, `From` and `To`, a tab and a colon behind each, `--` between messages. One message a recipient; no dates, no
//! reasons. An empty queue says `Mail queue is empty`, as Postfix does. Source: captures of 0.13.

use super::listing::{Parser, Sink};
use super::message::{Message, Recipient};

/// The parser.
#[derive(Default)]
pub(super) struct Dma {
    message: Option<Message>,
}

impl Dma {
    fn flush(&mut self, sink: Sink<'_>) {
        if let Some(message) = self.message.take() {
            sink(&message);
        }
    }

    fn field(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let message = self.message.as_mut().ok_or("ID before From and To")?;
        match name {
            "From" => value.clone_into(&mut message.sender),
            "To" => message.recipients.push(Recipient::new(value, None)),
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
        self.flush(sink);
        self.message = Some(Message {
            id: value.to_owned(),
            ..Message::default()
        });
        Ok(())
    }

    fn end(&mut self, whole: bool, sink: Sink<'_>) -> Result<(), &'static str> {
        let addressed = self
            .message
            .as_ref()
            .is_none_or(|m| !m.recipients.is_empty());
        self.flush(sink);
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
