//! Types that are made of others.

use connector_postgres::{identifier, literal};
use proptest::prelude::*;
use proptest::sample::select;

use super::leaves::{BOTH, Kind};
use super::words::{own_name, text};
use super::{POOL, Typed};

/// Types that are made of others, each with both wire forms.
pub(super) const NESTED: &[Kind] = &[
    labels, domain, array, array, composite, composite, range, own_range, multirange,
];

/// A type with both wire forms, made of others or not.
fn part() -> BoxedStrategy<Typed> {
    let leaf = select(BOTH).prop_flat_map(|kind| kind());
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            inner.clone().prop_flat_map(arrays),
            prop::collection::vec(inner, 1..4).prop_flat_map(composites),
            range(),
            labels(),
        ]
    })
    .boxed()
}

/// An enum.
fn labels() -> BoxedStrategy<Typed> {
    let label = text().prop_filter("a label has at most 63 bytes", |text| text.len() <= 63);
    let labels = prop::collection::btree_set(label, 1..5);
    (
        own_name(),
        labels,
        prop::collection::vec(any::<prop::sample::Index>(), POOL),
    )
        .prop_map(|(name, labels, picks)| {
            let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
            Typed {
                variant: "Enum",
                ddl: vec![format!(
                    "CREATE TYPE {name} AS ENUM ({})",
                    labels.join(", ")
                )],
                values: (picks.iter())
                    .map(|pick| format!("{}::{name}", pick.get(&labels)))
                    .collect(),
                declared: name,
            }
        })
        .boxed()
}

/// A domain is what it is made of.
fn domain() -> BoxedStrategy<Typed> {
    (own_name(), part())
        .prop_map(|(name, base)| {
            let mut ddl = base.ddl;
            ddl.push(format!("CREATE DOMAIN {name} AS {}", base.declared));
            Typed {
                variant: base.variant,
                ddl,
                values: base
                    .values
                    .iter()
                    .map(|value| format!("({value})::{name}"))
                    .collect(),
                declared: name,
            }
        })
        .boxed()
}

fn array() -> BoxedStrategy<Typed> {
    part().prop_flat_map(arrays).boxed()
}

/// How an array looks: places of its elements among the values, or null.
#[derive(Debug, Clone)]
enum Shape {
    Flat(Vec<Option<usize>>),
    /// Numbered from there.
    From(i32, Vec<Option<usize>>),
    Square(usize, [Option<usize>; 6]),
}

fn arrays(element: Typed) -> BoxedStrategy<Typed> {
    // An array of arrays is one array of more dimensions, and an array in a domain would be that, too.
    if element.variant == "Array" {
        return Just(element).boxed();
    }
    let place = || prop::option::weighted(0.8, 0..POOL);
    let places = || prop::collection::vec(place(), 0..5);
    let shape = prop_oneof![
        3 => places().prop_map(Shape::Flat),
        1 => (-5_i32..5, prop::collection::vec(place(), 1..4)).prop_map(|(from, places)| Shape::From(from, places)),
        1 => (1_usize..=3, prop::array::uniform6(place())).prop_map(|(width, places)| Shape::Square(width, places)),
    ];
    prop::collection::vec(shape, POOL)
        .prop_map(move |shapes| {
            let declared = format!("{}[]", element.declared);
            let list = |places: &[Option<usize>]| {
                let values = places.iter().map(|place| {
                    place.map_or_else(|| "NULL".to_owned(), |place| element.values[place].clone())
                });
                values.collect::<Vec<_>>().join(", ")
            };
            let value = |shape: &Shape| match shape {
                Shape::Flat(places) => format!("ARRAY[{}]::{declared}", list(places)),
                Shape::From(from, places) => format!(
                    "('[{from}:{}]=' || ARRAY[{}]::{declared}::text)::{declared}",
                    from + i32::try_from(places.len()).unwrap() - 1,
                    list(places)
                ),
                Shape::Square(width, places) => {
                    let rows: Vec<String> = (places.chunks_exact(*width))
                        .map(|row| format!("[{}]", list(row)))
                        .collect();
                    format!("ARRAY[{}]::{declared}", rows.join(", "))
                }
            };
            Typed {
                variant: "Array",
                values: shapes.iter().map(value).collect(),
                ddl: element.ddl.clone(),
                declared,
            }
        })
        .boxed()
}

fn composite() -> BoxedStrategy<Typed> {
    prop::collection::vec(part(), 1..5)
        .prop_flat_map(composites)
        .boxed()
}

fn composites(fields: Vec<Typed>) -> BoxedStrategy<Typed> {
    let name = text().prop_filter("a name has at most 60 bytes", |text| {
        (1..=60).contains(&text.len())
    });
    let names = prop::collection::vec(name, fields.len());
    let nulls = prop::collection::vec(any::<u8>(), POOL);
    (own_name(), names, nulls)
        .prop_map(move |(name, names, nulls)| {
            let columns: Vec<String> = (fields.iter().zip(&names).enumerate())
                .map(|(place, (field, name))| {
                    format!(
                        "{} {}",
                        identifier(&format!("{place}{name}")),
                        field.declared
                    )
                })
                .collect();
            let mut ddl: Vec<String> = fields.iter().flat_map(|field| field.ddl.clone()).collect();
            ddl.push(format!("CREATE TYPE {name} AS ({})", columns.join(", ")));
            let row = |(number, nulls): (usize, &u8)| {
                let values = fields.iter().enumerate().map(|(place, field)| {
                    // A quarter of them.
                    let null = (nulls >> (place % 4 * 2)).trailing_zeros() > 1;
                    let value = &field.values[(number + place) % POOL];
                    if null { "NULL" } else { value.as_str() }
                });
                format!("ROW({})::{name}", values.collect::<Vec<_>>().join(", "))
            };
            Typed {
                variant: "Composite",
                ddl,
                values: nulls.iter().enumerate().map(row).collect(),
                declared: name.clone(),
            }
        })
        .boxed()
}

