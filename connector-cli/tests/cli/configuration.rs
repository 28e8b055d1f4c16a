//! What is wrong with a configuration or a command line, as the built program tells it.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn dozer(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dozer"))
        .args(arguments)
        .current_dir(directory)
        .env_remove("NO_SUCH_VARIABLE")
        .output()
        .unwrap()
}

/// The exit code and the whole of stderr of `dozer app run` with this configuration.
fn run_with(configuration: &str) -> (Option<i32>, String) {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("dozer.yaml"), configuration).unwrap();
    let output = dozer(directory.path(), &["app", "run"]);
    assert!(output.stdout.is_empty());
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_missing_file_is_named() {
    let directory = TempDir::new().unwrap();
    let output = dozer(directory.path(), &["app", "run", "-c", "none.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: there is no configuration file `none.yaml`\n\
         help: write one, or give the path of another\n"
    );
}

#[test]
fn an_unknown_key_has_a_place_and_a_suggestion() {
    let (code, text) = run_with("app_name: a\nconnections: []\nsink: []\n");
    assert_eq!(code, Some(2));
    assert_eq!(
        text,
        "error: dozer.yaml:3:1: unknown key `sink`\nhelp: did you mean `sinks`?\n"
    );
}

#[test]
fn an_unknown_tag_has_a_place_and_a_suggestion() {
    let (code, text) = run_with(
        "app_name: a\nconnections: []\nsinks:\n  - name: out\n    config: !Jsonll { path: out }\n",
    );
    assert_eq!(code, Some(2));
    assert_eq!(
        text,
        "error: dozer.yaml:5:13: sinks[0].config: unknown sink `!Jsonll`\nhelp: did you mean `!Jsonl`?\n"
    );
}

#[test]
fn an_undefined_variable_is_named_with_its_place() {
    let (code, text) = run_with(
        "app_name: a\nconnections: []\nsinks:\n  - name: out\n    config: !Jsonl { path: \"${NO_SUCH_VARIABLE}\" }\n",
    );
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: dozer.yaml:5:"), "{text}");
    assert!(text.contains("`NO_SUCH_VARIABLE`"), "{text}");
    assert!(text.contains("\nhelp: "), "{text}");
}

#[test]
fn two_sources_of_one_name_are_told_with_both_places() {
    let (code, text) = run_with(
        "app_name: a\nconnections:\n  - { name: c, config: !None {} }\nsources:\n\
         \x20 - { name: s, connection: !Ref c, table_name: t }\n\
         \x20 - { name: S, connection: !Ref c, table_name: u }\n",
    );
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: dozer.yaml:6:"), "{text}");
    assert!(
        text.contains("duplicate source `S`, first on line 5"),
        "{text}"
    );
}

#[test]
fn a_wrong_command_line_exits_like_a_wrong_configuration() {
    let directory = TempDir::new().unwrap();
    let output = dozer(directory.path(), &["app", "runn"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("unrecognized subcommand 'runn'"), "{text}");
    assert!(text.contains("Usage: dozer app"), "{text}");
}

#[test]
fn the_help_of_a_command_lists_the_exit_codes() {
    let directory = TempDir::new().unwrap();
    for arguments in [["app", "run", "--help"].as_slice(), &["migrate", "--help"]] {
        let output = dozer(directory.path(), arguments);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("130  stopped by Ctrl-C"), "{text}");
    }
}

#[test]
fn an_authors_program_calls_itself_by_its_own_name() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let registry = connector_cli::default_registry();
    let code = connector_cli::execute(["/opt/weather", "app"], &registry, &mut out, &mut err);
    assert_eq!(code, 2);
    let text = String::from_utf8(err).unwrap();
    assert!(text.contains("Usage: weather app"), "{text}");
    connector_cli::execute(
        ["weather", "--version"],
        &registry,
        &mut out,
        &mut Vec::new(),
    );
    assert!(String::from_utf8(out).unwrap().starts_with("weather "));
}

#[test]
fn a_log_in_json_is_one_object_a_line() {
    let directory = TempDir::new().unwrap();
    let output = dozer(directory.path(), &["--log-format", "json", "migrate"]);
    assert_eq!(output.status.code(), Some(2));
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["level"], "error");
    assert_eq!(error["kind"], "config");
    assert_eq!(
        error["message"],
        "there is no configuration file `dozer.yaml`"
    );
}
