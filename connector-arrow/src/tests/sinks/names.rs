//! Hostile names, and who may read the files.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use super::held::{everything, people_of};
use super::{KINDS, new_people, people, target, transaction};

#[test]
fn whatever_sources_are_called_their_files_stay_inside_and_apart() {
    let long = "long/".repeat(100);
    let names = [
        "../x",
        "a/b",
        "a%2Fb",
        "",
        "..",
        ".",
        "c.manifest",
        "~",
        "Größe 1",
        &long,
        "/etc/x",
    ];
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let schemas: Vec<_> = names.iter().map(|name| people(name)).collect();
        let mut sink = kind.sink(&out);
        sink.open(&target(&schemas)).unwrap();
        let rows = schemas
            .iter()
            .zip(0..)
            .map(|(schema, table)| new_people(table, schema, 1, &[i64::try_from(table).unwrap()]));
        transaction(sink.as_mut(), 1, rows.collect());
        for (id, name) in names.iter().enumerate() {
            let expected = format!("+I 1.1 Some({id}) Some(\"{id} at 1\")");
            assert_eq!(people_of(&out, name), [expected], "{kind:?}: {name}");
        }
        let outside: Vec<_> = everything(place.path())
            .into_iter()
            .filter(|path| !path.starts_with(&out))
            .collect();
        assert!(outside.is_empty(), "{outside:?}");
        assert_eq!(everything(&out).len(), names.len() + 2);
    }
}

#[test]
fn files_and_directories_that_are_made_are_for_their_owner_alone() {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for kind in KINDS {
        let place = tempfile::tempdir().unwrap();
        let shared = place.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o755)).unwrap();
        let out = shared.join("out");
        let schema = people("people");
        let mut sink = kind.sink(&out);
        sink.open(&target(&[Arc::clone(&schema)])).unwrap();
        transaction(sink.as_mut(), 1, vec![new_people(0, &schema, 1, &[1])]);
        for path in everything(&out) {
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        assert_eq!((mode(&out), mode(&out.join("people"))), (0o700, 0o700));
        assert_eq!(
            mode(&shared),
            0o755,
            "a directory that was there stays as it was"
        );
    }
}
