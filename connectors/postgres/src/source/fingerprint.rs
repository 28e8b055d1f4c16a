//! A hash of what the numbering of changes within a transaction depends on in the server.

use connector_core::{Error, Fingerprint, Result};

use crate::catalog::Publication;
use crate::quote::literal;
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

/// Of the entries that these relations have in the publication now. A table that was taken out and put in again has a new
/// entry, and what was changed in between was told to nobody; so has one that was dropped and made again.
pub(super) fn entries(
    connection: &mut Connection,
    publication: &str,
    relations: &[u32],
) -> Result<u64> {
    let rows = connection.query(&format!(
        "SELECT r.oid, r.prrelid FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
          WHERE p.pubname = {} ORDER BY r.prrelid",
        literal(publication)
    ))?;
    let mut hash = Fingerprint::new();
    for row in rows.iter() {
        if relations.contains(&row.parse("prrelid")?) {
            hash = hash.text(row.text("prrelid")?).text(row.text("oid")?);
        }
    }
    Ok(hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Published;

    #[test]
    fn what_numbers_changes_otherwise_has_another_fingerprint() {
        let publication = Publication {
            name: "p".to_owned(),
            all_tables: false,
            inserts: true,
            updates: true,
            deletes: true,
            truncates: true,
            via_root: true,
            tables: vec![Published {
                schema: "public".to_owned(),
                name: "t".to_owned(),
                columns: None,
                filter: None,
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
        let fewer = Publication {
            tables: Vec::new(),
            ..publication
        };
        for other in [&filtered, &without_truncates, &fewer] {
            assert_ne!(of(other, 150_018), base);
        }
    }
}
