//! What every match holds: a name without it need not be matched, and an expression that no name needs is never compiled.

/// Collects the longest run of bytes that stand one behind the other outside of all groups, choices and repetitions.
#[derive(Debug, Default)]
pub(super) struct Needle {
    longest: Vec<u8>,
    run: Vec<u8>,
    /// Another branch may match without any of it.
    optional: bool,
}

impl Needle {
    /// A byte that must come next.
    pub(super) fn push(&mut self, byte: u8) {
        self.run.push(byte.to_ascii_lowercase());
    }

    /// What comes next is not one byte, or what came last need not be there just once.
    pub(super) fn cut(&mut self) {
        if self.run.len() > self.longest.len() {
            std::mem::swap(&mut self.longest, &mut self.run);
        }
        self.run.clear();
    }

    /// Drops the byte that came last, which is repeated, and begins anew.
    pub(super) fn repeated(&mut self) {
        self.run.pop();
        self.cut();
    }

    /// An expression with branches needs none of them.
    pub(super) fn branch(&mut self) {
        self.optional = true;
    }

    /// The run, in lower case; empty where nothing is certain.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.cut();
        match self.optional {
            true => Vec::new(),
            false => self.longest,
        }
    }
}
