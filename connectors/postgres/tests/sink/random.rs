//! Random changes, in batches and transactions of random sizes, and some runs that break off: the sink holds what the changes leave one
//! by one.

use std::collections::BTreeMap;

use connector_core::{FieldType, Value};

use crate::given::{Delete, Held, Insert, Row, UpdateAfter, UpdateBefore, schema};

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

fn number(value: usize) -> i64 {
    i64::try_from(value).unwrap()
}

const NOTES: [&str; 4] = [
    "",
    "a",
    "b",
    "a long note that is sent only where it changed",
];

fn note(place: usize) -> Value<'static> {
    NOTES
        .get(place)
        .map_or(Value::Null, |note| Value::Text(note))
}

#[test]
fn changes_by_key() {
    let columns = [
        ("a", FieldType::Int),
        ("b", FieldType::Text),
        ("note", FieldType::Text),
        ("n", FieldType::Int),
    ];
    let mut held = Held::new("sink_random_keyed", &[schema("t", &columns, &[1, 0])]);
    held.snapshot(&[]);
    let mut random = Random(1);
    // By key: the note and the number.
    let mut model: BTreeMap<(i64, usize), (usize, i64)> = BTreeMap::new();
    let mut stored = model.clone();
    for round in 0..150 {
        for _ in 0..=random.below(2) {
            let mut changes: Vec<Row<'static>> = Vec::new();
            for _ in 0..random.below(40) {
                let key = (number(random.below(12)), random.below(3));
                let new = (random.below(5), number(random.below(1000)));
                let old_key = || {
                    vec![
                        Value::Int(key.0),
                        note(key.1),
                        Value::Unchanged,
                        Value::Unchanged,
                    ]
                };
                let whole = |key: (i64, usize), value: (usize, i64)| {
                    vec![
                        Value::Int(key.0),
                        note(key.1),
                        note(value.0),
                        Value::Int(value.1),
                    ]
                };
                let Some(&old) = model.get(&key) else {
                    model.insert(key, new);
                    changes.push((Insert, whole(key, new)));
                    continue;
                };
                match random.below(4) {
                    0 => {
                        model.remove(&key);
                        changes.push((Delete, old_key()));
                    }
                    kind => {
                        let other = (number(random.below(12)), random.below(3));
                        let to = if kind == 1 && !model.contains_key(&other) {
                            other
                        } else {
                            key
                        };
                        let unsent = random.below(2) == 0;
                        let value = if unsent { (old.0, new.1) } else { new };
                        let mut after = whole(to, value);
                        if unsent {
                            after[2] = Value::Unchanged;
                        }
                        model.remove(&key);
                        model.insert(to, value);
                        changes.push((UpdateBefore, old_key()));
                        changes.push((UpdateAfter, after));
                    }
                }
            }
            held.write(&changes);
        }
        if random.below(6) == 0 {
            held = held.reopened().0;
            model = stored.clone();
        } else {
            held.commit();
            stored = model.clone();
        }
        let expected = model.iter().map(|((a, b), (note, n))| {
            let note = NOTES
                .get(*note)
                .map_or("null".to_owned(), |note| format!("{note:?}"));
            format!("[{a},{:?},{note},{n}]", NOTES[*b])
        });
        let mut expected: Vec<String> = expected.collect();
        expected.sort();
        let found = crate::given::lines(
            &mut held.looks,
            "SELECT replace(json_build_array(a, b, note, n)::text, ', ', ',') AS line FROM t",
        );
        assert_eq!(found, expected, "round {round}");
    }
}

#[test]
fn changes_without_a_key() {
    for (database, columns) in [
        (
            "sink_random_bag",
            &[("a", FieldType::Int), ("b", FieldType::Text)][..],
        ),
        (
            "sink_random_texts",
            &[("a", FieldType::Text), ("b", FieldType::Text)],
        ),
    ] {
        let mut held = Held::new(database, &[schema("t", columns, &[])]);
        held.snapshot(&[]);
        let of = |(a, b): (usize, usize)| {
            let a = match a {
                3 => Value::Null,
                a if columns[0].1 == FieldType::Int => Value::Int(number(a)),
                a => Value::Text(NOTES[a]),
            };
            vec![a, note(b)]
        };
        let mut random = Random(2);
        let mut model: Vec<(usize, usize)> = Vec::new();
        for round in 0..100 {
            let mut changes: Vec<Row<'static>> = Vec::new();
            for _ in 0..random.below(30) {
                let new = (random.below(4), random.below(5));
                let old = random.below(model.len() * 2 + 1);
                if old >= model.len() {
                    model.push(new);
                    changes.push((Insert, of(new)));
                } else if random.below(2) == 0 {
                    changes.push((Delete, of(model.swap_remove(old))));
                } else {
                    changes.push((UpdateBefore, of(model[old])));
                    changes.push((UpdateAfter, of(new)));
                    model[old] = new;
                }
            }
            held.change(&changes);
            let mut expected: Vec<String> = (model.iter())
                .map(|row| format!("{:?}", of(*row)))
                .collect();
            expected.sort();
            let rows = held.looks.query("SELECT a::text, b FROM t").unwrap();
            let mut found: Vec<String> = (rows.iter())
                .map(|row| {
                    let a = row.get("a").unwrap().map_or(Value::Null, |a| {
                        a.parse().map_or(Value::Text(a), Value::Int)
                    });
                    let b = row.get("b").unwrap().map_or(Value::Null, Value::Text);
                    format!("{:?}", vec![a, b])
                })
                .collect();
            found.sort();
            assert_eq!(found, expected, "round {round}");
        }
    }
}
