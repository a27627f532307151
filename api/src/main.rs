//! The daybook binary.
fn main() {}
