//! A hash of what the numbering of changes within a transaction depends on in the server.

use connector_core::{Error, Fingerprint, Result};

use crate::catalog::Publication;
use crate::settings::Settings;
use crate::wire::{Connection, Mode};

/// Of a publication: its tables, rows and operations, and the server's major version.
pub(super) fn of(publication: &Publication, version: u32) -> u64 {
    let mut hash = Fingerprint::new()
        .text(&publication.name)
        .text(&(version / 10_000).to_string());
    for on in [
        publication.inserts,
        publication.updates,
        publication.deletes,
        publication.truncates,
        publication.via_root,
    ] {
        hash = hash.flag(on);
    }
    // Of all tables: one that is made or dropped numbers no transaction otherwise, since the server decodes each with the
    // catalog of its time.
    if publication.all_tables {
        return hash.flag(true).finish();
    }
    for table in &publication.tables {
        let filter = table.filter.as_deref().unwrap_or_default();
        hash = hash.text(&table.schema).text(&table.name).text(filter);
    }
    hash.finish()
}

/// The same, asked of the server now.
pub(super) fn current(settings: &Settings, publication: &str) -> Result<u64> {
    let mut connection = Connection::open(settings, Mode::Query)?;
    let found = Publication::read(&mut connection, publication)?;
    let found =
        found.ok_or_else(|| Error::source(format!("publication `{publication}` was dropped")))?;
    Ok(of(&found, connection.server_version()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Published;

    #[test]
    fn what_numbers_changes_otherwise_has_another_fingerprint() {
        let publication = Publication {
            name: "p".to_owned(),
            version: "1 2".to_owned(),
            all_tables: false,
            inserts: true,
            updates: true,
            deletes: true,
            truncates: true,
            via_root: true,
            listed_alone: true,
            tables: vec![Published {
                schema: "public".to_owned(),
                name: "t".to_owned(),
                columns: None,
                filter: None,
                listed: Some("3".to_owned()),
            }],
        };
        let base = of(&publication, 150_018);
        assert_eq!(base, of(&publication, 150_019));
        let mut filtered = publication.clone();
        filtered.tables[0].filter = Some("id > 5".to_owned());
        let without_truncates = Publication {
            truncates: false,
            ..publication.clone()
        };
        let all = Publication {
            all_tables: true,
            ..publication.clone()
        };
        let all_and_more = Publication {
            tables: Vec::new(),
            ..all.clone()
        };
        assert_eq!(of(&all, 150_018), of(&all_and_more, 150_018));
        let fewer = Publication {
            tables: Vec::new(),
            ..publication
        };
        for other in [&filtered, &without_truncates, &fewer, &all] {
            assert_ne!(of(other, 150_018), base);
        }
    }
}
