//! Figures in the plane. A point is one; the rest become JSON.

use connector_core::{Misfit, Point, Value};

use super::super::cursor::{BinaryCursor, TextCursor, malformed};
use super::super::lend::JsonText;
use super::super::value::{Form, PgValue};
use super::number::float_text;

/// Reads a number up to one of the signs that stand between them.
fn number(cursor: &mut TextCursor<'_>) -> Option<f64> {
    let text = cursor.until(|byte| matches!(byte, b',' | b')' | b'}' | b'>' | b']' | b'('));
    float_text(text).ok()
}

/// Reads `(x,y)`.
fn point_text(cursor: &mut TextCursor<'_>) -> Option<Point> {
    cursor.expect(b'(')?;
    let x = number(cursor)?;
    cursor.expect(b',')?;
    let y = number(cursor)?;
    cursor.expect(b')')?;
    Some(Point::new(x, y))
}

/// Reads `(x,y),(x,y)` and so on.
fn points_text(cursor: &mut TextCursor<'_>) -> Option<Vec<Point>> {
    let mut points = vec![point_text(cursor)?];
    while cursor.eat(b',') {
        points.push(point_text(cursor)?);
    }
    Some(points)
}

fn point_binary(cursor: &mut BinaryCursor<'_>) -> Result<Point, Misfit> {
    Ok(Point::new(cursor.float()?, cursor.float()?))
}

/// Reads so many points, for which the bytes must be there before room is made.
fn points_binary(cursor: &mut BinaryCursor<'_>, count: usize) -> Result<Vec<Point>, Misfit> {
    if count.checked_mul(16) != Some(cursor.rest().len()) {
        return Err(cursor.malformed());
    }
    (0..count).map(|_| point_binary(cursor)).collect()
}

/// Reads all of one of the two forms.
fn read<T>(
    raw: PgValue<'_>,
    what: &'static str,
    text: impl FnOnce(&mut TextCursor<'_>) -> Option<T>,
    binary: impl FnOnce(&mut BinaryCursor<'_>) -> Result<T, Misfit>,
) -> Result<T, Misfit> {
    match raw.form()? {
        Form::Text(bytes) => {
            let mut cursor = TextCursor::new(bytes);
            let figure = text(&mut cursor).filter(|_| cursor.is_done());
            figure.ok_or_else(|| malformed(what))
        }
        Form::Binary(bytes) => {
            let mut cursor = BinaryCursor::new(bytes, what);
            let figure = binary(&mut cursor)?;
            cursor.end()?;
            Ok(figure)
        }
    }
}

pub(crate) fn point(raw: PgValue<'_>) -> Result<Point, Misfit> {
    read(raw, "a point", point_text, point_binary)
}

/// `{"a":1,"b":-1,"c":0}`: the line a x + b y + c = 0.
pub(crate) fn line(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    let numbers = read(
        raw,
        "a line",
        |cursor| {
            cursor.expect(b'{')?;
            let a = number(cursor)?;
            cursor.expect(b',')?;
            let b = number(cursor)?;
            cursor.expect(b',')?;
            let c = number(cursor)?;
            cursor.expect(b'}')?;
            Some([a, b, c])
        },
        |cursor| Ok([cursor.float()?, cursor.float()?, cursor.float()?]),
    )?;
    JsonText::write(|out| {
        for (key, number) in ["{\"a\":", ",\"b\":", ",\"c\":"].iter().zip(numbers) {
            out.extend_from_slice(key.as_bytes());
            Value::Float(number).write_json(out);
        }
        out.push(b'}');
        Ok(())
    })
}

/// `[[0,0],[1,1]]`: the two ends.
pub(crate) fn segment(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    let ends = read(
        raw,
        "a line segment",
        |cursor| {
            cursor.expect(b'[')?;
            let ends = points_text(cursor).filter(|ends| ends.len() == 2)?;
            cursor.expect(b']')?;
            Some(ends)
        },
        |cursor| points_binary(cursor, 2),
    )?;
    JsonText::write(|out| write_points(&ends, out))
}

/// `[[1,1],[0,0]]`: the upper right corner, then the lower left one.
pub(crate) fn corners(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    let corners = read(
        raw,
        "a box",
        |cursor| points_text(cursor).filter(|corners| corners.len() == 2),
        |cursor| points_binary(cursor, 2),
    )?;
    JsonText::write(|out| write_points(&corners, out))
}

/// `{"closed":false,"points":[[0,0],[1,1]]}`.
pub(crate) fn path(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    let (closed, points) = read(
        raw,
        "a path",
        |cursor| {
            let closed = cursor.next()? == b'(';
            let points = points_text(cursor)?;
            cursor.expect(if closed { b')' } else { b']' })?;
            Some((closed, points))
        },
        |cursor| {
            let closed = cursor.byte()? != 0;
            let count = cursor.count()?;
            Ok((closed, points_binary(cursor, count)?))
        },
    )?;
    JsonText::write(|out| {
        let head: &[u8] = if closed {
            b"{\"closed\":true,\"points\":"
        } else {
            b"{\"closed\":false,\"points\":"
        };
        out.extend_from_slice(head);
        write_points(&points, out)?;
        out.push(b'}');
        Ok(())
    })
}

/// `[[0,0],[1,0],[1,1]]`: the corners.
pub(crate) fn polygon(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    let corners = read(
        raw,
        "a polygon",
        |cursor| {
            cursor.expect(b'(')?;
            let corners = points_text(cursor)?;
            cursor.expect(b')')?;
            Some(corners)
        },
        |cursor| {
            let count = cursor.count()?;
            points_binary(cursor, count)
        },
    )?;
    JsonText::write(|out| write_points(&corners, out))
}

/// `{"center":[0,0],"radius":1}`.
pub(crate) fn circle(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    let (center, radius) = read(
        raw,
        "a circle",
        |cursor| {
            cursor.expect(b'<')?;
            let center = point_text(cursor)?;
            cursor.expect(b',')?;
            let radius = number(cursor)?;
            cursor.expect(b'>')?;
            Some((center, radius))
        },
        |cursor| Ok((point_binary(cursor)?, cursor.float()?)),
    )?;
    JsonText::write(|out| {
        out.extend_from_slice(b"{\"center\":");
        write_point(center, out);
        out.extend_from_slice(b",\"radius\":");
        Value::Float(radius).write_json(out);
        out.push(b'}');
        Ok(())
    })
}

fn write_point(point: Point, out: &mut Vec<u8>) {
    out.push(b'[');
    Value::Float(point.x).write_json(out);
    out.push(b',');
    Value::Float(point.y).write_json(out);
    out.push(b']');
}

#[expect(clippy::unnecessary_wraps, reason = "it ends what may fail")]
fn write_points(points: &[Point], out: &mut Vec<u8>) -> Result<(), Misfit> {
    out.push(b'[');
    for (place, point) in points.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_point(*point, out);
    }
    out.push(b']');
    Ok(())
}
