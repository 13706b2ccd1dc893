//! Perl's regular expressions, as Postgrey compiles them (`qr{…}i` of bytes from a file: nothing is interpolated, `\Q` means `Q`),
//! translated for the crates regex and fancy-regex.
//!
//! Read from perlre, perlrecharclass and perlrebackslash, tried against Perl 5.36. What stands for one byte becomes a set of bytes with
//! the case folded in; assertions, groups and repetitions are passed on. Relies on two facts: an entry holds no blank and no `#`, so /x
//! changes nothing, and a client's name holds no line break, so /s and /m change nothing.

mod class;
mod cursor;
mod escape;
mod group;
mod needle;
mod reference;
mod set;

use cursor::{Cursor, number};
use group::Open;
use needle::Needle;
use set::ByteSet;

/// Perl's largest count of repetitions.
const MOST_REPETITIONS: u32 = 65_534;

/// Why there is no translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Perl refuses the expression.
    Refused,
    /// The expression may mean something in Perl, but not here.
    Foreign,
}

/// A translated expression.
#[derive(Debug, PartialEq, Eq)]
pub struct Translated {
    /// For the crates regex or fancy-regex, to be compiled without Unicode, with no flag set.
    pub text: String,
    /// What every name that it matches holds, in whatever case; empty where nothing is certain.
    pub needle: Vec<u8>,
}

/// Translates an expression.
///
/// # Errors
/// A [`Fault`] where it has no translation.
pub fn translate(pattern: &[u8]) -> Result<Translated, Fault> {
    let mut walk = Walk::through(pattern, 0)?;
    // Whether \10 is a reference hangs on the groups, those behind it too.
    if walk.groups >= 10 {
        walk = Walk::through(pattern, walk.groups)?;
    }
    Ok(Translated {
        text: walk.out,
        needle: walk.needle.finish(),
    })
}

/// What was read last: what a quantifier would repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing that can be repeated.
    Nothing,
    /// `\K`, which some quantifiers may follow.
    Keep,
    /// Something with a width.
    Atom(Piece),
    /// Something without one.
    Assertion(Piece),
    /// Something that was repeated already.
    Repeated,
}

/// Where a piece begins in the output, and how many groups came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    at: usize,
    groups: u32,
}

/// What modifiers can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flags {
    /// `i`
    fold: bool,
    /// `n`: a bare parenthesis does not capture.
    no_capture: bool,
}

/// The walk through an expression.
struct Walk<'p> {
    cursor: Cursor<'p>,
    out: String,
    needle: Needle,
    flags: Flags,
    open: Vec<Open>,
    last: Last,
    /// Capturing groups so far.
    groups: u32,
    /// Capturing groups in the whole expression if they are ten or more and known.
    total: u32,
    names: Vec<(&'p [u8], u32)>,
    /// The highest group that is referred to; 0 for none.
    referred: u32,
    /// Whether groups share numbers: `(?|…)`.
    shared: bool,
    /// Whether a negative look-around holds a group: in Perl what the group took may be left behind.
    leaks: bool,
}

impl<'p> Walk<'p> {
    fn through(pattern: &'p [u8], total: u32) -> Result<Self, Fault> {
        let mut walk = Self {
            cursor: Cursor::new(pattern),
            out: String::new(),
            needle: Needle::default(),
            flags: Flags {
                fold: true,
                no_capture: false,
            },
            open: Vec::new(),
            last: Last::Nothing,
            groups: 0,
            total,
            names: Vec::new(),
            referred: 0,
            shared: false,
            leaks: false,
        };
        while let Some(byte) = walk.cursor.next() {
            walk.step(byte)?;
        }
        walk.end()
    }

    fn end(self) -> Result<Self, Fault> {
        if !self.open.is_empty() {
            return Err(Fault::Refused);
        }
        let referred = self.referred > 0;
        if self.shared && (referred || self.groups >= 10) || self.leaks && referred {
            return Err(Fault::Foreign);
        }
        if self.referred > self.groups {
            return Err(Fault::Refused);
        }
        Ok(self)
    }

    fn step(&mut self, byte: u8) -> Result<(), Fault> {
        match byte {
            b'\\' => {
                self.escape()?;
                self.no_stray_brace()
            }
            b'[' => {
                let set = class::read(&mut self.cursor, self.flags.fold)?;
                self.set(&set);
                Ok(())
            }
            b'(' => self.open_group(),
            b')' => self.close_group(),
            b'|' => {
                self.out.push('|');
                self.last = Last::Nothing;
                if self.open.is_empty() {
                    self.needle.branch();
                }
                Ok(())
            }
            b'^' => self.assertion(r"\A"),
            b'$' => self.assertion(r"\z"),
            b'.' => self.any(),
            b'*' | b'+' | b'?' => self.repeat(char::from(byte).to_string()),
            b'{' => self.brace(),
            byte => self.byte(byte),
        }
    }

    /// What stands here if something is to be repeated.
    fn piece(&self) -> Piece {
        Piece {
            at: self.out.len(),
            groups: self.groups,
        }
    }

    fn set(&mut self, set: &ByteSet) {
        self.last = Last::Atom(self.piece());
        self.needle.cut();
        set.write(&mut self.out);
    }

    fn byte(&mut self, byte: u8) -> Result<(), Fault> {
        self.last = Last::Atom(self.piece());
        if self.open.is_empty() {
            self.needle.push(byte);
        }
        match self.flags.fold {
            true => set::write_folded(&mut self.out, byte),
            false => set::write_byte(&mut self.out, byte),
        }
        Ok(())
    }

    fn any(&mut self) -> Result<(), Fault> {
        self.set(&ByteSet::of(&[(b'\n', b'\n')]).complement());
        Ok(())
    }

