//! `daybook bench`, only to see that it runs and that its own checks hold.

use serde_json::Value;

use crate::harness::{run, said};

#[tokio::test]
async fn the_bench_survives_a_quick_run_and_finds_nothing_oversold() {
    let output = run(&["bench", "--quick", "--json"]).output().await.expect("the command runs");
    assert!(output.status.success(), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let oversold = find(&report, "oversold");
    assert!(!oversold.is_empty(), "the report does not say whether anything was oversold");
    for found in oversold {
        assert_eq!(found.as_u64(), Some(0), "{report}");
    }
}

/// All members of this name, wherever they stand.
fn find<'a>(part: &'a Value, name: &str) -> Vec<&'a Value> {
    match part {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| if key == name { vec![value] } else { find(value, name) })
            .collect(),
        Value::Array(items) => items.iter().flat_map(|item| find(item, name)).collect(),
        _ => Vec::new(),
    }
}
