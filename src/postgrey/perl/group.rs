//! Parentheses: groups, look-around and modifiers.

use super::cursor::Cursor;
use super::{Fault, Flags, Last, Piece, Walk};

/// A parenthesis that was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    kind: Kind,
    negative: bool,
    /// The modifiers that hold again behind it.
    flags: Flags,
    piece: Piece,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Group,
    Ahead,
    Behind,
}

impl Open {
    pub(super) fn looks_around(&self) -> bool {
        self.kind != Kind::Group
    }

    pub(super) fn looks_behind(&self) -> bool {
        self.kind == Kind::Behind
    }
}

/// Openings, the longer before the shorter: Perl's, what is written, and what it is.
const OPENINGS: [(&str, &str, Kind); 21] = [
    ("?:", "(?:", Kind::Group),
    ("?|", "(?:", Kind::Group),
    ("?>", "(?>", Kind::Group),
    ("?=", "(?=", Kind::Ahead),
    ("?!", "(?!", Kind::Ahead),
    ("?<=", "(?<=", Kind::Behind),
    ("?<!", "(?<!", Kind::Behind),
    ("*atomic:", "(?>", Kind::Group),
    ("*pla:", "(?=", Kind::Ahead),
    ("*positive_lookahead:", "(?=", Kind::Ahead),
    ("*nla:", "(?!", Kind::Ahead),
    ("*negative_lookahead:", "(?!", Kind::Ahead),
    ("*plb:", "(?<=", Kind::Behind),
    ("*positive_lookbehind:", "(?<=", Kind::Behind),
    ("*nlb:", "(?<!", Kind::Behind),
    ("*negative_lookbehind:", "(?<!", Kind::Behind),
    // Named groups: the name follows.
    ("?P<", "(", Kind::Group),
    ("?<", "(", Kind::Group),
    ("?'", "(", Kind::Group),
    // Neither modifiers nor an opening, but near to both.
    ("?{", "", Kind::Group),
    ("??{", "", Kind::Group),
];

impl<'p> Walk<'p> {
    pub(super) fn open_group(&mut self) -> Result<(), Fault> {
        let opening = OPENINGS.iter().find(|(perl, _, _)| self.cursor.take(perl));
        match opening {
            Some((_, "", _)) => Err(Fault::Refused),
            Some(("?P<" | "?<", written, kind)) => self.named(b'>', written, *kind),
            Some(("?'", written, kind)) => self.named(b'\'', written, *kind),
            // Perl 5.36 itself goes wrong with it.
            Some((_, "(?>", _)) if self.open.iter().any(Open::looks_around) => Err(Fault::Foreign),
            Some((perl, written, kind)) => {
                self.shared |= *perl == "?|";
                self.push(written, *kind);
                Ok(())
            }
            None if self.cursor.take("?") => self.modifiers(),
            None if self.cursor.peek() == Some(b'*') => self.verb(),
            None => {
                self.bare();
                Ok(())
            }
        }
    }

    fn push(&mut self, written: &str, kind: Kind) {
        self.open.push(Open {
            kind,
            negative: written.ends_with('!'),
            flags: self.flags,
            piece: self.piece(),
        });
        self.out.push_str(written);
        self.needle.cut();
        self.last = Last::Nothing;
    }

    fn bare(&mut self) {
        if self.flags.no_capture {
            return self.push("(?:", Kind::Group);
        }
        self.capture("(", Kind::Group);
    }

    fn capture(&mut self, written: &str, kind: Kind) {
        self.leaks |= self.open.iter().any(|open| open.negative);
        self.push(written, kind);
        self.groups += 1;
    }

    fn named(&mut self, end: u8, written: &str, kind: Kind) -> Result<(), Fault> {
        let name = self.cursor.until(end)?;
        if !is_name(name) {
            return Err(Fault::Refused);
        }
        self.capture(written, kind);
        self.names.push((name, self.groups));
        Ok(())
    }

    pub(super) fn close_group(&mut self) -> Result<(), Fault> {
        let open = self.open.pop().ok_or(Fault::Refused)?;
        self.out.push(')');
        self.flags = open.flags;
        self.last = match open.kind {
            Kind::Group => Last::Atom(open.piece),
            Kind::Ahead | Kind::Behind => Last::Assertion(open.piece),
        };
        Ok(())
    }

    /// `(*FAIL)`; the other verbs steer the search itself.
    fn verb(&mut self) -> Result<(), Fault> {
        if !self.cursor.take("*FAIL)") && !self.cursor.take("*F)") {
            return Err(Fault::Foreign);
        }
        self.set(&super::ByteSet::new());
        Ok(())
    }

    /// `(?i)`, `(?^n:…)`, and all that begins like that.
    fn modifiers(&mut self) -> Result<(), Fault> {
        if self.cursor.peek() == Some(b'P') && self.cursor.rest().starts_with(b"P=") {
            self.cursor.take("P=");
            let name = self.cursor.until(b')')?;
            return self.refer_to_name(name);
        }
        let flags = read(&mut self.cursor, self.flags)?;
        match self.cursor.next() {
            Some(b':') => self.push("(?:", Kind::Group),
            Some(b')') => self.last = Last::Nothing,
            None => return Err(Fault::Refused),
            Some(_) => return Err(Fault::Foreign),
        }
        self.flags = flags;
        Ok(())
    }
}

/// Reads modifiers up to a byte that is none.
fn read(cursor: &mut Cursor<'_>, mut flags: Flags) -> Result<Flags, Fault> {
    let fresh = cursor.take("^");
    if fresh {
        flags = Flags {
            fold: false,
            no_capture: false,
        };
    }
    let mut charsets = Vec::new();
    for letter in cursor.take_while(usize::MAX, |b| b"imsxnpadlu".contains(&b)) {
        match letter {
            b'a' | b'd' | b'l' | b'u' => charsets.push(*letter),
            letter => switch(&mut flags, *letter, true),
        }
    }
    if charsets.len() > 1 && charsets != b"aa" || fresh && cursor.peek() == Some(b'-') {
        return Err(Fault::Refused);
    }
    if cursor.take("-") {
        for letter in cursor.take_while(usize::MAX, |b| b"imsxnp".contains(&b)) {
            switch(&mut flags, *letter, false);
        }
    }
    Ok(flags)
}

fn switch(flags: &mut Flags, letter: u8, on: bool) {
    match letter {
        b'i' => flags.fold = on,
        b'n' => flags.no_capture = on,
        _ => {}
    }
}

/// Whether a group may have this name.
fn is_name(name: &[u8]) -> bool {
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    name.iter().all(word) && name.first().is_some_and(|b| !b.is_ascii_digit())
}
