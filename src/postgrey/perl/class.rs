//! Bracketed classes: `[^a-z[:digit:]\w-]`.

use super::Fault;
use super::cursor::Cursor;
use super::escape;
use super::set::ByteSet;

/// `[:name:]`.
const POSIX: [(&str, &[(u8, u8)]); 14] = [
    ("alnum", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
    ("alpha", ALPHA),
    ("ascii", &[(0x00, 0x7F)]),
    ("blank", &[(b'\t', b'\t'), (b' ', b' ')]),
    ("cntrl", &[(0x00, 0x1F), (0x7F, 0x7F)]),
    ("digit", &[(b'0', b'9')]),
    ("graph", &[(b'!', b'~')]),
    ("lower", &[(b'a', b'z')]),
    ("print", &[(b' ', b'~')]),
    (
        "punct",
        &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
    ),
    ("space", &[(b'\t', b'\r'), (b' ', b' ')]),
    ("upper", &[(b'A', b'Z')]),
    ("word", escape::WORD),
    ("xdigit", &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
];
const ALPHA: &[(u8, u8)] = &[(b'A', b'Z'), (b'a', b'z')];

/// One part of a class.
enum Item {
    Byte(u8),
    Set(Box<ByteSet>),
}

impl Item {
    fn join(&self, set: &mut ByteSet) {
        match self {
            Self::Byte(byte) => set.insert(*byte, *byte),
            Self::Set(other) => set.join(other),
        }
    }
}

/// Reads a class; its `[` was taken. `fold`: case does not count.
pub(super) fn read(cursor: &mut Cursor<'_>, fold: bool) -> Result<ByteSet, Fault> {
    let negated = cursor.take("^");
    let mut set = ByteSet::new();
    // A bracket that comes first is a character.
    let mut first = true;
    while first || !cursor.take("]") {
        first = false;
        part(cursor, fold, &mut set)?;
    }
    let set = if fold { set.fold() } else { set };
    Ok(if negated { set.complement() } else { set })
}

/// Reads an item or a range. A hyphen beside a class is a character: `[\w-.]`.
fn part(cursor: &mut Cursor<'_>, fold: bool, set: &mut ByteSet) -> Result<(), Fault> {
    let low = item(cursor, fold)?;
    low.join(set);
    if !matches!(cursor.rest(), [b'-', next, ..] if *next != b']') {
        return Ok(());
    }
    cursor.next();
    let Item::Byte(low) = low else {
        set.insert(b'-', b'-');
        return Ok(());
    };
    match item(cursor, fold)? {
        Item::Byte(high) if low <= high => set.insert(low, high),
        Item::Byte(_) => return Err(Fault::Refused),
        class @ Item::Set(_) => {
            set.insert(b'-', b'-');
            class.join(set);
            if matches!(cursor.rest(), [b'-', next, ..] if *next != b']') {
                cursor.next();
            }
        }
    }
    Ok(())
}

fn item(cursor: &mut Cursor<'_>, fold: bool) -> Result<Item, Fault> {
    match cursor.next().ok_or(Fault::Refused)? {
        b'[' => Ok(posix(cursor, fold)?.map_or(Item::Byte(b'['), |set| Item::Set(Box::new(set)))),
        b'\\' => escaped(cursor),
        byte => Ok(Item::Byte(byte)),
    }
}

fn escaped(cursor: &mut Cursor<'_>) -> Result<Item, Fault> {
    let letter = cursor.next().ok_or(Fault::Refused)?;
    match letter {
        b'b' => Ok(Item::Byte(0x08)),
        b'n' => Ok(Item::Byte(b'\n')),
        b'C' => Ok(Item::Byte(b'C')),
        b'N' => escape::byte(letter, cursor).map(Item::Byte),
        _ => match escape::set(letter) {
            Some(set) => Ok(Item::Set(Box::new(set))),
            None => escape::byte(letter, cursor).map(Item::Byte),
        },
    }
}

/// Reads `:name:]`, `:^name:]` behind a bracket; `None` where the bracket is a character. What only resembles a name (`[:al pha:]`) Perl
/// refuses or takes for characters, by rules of thumb.
fn posix(cursor: &mut Cursor<'_>, fold: bool) -> Result<Option<ByteSet>, Fault> {
    let mut ahead = *cursor;
    let mark = ahead.next().unwrap_or_default();
    if !matches!(mark, b':' | b'.' | b'=') {
        return Ok(None);
    }
    let negated = ahead.take("^");
    let name = ahead.take_while(usize::MAX, |b| b.is_ascii_alphanumeric() || b == b'_');
    if name.is_empty() || ahead.next() != Some(mark) || ahead.next() != Some(b']') {
        let ends = cursor.rest().windows(2).any(|pair| pair == [mark, b']']);
        return if ends { Err(Fault::Foreign) } else { Ok(None) };
    }
    *cursor = ahead;
    let set = named(name, fold)
        .filter(|_| mark == b':')
        .ok_or(Fault::Refused)?;
    Ok(Some(if negated { set.complement() } else { set }))
}

fn named(name: &[u8], fold: bool) -> Option<ByteSet> {
    if fold && matches!(name, b"upper" | b"lower") {
        return Some(ByteSet::of(ALPHA));
    }
    let (_, ranges) = POSIX.iter().find(|(known, _)| known.as_bytes() == name)?;
    Some(ByteSet::of(ranges))
}
