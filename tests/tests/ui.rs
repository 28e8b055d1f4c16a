//! What the compiler says about wrong declarations: one case a file, its output beside it.

#[test]
fn wrong_declarations_are_explained() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
