//! Seeded mutation of valid inputs, for parsers: no input may panic, hang, or take memory without bound.
//!
//! Runs on stable Rust, in any test; the same inputs each time. `DOZER_FUZZ_CASES` asks for more of them, and
//! `DOZER_FUZZ_SEED` for others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many inputs are tried, unless it is said.
const CASES: usize = 2_000;

/// How long one input may take: far longer than any does on a machine that is busy.
const LONGEST: Duration = Duration::from_secs(30);

/// How much the process may come to hold, for inputs of a few kilobytes.
const MEMORY: usize = 1 << 30;

/// Tries mutations of these valid inputs, and gives how many were tried. `parse` may refuse an input; it must return.
///
/// # Panics
/// When `parse` panics, does not return, or takes memory without bound; with the input.
pub fn survives(name: &str, seeds: Vec<Vec<u8>>, parse: impl Fn(&[u8]) + Send + 'static) -> usize {
    survives_some(CASES, name, seeds, parse)
}

/// As [`survives`], with so many inputs unless `DOZER_FUZZ_CASES` says otherwise: for what takes milliseconds.
///
/// # Panics
/// As [`survives`].
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub fn survives_some(
    cases: usize,
    name: &str,
    seeds: Vec<Vec<u8>>,
    parse: impl Fn(&[u8]) + Send + 'static,
) -> usize {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let cases = number("DOZER_FUZZ_CASES").unwrap_or(cases);
    let seed = number("DOZER_FUZZ_SEED").unwrap_or(0);
    let current = Arc::new(Mutex::new(Vec::new()));
    let (tell, told) = channel();
    let input = Arc::clone(&current);
    std::thread::spawn(move || {
        let mut mutations = Mutations::new(seed as u64);
        for case in 0..cases {
            let bytes = if case < seeds.len() {
                seeds.get(case).cloned().unwrap_or_default()
            } else {
                mutations.of(&seeds)
            };
            input
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone_from(&bytes);
            let panicked = catch_unwind(AssertUnwindSafe(|| parse(&bytes))).is_err();
            if tell.send(panicked).is_err() || panicked {
                return;
            }
        }
    });
    let shown = || {
        let input = current.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{}: {:?}", input.len(), String::from_utf8_lossy(&input))
    };
    let mut tried = 0;
    loop {
        match told.recv_timeout(LONGEST) {
            Ok(false) => tried += 1,
            Ok(true) => panic!("{name} panics for an input of {} bytes", shown()),
            Err(RecvTimeoutError::Timeout) => {
                panic!("{name} does not return for an input of {} bytes", shown())
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Some(most) = crate::process::most_bytes() {
        assert!(most < MEMORY, "{name} came to hold {} MiB", most >> 20);
    }
    tried
}

/// Makes inputs out of valid ones.
#[derive(Debug)]
struct Mutations(u64);

/// Numbers at which lengths and counts go wrong.
const NUMBERS: [u32; 8] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
];

impl Mutations {
    fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below this one.
    fn below(&mut self, end: usize) -> usize {
        let next = self.next() >> 16;
        usize::try_from(next).unwrap_or(0) % end.max(1)
    }

    fn of(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let place = self.below(seeds.len());
        let mut bytes = seeds.get(place).cloned().unwrap_or_default();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, seeds);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len());
        let length = 1 + self.below(16);
        let end = (at + length).min(bytes.len());
        let random = self.next().to_le_bytes();
        match self.below(9) {
            0 => {
                let bit = self.below(8);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
            }
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = random[0];
                }
            }
            2 => bytes.truncate(at),
            3 => {
                bytes.drain(at..end);
            }
            // The same again and again: depth, digits, quotes.
            4 => {
                let again = bytes.get(at..end).unwrap_or_default().to_vec();
                let times = 1 + self.below(200);
                let more = std::iter::repeat_n(again, times).flatten();
                bytes.splice(at..at, more);
            }
            5 => {
                bytes.splice(at..at, random);
            }
            6 => {
                let number = NUMBERS.get(self.below(NUMBERS.len())).copied().unwrap_or(0);
                let end = (at + 4).min(bytes.len());
                bytes.splice(at..end, number.to_be_bytes());
            }
            7 => {
                let other = seeds.get(self.below(seeds.len()));
                let tail = other.and_then(|other| other.get(self.below(other.len())..));
                bytes.truncate(at);
                bytes.extend_from_slice(tail.unwrap_or_default());
            }
            _ => {
                let texts: [&[u8]; 8] = [
                    b"-",
                    b"9999999999999999999",
                    b"\0",
                    b"\xff\xfe",
                    b"\"",
                    b"'",
                    b"{[(",
                    b"e400",
                ];
                let text = texts
                    .get(self.below(texts.len()))
                    .copied()
                    .unwrap_or_default();
                bytes.splice(at..at, text.iter().copied());
            }
        }
    }
}
