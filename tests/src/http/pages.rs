//! Lists in pages: everything once, in order, while more is being added.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Client, Hotel, World, with};

/// All items of a list, page by page.
async fn walk(client: &Client, path: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{path}&limit={limit}{cursor}")).await.expect(200);
        let part = page["items"].as_array().expect("a page has items");
        assert!(part.len() <= limit);
        items.extend(part.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => {
                assert_eq!(part.len(), limit, "only the last page is short");
                cursor = format!("&cursor={next}");
            }
            None => return items,
        }
    }
}

#[tokio::test]
async fn bookings_are_listed_in_pages_without_double_or_gap() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    let mut made = BTreeSet::new();
    let mut position = 0;
    for day in 1..=23 {
        let arrival = format!("2031-05-{day:02}");
        let departure = format!("2031-05-{:02}", day + 1);
        let answer = client.post("/v1/bookings", &hotel.booking(&arrival, &departure)).await;
        made.insert(answer.id(201));
        position = answer.position();
    }
    let path = format!("/v1/bookings?listing_id={}&min_position={position}", hotel.listing);
    for limit in [1, 7, 23, 1000] {
        let items = walk(&client, &path, limit).await;
        let ids: Vec<_> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 23, "in pages of {limit}");
        assert_eq!(ids.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), made);
    }
}

#[tokio::test]
async fn bookings_are_found_by_customer_status_and_arrival() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    let customer = uuid::Uuid::now_v7().to_string();
    let mine = with(hotel.booking("2031-05-10", "2031-05-12"), "customer_id", customer.clone());
    let first = client.post("/v1/bookings", &mine).await.id(201);
    let later = with(hotel.booking("2031-06-10", "2031-06-12"), "customer_id", customer.clone());
    let second = client.post("/v1/bookings", &with(later, "hold_minutes", 60)).await.id(201);
    let last = client.post("/v1/bookings", &hotel.booking("2031-05-11", "2031-05-12")).await;
    let (third, position) = (last.id(201), last.position());

    let find = async |query: &str| {
        let path = format!("/v1/bookings?min_position={position}&{query}");
        let items = walk(&client, &path, 2).await;
        let ids = items.iter().map(|item| item["id"].as_str().unwrap().to_owned());
        ids.collect::<BTreeSet<_>>()
    };
    let set = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<BTreeSet<_>>();
    assert_eq!(find(&format!("customer_id={customer}")).await, set(&[&first, &second]));
    assert_eq!(find("status=held").await, set(&[&second]));
    let listing = format!("listing_id={}", hotel.listing);
    let may = format!("{listing}&arrival_from=2031-05-01&arrival_to=2031-06-01");
    assert_eq!(find(&may).await, set(&[&first, &third]));
    assert_eq!(find(&format!("{may}&customer_id={customer}")).await, set(&[&first]));
    assert_eq!(
        find(&format!("{listing}&arrival_from=2031-05-11&arrival_to=2031-06-11")).await,
        set(&[&second, &third])
    );
}

#[tokio::test]
async fn an_answer_waits_for_the_position_that_was_asked_for_and_no_longer_than_it_may() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    for _ in 0..20 {
        let answer = client.post("/v1/bookings", &hotel.booking("2031-05-10", "2031-05-12")).await;
        let (id, position) = (answer.id(201), answer.position());
        let path = format!("/v1/bookings/{id}?min_position={position}");
        assert_eq!(client.get(&path).await.expect(200)["id"], *id);
    }
    let begun = std::time::Instant::now();
    let future = client.get("/v1/bookings?min_position=1000000").await;
    future.problem(503, "projection-behind");
    assert_ne!(future.header("retry-after"), "");
    assert!(begun.elapsed() < std::time::Duration::from_secs(8));
}

#[tokio::test]
async fn bad_parameters_of_a_list_are_named() {
    let world = World::start().await;
    let client = world.client();
    for query in [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=many",
        "cursor=%00",
        "cursor=AAAA",
        "cursor=",
        "status=great",
        "customer_id=me",
        "arrival_from=2031-02-30",
        "min_position=-1",
        "min_position=x",
        "surprise=1",
        "limit=99999999999999999999",
    ] {
        let answer = client.get(&format!("/v1/bookings?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        answer.problem(400, "bad-query");
    }
    for path in [
        "/v1/organizations?surprise=1",
        "/v1/organizations?limit=0",
        "/v1/listings?surprise=1",
        "/v1/resources?kind=castle",
        "/v1/resources?surprise=1",
        "/v1/availability?from=2031-01-01&to=2031-01-02",
        "/v1/availability?resource_id=x&from=2031-01-01&to=2031-01-02",
        "/v1/availability?resource_id=018f3c1e-0000-7000-8000-000000000000&from=2031-01-02&to=2031-01-01",
        "/v1/availability?resource_id=018f3c1e-0000-7000-8000-000000000000&from=2031-01-01&to=2032-12-31",
        "/v1/analytics/bookings?group_by=shoe_size",
        "/v1/analytics/bookings?from=yesterday",
        "/v1/events?after=-1",
        "/v1/events?limit=0",
    ] {
        client.get(path).await.problem(400, "bad-query");
    }
}
