//! What the compiler says about wrong declarations, and that the mended ones compile.
//!
//! A case is a program with one mistake, `ui/<topic>/<case>.rs`. What the compiler says of it stands beside it in
//! `<case>.stderr`, and the same program without the mistake in `<case>.mended.rs`. `TRYBUILD=overwrite` writes the
//! outputs anew; `-- trybuild=<part of a path>` runs the cases of that name.

mod cases;
mod error_index;
mod locks;
mod message;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cases::Case;

/// The compiler is started once for all of them: nothing that compiles may stand among them.
#[test]
fn wrong_declarations_are_explained_and_listed() {
    locks::put_in_place();
    let tests = trybuild::TestCases::new();
    for case in cases::all() {
        tests.compile_fail(case.wrong());
    }
    // Runs them. The list is made of what they say.
    drop(tests);
    error_index::check();
}

/// The output, trybuild asks for itself.
#[test]
fn every_case_has_its_mended_program() {
    let lacking: Vec<_> = (cases::all().iter())
        .map(Case::mended)
        .filter(|path| !path.exists())
        .collect();
    assert!(lacking.is_empty(), "not there: {lacking:#?}");
    let without_case = cases::files_without_case();
    assert!(without_case.is_empty(), "of no case: {without_case:#?}");
}

/// As modules of one program, so that all of them cost one build. They are examples: nothing in them is superfluous.
#[test]
fn mended_programs_compile() {
    let mut program =
        String::from("#![deny(warnings)]\n#![allow(dead_code, unused_variables)]\n\n");
    for case in cases::all() {
        let Case { topic, name } = &case;
        let path = case.mended();
        if path.exists() {
            let path = path.canonicalize().unwrap();
            writeln!(program, "#[path = {path:?}]\nmod {topic}_{name};").unwrap();
        }
    }
    program.push_str("\nfn main() {}\n");
    locks::put_in_place();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mended.rs");
    fs::write(&path, program).unwrap();
    trybuild::TestCases::new().pass(path);
}
