//! The answer to a query: small results, as text.

use std::ops::Range;
use std::str::FromStr;

use super::body::{Body, utf8};
use super::error::{PgError, Result};

/// The most that an answer may hold; a table is read by COPY.
const LIMIT: usize = 256 * 1024 * 1024;

/// The rows of one query, in the server's text form.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    columns: Vec<String>,
    text: String,
    /// Row by row; nothing is null.
    values: Vec<Option<Range<usize>>>,
    count: usize,
}

impl Rows {
    /// Begins with the columns that a `RowDescription` names.
    pub(super) fn described(body: &[u8]) -> Result<Self> {
        let mut body = Body::new(body);
        let count = body.count()?;
        let mut columns = Vec::new();
        for _ in 0..count {
            columns.push(body.text()?.to_owned());
            // Table, number, type, size, modifier, format.
            body.take(18)?;
        }
        Ok(Self {
            columns,
            ..Self::default()
        })
    }

    /// Adds a `DataRow`.
    pub(super) fn push(&mut self, body: &[u8]) -> Result<()> {
        if self.text.len() + body.len() > LIMIT {
            return Err(PgError::Answer(format!(
                "an answer is larger than {LIMIT} bytes"
            )));
        }
        let mut body = Body::new(body);
        if body.count()? != self.columns.len() {
            return Err(PgError::protocol(
                "a row has another number of columns than was described",
            ));
        }
        for _ in 0..self.columns.len() {
            let value = match usize::try_from(body.int32()?) {
                Ok(length) => {
                    let start = self.text.len();
                    self.text.push_str(utf8(body.take(length)?)?);
                    Some(start..self.text.len())
                }
                Err(_) => None,
            };
            self.values.push(value);
        }
        self.count += 1;
        Ok(())
    }

    /// The columns' names.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rows, in the server's order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.count).map(|index| Row { rows: self, index })
    }

    /// The first row, where there is one.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// The only row.
    ///
    /// # Errors
    /// When there are none or several.
    pub fn one(&self) -> Result<Row<'_>> {
        match (self.count, self.first()) {
            (1, Some(row)) => Ok(row),
            (count, _) => Err(PgError::Answer(format!(
                "a query gave {count} rows where one was expected"
            ))),
        }
    }
}

/// One row of [`Rows`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    rows: &'a Rows,
    index: usize,
}

impl<'a> Row<'a> {
    /// The value of a column; nothing where it is null.
    ///
    /// # Errors
    /// When the query gives no such column.
    pub fn get(&self, column: &str) -> Result<Option<&'a str>> {
        let Rows {
            columns,
            text,
            values,
            ..
        } = self.rows;
        let place = columns.iter().position(|name| name == column);
        let place = place.ok_or_else(|| answer(column, "is not in the answer"))?;
        let value = values.get(self.index * columns.len() + place);
        Ok(value.and_then(|value| text.get(value.clone()?)))
    }

    /// The value of a column that is never null.
    ///
    /// # Errors
    /// When it is null, or the query gives no such column.
    pub fn text(&self, column: &str) -> Result<&'a str> {
        self.get(column)?.ok_or_else(|| answer(column, "is null"))
    }

    /// The value of a column that is never null, parsed.
    ///
    /// # Errors
    /// When it is null or not a `T`, or the query gives no such column.
    pub fn parse<T: FromStr>(&self, column: &str) -> Result<T> {
        let text = self.text(column)?;
        text.parse()
            .map_err(|_| answer(column, "has another form than expected"))
    }

    /// The value of a boolean column that is never null.
    ///
    /// # Errors
    /// When it is null or not a boolean, or the query gives no such column.
    pub fn is_true(&self, column: &str) -> Result<bool> {
        match self.text(column)? {
            "t" => Ok(true),
            "f" => Ok(false),
            _ => Err(answer(column, "is not a boolean")),
        }
    }
}

fn answer(column: &str, what: &str) -> PgError {
    PgError::Answer(format!("the column `{column}` of a query {what}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn two_columns() -> Rows {
        let mut body = vec![0, 2];
        for name in ["a", "b"] {
            body.extend(name.bytes());
            body.push(0);
            body.extend([0; 18]);
        }
        Rows::described(&body).unwrap()
    }

    #[test]
    fn values_are_found_by_their_column() {
        let mut rows = two_columns();
        rows.push(b"\0\x02\0\0\0\x0212\xff\xff\xff\xff").unwrap();
        rows.push(b"\0\x02\0\0\0\0\0\0\0\x01t").unwrap();
        let values: Vec<_> = rows.iter().map(|row| row.get("b").unwrap()).collect();
        assert_eq!(values, [None, Some("t")]);
        let first = rows.first().unwrap();
        assert_eq!(first.parse::<u8>("a").unwrap(), 12);
        assert!(
            first
                .text("b")
                .unwrap_err()
                .to_string()
                .contains("`b` of a query is null")
        );
        assert!(
            first
                .get("c")
                .unwrap_err()
                .to_string()
                .contains("not in the answer")
        );
        assert!(rows.one().unwrap_err().to_string().contains("2 rows"));
        assert!(rows.iter().nth(1).unwrap().is_true("b").unwrap());
    }

    #[test]
    fn a_row_of_another_width_is_refused() {
        assert!(two_columns().push(b"\0\x01\xff\xff\xff\xff").is_err());
        assert!(two_columns().push(b"\0\x02\0\0\0\x09short").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(description: Vec<u8>, row: Vec<u8>) {
            let _ = Rows::described(&description);
            let _ = two_columns().push(&row);
        }
    }
}
