use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "log_lines", lock = "dozer.lock")]
struct LogLine {
    line: String,
}

fn main() {}
