//! Records: values as bytes, little endian, without names. A reader never trusts a length: what it allocates is bounded by the bytes there.
//!
//! Whoever changes a record changes its meaning for older files; [`super::file`] keeps those of other versions apart.

use std::net::IpAddr;

/// A value that can be written and read again.
pub trait Record: Sized {
    /// Appends the value.
    fn write(&self, to: &mut Vec<u8>);
    /// Takes the value from the front; `None` where the bytes are no such value.
    fn read(from: &mut &[u8]) -> Option<Self>;
}

/// Takes `length` bytes from the front.
pub fn take<'a>(from: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(taken)
}

/// Writes the length of something that is written behind it.
pub fn write_length(length: usize, to: &mut Vec<u8>) {
    (length as u64).write(to);
}

/// Reads a length: that many things of at least `least` bytes each can follow.
pub fn read_length(from: &mut &[u8], least: usize) -> Option<usize> {
    let length = usize::try_from(u64::read(from)?).ok()?;
    (length.checked_mul(least.max(1))? <= from.len()).then_some(length)
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Record for $number {
            fn write(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            fn read(from: &mut &[u8]) -> Option<Self> {
                let (bytes, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(Self::from_le_bytes(*bytes))
            }
        }
    )*};
}

numbers!(u8 u32 u64 i64);

impl Record for () {
    fn write(&self, _: &mut Vec<u8>) {}

    fn read(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl Record for bool {
    fn write(&self, to: &mut Vec<u8>) {
        u8::from(*self).write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match u8::read(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Record for String {
    fn write(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        to.extend_from_slice(self.as_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let length = read_length(from, 1)?;
        Some(std::str::from_utf8(take(from, length)?).ok()?.to_owned())
    }
}

impl Record for Box<str> {
    fn write(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        to.extend_from_slice(self.as_bytes());
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        String::read(from).map(String::into_boxed_str)
    }
}

impl<T: Record> Record for Option<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        match bool::read(from)? {
            true => T::read(from).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Record> Record for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        self.iter().for_each(|value| value.write(to));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let length = read_length(from, 1)?;
        // Not `with_capacity`: a value may be much larger in memory than on the disk.
        let mut values = Vec::new();
        for _ in 0..length {
            values.push(T::read(from)?);
        }
        Some(values)
    }
}

impl<T: Record> Record for Box<[T]> {
    fn write(&self, to: &mut Vec<u8>) {
        write_length(self.len(), to);
        self.iter().for_each(|value| value.write(to));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Vec::read(from).map(Vec::into_boxed_slice)
    }
}

impl<T: Record> Record for Box<T> {
    fn write(&self, to: &mut Vec<u8>) {
        T::write(self, to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        T::read(from).map(Box::new)
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<T: Record, const N: usize> Record for [T; N] {
    fn write(&self, to: &mut Vec<u8>) {
        self.iter().for_each(|value| value.write(to));
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        let mut values = Vec::with_capacity(N);
        for _ in 0..N {
            values.push(T::read(from)?);
        }
        values.try_into().ok()
    }
}

impl Record for IpAddr {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_ipv6().write(to);
        match self {
            IpAddr::V4(address) => address.octets().write(to),
            IpAddr::V6(address) => address.octets().write(to),
        }
    }

    fn read(from: &mut &[u8]) -> Option<Self> {
        Some(match bool::read(from)? {
            true => IpAddr::from(<[u8; 16]>::read(from)?),
            false => IpAddr::from(<[u8; 4]>::read(from)?),
        })
    }
}

/// Makes a struct a record of its fields, in this order.
macro_rules! record {
    ($name:ty { $($field:ident),* $(,)? }) => {
        impl $crate::state::record::Record for $name {
            fn write(&self, to: &mut Vec<u8>) {
                $($crate::state::record::Record::write(&self.$field, to);)*
            }

            fn read(from: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::state::record::Record::read(from)?),* })
            }
        }
    };
}

pub(crate) use record;

#[cfg(test)]
mod tests {
    use super::*;

    type Some3 = (Option<String>, (Vec<u64>, (bool, i64)));

    fn bytes(value: &impl Record) -> Vec<u8> {
        let mut bytes = Vec::new();
        value.write(&mut bytes);
        bytes
    }

    #[test]
    fn what_was_written_is_read() {
        let value: Some3 = (
            Some(String::from("π")),
            (vec![1, u64::MAX], (true, i64::MIN)),
        );
        let bytes = bytes(&value);
        let mut rest = bytes.as_slice();
        assert_eq!(Some3::read(&mut rest), Some(value));
        assert!(rest.is_empty());
        for length in 0..bytes.len() {
            assert_eq!(Some3::read(&mut &bytes[..length]), None, "{length}");
        }
    }

    #[test]
    fn a_hostile_length_allocates_nothing() {
        let endless = bytes(&u64::MAX);
        assert_eq!(String::read(&mut endless.as_slice()), None);
        assert_eq!(Vec::<u64>::read(&mut endless.as_slice()), None);
        assert_eq!(bool::read(&mut [2].as_slice()), None);
        assert_eq!(String::read(&mut bytes(&vec![255_u8]).as_slice()), None);
    }
}