    fn assertion(&mut self, text: &str) -> Result<(), Fault> {
        self.last = Last::Assertion(self.piece());
        self.out.push_str(text);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let letter = self.cursor.next().ok_or(Fault::Refused)?;
        match letter {
            b'b' | b'B' if self.cursor.peek() == Some(b'{') => Err(Fault::Foreign),
            b'b' => self.assertion(r"\b"),
            b'B' => self.assertion(r"\B"),
            b'A' | b'G' => self.assertion(r"\A"),
            b'z' | b'Z' => self.assertion(r"\z"),
            b'K' => self.keep(),
            b'X' => Err(Fault::Foreign),
            b'R' => {
                self.set(&ByteSet::of(escape::VERTICAL));
                Ok(())
            }
            b'1'..=b'9' if self.is_reference(letter) => self.numbered_reference(letter),
            b'g' | b'k' => self.named_reference(letter),
            b'N' if self.cursor.rest().starts_with(b"{U+") => self.escaped_byte(letter),
            _ => self.escaped(letter),
        }
    }

    fn escaped(&mut self, letter: u8) -> Result<(), Fault> {
        let Some(set) = escape::set(letter) else {
            return self.escaped_byte(letter);
        };
        self.set(&set);
        Ok(())
    }

    fn escaped_byte(&mut self, letter: u8) -> Result<(), Fault> {
        let byte = escape::byte(letter, &mut self.cursor)?;
        self.byte(byte)
    }

    /// A brace that repeats nothing is a character, but behind some escapes some versions of Perl refuse it.
    fn no_stray_brace(&self) -> Result<(), Fault> {
        let mut ahead = self.cursor;
        match ahead.take("{") && repetitions(ahead)?.is_none() {
            true => Err(Fault::Foreign),
            false => Ok(()),
        }
    }

    /// `\K` moves the beginning of the match, which nobody asks for here.
    fn keep(&mut self) -> Result<(), Fault> {
        self.last = Last::Keep;
        match self.open.iter().any(Open::looks_around) {
            true => Err(Fault::Refused),
            false => Ok(()),
        }
    }

    /// `{`: a repetition or a character.
    fn brace(&mut self) -> Result<(), Fault> {
        let Some((least, most, length)) = repetitions(self.cursor)? else {
            return self.byte(b'{');
        };
        self.cursor.take_while(length, |_| true);
        let most = match most {
            Some(most) if most < least => return Err(Fault::Foreign),
            most => most,
        };
        match most {
            Some(most) => self.repeat(format!("{{{least},{most}}}")),
            None => self.repeat(format!("{{{least},}}")),
        }
    }

    /// Repeats what was read last.
    fn repeat(&mut self, mut how: String) -> Result<(), Fault> {
        let possessive = self.cursor.take("+");
        if !possessive && self.cursor.take("?") {
            how.push('?');
        }
        let unbounded = how.starts_with(['*', '+']) || how.contains(",}");
        if unbounded && self.open.iter().any(Open::looks_behind) {
            return Err(Fault::Foreign);
        }
        // In look-around Perl 5.36 itself goes wrong with these: (?=a*?) wants an a.
        let ends = matches!(self.cursor.peek(), Some(b')' | b'|'));
        let misread = possessive || how.ends_with('?') && how.len() > 1 && ends;
        if misread && self.open.iter().any(Open::looks_around) {
            return Err(Fault::Foreign);
        }
        match std::mem::replace(&mut self.last, Last::Repeated) {
            // Behind nothing a brace is a character, sometimes.
            Last::Nothing if how.starts_with('{') => Err(Fault::Foreign),
            Last::Keep => Err(Fault::Foreign),
            Last::Nothing | Last::Repeated => Err(Fault::Refused),
            Last::Assertion(_) if possessive => Err(Fault::Foreign),
            Last::Assertion(piece) => {
                self.repeat_assertion(piece, how.starts_with(['*', '?']) || how.starts_with("{0,"))
            }
            Last::Atom(piece) => {
                self.needle.repeated();
                self.out.push_str(&how);
                if possessive {
                    self.out.insert_str(piece.at, "(?>");
                    self.out.push(')');
                }
                Ok(())
            }
        }
    }

    /// Often is as good as once, and what may be missing is as good as missing.
    fn repeat_assertion(&mut self, piece: Piece, may_be_missing: bool) -> Result<(), Fault> {
        if piece.groups != self.groups {
            return Err(Fault::Foreign);
        }
        if may_be_missing {
            self.out.truncate(piece.at);
        }
        Ok(())
    }
}

/// The least and the most of `{n}`, `{n,}`, `{n,m}`, and the length behind the brace; `None` if it is none of these.
fn repetitions(mut ahead: Cursor<'_>) -> Result<Option<(u32, Option<u32>, usize)>, Fault> {
    let start = ahead.rest().len();
    let digit = |b: u8| b.is_ascii_digit();
    let least = ahead.take_while(usize::MAX, digit);
    let comma = ahead.take(",");
    let most = ahead.take_while(if comma { usize::MAX } else { 0 }, digit);
    if !ahead.take("}") || least.is_empty() && most.is_empty() {
        return Ok(None);
    }
    if least.is_empty() {
        // {,n} became a repetition with Perl 5.34.
        return Err(Fault::Foreign);
    }
    let least = count(least)?;
    let most = match (comma, most) {
        (false, _) => Some(least),
        (true, []) => None,
        (true, digits) => Some(count(digits)?),
    };
    Ok(Some((least, most, start - ahead.rest().len())))
}

fn count(digits: &[u8]) -> Result<u32, Fault> {
    match number(digits, 10) {
        Ok(count) if count <= MOST_REPETITIONS => Ok(count),
        _ => Err(Fault::Refused),
    }
}

#[cfg(test)]
mod tests;
