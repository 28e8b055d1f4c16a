//! Addresses.

use std::fmt;
use std::net::Ipv4Addr;

use connector_core::{Misfit, utf8};

use super::super::cursor::{BinaryCursor, fixed};
use super::super::lend::Printed;
use super::super::value::{Form, PgValue};

/// The binary form's numbers of the two families.
const FAMILY_4: u8 = 2;
const FAMILY_6: u8 = 3;

/// An address with the length of its network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    address: Address,
    bits: u8,
    /// A host's address leaves out a length that covers all of it.
    is_cidr: bool,
}

#[derive(Debug, Clone, Copy)]
enum Address {
    V4([u8; 4]),
    V6([u8; 16]),
}

pub(crate) fn network(raw: PgValue<'_>) -> Result<Printed<'_, Network>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, "a network address");
            let [family, bits, is_cidr, length] = cursor.array()?;
            let address = match (family, length) {
                (FAMILY_4, 4) if bits <= 32 => Address::V4(cursor.array()?),
                (FAMILY_6, 16) if bits <= 128 => Address::V6(cursor.array()?),
                _ => return Err(cursor.malformed()),
            };
            cursor.end()?;
            Ok(Printed::Written(Network {
                address,
                bits,
                is_cidr: is_cidr != 0,
            }))
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = match self.address {
            Address::V4(bytes) => {
                write!(f, "{}", Ipv4Addr::from(bytes))?;
                32
            }
            Address::V6(bytes) => {
                write_v6(f, bytes)?;
                128
            }
        };
        if self.is_cidr || self.bits != all {
            write!(f, "/{}", self.bits)?;
        }
        Ok(())
    }
}

/// As Postgres prints it, which writes the end of an address with 96 zeros before it as IPv4.
fn write_v6(f: &mut fmt::Formatter<'_>, bytes: [u8; 16]) -> fmt::Result {
    let mut words = [0_u16; 8];
    for (word, pair) in words.iter_mut().zip(bytes.as_chunks::<2>().0) {
        *word = u16::from_be_bytes(*pair);
    }
    let zeros = longest_zeros(&words);
    let [.., fourth, third, second, first] = bytes;
    let end = Ipv4Addr::new(fourth, third, second, first);
    let ends_in_v4 = match zeros {
        Some((0, 6)) => true,
        Some((0, 5)) => words.get(5) == Some(&0xffff),
        _ => false,
    };
    for (place, word) in words.iter().enumerate() {
        if let Some((start, length)) = zeros
            && (start..start + length).contains(&place)
        {
            if place == start {
                f.write_str(":")?;
            }
            continue;
        }
        if place > 0 {
            f.write_str(":")?;
        }
        if place == 6 && ends_in_v4 {
            return write!(f, "{end}");
        }
        write!(f, "{word:x}")?;
    }
    if zeros.is_some_and(|(start, length)| start + length == words.len()) {
        f.write_str(":")?;
    }
    Ok(())
}

/// Start and length of the first of the longest runs of at least two zeros.
fn longest_zeros(words: &[u16; 8]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    let mut start = 0;
    for run in words.chunk_by(|left, right| (*left == 0) == (*right == 0)) {
        let length = run.len();
        if run.first() == Some(&0) && length > best.map_or(1, |(_, longest)| longest) {
            best = Some((start, length));
        }
        start += length;
    }
    best
}

/// A hardware address of six or eight bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hardware<const N: usize>([u8; N]);

impl<const N: usize> fmt::Display for Hardware<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02x}")?;
        }
        Ok(())
    }
}

pub(crate) fn hardware<const N: usize>(
    raw: PgValue<'_>,
) -> Result<Printed<'_, Hardware<N>>, Misfit> {
    match raw.form()? {
        Form::Text(text) => Ok(Printed::AsIs(utf8(text)?)),
        Form::Binary(bytes) => {
            let bytes = fixed(bytes, "a hardware address")?;
            Ok(Printed::Written(Hardware(bytes)))
        }
    }
}
