//! The message whose lines are being read: handed out when the next one begins or the listing ends.
//!
//! What the formats that take several lines for a message have in common.

use super::listing::Sink;
use super::message::{Message, Reason, Recipient};
use std::rc::Rc;

/// A message, or none before the first one.
#[derive(Default)]
pub(super) struct Open(Option<Message<'static>>);

impl Open {
    /// Begins the next message.
    pub(super) fn begin(&mut self, next: Message<'static>, sink: Sink<'_>) {
        self.close(sink);
        self.0 = Some(next);
    }

    /// Hands the message out; says whether there was one.
    pub(super) fn close(&mut self, sink: Sink<'_>) -> bool {
        let message = self.0.take();
        if let Some(message) = &message {
            sink(message);
        }
        message.is_some()
    }

    /// The message, for what stands in its lines; without one the line does not belong there.
    pub(super) fn message(
        &mut self,
        expected: &'static str,
    ) -> Result<&mut Message<'static>, &'static str> {
        self.0.as_mut().ok_or(expected)
    }

    /// Adds a recipient with the reason that stands above it.
    pub(super) fn recipient(
        &mut self,
        address: &str,
        reason: Option<&Rc<str>>,
        expected: &'static str,
    ) -> Result<(), &'static str> {
        let recipient = Recipient {
            address: address.to_owned().into(),
            reason: reason.map(|reason| Reason::Shared(Rc::clone(reason))),
        };
        self.message(expected)?.recipients.push(recipient);
        Ok(())
    }
}

/// For listings that end with any line: the last one must have its end.
pub(super) fn whole_line(whole: bool) -> Result<(), &'static str> {
    if whole {
        Ok(())
    } else {
        Err("the end of the line")
    }
}
