"""Makes a database for `read_back.sh`, and checks that three other readers find its rows in what `dozer` has written."""

import datetime
import decimal
import glob
import json
import sqlite3
import sys

COLUMNS = ["id", "name", "score", "price", "day", "seen", "open", "raw"]
ROWS = [
    (1, "Ada", 0.5, "12.34", "2013-01-31", "2013-01-31T10:00:00Z", 1, b"\x00\xff"),
    (2, "", -1.25, "-0.01", "1969-12-31", "1969-12-31T23:59:59.5Z", 0, b""),
    (3, None, None, None, None, None, None, None),
    (-9007199254740993, "æ\tø", 1e300, "99999999.99", "9999-12-31", "2100-02-28T00:00:00Z", 1, b"x"),
]
VALUES = [
    (
        key,
        name,
        score,
        price and decimal.Decimal(price),
        day and datetime.date.fromisoformat(day),
        seen and datetime.datetime.fromisoformat(seen.replace("59.5Z", "59.500Z").replace("Z", "+00:00")),
        None if is_open is None else bool(is_open),
        raw,
    )
    for key, name, score, price, day, seen, is_open, raw in ROWS
]

CONFIGURATION = """
app_name: read_back
connections:
  - name: shop
    config: !Sqlite { path: shop.db, capture: triggers }
sources:
  - { name: item, connection: !Ref shop, table_name: item }
sinks:
  - { name: files, config: !Parquet { path: files } }
  - { name: divided, config: !Parquet { path: divided, partition_by: [name], compression: snappy } }
  - { name: streams, config: !Arrow { path: streams } }
"""


def make(place):
    database = sqlite3.connect(f"{place}/shop.db")
    database.execute(
        "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, score REAL, price DECIMAL(10, 2), day DATE, seen TIMESTAMP,"
        " open BOOLEAN, raw BLOB)"
    )
    database.executemany("INSERT INTO item VALUES(?, ?, ?, ?, ?, ?, ?, ?)", ROWS)
    database.commit()
    with open(f"{place}/dozer.yaml", "w", encoding="utf-8") as file:
        file.write(CONFIGURATION)


def change(place):
    database = sqlite3.connect(f"{place}/shop.db")
    database.execute("INSERT INTO item(id, name) VALUES(7, 'new')")
    database.execute("UPDATE item SET name = 'newer' WHERE id = 7")
    database.execute("DELETE FROM item WHERE id = 7")
    database.commit()


def same(reader, rows, expected=VALUES):
    """The same rows, in whatever order."""
    utc = datetime.timezone.utc
    rows = [
        tuple(it.astimezone(utc) if isinstance(it, datetime.datetime) else it for it in row) for row in rows
    ]
    rows, expected = sorted(map(repr, rows)), sorted(map(repr, expected))
    assert rows == expected, f"{reader} reads\n{rows}\nand not\n{expected}"


def check(place):
    import duckdb
    import polars
    import pyarrow
    import pyarrow.dataset
    import pyarrow.ipc

    files = f"{place}/files/item/*.parquet"
    (stream,) = glob.glob(f"{place}/streams/item/*.arrows")
    order = ["+I", "-U", "+U", "-D"]

    table = pyarrow.dataset.dataset(f"{place}/files/item").to_table()
    streamed = pyarrow.ipc.open_stream(pyarrow.OSFile(stream)).read_all()
    for reader, table in [("pyarrow, Parquet", table), ("pyarrow, IPC", streamed)]:
        rows = table.to_pylist()
        same(reader, [tuple(row[name] for name in COLUMNS) for row in rows if row["id"] != 7])
        assert [row["_op"] for row in rows if row["id"] == 7] == order, reader
        assert not any(pyarrow.types.is_dictionary(field.type) for field in table.schema), reader

    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    columns = ", ".join(COLUMNS)
    same("DuckDB", connection.sql(f"SELECT {columns} FROM read_parquet('{files}') WHERE id <> 7").fetchall())
    ops = f"SELECT _op FROM read_parquet('{files}') WHERE id = 7 ORDER BY _lsn, _seq, _op = '+U'"
    assert [op for (op,) in connection.sql(ops).fetchall()] == order
    left = f"""
        SELECT {columns}
        FROM (FROM read_parquet('{files}', union_by_name = true)
              QUALIFY row_number() OVER (PARTITION BY id ORDER BY _lsn DESC, _seq DESC, _op = '+U' DESC) = 1)
        WHERE _op IN ('+I', '+U')"""
    same("DuckDB, what is left", connection.sql(left).fetchall())
    connection.sql(f"""
        SET VARIABLE files = (
            SELECT list('{place}/files/' || file.path)
            FROM (SELECT unnest(state.sources.item.files) AS file FROM read_json('{place}/files/shop.manifest.json')))""")
    counted = connection.sql("SELECT count(*) FROM read_parquet(getvariable('files'))").fetchall()
    assert counted == [(len(ROWS) + 4,)], counted

    frame = polars.scan_parquet(files).filter(polars.col("id") != 7).select(COLUMNS).collect()
    same("Polars, Parquet", frame.rows())
    frame = polars.read_ipc_stream(stream).filter(polars.col("id") != 7).select(COLUMNS)
    same("Polars, IPC", frame.rows())

    divided = f"{place}/divided/item/**/*.parquet"
    names = [(name,) for _, name, *_ in ROWS]
    query = f"SELECT name FROM read_parquet('{divided}', hive_partitioning = true) WHERE id <> 7"
    same("DuckDB, divided", connection.sql(query).fetchall(), names)
    frame = polars.scan_parquet(divided, hive_partitioning=True).filter(polars.col("id") != 7).select("name").collect()
    same("Polars, divided", frame.rows(), names)

    with open(f"{place}/files/shop.manifest.json", encoding="utf-8") as file:
        entries = json.load(file)["state"]["sources"]["item"]["files"]
    assert sum(entry["rows"] for entry in entries) == len(ROWS) + 4


if __name__ == "__main__":
    {"make": make, "change": change, "check": check}[sys.argv[1]](sys.argv[2])