/// The bounds of a range: places among the values, whether each is part of it, and whether the range is empty.
type Bounds = (Option<usize>, Option<usize>, &'static str, bool);

fn bounds() -> impl Strategy<Value = Vec<Bounds>> {
    let place = || prop::option::weighted(0.8, 0..POOL);
    let bounds = (
        place(),
        place(),
        select(vec!["[)", "()", "[]", "(]"]),
        prop::bool::weighted(0.1),
    );
    prop::collection::vec(bounds, POOL)
}

fn one_range(name: &str, bound: &Typed, (lower, upper, kind, empty): &Bounds) -> String {
    if *empty {
        return format!("'empty'::{name}");
    }
    let value = |place: &Option<usize>| place.map(|place| bound.values[place].as_str());
    // In order; `least` and `greatest` of a bound and of none would be the bound.
    let [from, to] = match (value(lower), value(upper)) {
        (Some(a), Some(b)) => [format!("least({a}, {b})"), format!("greatest({a}, {b})")],
        (a, b) => [a, b].map(|bound| bound.unwrap_or("NULL").to_owned()),
    };
    format!("{name}({from}, {to}, '{kind}')")
}

/// The values of these types are in an order, and the next day or number after any of them can be stored.
fn bound(declared: &'static str) -> BoxedStrategy<Typed> {
    let numbers = |declared| {
        super::leaves::of(
            "",
            declared,
            (-2_000_000_000_i32..2_000_000_000).prop_map(|n| n.to_string()),
        )
    };
    match declared {
        "int4" | "int8" => numbers(declared),
        "date" => super::leaves::by(
            "",
            "date",
            (-2_000_000..2_000_000).prop_map(|days| format!("date '2000-01-01' + ({days})")),
        ),
        declared => select(BOTH)
            .prop_flat_map(|kind| kind())
            .prop_filter("the bound's type", move |typed| typed.declared == declared)
            .boxed(),
    }
}

const RANGES: &[(&str, &str, &str)] = &[
    ("int4", "int4range", "int4multirange"),
    ("int8", "int8range", "int8multirange"),
    ("numeric", "numrange", "nummultirange"),
    ("date", "daterange", "datemultirange"),
    ("timestamp", "tsrange", "tsmultirange"),
    ("timestamptz", "tstzrange", "tstzmultirange"),
];

fn range() -> BoxedStrategy<Typed> {
    select(RANGES)
        .prop_flat_map(|(declared, name, _)| {
            (bound(declared), bounds()).prop_map(move |(bound, bounds)| Typed {
                variant: "Range",
                declared: name.to_owned(),
                ddl: Vec::new(),
                values: bounds
                    .iter()
                    .map(|bounds| one_range(name, &bound, bounds))
                    .collect(),
            })
        })
        .boxed()
}

/// A range, or a multirange, of bounds whose text is quoted in all ways.
fn own_range() -> BoxedStrategy<Typed> {
    let declared = select(vec![
        "text", "float8", "uuid", "inet", "timetz", "bytea", "interval",
    ]);
    (
        own_name(),
        declared.prop_flat_map(bound),
        bounds(),
        any::<bool>(),
    )
        .prop_map(|(name, bound, bounds, multi)| {
            let ranges = bounds.iter().map(|bounds| one_range(&name, &bound, bounds));
            let mut ddl = bound.ddl.clone();
            ddl.push(format!(
                "CREATE TYPE {name} AS RANGE (SUBTYPE = {}, MULTIRANGE_TYPE_NAME = {name}_multi)",
                bound.declared
            ));
            if multi {
                let values = ranges
                    .map(|range| format!("{name}_multi({range})"))
                    .collect();
                return Typed {
                    variant: "Multirange",
                    declared: format!("{name}_multi"),
                    ddl,
                    values,
                };
            }
            Typed {
                variant: "Range",
                values: ranges.collect(),
                declared: name,
                ddl,
            }
        })
        .boxed()
}

fn multirange() -> BoxedStrategy<Typed> {
    select(RANGES)
        .prop_flat_map(|(declared, name, multi)| {
            let counts = prop::collection::vec(0_usize..4, POOL);
            (bound(declared), bounds(), counts).prop_map(move |(bound, bounds, counts)| {
                let value = |(number, count): (usize, &usize)| {
                    let ranges = (0..*count)
                        .map(|place| one_range(name, &bound, &bounds[(number + place) % POOL]));
                    format!("{multi}({})", ranges.collect::<Vec<_>>().join(", "))
                };
                Typed {
                    variant: "Multirange",
                    declared: multi.to_owned(),
                    ddl: Vec::new(),
                    values: counts.iter().enumerate().map(value).collect(),
                }
            })
        })
        .boxed()
}
