//! Pictures, as SVG.

use std::fmt::Write as _;

use crate::measure::{Reach, Reached};

const WIDTH: f64 = 860.0;
const LABELS: f64 = 360.0;
const BAR: f64 = 22.0;
const TOP: f64 = 34.0;

/// A bar for each path: our cost by the limit's, with the spread and what is to be reached.
#[expect(clippy::cast_precision_loss, reason = "paths are few")]
pub(crate) fn ratios(reached: &[Reached]) -> String {
    let greatest = reached.iter().map(|path| path.spread.1);
    let greatest = greatest.fold(1.5, f64::max).min(4.0);
    let x = |ratio: f64| LABELS + ratio.min(greatest) / greatest * (WIDTH - LABELS - 60.0);
    let height = TOP + BAR * reached.len() as f64 + 16.0;
    let mut svg = begin(
        WIDTH,
        height,
        "Our cost for a row, as a multiple of the limit's",
    );
    line(
        &mut svg,
        (x(1.0), TOP - 6.0),
        (x(1.0), height - 8.0),
        "#888",
    );
    for (place, path) in reached.iter().enumerate() {
        let y = TOP + BAR * place as f64;
        let color = if path.missed() { "#c0392b" } else { "#2d7d46" };
        text(&mut svg, (LABELS - 8.0, y + 12.0), "end", &path.title);
        let _ = writeln!(
            svg,
            r#"<rect x="{LABELS}" y="{y}" width="{:.1}" height="14" fill="{color}"/>"#,
            x(path.ratio) - LABELS
        );
        line(
            &mut svg,
            (x(path.spread.0), y + 7.0),
            (x(path.spread.1), y + 7.0),
            "#222",
        );
        let bound = match path.reach {
            Reach::AtMost(bound) | Reach::Held { at_most: bound, .. } => Some(bound),
            Reach::Times(times) => Some(1.0 / times),
            Reach::Shown => None,
        };
        if let Some(bound) = bound {
            line(
                &mut svg,
                (x(bound), y - 3.0),
                (x(bound), y + 17.0),
                "#e08e0b",
            );
        }
        let label = format!("{:.2}", path.ratio);
        let end = x(path.ratio.max(path.spread.1));
        text(&mut svg, (end + 6.0, y + 12.0), "start", &label);
    }
    svg + "</svg>\n"
}

/// A curve for each path that says what one more costs: by the first one's cost, over how many there are.
pub(crate) fn one_more(reached: &[Reached]) -> String {
    const COLORS: [&str; 4] = ["#2d7d46", "#1f5fa8", "#b0478c", "#8a6d1a"];
    let (left, right, top, bottom) = (60.0, 560.0, 40.0, 300.0);
    let title = "What one more costs, where there are so many, by what it costs at first";
    let mut svg = begin(WIDTH, 360.0, title);
    for (tick, color) in [
        (0.0, "#ddd"),
        (0.5, "#ddd"),
        (1.0, "#ddd"),
        (1.3, "#e08e0b"),
        (2.0, "#ddd"),
    ] {
        let y = bottom - tick / 2.0 * (bottom - top);
        line(&mut svg, (left, y), (right, y), color);
        text(&mut svg, (left - 8.0, y + 4.0), "end", &format!("{tick}"));
    }
    let curves = reached.iter().filter(|path| !path.one_more.is_empty());
    for (place, path) in curves.enumerate() {
        let color = COLORS[place % COLORS.len()];
        let first = path.one_more.first().map_or(1.0, |(_, cost)| *cost);
        // Each curve has the whole width: its numbers stand below, in a line of their own.
        let ends = [path.one_more.first(), path.one_more.last()];
        let [start, end] = ends.map(|end| end.map_or(0.0, |(number, _)| f64::from(*number).ln()));
        let point = |&(number, cost): &(u32, f64)| {
            let along = (f64::from(number).ln() - start) / (end - start).max(f64::MIN_POSITIVE);
            let up = (cost / first / 2.0).min(1.0);
            (left + along * (right - left), bottom - up * (bottom - top))
        };
        let points: Vec<(f64, f64)> = path.one_more.iter().map(point).collect();
        for pair in points.windows(2) {
            line(&mut svg, pair[0], pair[1], color);
        }
        #[expect(clippy::cast_precision_loss, reason = "curves are few")]
        let row = place as f64;
        for ((number, _), (x, _)) in path.one_more.iter().zip(&points) {
            text(
                &mut svg,
                (*x, bottom + 14.0 + 12.0 * row),
                "middle",
                &number.to_string(),
            );
        }
        line(
            &mut svg,
            (right + 20.0, top + 16.0 * row),
            (right + 40.0, top + 16.0 * row),
            color,
        );
        text(
            &mut svg,
            (right + 46.0, top + 4.0 + 16.0 * row),
            "start",
            &path.title,
        );
    }
    svg + "</svg>\n"
}

fn begin(width: f64, height: f64, title: &str) -> String {
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">
<rect width="{width}" height="{height}" fill="#fff"/>
"##
    );
    text(&mut svg, (10.0, 18.0), "start", title);
    svg
}

fn line(svg: &mut String, from: (f64, f64), to: (f64, f64), color: &str) {
    let _ = writeln!(
        svg,
        r#"<line x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}" stroke="{color}" stroke-width="1.5"/>"#,
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, at: (f64, f64), anchor: &str, content: &str) {
    let content = content.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        svg,
        r#"<text x="{:.1}" y="{:.1}" text-anchor="{anchor}">{content}</text>"#,
        at.0, at.1
    );
}
