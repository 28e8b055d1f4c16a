//! Columns of one type, read in both forms.

use connector_core::{Column, Misfit};
use connector_postgres::types::{Decoder, PgValue, TypeCatalog, TypeOptions};
use connector_postgres::wire::Connection;

use crate::catalog;

/// The values of one column in a form, each as JSON or as the reason why it does not fit.
pub(crate) fn column(
    connection: &mut Connection,
    decoder: &Decoder,
    query: &str,
    binary: bool,
) -> Vec<Result<String, Misfit>> {
    let form = if binary { "binary" } else { "text" };
    let sql = format!("COPY ({query}) TO STDOUT (FORMAT {form})");
    let mut copy = connection.copy_out(&sql).unwrap();
    let mut values = Vec::new();
    let mut first = true;
    while let Some(data) = copy.next().unwrap() {
        let mut unescaped = Vec::new();
        let raw = if binary {
            // The head of the file comes with the first row; -1 columns are its end.
            let row = if std::mem::take(&mut first) {
                &data[19..]
            } else {
                data
            };
            match row {
                [0xff, 0xff] => continue,
                [0, 1, 0xff, 0xff, 0xff, 0xff] => PgValue::Null,
                [0, 1, _, _, _, _, value @ ..] => PgValue::Binary(value),
                row => panic!("{row:?}"),
            }
        } else {
            match data.strip_suffix(b"\n").unwrap() {
                b"\\N" => PgValue::Null,
                escaped => {
                    unescape(escaped, &mut unescaped);
                    PgValue::Text(&unescaped)
                }
            }
        };
        values.push(cast(decoder, raw));
    }
    values
}

fn cast(decoder: &Decoder, raw: PgValue<'_>) -> Result<String, Misfit> {
    let mut column = Column::new(decoder.field_type());
    let result = decoder.append(raw, &mut column);
    assert_eq!(column.len(), usize::from(result.is_ok()));
    result?;
    let mut json = Vec::new();
    column.value(0).write_json(&mut json);
    Ok(String::from_utf8(json).unwrap())
}

fn unescape(escaped: &[u8], out: &mut Vec<u8>) {
    let mut bytes = escaped.iter();
    while let Some(&byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next().unwrap() {
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'v' => 11,
                other => *other,
            },
            byte => byte,
        });
    }
}

/// How a column of this type is read.
pub(crate) fn decoder(
    connection: &mut Connection,
    declared: &str,
    options: TypeOptions,
) -> Result<Decoder, String> {
    let sql = format!("DROP TABLE IF EXISTS one; CREATE TABLE one (v {declared})");
    connection.execute(&sql).unwrap();
    let sql = "SELECT atttypid, atttypmod FROM pg_attribute WHERE attrelid = 'one'::regclass AND attname = 'v'";
    let rows = connection.query(sql).unwrap();
    let row = rows.one().unwrap();
    let (oid, modifier) = (
        row.parse("atttypid").unwrap(),
        row.parse("atttypmod").unwrap(),
    );
    let mut types = TypeCatalog::new(options);
    catalog::load(connection, &mut types);
    types.resolve(oid, modifier)
}
