//! The cases on disk.

use std::fs;
use std::path::{Path, PathBuf};

/// A program with one mistake.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case {
    pub(crate) topic: String,
    pub(crate) name: String,
}

impl Case {
    /// The program with the mistake.
    pub(crate) fn wrong(&self) -> PathBuf {
        self.file("rs")
    }

    /// What the compiler says of it.
    pub(crate) fn output(&self) -> PathBuf {
        self.file("stderr")
    }

    /// The program without the mistake.
    pub(crate) fn mended(&self) -> PathBuf {
        self.file("mended.rs")
    }

    fn file(&self, ending: &str) -> PathBuf {
        Path::new("ui")
            .join(&self.topic)
            .join(format!("{}.{ending}", self.name))
    }
}

/// All cases, by topic and name.
pub(crate) fn all() -> Vec<Case> {
    let mut cases: Vec<Case> = files()
        .filter_map(|(topic, file)| {
            let name = file.strip_suffix(".rs")?;
            (!name.ends_with(".mended")).then(|| Case {
                topic,
                name: name.to_owned(),
            })
        })
        .collect();
    cases.sort();
    cases
}

/// Outputs and mended programs whose case is gone.
pub(crate) fn files_without_case() -> Vec<PathBuf> {
    files()
        .filter_map(|(topic, file)| {
            let name = file
                .strip_suffix(".stderr")
                .or_else(|| file.strip_suffix(".mended.rs"))?;
            let case = Case {
                topic: topic.clone(),
                name: name.to_owned(),
            };
            (!case.wrong().exists()).then(|| Path::new("ui").join(topic).join(&file))
        })
        .collect()
}

/// The files of every topic, with their topic.
fn files() -> impl Iterator<Item = (String, String)> {
    names(Path::new("ui"))
        .into_iter()
        .filter(|topic| Path::new("ui").join(topic).is_dir())
        .flat_map(|topic| {
            names(&Path::new("ui").join(&topic))
                .into_iter()
                .map(move |file| (topic.clone(), file))
        })
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
