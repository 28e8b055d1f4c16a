//! What the derives write, written by hand.
//!
//! The rows come from the iterator that a source of derived rows gives; each value goes to a builder of its type, and the op and
//! the position of each row to builders of their own, since every batch of ours has them. A batch ends where its bytes reach
//! the bound, as in every pipeline that keeps to one, and the builders of the next have room for as much. Nothing is checked that
//! the types of the fields say already.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder as _, BooleanBuilder, Date32Builder, Float64Builder, Int8Builder, Int64Builder,
    StringBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use connector_core::{Column, Timestamp, Value};

use crate::Result;
use crate::data::Reading;

/// The builders of the columns of a [`Reading`], and of the columns of the change that every batch has.
#[derive(Debug, Default)]
pub(crate) struct Builders {
    station: StringBuilder,
    taken_at: TimestampMicrosecondBuilder,
    temperature: Float64Builder,
    humidity: Float64Builder,
    pressure: Float64Builder,
    rain: Int64Builder,
    samples: Int64Builder,
    sunny: BooleanBuilder,
    day: Date32Builder,
    note: StringBuilder,
    op: Int8Builder,
    lsn: UInt64Builder,
    seq: UInt64Builder,
}

/// The bytes of a row without its texts.
const ROW: usize = 7 * 8 + 2 * 4 + 2 + 17;

impl Builders {
    /// Builders with room for so many rows, and so many bytes of their texts.
    fn with_room(rows: usize, station: usize, note: usize) -> Self {
        Self {
            station: StringBuilder::with_capacity(rows, station),
            taken_at: TimestampMicrosecondBuilder::with_capacity(rows),
            temperature: Float64Builder::with_capacity(rows),
            humidity: Float64Builder::with_capacity(rows),
            pressure: Float64Builder::with_capacity(rows),
            rain: Int64Builder::with_capacity(rows),
            samples: Int64Builder::with_capacity(rows),
            sunny: BooleanBuilder::with_capacity(rows),
            day: Date32Builder::with_capacity(rows),
            note: StringBuilder::with_capacity(rows, note),
            op: Int8Builder::with_capacity(rows),
            lsn: UInt64Builder::with_capacity(rows),
            seq: UInt64Builder::with_capacity(rows),
        }
    }

    /// The bytes of the rows so far.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.station.values_slice().len() + self.note.values_slice().len();
        self.seq.len() * ROW + texts
    }

    pub(crate) fn push(&mut self, reading: &Reading<'_>, seq: u64) {
        self.station.append_value(reading.station);
        self.taken_at.append_value(microseconds(reading.taken_at));
        self.temperature.append_option(reading.temperature);
        self.humidity.append_option(reading.humidity);
        self.pressure.append_value(reading.pressure);
        self.rain.append_value(reading.rain);
        self.samples.append_value(reading.samples);
        self.sunny.append_value(reading.sunny);
        self.day.append_value(reading.day.days());
        self.note.append_option(reading.note);
        self.op.append_value(0);
        self.lsn.append_value(0);
        self.seq.append_value(seq);
    }

    pub(crate) fn finish(&mut self) -> Result<RecordBatch> {
        let texts = |builder: &StringBuilder| builder.values_slice().len();
        let room = (self.seq.len(), texts(&self.station), texts(&self.note));
        let columns: [(&str, ArrayRef); 13] = [
            ("station", Arc::new(self.station.finish())),
            ("taken_at", Arc::new(self.taken_at.finish())),
            ("temperature", Arc::new(self.temperature.finish())),
            ("humidity", Arc::new(self.humidity.finish())),
            ("pressure", Arc::new(self.pressure.finish())),
            ("rain", Arc::new(self.rain.finish())),
            ("samples", Arc::new(self.samples.finish())),
            ("sunny", Arc::new(self.sunny.finish())),
            ("day", Arc::new(self.day.finish())),
            ("note", Arc::new(self.note.finish())),
            ("_op", Arc::new(self.op.finish())),
            ("_lsn", Arc::new(self.lsn.finish())),
            ("_seq", Arc::new(self.seq.finish())),
        ];
        *self = Self::with_room(room.0, room.1, room.2);
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

fn microseconds(at: Timestamp) -> i64 {
    let (seconds, nanos) = (at.seconds(), at.nanos());
    seconds * 1_000_000 + i64::from(nanos) / 1_000
}

/// Reads one row of a batch: each value checked to be of the field's kind.
pub(crate) fn read(columns: &[Column], row: usize) -> Result<Reading<'_>> {
    Ok(Reading {
        station: text(&columns[0], row)?.ok_or("null")?,
        taken_at: match columns[1].value(row) {
            Value::Timestamp(at) => at,
            other => return Err(wrong(other)),
        },
        temperature: float(&columns[2], row)?,
        humidity: float(&columns[3], row)?,
        pressure: float(&columns[4], row)?.ok_or("null")?,
        rain: int(&columns[5], row)?,
        samples: int(&columns[6], row)?,
        sunny: match columns[7].value(row) {
            Value::Bool(sunny) => sunny,
            other => return Err(wrong(other)),
        },
        day: match columns[8].value(row) {
            Value::Date(day) => day,
            other => return Err(wrong(other)),
        },
        note: text(&columns[9], row)?,
    })
}

fn text(column: &Column, row: usize) -> Result<Option<&str>> {
    match column.value(row) {
        Value::Text(text) => Ok(Some(text)),
        Value::Null => Ok(None),
        other => Err(wrong(other)),
    }
}

fn float(column: &Column, row: usize) -> Result<Option<f64>> {
    match column.value(row) {
        Value::Float(number) => Ok(Some(number)),
        Value::Null => Ok(None),
        other => Err(wrong(other)),
    }
}

fn int(column: &Column, row: usize) -> Result<i64> {
    match column.value(row) {
        Value::Int(number) => Ok(number),
        other => Err(wrong(other)),
    }
}

#[cold]
fn wrong(value: Value<'_>) -> Box<dyn std::error::Error + Send + Sync> {
    format!("a value of the wrong kind: {}", value.kind()).into()
}
