// A table without a key in the lock file gives a row none.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "log_lines", lock = "dozer.lock")]
struct LogLine {
    #[dozer(primary_key)]
    line: String,
}

fn main() {}
