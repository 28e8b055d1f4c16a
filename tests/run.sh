#!/bin/sh
# Runs everything that has to pass, on a machine with Rust. Installs what the tests need beside it.
set -eu
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s\n' "$*"
}

# The end-to-end tests change SQLite files by its own command-line shell, as another process would, and start Postgres
# servers of their own: no server that is there already is touched.
missing=""
command -v sqlite3 >/dev/null || missing="sqlite3"
[ -n "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ] || missing="$missing postgresql"
# Other readers of the files that are written are installed with it, beside the build.
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
# Counts the instructions of the benchmark's paths without input and output.
command -v valgrind >/dev/null || missing="$missing valgrind"
if [ -n "$missing" ]; then
    step "install $missing"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo"
    $as_root apt-get update
    # shellcheck disable=SC2086
    $as_root apt-get install -y $missing
fi

export CARGO_TERM_COLOR=never
export CARGO_INCREMENTAL=0

step "formatting"
cargo fmt --all --check

step "lints"
cargo clippy --workspace --all-targets --locked -- -D warnings

step "each feature of core alone, and all"
for features in "" derive chrono failpoints jiff stream uuid; do
    cargo check -p connector-core --no-default-features --features "$features" --locked
done
cargo test -p connector-core --all-features --locked

step "tests: unit, documentation, compile-fail, end-to-end"
cargo test --workspace --locked --no-fail-fast

step "instructions of a derived row, against what they were"
cargo run --release --locked -p connector-bench -- derived --held

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

step "the command without its features, and the file sinks each alone"
cargo check -p connector-cli --no-default-features --locked
cargo check -p connector-arrow --features ipc --locked
cargo check -p connector-arrow --features parquet --locked

step "pyarrow, DuckDB and Polars read the files"
connector-arrow/tests/read_back.sh

step "examples"
cargo run --locked -p connector-cli -- app run -c examples/flights/dozer.yaml --once
cargo run --locked -p readings -- connector ls -c examples/readings/dozer.yaml
cargo run --locked -p readings -- migrate --check -c examples/readings/dozer.yaml
cargo run --locked -p readings -- app run -c examples/readings/dozer.yaml
examples/postgres-to-sqlite/run.sh
git diff --exit-code -- examples

step "everything passed"
