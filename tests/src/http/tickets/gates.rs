//! Who is let in, who is not, and what is known of it afterwards.

use serde_json::{Value, json};

use super::*;
use crate::harness::{World, with};

#[tokio::test]
async fn a_ticket_lets_one_person_in_and_out_and_not_in_again() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({})).await;
    let (_, tickets) = tonight.on_the_lawn(2).await;
    let entry = client.post("/v1/scans", &shown(&tickets[0], "entry")).await;
    let told_at_gate = entry.expect(200);
    assert_eq!(told(&told_at_gate), admitted());
    assert_eq!(told_at_gate["ticket"]["offer"], "lawn");
    assert_eq!(told_at_gate["ticket"]["standing"], "inside");
    assert_eq!(scan(&client, &shown(&tickets[0], "entry")).await, refused("already_inside"));
    assert_eq!(scan(&client, &shown(&tickets[1], "exit")).await, refused("not_inside"));
    assert_eq!(scan(&client, &shown(&tickets[0], "exit")).await, admitted());
    assert_eq!(scan(&client, &shown(&tickets[0], "entry")).await, refused("already_used"));
    assert_eq!(scan(&client, &shown(&tickets[1], "entry")).await, admitted());
    assert_eq!(tonight.attendance(client.head().await).await, [2, 1, 1, 3, 0, 0]);

    let again = json!({"admission": {"reentry": true}});
    client.patch(&format!("/v1/sessions/{}", tonight.session), &again).await.expect(200);
    assert_eq!(scan(&client, &shown(&tickets[0], "entry")).await, admitted());
}

#[tokio::test]
async fn a_code_is_as_good_as_its_picture() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({})).await;
    let (_, tickets) = tonight.on_the_lawn(1).await;
    let code = tickets[0]["code"].as_str().unwrap().to_lowercase().replace('-', " ");
    let typed =
        |nonce: &str| json!({"code": code, "gate": "a", "direction": "entry", "nonce": nonce});
    assert_eq!(scan(&client, &typed("1")).await, admitted());
    assert_eq!(scan(&client, &typed("2")).await, refused("already_inside"));
    for unknown in ["0000-0000-0000-0000", "", "no code", "7Q4K"] {
        let body = with(typed("3"), "code", json!(unknown));
        assert_eq!(scan(&client, &body).await, refused("unknown"), "{unknown}");
    }
}

#[tokio::test]
async fn a_scan_sent_again_is_answered_the_same_and_writes_nothing() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({})).await;
    let (_, tickets) = tonight.on_the_lawn(1).await;
    let entry = shown(&tickets[0], "entry");
    assert_eq!(scan(&client, &entry).await, admitted());
    let again = shown(&tickets[0], "entry");
    assert_eq!(scan(&client, &again).await, refused("already_inside"));
    let head = client.head().await;
    assert_eq!(scan(&client, &entry).await, admitted());
    assert_eq!(scan(&client, &again).await, refused("already_inside"));
    let other = with(entry.clone(), "direction", json!("exit"));
    assert_eq!(scan(&client, &other).await, refused("nonce_reused"));
    assert_eq!(client.head().await, head);
    let keyed =
        client.post_keyed("/v1/scans", &shown(&tickets[0], "exit"), "key").await.expect(200);
    assert_eq!(told(&keyed), admitted());
}

#[tokio::test]
async fn gates_keep_their_times_and_their_offers() {
    let world = World::start().await;
    let client = world.client();
    let gates =
        json!({"opens_before": 45, "gates": {"north": ["lawn"], "south": ["seat"], "main": []}});
    let tonight = Tonight::open(&client, gates).await;
    let (_, tickets) = tonight.on_the_lawn(3).await;
    let at =
        |gate: &str, number: usize| with(shown(&tickets[number], "entry"), "gate", json!(gate));
    assert_eq!(scan(&client, &at("south", 0)).await, refused("other_gate"));
    assert_eq!(scan(&client, &at("west", 0)).await, refused("other_gate"));
    assert_eq!(scan(&client, &at("main", 0)).await, admitted());
    let early = with(at("north", 1), "scanned_at", json!(minutes(-20)));
    assert_eq!(scan(&client, &early).await, refused("too_early"));
    assert_eq!(scan(&client, &at("north", 1)).await, admitted());
    let elsewhere = with(at("north", 2), "session_id", json!(Uuid::now_v7()));
    assert_eq!(scan(&client, &elsewhere).await, refused("other_session"));
    let over = Tonight { session: tonight.another(-200, json!({})).await, ..tonight };
    let off = over.another(20, json!({})).await;
    let off = Tonight { session: off, client: client.clone(), listing: over.listing.clone() };
    let (_, tickets) = off.on_the_lawn(1).await;
    client.post(&format!("/v1/sessions/{}/call-off", off.session), &json!({})).await.expect(200);
    assert_eq!(scan(&client, &shown(&tickets[0], "entry")).await, refused("called_off"));
}

