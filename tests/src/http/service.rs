//! What operators and developers are served: health, metrics, documents, problems in two languages.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Hotel, World, run, said, send};

#[tokio::test]
async fn health_tells_the_role_and_the_head() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let anyone = Client::anonymous(&world.servers[0].url());
    assert_eq!(anyone.get("/health/live").await.status, 200);
    let ready = anyone.get("/health/ready").await.expect(200);
    assert_eq!(ready["role"], "owner");
    assert_eq!(ready["head"], hotel.position);
}

#[tokio::test]
async fn metrics_have_the_main_series() {
    let world = World::start().await;
    let client = world.client();
    Hotel::open(&client, 1).await;
    client.get("/v1/bookings").await.expect(200);
    let answer = client.get("/metrics").await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    for series in [
        "daybook_log_events_total",
        "daybook_log_batch_jobs",
        "daybook_projection_position",
        "daybook_projection_lag_events",
        "daybook_http_request",
    ] {
        assert!(text.contains(series), "no {series} in\n{text}");
    }
    assert!(!text.contains(world.admin_key()));
}

#[tokio::test]
async fn the_openapi_document_describes_what_is_served() {
    let world = World::start().await;
    let anyone = Client::anonymous(&world.servers[0].url());
    let document = anyone.get("/openapi.json").await.expect(200);
    let version = document["openapi"].as_str().unwrap();
    assert!(version.starts_with("3.1"), "{version}");
    assert!(document["info"]["license"]["name"].is_string());
    let paths = document["paths"].as_object().expect("paths");
    for path in [
        "/v1/listings",
        "/v1/resources",
        "/v1/availability",
        "/v1/bookings",
        "/v1/bookings/{id}",
        "/v1/bookings/{id}/history",
        "/v1/payments",
        "/v1/analytics/bookings",
        "/v1/events",
        "/v1/projections",
        "/v1/api-keys",
    ] {
        assert!(paths.contains_key(path), "{path} is not described");
    }
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().expect("operations") {
            let responses = operation["responses"].as_object();
            for (status, response) in responses.unwrap_or_else(|| panic!("{method} {path}")) {
                let description = response["description"].as_str().or(response["$ref"].as_str());
                assert!(description.is_some(), "{method} {path} {status} has no description");
            }
        }
    }
    assert_eq!(dangling(&document, &document), Vec::<String>::new());
    let printed = run(&["openapi"]).output().await.expect("the command runs");
    assert!(printed.status.success(), "{}", said(&printed));
    let printed: Value = serde_json::from_slice(&printed.stdout).expect("it prints JSON");
    assert_eq!(printed, document);
}

/// References that lead nowhere.
fn dangling(part: &Value, document: &Value) -> Vec<String> {
    match part {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            let own = own.filter(|target| {
                target.strip_prefix('#').is_none_or(|path| document.pointer(path).is_none())
            });
            let below = members.values().flat_map(|member| dangling(member, document));
            own.map(str::to_owned).into_iter().chain(below).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| dangling(item, document)).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_documentation_is_served_from_here() {
    let world = World::start().await;
    let anyone = Client::anonymous(&world.servers[0].url());
    let page = anyone.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text().contains("https://"), "it must not need the internet");
    assert_eq!(anyone.get("/").await.status, 200);
    for code in ["sold-out", "policy-refusal", "overloaded"] {
        let page = anyone.get(&format!("/problems/{code}")).await;
        assert_eq!(page.status, 200, "{code}");
    }
    anyone.get("/problems/unheard-of").await.problem(404, "not-found");
}

#[tokio::test]
async fn titles_of_problems_come_in_the_readers_language() {
    let world = World::start().await;
    let client = world.client();
    let path = "/v1/bookings/018f3c1e-0000-7000-8000-000000000000";
    let title = async |language: &str| {
        let answer = client.get_with(path, &[("accept-language", language)]).await;
        answer.problem(404, "not-found")["title"].as_str().expect("a title").to_owned()
    };
    let arabic = title("ar").await;
    let is_arabic = |text: &str| text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
    assert!(is_arabic(&arabic), "{arabic}");
    assert_eq!(title("ar-SA,ar;q=0.9,en;q=0.5").await, arabic);
    assert!(is_arabic(&title("fr;q=0.4, ar;q=0.8, en;q=0.2").await));
    assert!(!is_arabic(&title("en").await));
    assert!(!is_arabic(&title("en-GB, ar;q=0.3").await));
    assert!(!is_arabic(&title("de").await));
    assert!(!is_arabic(&title("").await));
    assert!(!is_arabic(&title(";;;q=x,,,").await));
    let kept = client.post_with("/v1/bookings", &json!({}), &[("accept-language", "ar")]).await;
    assert!(is_arabic(kept.any_problem()["title"].as_str().unwrap()));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let world = World::start().await;
    let client = world.client();
    for path in ["/v1", "/v1/", "/v1/nothing", "/nothing", "/v1/bookings/", "/v1/bookings/x/y/z"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        answer.any_problem();
    }
    for (method, path) in [
        (Method::DELETE, "/v1/bookings"),
        (Method::PUT, "/v1/bookings/018f3c1e-0000-7000-8000-000000000000"),
        (Method::PATCH, "/v1/listings"),
        (Method::POST, "/v1/availability"),
        (Method::POST, "/v1/events"),
        (Method::GET, "/v1/bookings/018f3c1e-0000-7000-8000-000000000000/cancel"),
    ] {
        let answer = send(client.request(method.clone(), path)).await;
        assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text());
        answer.problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn each_answer_names_its_request() {
    let world = World::start().await;
    let client = world.client();
    let answer = client.get_with("/v1/bookings", &[("x-request-id", "from-the-client")]).await;
    assert_eq!(answer.header("x-request-id"), "from-the-client");
    let first = client.get("/v1/bookings").await.header("x-request-id").to_owned();
    let second = client.get("/v1/bookings").await.header("x-request-id").to_owned();
    assert!(!first.is_empty() && first != second);
}

#[tokio::test]
async fn wrong_settings_are_named_and_nothing_starts() {
    for (name, value) in [
        ("DAYBOOK_LISTEN", "nowhere"),
        ("DAYBOOK_RATE_LIMIT", "fast"),
        ("DAYBOOK_QUEUE_CAPACITY", "-1"),
        ("DAYBOOK_CACHE_MB", "lots"),
        ("DAYBOOK_CONFIG", "/nonexistent/daybook.toml"),
    ] {
        let home = tempfile::tempdir().expect("a directory");
        let mut command = run(&["serve", "--data-dir"]);
        command.arg(home.path()).env(name, value);
        let output = tokio::time::timeout(Duration::from_secs(10), command.output()).await;
        let output = output.unwrap_or_else(|_| panic!("{name}={value} starts")).expect("it runs");
        assert!(!output.status.success(), "{name}={value}: {}", said(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(name), "{}", said(&output));
        assert!(!home.path().join("postgres").exists(), "{name}={value} started PostgreSQL");
    }
}
