//! Messages that were read ahead, packed: all their text in one place, so that thousands go from one thread to another with a handful of
//! allocations.

use super::message::{Message, Queue, Reason, Recipient};
use crate::host::time::Micros;
use std::borrow::Cow;
use std::ops::Range;

/// Some messages of a listing, in their order.
#[derive(Debug, Default)]
pub(super) struct Batch {
    text: String,
    messages: Vec<Packed>,
    recipients: Vec<PackedRecipient>,
}

/// Where a text stands in the batch.
type Place = Range<usize>;

#[derive(Debug)]
struct Packed {
    id: Place,
    queue: Queue,
    forced_expire: bool,
    arrival: Option<Micros>,
    size: Option<u64>,
    sender: Place,
    /// The first recipient of the next message.
    end: usize,
}

#[derive(Debug)]
struct PackedRecipient {
    address: Place,
    reason: Option<Place>,
}

impl Batch {
    /// Packs a message.
    pub(super) fn push(&mut self, message: &Message<'_>) {
        let (id, sender) = (self.pack(&message.id), self.pack(&message.sender));
        let mut last: Option<(&Reason<'_>, Place)> = None;
        for Recipient { address, reason } in &message.recipients {
            let address = self.pack(address);
            let reason = reason.as_ref().map(|reason| match &last {
                Some((known, place)) if known.is_same(reason) => place.clone(),
                _ => last.insert((reason, self.pack(reason))).1.clone(),
            });
            self.recipients.push(PackedRecipient { address, reason });
        }
        self.messages.push(Packed {
            id,
            queue: message.queue,
            forced_expire: message.forced_expire,
            arrival: message.arrival,
            size: message.size,
            sender,
            end: self.recipients.len(),
        });
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The messages, in the order in which they came.
    pub(super) fn messages(&self) -> impl Iterator<Item = Message<'_>> {
        let mut start = 0;
        self.messages.iter().map(move |packed| {
            let recipients = self.recipients.get(start..packed.end).unwrap_or_default();
            start = packed.end;
            Message {
                id: self.text(&packed.id),
                queue: packed.queue,
                forced_expire: packed.forced_expire,
                arrival: packed.arrival,
                size: packed.size,
                sender: self.text(&packed.sender),
                recipients: recipients.iter().map(|one| self.recipient(one)).collect(),
            }
        })
    }

    fn recipient(&self, packed: &PackedRecipient) -> Recipient<'_> {
        let reason = packed.reason.as_ref();
        Recipient {
            address: self.text(&packed.address),
            reason: reason.map(|place| Reason::Own(self.text(place))),
        }
    }

    fn pack(&mut self, text: &str) -> Place {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }

    fn text(&self, place: &Place) -> Cow<'_, str> {
        Cow::Borrowed(self.text.get(place.clone()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn what_is_packed_comes_out_the_same() {
        let shared: Rc<str> = "host a.example[192.0.2.1] said: 450 no".into();
        let recipient = |address: &'static str, reason| Recipient {
            address: address.into(),
            reason,
        };
        let messages = [
            Message {
                id: "4bWqXy0abcz".into(),
                queue: Queue::Hold,
                forced_expire: true,
                arrival: Some(1),
                size: Some(2),
                sender: "s@a.example".into(),
                recipients: vec![
                    recipient("r@b.example", Some(Reason::Shared(Rc::clone(&shared)))),
                    recipient("q@b.example", Some(Reason::Shared(shared))),
                    recipient("p@b.example", None),
                    recipient("o@b.example", Some(Reason::Own("450 later".into()))),
                ],
            },
            Message::default(),
        ];
        let mut batch = Batch::default();
        messages.iter().for_each(|message| batch.push(message));
        assert_eq!(batch.messages().collect::<Vec<_>>(), messages);
        assert_eq!(batch.text.matches("450 no").count(), 1);
    }
}
