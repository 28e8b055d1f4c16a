//! Links that somebody who may write into a directory plants where a run is to write.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::modes::application;
use crate::{directory, files, once};

/// Every path that a run makes, and what it may have been called before it was complete.
fn paths() -> BTreeSet<PathBuf> {
    let root = directory();
    once(&application(root.path())).unwrap();
    let mut paths = BTreeSet::new();
    for path in files(root.path()) {
        let path = path.strip_prefix(root.path()).unwrap();
        // Where the operator says that a database is, it is.
        if path.starts_with("source.db") || path.starts_with("copy.db") {
            continue;
        }
        let text = path.display().to_string();
        paths.insert(path.to_owned());
        paths.insert(path.with_extension("tmp"));
        paths.insert(path.with_extension("snapshot"));
        paths.insert(PathBuf::from(format!("{text}.tmp")));
        let above = path.ancestors().skip(1);
        // The directories that the operator names are theirs; those within are the run's.
        paths.extend(
            above
                .filter(|it| it.components().count() > 1)
                .map(Path::to_owned),
        );
    }
    paths
}

#[test]
fn nothing_is_written_through_a_link_that_was_planted() {
    let paths = paths();
    assert!(paths.len() > 25, "{paths:?}");
    for path in &paths {
        for leads_to in ["victim", "nowhere", "directory"] {
            let root = directory();
            let (inside, outside) = (root.path().join("inside"), root.path().join("outside"));
            std::fs::create_dir_all(outside.join("directory")).unwrap();
            std::fs::write(outside.join("victim"), "precious").unwrap();
            let planted = inside.join(path);
            std::fs::create_dir_all(planted.parent().unwrap()).unwrap();
            symlink(outside.join(leads_to), &planted).unwrap();
            // It may be refused, or put aside.
            let ran = once(&application(&inside));
            let what = format!("{} -> {leads_to}: {ran:?}", path.display());
            assert_eq!(
                std::fs::read(outside.join("victim")).unwrap(),
                b"precious",
                "{what}"
            );
            assert_eq!(files(&outside), [outside.join("victim")], "{what}");
            if let Err(error) = ran {
                assert!(error.help().is_some(), "{what}");
            }
        }
    }
}
