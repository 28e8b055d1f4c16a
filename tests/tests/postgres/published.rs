//! What a publication is made of, what it may be called, and what it leaves out.

use connector_postgres::identifier;

use crate::shop::{COPY, Shop, shared, table};

#[test]
fn a_table_is_published_without_those_that_inherit_from_it() {
    let cluster = shared();
    let schema = "CREATE TABLE parent(id int PRIMARY KEY, note text);
         CREATE TABLE child(more int) INHERITS (parent);
         INSERT INTO parent VALUES (1, 'own');
         INSERT INTO child VALUES (2, 'of the child', 1)";
    let shop = Shop::new(cluster, "inherited", schema, &[table("parent")]);
    shop.done("migrate");
    shop.done("app run --once");
    let mut connection = shop.connect(cluster);
    // The child has no key: if it were published, the server would refuse this.
    for sql in [
        "UPDATE child SET note = 'goes on'",
        "DELETE FROM child",
        "UPDATE ONLY parent SET note = 'new'",
    ] {
        connection.execute(sql).unwrap();
    }
    shop.done("app run --once");
    assert_eq!(shop.sink()["parent"], ["1, 'new'"]);
}

#[test]
fn a_publication_may_be_called_anything() {
    let cluster = shared();
    let schema = "CREATE TABLE person(id int PRIMARY KEY, name text);
         INSERT INTO person VALUES (1, 'first')";
    for (number, name) in [r"r\", r#"it's "odd", \' ; --"#, "Ünï\ncode 名"]
        .into_iter()
        .enumerate()
    {
        let database = format!("called_anything_{number}");
        let shop = Shop::new(cluster, &database, schema, &[table("person")]);
        let quoted = identifier(name);
        let sql = format!("CREATE PUBLICATION {quoted} FOR TABLE person");
        shop.connect(cluster).execute(&sql).unwrap();
        let yaml = serde_json::to_string(name).unwrap();
        shop.configure(cluster.port(), &format!(", publication: {yaml}"), COPY);
        shop.done("migrate");
        shop.done("app run --once");
        let mut connection = shop.connect(cluster);
        connection
            .execute("INSERT INTO person VALUES (2, 'second')")
            .unwrap();
        shop.done("app run --once");
        shop.is_equal(cluster);
    }
}

#[test]
fn rows_that_a_publication_leaves_out_are_not_missed() {
    let cluster = shared();
    let schema = "CREATE TABLE person(id int PRIMARY KEY, name text);
         INSERT INTO person SELECT n, 'n' || n FROM generate_series(1, 20) n";
    let shop = Shop::new(cluster, "left_out", schema, &[table("person")]);
    let mut connection = shop.connect(cluster);
    connection
        .execute("CREATE PUBLICATION partly FOR TABLE person WHERE (id < 10)")
        .unwrap();
    shop.configure(cluster.port(), ", publication: partly", COPY);
    shop.done("migrate");
    shop.done("app run --once");
    connection
        .execute("INSERT INTO person VALUES (0, 'in'), (30, 'out'); UPDATE person SET name = 'new' WHERE id = 5")
        .unwrap();
    shop.done("app run --once");
    assert_eq!(shop.sink()["person"].len(), 10);
    shop.done("app verify");
}
