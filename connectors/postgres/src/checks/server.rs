//! Checks of the server and of the role, before anything is begun.

use connector_core::{Error, Result};

use crate::catalog::{ServerFacts, WalLevel};
use crate::quote::identifier;

/// The oldest version that is read from.
const OLDEST: u32 = 120_000;
/// Decoding on a standby is there since this version.
const STANDBY_DECODES: u32 = 160_000;

/// Whether this server can be read at all.
///
/// # Errors
/// When it is too old, or its texts are not known to be text.
pub(crate) fn check_reading(version: u32, encoding: &str, database: &str) -> Result<()> {
    if version < OLDEST {
        return Err(Error::source(format!(
            "the server is of version {}, and the oldest that is read from is 12",
            version / 10_000
        )));
    }
    if encoding == "SQL_ASCII" {
        return Err(Error::source(format!(
            "database `{database}` has the encoding `SQL_ASCII`: nothing says what its texts mean"
        ))
        .with_help("dump it and restore it into a database with the encoding `UTF8`"));
    }
    Ok(())
}

/// Whether changes can be followed on this server by this role. `has_slot`: the slot is there already.
///
/// # Errors
/// Everything that is missing, at once, with what to run.
pub(crate) fn check_server(facts: &ServerFacts, has_slot: bool) -> Result<()> {
    let mut missing: Vec<(String, String)> = Vec::new();
    if facts.wal_level != WalLevel::Logical {
        let level = match facts.wal_level {
            WalLevel::Minimal => "minimal",
            _ => "replica",
        };
        missing.push((
            format!("`wal_level` is `{level}`, and changes can be followed only under `logical`"),
            "run `ALTER SYSTEM SET wal_level = 'logical';` and restart the server".to_owned(),
        ));
    }
    if !facts.replication && !facts.superuser {
        missing.push((
            format!("role `{}` may not replicate", facts.role),
            format!(
                "run `ALTER ROLE {} REPLICATION;` as a superuser",
                identifier(&facts.role)
            ),
        ));
    }
    if facts.standby && facts.version < STANDBY_DECODES {
        missing.push((
            "the server is a standby, and decodes changes only since Postgres 16".to_owned(),
            "connect to the primary server, or set `capture: none` for snapshots of this one"
                .to_owned(),
        ));
    }
    if !has_slot && facts.used_slots >= facts.max_slots {
        missing.push((
            format!("all of the server's {} replication slots are in use", facts.max_slots),
            format!(
                "drop one that nobody needs (`SELECT slot_name, active FROM pg_replication_slots;`), or run \
                 `ALTER SYSTEM SET max_replication_slots = {};` and restart the server",
                facts.max_slots + 5
            ),
        ));
    }
    if facts.used_senders >= facts.max_senders {
        missing.push((
            format!(
                "all of the server's {} WAL senders are in use",
                facts.max_senders
            ),
            format!(
                "run `ALTER SYSTEM SET max_wal_senders = {};` and restart the server",
                facts.max_senders + 5
            ),
        ));
    }
    match missing.as_slice() {
        [] => Ok(()),
        [(what, help)] => Err(Error::source(what.clone()).with_help(help.clone())),
        several => {
            let (what, help): (Vec<_>, Vec<_>) = several.iter().cloned().unzip();
            Err(Error::source(what.join("; ")).with_help(help.join("; ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> ServerFacts {
        ServerFacts {
            version: 150_018,
            wal_level: WalLevel::Logical,
            max_slots: 10,
            used_slots: 3,
            max_senders: 10,
            used_senders: 1,
            slot_limit: None,
            standby: false,
            role: "Reader".to_owned(),
            superuser: false,
            replication: true,
            can_create: true,
        }
    }

    #[test]
    fn a_server_that_is_ready_is_not_complained_about() {
        assert!(check_reading(150_018, "UTF8", "shop").is_ok());
        assert!(check_server(&ready(), false).is_ok());
        let full = ServerFacts {
            used_slots: 10,
            ..ready()
        };
        assert!(
            check_server(&full, true).is_ok(),
            "the slot is one of those in use"
        );
    }

    #[test]
    fn everything_that_is_missing_is_told_with_what_to_run() {
        let facts = ServerFacts {
            wal_level: WalLevel::Replica,
            replication: false,
            used_slots: 10,
            used_senders: 10,
            ..ready()
        };
        let error = check_server(&facts, false).unwrap_err();
        for what in [
            "`wal_level` is `replica`",
            "role `Reader` may not replicate",
            "10 replication slots",
            "10 WAL senders",
        ] {
            assert!(
                error.message().contains(what),
                "{what}: {}",
                error.message()
            );
        }
        let help = error.help().unwrap_or_default();
        assert!(help.contains("ALTER SYSTEM SET wal_level = 'logical';"));
        assert!(
            help.contains("ALTER ROLE \"Reader\" REPLICATION;"),
            "{help}"
        );
    }

    #[test]
    fn old_servers_and_texts_without_meaning_are_refused() {
        assert!(check_reading(110_022, "UTF8", "shop").is_err());
        assert!(check_reading(150_018, "SQL_ASCII", "shop").is_err());
        let standby = ServerFacts {
            standby: true,
            ..ready()
        };
        assert!(check_server(&standby, true).is_err());
        assert!(
            check_server(
                &ServerFacts {
                    version: 160_001,
                    ..standby
                },
                true
            )
            .is_ok()
        );
    }
}
