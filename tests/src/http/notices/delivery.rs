//! A gateway that cannot: tried again, then kept on a list that staff can work off.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::json;
use tempfile::TempDir;

use super::*;

/// Whatever a file was told, by key.
pub(crate) fn taken(file: &Path) -> BTreeMap<String, Vec<Value>> {
    let mut taken: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in fs::read_to_string(file).unwrap_or_default().lines() {
        let notice: Value = serde_json::from_str(line).expect("each line is JSON");
        taken.entry(notice["key"].as_str().unwrap().to_owned()).or_default().push(notice);
    }
    taken
}

#[tokio::test]
async fn what_no_gateway_takes_is_listed_and_can_be_tried_again() {
    let home = TempDir::new().unwrap();
    let folder = home.path().join("not there yet");
    let file = folder.join("notices.ndjson");
    let destination = format!("file:{}", file.display());
    let world = World::start_with(&[
        ("DAYBOOK_NOTICES", &destination),
        ("DAYBOOK_NOTICE_ATTEMPTS", "3"),
        ("DAYBOOK_NOTICE_RETRY_MS", "100"),
    ])
    .await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let booking = booked(&client, &hotel).await;
    let failed = eventually("it is given up", PATIENCE, || async {
        items(&client, "/v1/notices?state=failed").await.pop()
    })
    .await;
    assert_eq!((&failed["booking_id"], &failed["failures"]), (&json!(booking), &json!(3)));
    assert!(failed["failure"].as_str().unwrap().contains("cannot be written"), "{failed}");
    assert_eq!(failed.get("next_attempt_at"), None);
    let id = failed["id"].as_str().unwrap();
    let history = client.get(&format!("/v1/notices/{id}/history")).await.expect(200);
    let history: Vec<_> = history["items"].as_array().unwrap().iter().collect();
    let types: Vec<_> = history.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["written", "failed", "failed", "given_up"]);
    // Trying again while nothing has changed ends where it was.
    let retry = format!("/v1/notices/{id}/retry");
    let retried = client.post_keyed(&retry, &json!({}), "again").await;
    assert_eq!(retried.expect(200)["status"], "waiting");
    eventually("it is given up again", PATIENCE, || async {
        let path = format!("/v1/notices/{id}?min_position={}", retried.position());
        let notice = client.get(&path).await.expect(200);
        (notice["state"] == "failed" && notice["failures"] == 3).then_some(())
    })
    .await;

    fs::create_dir(&folder).unwrap();
    client.post(&retry, &json!({})).await.expect(200);
    eventually("it is delivered", PATIENCE, || async {
        let notice = client.get(&format!("/v1/notices/{id}")).await.expect(200);
        (notice["state"] == "delivered" && notice["gateway"] == "file").then_some(())
    })
    .await;
    // The same request once more is answered as the first time, and nothing is sent.
    let again = client.post_keyed(&retry, &json!({}), "again").await;
    assert_eq!(again.expect(200), retried.json());
    assert_eq!(items(&client, "/v1/notices?state=failed").await, Vec::<Value>::new());
    let taken = taken(&file);
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[id].len(), 1);
    let notice = client.get(&format!("/v1/notices/{id}")).await.expect(200);
    assert_eq!((&taken[id][0]["text"], &taken[id][0]["kind"]), (&notice["text"], &notice["kind"]));
}

#[tokio::test]
async fn where_notices_go_nowhere_none_are_written_then_or_later() {
    let mut world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let booking = booked(&client, &hotel).await;
    assert_eq!(about(&client, &booking).await, Vec::<Value>::new());
    world.server().set("DAYBOOK_NOTICES", "console");
    assert!(world.server().stop().await.success());
    world.server().start_again().await;
    let other = booked(&client, &hotel).await;
    assert_eq!(about(&client, &other).await.len(), 1);
    assert_eq!(about(&client, &booking).await, Vec::<Value>::new());
}

#[tokio::test]
async fn how_far_it_is_behind_is_measured() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let booking = booked(&client, &hotel).await;
    assert_eq!(about(&client, &booking).await.len(), 1);
    let metrics = client.get("/metrics").await;
    let metrics = metrics.text();
    assert!(metrics.contains(r#"daybook_process_lag_events{process="notices"}"#), "{metrics}");
    assert!(metrics.contains(r#"daybook_notices_total{outcome="delivered"} 1"#), "{metrics}");
}
