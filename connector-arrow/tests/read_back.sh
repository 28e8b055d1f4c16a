#!/bin/sh
# Reads what `!Parquet` and `!Arrow` write with pyarrow, DuckDB and Polars. They are installed beside the build, once.
set -eu
cd "$(dirname "$0")/../.."

readers="${CARGO_TARGET_DIR:-target}/read-back"
[ -x "$readers/bin/pip" ] || python3 -m venv "$readers"
"$readers/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
    duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1

place="$(mktemp -d)"
trap 'rm -rf "$place"' EXIT
check() {
    "$readers/bin/python" connector-arrow/tests/read_back.py "$1" "$place"
}
dozer() {
    cargo run --quiet --locked -p connector-cli -- "$@" -c "$place/dozer.yaml"
}

check make
dozer migrate
dozer app run --once
check change
dozer app run --once
check check
