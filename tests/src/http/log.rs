//! What the server logs about its requests.

use serde_json::{Value, json};

use crate::harness::{Hotel, World};

#[tokio::test]
async fn each_command_leaves_one_line_and_queries_leave_none() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    client.get("/v1/bookings").await.expect(200);
    client.get("/health/ready").await.expect(200);
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let headers = [("x-request-id", "from-the-client")];
    client.post_with("/v1/bookings", &request, &headers).await.expect(201);
    let nothing = "/v1/bookings/018f3c1e-0000-7000-8000-000000000000/cancel";
    client.post(nothing, &json!({})).await.problem(404, "not-found");

    let (commands, queries): (Vec<Value>, Vec<Value>) =
        world.servers[0].requests().into_iter().partition(|line| line["method"] == "POST");
    let told: Vec<_> = commands.iter().map(|line| (&line["route"], &line["status"])).collect();
    let expected = [
        (json!("/v1/listings"), json!(201)),
        (json!("/v1/resources"), json!(201)),
        (json!("/v1/bookings"), json!(201)),
        (json!("/v1/bookings/{id}/cancel"), json!(404)),
    ];
    assert_eq!(told, expected.each_ref().map(|(route, status)| (route, status)));
    assert_eq!(commands[2]["request"], "from-the-client");
    // On a busy machine anything may take so long that it is worth a warning.
    for line in &commands {
        let took = line["milliseconds"].as_f64().expect("how long it took");
        assert!(took > 0.0, "{line}");
        assert_eq!(line["level"], if took > 1000.0 { "WARN" } else { "INFO" }, "{line}");
    }
    for line in &queries {
        assert_eq!(line["level"], "WARN", "{line}");
    }
}