#[tokio::test]
async fn what_gates_did_offline_comes_in_in_any_order_and_nothing_is_lost() {
    let world = World::start().await;
    let client = world.client();
    let tonight = Tonight::open(&client, json!({"reentry": true})).await;
    let (booked, tickets) = tonight.on_the_lawn(2).await;
    let offline = |ticket: usize, direction: &str, minute: i64, nonce: &str| {
        let scan = with(shown(&tickets[ticket], direction), "scanned_at", json!(minutes(minute)));
        with(scan, "nonce", json!(nonce))
    };
    // online somebody came in last, and two gates had let the same ticket in before
    assert_eq!(
        scan(&client, &with(shown(&tickets[0], "entry"), "nonce", json!("now"))).await,
        admitted()
    );
    let batch = json!({"scans": [
        offline(0, "entry", -10, "south-1"),
        offline(1, "exit", -5, "south-2"),
        offline(0, "entry", -20, "north-1"),
    ]});
    let answer = client.post("/v1/scans/batch", &batch).await;
    let results = |answer: &Value| -> Vec<String> {
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| item["result"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(results(&answer.expect(200)), ["duplicate", "unmatched", "admitted"]);
    let head = client.head().await;
    let again = client.post("/v1/scans/batch", &batch).await.expect(200);
    assert_eq!(results(&again), ["duplicate", "unmatched", "admitted"]);
    assert_eq!(client.head().await, head, "nothing is written twice");

    let path = format!("/v1/bookings/{}/tickets", booked.id);
    let history = |ticket: Value| -> Vec<(String, String)> {
        let text = |scan: &Value, member: &str| scan[member].as_str().unwrap().to_owned();
        let scans = ticket["scans"].as_array().unwrap().iter();
        scans.map(|scan| (text(scan, "nonce"), text(scan, "result"))).collect()
    };
    let first = client.get(&format!("{path}/1?min_position={head}")).await.expect(200);
    let told = |nonce: &str, result: &str| (nonce.to_owned(), result.to_owned());
    assert_eq!(
        history(first),
        [told("north-1", "admitted"), told("south-1", "duplicate"), told("now", "duplicate")]
    );
    assert_eq!(tonight.attendance(head).await, [2, 1, 0, 0, 2, 1]);

    // the entry of the second ticket comes in last of all, and what came after it falls into place
    let missing = json!({"scans": [offline(1, "entry", -15, "north-9")]});
    let answer = client.post("/v1/scans/batch", &missing).await.expect(200);
    assert_eq!(results(&answer), ["admitted"]);
    let second =
        client.get(&format!("{path}/2?min_position={}", answer["position"])).await.expect(200);
    assert_eq!(history(second), [told("north-9", "admitted"), told("south-2", "admitted")]);
    let position = answer["position"].as_i64().unwrap();
    assert_eq!(tonight.attendance(position).await, [2, 1, 1, 0, 2, 0]);
}

#[tokio::test]
async fn a_gate_downloads_its_tickets_and_then_only_what_changed() {
    let world = World::start().await;
    let client = world.client();
    let gates = json!({"gates": {"north": ["lawn"], "south": ["seat"]}});
    let tonight = Tonight::open(&client, gates).await;
    let (mut booked, tickets) = tonight.on_the_lawn(3).await;
    let seated = tonight.book(&[tonight.line("seat", 1)]).await;
    let path = format!("/v1/sessions/{}/check-in-list", tonight.session);
    let list = |query: String| {
        let (client, path) = (client.clone(), path.clone());
        async move { client.get(&format!("{path}?{query}")).await.expect(200) }
    };
    let all = list(format!("min_position={}", seated.position)).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 4);
    let north = list("gate=north".to_owned()).await;
    assert_eq!(north["items"].as_array().unwrap().len(), 3);
    let first = &north["items"][0];
    assert_eq!(
        ["offer", "status", "standing"].map(|member| first[member].as_str().unwrap()),
        ["lawn", "valid", "expected"]
    );
    assert_eq!(first["code_hash"].as_str().unwrap().len(), 64);
    assert_eq!(list("gate=south".to_owned()).await["items"][0]["seat"], "stalls/A-1");
    client.get(&format!("{path}?gate=west")).await.problem(400, "bad-query");
    client.get(&format!("{path}?limit=0")).await.problem(400, "bad-query");
    let page = list("limit=1".to_owned()).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 3, "those of one event come together");
    assert_eq!(page["more"], true);
    let rest = list(format!("updated_after={}", page["updated_after"])).await;
    assert_eq!((&rest["items"][0]["offer"], &rest["more"]), (&json!("seat"), &json!(false)));

    let since = all["updated_after"].as_i64().unwrap();
    let transfer = json!({"to": {"name": "Amal Haddad"}});
    booked.post("tickets/2/transfer", transfer).await.expect(200);
    scan(&client, &shown(&tickets[0], "entry")).await;
    let head = client.head().await;
    let changed = list(format!("updated_after={since}&min_position={head}")).await;
    let items = changed["items"].as_array().unwrap();
    assert_eq!(
        items.iter().map(|item| item["number"].as_u64().unwrap()).collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!((&items[0]["holder"], &items[0]["generation"]), (&json!("Amal Haddad"), &json!(2)));
    assert_eq!(items[1]["standing"], "inside");
    let nothing = list(format!("updated_after={}", changed["updated_after"])).await;
    assert_eq!(nothing["items"], json!([]));
}

#[tokio::test]
async fn a_gate_has_a_key_that_can_scan_and_nothing_else() {
    let world = World::start().await;
    let admin = world.client();
    let tonight = Tonight::open(&admin, json!({})).await;
    let (booked, tickets) = tonight.on_the_lawn(1).await;
    let made = admin.post("/v1/api-keys", &json!({"name": "gate", "rights": ["scan"]})).await;
    let gate = admin.with_key(made.expect(201)["key"].as_str().unwrap());
    let till = admin.post("/v1/api-keys", &json!({"name": "till", "rights": ["book"]})).await;
    let till = admin.with_key(till.expect(201)["key"].as_str().unwrap());
    till.post("/v1/scans", &shown(&tickets[0], "entry")).await.problem(403, "forbidden");
    assert_eq!(scan(&gate, &shown(&tickets[0], "entry")).await, admitted());
    let cancel = format!("/v1/bookings/{}/cancel", booked.id);
    gate.post(&cancel, &json!({})).await.problem(403, "forbidden");
}
