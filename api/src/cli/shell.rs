//! What people can paste into a shell.

use std::path::Path;

/// The beginning of a `curl` command that is known by the API key in a file.
pub(super) fn curl(key_file: &Path) -> String {
    format!("curl -H \"Authorization: Bearer $(cat {})\"", quoted(key_file))
}

/// A path as a shell takes it for one word.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
