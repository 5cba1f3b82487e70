//! Rows as lines of JSON, the same bytes whichever database they come from.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::evidence::Digest32;
use sha2::{Digest, Sha256};
use store::{
    copying::{Row, Value},
    tables::{Column, Kind},
};

/// Adds a row as one line: an array with its values in the order of the columns; bytes as base64.
pub(super) fn push(row: &Row, line: &mut Vec<u8>) -> std::io::Result<()> {
    line.push(b'[');
    for (n, value) in row.iter().enumerate() {
        if n > 0 {
            line.push(b',');
        }
        match value {
            Value::Text(text) => serde_json::to_writer(&mut *line, text)?,
            Value::Number(number) => serde_json::to_writer(&mut *line, number)?,
            Value::Id(id) => serde_json::to_writer(&mut *line, id)?,
            Value::Flag(flag) => serde_json::to_writer(&mut *line, flag)?,
            Value::Bytes(bytes) => {
                serde_json::to_writer(&mut *line, &bytes.as_ref().map(|bytes| STANDARD.encode(bytes)))?;
            }
        }
    }
    line.extend_from_slice(b"]\n");
    Ok(())
}

/// The row of a line; `None` if it has not one fitting value for each column.
pub(super) fn read(line: &[u8], columns: &[&'static Column]) -> Option<Row> {
    let values: Vec<serde_json::Value> = serde_json::from_slice(line).ok()?;
    if values.len() != columns.len() {
        return None;
    }
    values.into_iter().zip(columns).map(|(value, column)| fit(value, column.kind)).collect()
}

fn fit(value: serde_json::Value, kind: Kind) -> Option<Value> {
    use serde_json::from_value;
    Some(match kind {
        Kind::Text => Value::Text(from_value(value).ok()?),
        Kind::Number | Kind::Life => Value::Number(from_value(value).ok()?),
        Kind::Id => Value::Id(from_value(value).ok()?),
        Kind::Flag => Value::Flag(from_value(value).ok()?),
        Kind::Bytes => Value::Bytes(match from_value::<Option<String>>(value).ok()? {
            Some(text) => Some(STANDARD.decode(text).ok()?),
            None => None,
        }),
    })
}

/// What was counted and summed of the lines of a table.
#[derive(Debug, Default, Clone)]
pub(crate) struct Sums {
    /// Lines.
    pub rows: u64,
    /// Bytes of all lines.
    pub bytes: u64,
    sum: Sha256,
}

impl Sums {
    /// Counts `lines`, which hold `rows` whole lines.
    pub fn add(&mut self, rows: u64, lines: &[u8]) {
        self.rows += rows;
        self.bytes += lines.len() as u64;
        self.sum.update(lines);
    }

    /// Counts rows as their lines.
    pub fn add_rows(&mut self, rows: &[Row]) -> std::io::Result<()> {
        let mut lines = Vec::new();
        rows.iter().try_for_each(|row| push(row, &mut lines))?;
        self.add(rows.len() as u64, &lines);
        Ok(())
    }

    /// The sum so far.
    pub fn digest(&self) -> Digest32 {
        Digest32(self.sum.clone().finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::tables::Table;

    #[test]
    fn a_line_reads_back_as_the_row_it_was_written_from() {
        let mut columns = Table::named("tokens").unwrap().all();
        columns.truncate(7);
        let row = vec![
            Value::Id(Some(uuid::Uuid::from_u128(7))),
            Value::Id(None),
            Value::Text(Some("two\nlines, “quotes”, \u{0} and \u{202e}".into())),
            Value::Bytes(Some(vec![0, 255, 10])),
            Value::Number(Some(i64::MAX)),
            Value::Number(Some(i64::MIN)),
            Value::Number(None),
        ];
        let mut line = Vec::new();
        push(&row, &mut line).unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(read(&line, &columns), Some(row));
    }

    #[test]
    fn what_is_no_row_is_refused() {
        let columns = Table::named("counters").unwrap().all();
        for wrong in
            ["", "[]", "{}", "[\"a\"]", "[\"a\",\"b\"]", "[\"a\",1,2]", "[1,1]", "[\"a\",1.5]", "\u{0}"]
        {
            assert_eq!(read(wrong.as_bytes(), &columns), None, "{wrong}");
        }
        assert!(read(b"[\"a\",1]", &columns).is_some());
    }
}
