//! `numeric` in its binary form: groups of four digits.

/// Digits of a group, and how many numbers it can be.
const DIGITS: usize = 4;
const BASE: u64 = 10_000;
const NEGATIVE: u16 = 0x4000;
/// The most digits that Postgres keeps before the point, and behind it.
const MOST_BEFORE: usize = 131_072;
const MOST_BEHIND: usize = 16_383;
/// Groups of a number of 128 bits, with the zeros that fill the last one.
const SHORT: usize = 11;

/// Appends a number, with the length of the value before it. `scale` digits stand behind the point; the number is written out by
/// `text` where it is too long for this way.
pub(super) fn write_short(
    out: &mut Vec<u8>,
    negative: bool,
    magnitude: u128,
    scale: u8,
    text: impl FnOnce() -> String,
) {
    let behind = usize::from(scale).div_ceil(DIGITS);
    let zeros = behind * DIGITS - usize::from(scale);
    let Some(aligned) = 10_u128
        .checked_pow(u32::try_from(zeros).unwrap_or(u32::MAX))
        .and_then(|factor| magnitude.checked_mul(factor))
    else {
        // Of 128 bits it is no more than 39 digits.
        let _ = write_text(out, &text());
        return;
    };
    // The last group first.
    let mut groups = [0_u16; SHORT];
    let mut count = 0;
    let mut push = |group: u64| {
        if let (Some(place), Ok(group)) = (groups.get_mut(count), u16::try_from(group)) {
            *place = group;
        }
        count += 1;
    };
    let mut rest = aligned;
    while u64::try_from(rest).is_err() {
        push(u64::try_from(rest % u128::from(BASE)).unwrap_or_default());
        rest /= u128::from(BASE);
    }
    let mut rest = u64::try_from(rest).unwrap_or_default();
    while rest > 0 {
        push(rest % BASE);
        rest /= BASE;
    }
    let groups = groups.get(..count).unwrap_or_default();
    let zeros = groups.iter().take_while(|group| **group == 0).count();
    let groups = groups.get(zeros..).unwrap_or_default();
    header(
        out,
        negative && !groups.is_empty(),
        groups.len(),
        count.cast_signed() - behind.cast_signed() - 1,
        usize::from(scale),
    );
    for group in groups.iter().rev() {
        out.extend_from_slice(&group.to_be_bytes());
    }
}

/// Appends the number of a canonical text: `-12.50`. `false`: it has more digits than Postgres keeps, and nothing is appended.
#[must_use]
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) -> bool {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (before, behind) = text.split_once('.').unwrap_or((text, ""));
    let before = before.trim_start_matches('0');
    if before.len() > MOST_BEFORE || behind.len() > MOST_BEHIND {
        return false;
    }
    // Zeros that fill the first group and the last one.
    let first = before.len().div_ceil(DIGITS);
    let lead = first * DIGITS - before.len();
    let last = behind.len().div_ceil(DIGITS);
    let trail = last * DIGITS - behind.len();
    let digits = std::iter::repeat_n(b'0', lead)
        .chain(before.bytes())
        .chain(behind.bytes())
        .chain(std::iter::repeat_n(b'0', trail));
    let mut groups = Vec::with_capacity(first + last);
    let (mut group, mut filled) = (0_u16, 0);
    for digit in digits {
        group = group * 10 + u16::from(digit.wrapping_sub(b'0') % 10);
        filled += 1;
        if filled == DIGITS {
            groups.push(group);
            (group, filled) = (0, 0);
        }
    }
    let leading = groups.iter().take_while(|group| **group == 0).count();
    let trailing = groups.iter().rev().take_while(|group| **group == 0).count();
    let end = groups.len().saturating_sub(trailing);
    let kept = groups.get(leading..end).unwrap_or_default();
    let weight = first.cast_signed() - leading.cast_signed() - 1;
    header(
        out,
        negative && !kept.is_empty(),
        kept.len(),
        weight,
        behind.len(),
    );
    for group in kept {
        out.extend_from_slice(&group.to_be_bytes());
    }
    true
}

/// The length of the value, and what stands before its groups. Of zero the weight means nothing.
fn header(out: &mut Vec<u8>, negative: bool, groups: usize, weight: isize, scale: usize) {
    let weight = if groups == 0 { 0 } else { weight };
    let length = u32::try_from(8 + groups * 2).unwrap_or_default();
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&u16::try_from(groups).unwrap_or_default().to_be_bytes());
    out.extend_from_slice(&i16::try_from(weight).unwrap_or_default().to_be_bytes());
    let sign = if negative { NEGATIVE } else { 0 };
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&u16::try_from(scale).unwrap_or_default().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texted(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        assert!(write_text(&mut out, text));
        out
    }

    #[test]
    fn groups_are_as_postgres_cuts_them() {
        // Length 12, 2 groups, weight 0, positive, scale 1: 12.5 is 12 and 5000.
        assert_eq!(
            texted("12.5"),
            b"\0\0\0\x0c\0\x02\0\0\0\0\0\x01\0\x0c\x13\x88"
        );
        // Zeros are no groups: 10000 has the weight 1, and 0.00001234 the weight -2.
        assert_eq!(texted("10000"), b"\0\0\0\x0a\0\x01\0\x01\0\0\0\0\0\x01");
        assert_eq!(
            texted("-0.00001234"),
            b"\0\0\0\x0a\0\x01\xff\xfe\x40\0\0\x08\x04\xd2"
        );
        assert_eq!(texted("0.00"), b"\0\0\0\x08\0\0\0\0\0\0\0\x02");
    }

    #[test]
    fn a_number_longer_than_postgres_keeps_is_refused() {
        let mut out = Vec::new();
        assert!(write_text(&mut out, &"9".repeat(MOST_BEFORE)));
        assert!(write_text(
            &mut out,
            &format!("0.{}", "1".repeat(MOST_BEHIND))
        ));
        out.clear();
        assert!(!write_text(&mut out, &"9".repeat(MOST_BEFORE + 1)));
        assert!(!write_text(
            &mut out,
            &format!("0.{}", "1".repeat(MOST_BEHIND + 1))
        ));
        assert!(out.is_empty());
    }

    proptest! {
        #[test]
        fn both_ways_write_the_same(magnitude: u128, negative: bool, scale in 0_u8..=76, shift in 0_u32..128) {
            let magnitude = magnitude >> shift;
            let digits = format!("{magnitude:0>width$}", width = usize::from(scale) + 1);
            let (before, behind) = digits.split_at(digits.len() - usize::from(scale));
            let point = if behind.is_empty() { "" } else { "." };
            let sign = if negative && magnitude > 0 { "-" } else { "" };
            let text = format!("{sign}{before}{point}{behind}");
            let mut out = Vec::new();
            write_short(&mut out, negative, magnitude, scale, || text.clone());
            prop_assert_eq!(out, texted(&text), "{}", text);
        }
    }
}
