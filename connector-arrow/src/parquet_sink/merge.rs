//! Small files become one, so that small commits do not leave a file each for ever.
//!
//! Files stand in tiers by their size, each eight times the one before. Eight of the same tier, the youngest of their
//! directory, are merged with what is younger. So a row is written again once for each tier, at most
//! seven files of a tier are left, and no commit rewrites more than [`MOST`].

use crate::files::FileEntry;

/// So many files of one tier are merged.
const FILES: usize = 8;
/// Files of the first tier are smaller.
const FIRST: u64 = 8 << 10;
/// Files from this size on stay as they are.
const LARGE: u64 = 4 << 20;
/// No merge reads more bytes.
const MOST: u64 = 32 << 20;

/// What is too large to be merged, and to come of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Files from this size on stay as they are.
    large: u64,
    /// All files together.
    bytes: u64,
    rows: u64,
}

impl Limits {
    /// For files that are closed at these limits.
    pub(super) fn of(file_size: u64, file_rows: u64) -> Self {
        Self {
            large: LARGE.min(file_size / FILES as u64),
            bytes: MOST.min(file_size),
            rows: file_rows,
        }
    }
}

/// How many of a directory's youngest files, which come last, are to be merged.
pub(super) fn to_merge(files: &[&FileEntry], schema: &str, limits: Limits) -> usize {
    let (mut bytes, mut rows) = (0, 0);
    let small = |file: &&&FileEntry| {
        bytes += file.bytes;
        rows += file.range.rows;
        file.schema == schema
            && file.bytes < limits.large
            && bytes <= limits.bytes
            && rows <= limits.rows
    };
    let tiers: Vec<u32> = files
        .iter()
        .rev()
        .take_while(small)
        .map(|file| tier(file.bytes))
        .collect();
    let highest = tiers.iter().copied().max().unwrap_or(0);
    (0..=highest)
        .rev()
        .map(|tier| {
            let within = || tiers.iter().take_while(move |other| **other <= tier);
            (
                within().count(),
                within().filter(|other| **other == tier).count(),
            )
        })
        .find(|(_, of_tier)| *of_tier >= FILES)
        .map_or(0, |(youngest, _)| youngest)
}

fn tier(bytes: u64) -> u32 {
    (bytes / FIRST)
        .checked_ilog2()
        .map_or(0, |doublings| doublings / 3 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Range;

    fn limits() -> Limits {
        Limits::of(u64::MAX, u64::MAX)
    }

    fn file(bytes: u64) -> FileEntry {
        let range = Range {
            rows: 1,
            ..Range::default()
        };
        FileEntry {
            path: String::new(),
            bytes,
            range,
            schema: "s".to_owned(),
        }
    }

    #[test]
    fn small_commits_leave_few_files_and_rewrite_little() {
        let mut files: Vec<FileEntry> = Vec::new();
        let (mut rewritten, mut most_files, mut most) = (0, 0, 0);
        let commits = 50_000;
        for _ in 0..commits {
            files.push(file(3000));
            let merged = to_merge(&files.iter().collect::<Vec<_>>(), "s", limits());
            let merged: u64 = files
                .split_off(files.len() - merged)
                .iter()
                .map(|it| it.bytes)
                .sum();
            if merged > 0 {
                files.push(file(merged));
            }
            (rewritten, most) = (rewritten + merged, most.max(merged));
            most_files = most_files.max(files.iter().filter(|it| it.bytes < LARGE).count());
        }
        assert!(
            rewritten < 6 * commits * 3000,
            "{} times",
            rewritten / commits / 3000
        );
        assert!(most <= MOST, "{most} bytes at once");
        assert!(most_files < 40, "{most_files} small files");
        assert!(files.len() < 60, "{} files", files.len());
    }

    #[test]
    fn files_of_other_columns_and_large_ones_stay() {
        let mut files = vec![file(3000); 8];
        assert_eq!(
            to_merge(&files.iter().collect::<Vec<_>>(), "s", limits()),
            8
        );
        assert_eq!(
            to_merge(&files.iter().collect::<Vec<_>>(), "other", limits()),
            0
        );
        let few = Limits::of(u64::MAX, 7);
        assert_eq!(to_merge(&files.iter().collect::<Vec<_>>(), "s", few), 0);
        files[0].bytes = LARGE;
        assert_eq!(
            to_merge(&files.iter().collect::<Vec<_>>(), "s", limits()),
            0
        );
    }
}
