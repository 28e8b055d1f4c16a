#!/bin/sh
# Starts a Postgres server of its own with sample data, copies it into an SQLite file, and follows its changes. Leaves nothing behind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dozer=${DOZER:-cargo run --quiet --locked --manifest-path $here/../../Cargo.toml -p connector-cli --}
programs=$(dirname "$(ls -d /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)")
work=$(mktemp -d)

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}
stop() {
    (cd "$work" && as_server "$programs/pg_ctl" stop --silent --mode=immediate -D "$work/server/data") || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM

chmod 711 "$work"
mkdir "$work/server"
[ "$(id -u)" != 0 ] || chown postgres "$work/server"
(
    cd "$work/server"
    as_server "$programs/initdb" --no-sync --no-instructions --encoding=UTF8 --auth=trust -U postgres -D data >/dev/null
    # It is reached by its socket alone, and writes what changes can be followed from.
    as_server "$programs/pg_ctl" start --silent -D data -l log \
        -o "-c listen_addresses='' -c unix_socket_directories='$work/server' -c wal_level=logical -c fsync=off"
)
export PGHOST="$work/server" PGUSER=postgres
psql() {
    "$programs/psql" --quiet --no-psqlrc -v ON_ERROR_STOP=1 "$@"
}
psql -d postgres -c 'CREATE DATABASE shop'
psql -d shop -f "$here/shop.sql"
cp "$here/dozer.yaml" "$work"

echo "== what is there, and what has to be set up"
$dozer migrate -c "$work/dozer.yaml"
echo "== the snapshot"
$dozer app run -c "$work/dozer.yaml" --once
echo "== somebody changes the database; the next run takes the changes alone"
psql -d shop -f "$here/changes.sql"
$dozer app run -c "$work/dozer.yaml" --once
$dozer app status -c "$work/dozer.yaml"
echo "== the copy"
sqlite3 -header -column "$work/copy.db" \
    "SELECT c.name, c.tags, o.state, count(*) AS orders FROM orders o JOIN customers c ON c.id = o.customer GROUP BY 1, 2, 3"
echo "== source and copy, row by row"
$dozer app verify -c "$work/dozer.yaml"
echo "== the slot and the publication are dropped: a server keeps its log for a slot that nobody reads"
$dozer connector clean --yes -c "$work/dozer.yaml"
