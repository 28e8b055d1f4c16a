//! Names of slots and publications, made from the name of the reader.

use connector_core::{Error, Fingerprint, Result};

/// The most bytes of a name, as servers are built.
const MAX_NAME: usize = 63;

/// A name that is the same in every run of this reader, and another one for another reader: `dozer_shop_main_1f0c93ab`.
///
/// `reader` is the application's name and the connection's; `scope` is what else has to tell names apart: for a slot,
/// of which a server has one list for all databases, the database.
pub(crate) fn derived(reader: &str, scope: &str) -> String {
    let words = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let readable: String = reader.chars().map(words).collect();
    let hash = Fingerprint::new().text(reader).text(scope).finish() >> 32;
    let room = MAX_NAME - "dozer__".len() - 8;
    let readable: String = readable.chars().take(room).collect();
    format!("dozer_{readable}_{hash:08x}")
}

/// Whether the server takes this as the name of a slot.
///
/// # Errors
/// Of the configuration.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(fits) {
        return Ok(());
    }
    Err(Error::config(format!(
        "`{}` cannot be the name of a replication slot",
        name.escape_debug()
    ))
    .with_help(format!(
        "a slot's name has lower-case letters, digits and `_`, at most {MAX_NAME} of them"
    ))
    .with_key("slot"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_server_takes_are_taken() {
        for name in ["a", "orders_2", &"x".repeat(63)] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "Orders", "a-b", "a\nb", "ü", &"x".repeat(64)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_is_the_same_in_every_release() {
        assert_eq!(
            derived("shop/main", "orders"),
            derived("shop/main", "orders")
        );
        assert!(derived("Shop/Ünï", "").starts_with("dozer_shop__n__"));
    }

    #[test]
    fn readers_that_look_alike_have_names_of_their_own() {
        assert_ne!(derived("a/b", ""), derived("a_b", ""));
        assert_ne!(derived("a/b", "one"), derived("a/b", "two"));
    }

    #[test]
    fn a_long_name_is_cut() {
        let name = derived(&"x".repeat(200), "");
        assert_eq!(name.len(), MAX_NAME);
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        );
    }
}
