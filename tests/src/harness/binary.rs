//! The binary under test.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use tokio::process::Command;

/// The binary `daybook` of the profile this test was built with.
pub(super) fn path() -> PathBuf {
    let own = env::current_exe().expect("a running test knows its executable");
    let profile = own.parent().and_then(Path::parent).expect("tests stand in <profile>/deps");
    let binary = profile.join("daybook");
    assert!(
        binary.is_file(),
        "{} is missing: build it with `cargo build -p daybook`, or run `make test`, which does",
        binary.display()
    );
    binary
}

/// Daybook's own settings must not leak from the caller's environment into a test.
pub(super) fn foreign_variables() -> impl Iterator<Item = String> {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter(|name| {
        name == "DATABASE_URL"
            || name == "NATS_URL"
            || (name.starts_with("DAYBOOK_") && !name.starts_with("DAYBOOK_POSTGRES_"))
    })
}

/// A command line to be run to its end.
pub(crate) fn run(arguments: &[&str]) -> Command {
    let mut command = Command::new(path());
    for name in foreign_variables() {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// What a finished command line said, for messages.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}\nstdout: {}\nstderr: {}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
