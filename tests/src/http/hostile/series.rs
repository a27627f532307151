//! Series that cannot be: rules without an end or without a date, other clocks, dates that nobody booked.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Studio, World, mondays, with};

/// A room to aim at, a series of three Mondays in it, and proof that nothing was written since.
struct Term {
    world: World,
    client: Client,
    listing: String,
    room: String,
    series: String,
    head: i64,
}

impl Term {
    async fn new() -> Self {
        let world = World::start().await;
        let client = world.client();
        let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
        let (listing, room) = studio.room(&client, 2, json!({"duration": 30})).await;
        let made = client.post("/v1/series", &mondays(&listing, &room, 3)).await;
        let (series, head) = (made.id(201), made.position());
        Self { world, client, listing, room, series, head }
    }

    fn request(&self) -> Value {
        mondays(&self.listing, &self.room, 3)
    }

    /// The problem must be one of the client's own making and name this field first.
    async fn refuse(&self, path: &str, body: &Value, field: &str) {
        let answer = self.client.post(path, body).await;
        let shown: String = body.to_string().chars().take(300).collect();
        assert!((400..500).contains(&answer.status), "{} to {shown}", answer.status);
        let problem = answer.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{path} {shown}: {problem}");
    }

    async fn refuse_member(&self, member: &str, value: Value, field: &str) {
        self.refuse("/v1/series", &with(self.request(), member, value), field).await;
    }

    async fn refuse_change(&self, name: &str, body: &Value, field: &str) {
        self.refuse(&format!("/v1/series/{}/{name}", self.series), body, field).await;
    }

    async fn assert_untouched(&self) {
        assert_eq!(self.world.audit().await.head().await, self.head);
        // The server is as well as before.
        self.client.post("/v1/series", &self.request()).await.expect(201);
    }
}

#[tokio::test]
async fn rules_that_give_no_series_are_refused() {
    let term = Term::new().await;
    let long = format!("FREQ=WEEKLY;COUNT=3;BYMONTH={}1", "1,".repeat(300));
    let huge = format!("FREQ=DAILY;COUNT={}", "9".repeat(30));
    for rule in [
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=DAILY;COUNT=1000000",
        "FREQ=DAILY;COUNT=1001",
        &huge,
        "FREQ=DAILY;UNTIL=20991231",
        "FREQ=WEEKLY;UNTIL=20310309",
        "FREQ=WEEKLY;UNTIL=20310310T055959Z",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=-3",
        "FREQ=WEEKLY;COUNT=3;COUNT=3",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20310230",
        "FREQ=WEEKLY;INTERVAL=0;COUNT=3",
        "FREQ=MINUTELY;COUNT=3",
        "FREQ=SECONDLY;COUNT=3",
        "FREQ=FORTNIGHTLY;COUNT=3",
        "FREQ=WEEKLY;BYDAY=XX;COUNT=3",
        "FREQ=WEEKLY;BYDAY=;COUNT=3",
        "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3",
        "COUNT=3",
        "FREQ=WEEKLY;COUNT=3;",
        "FREQ=WEEKLY COUNT=3",
        "FREQ=WEEKLY;COUNT=3\nDTSTART;TZID=Asia/Tokyo:20310310T090000",
        "DTSTART;TZID=Asia/Tokyo:20310310T090000\nRRULE:FREQ=WEEKLY;COUNT=3",
        "RRULE:RRULE:FREQ=WEEKLY;COUNT=3",
        "FREQ=WEEKLY;COUNT=٣",
        "FREQ=WEEKLY;COUNT=3;X-NOTE=\u{0}",
        "every second Monday",
        "",
        " ",
        &long,
    ] {
        term.refuse_member("rule", json!(rule), "/rule").await;
    }
    term.assert_untouched().await;
}

#[tokio::test]
async fn dates_and_times_that_no_wall_clock_shows_are_refused() {
    let term = Term::new().await;
    for start in [
        "2031-03-10T09:00+09:00",
        "2031-03-10T09:00Z",
        "2031-03-10T09:00[Asia/Tokyo]",
        "TZID=Asia/Tokyo:20310310T090000",
        "2031-03-10",
        "2031-03-10T24:00",
        "2031-03-10T09:60",
        "2031-03-10T09:00:30",
        "2031-03-10T09:00:00.5",
        "2031-02-29T09:00",
        "1899-12-31T09:00",
        "2299-01-01T09:00",
        "99999-01-01T09:00",
        "٢٠٣١-٠٣-١٠T٠٩:٠٠",
        "",
    ] {
        term.refuse_member("start", json!(start), "/start").await;
    }
    // The rule gives dates, but this is none of them.
    let tuesdays = with(term.request(), "rule", "FREQ=WEEKLY;BYDAY=TU;COUNT=3");
    term.refuse("/v1/series", &tuesdays, "/start").await;
    for zone in ["Mars/Olympus", "asia/amman", "+03:00", "", "Asia/Amman\u{0}"] {
        term.refuse_member("zone", json!(zone), "/zone").await;
    }
    // The end lies before the start, or is the start.
    for minutes in [json!(0), json!(-90), json!(44_641), json!(1.5), json!("90"), json!(u64::MAX)] {
        term.refuse_member("duration_minutes", minutes, "/duration_minutes").await;
    }
    let all = ["2031-03-10T09:00", "2031-03-17T09:00", "2031-03-24T09:00"];
    term.refuse_member("except", json!(all), "/rule").await;
    term.refuse_member("except", json!([all[0], "2031-03-18T09:00"]), "/except/1").await;
    term.refuse_member("except", json!(["2031-03-17T06:00Z"]), "/except/0").await;
    term.refuse_member("also", json!(["2031-03-18T09:00", "soon"]), "/also/1").await;
    term.refuse_member("also", json!(["1831-03-18T09:00"]), "/also/0").await;
    term.assert_untouched().await;
}

#[tokio::test]
async fn what_a_series_is_made_of_is_named_by_its_place_if_it_is_wrong() {
    let term = Term::new().await;
    let (room, stranger) = (&term.room, Uuid::now_v7());
    for (line, field) in [
        (json!({"resource_id": room, "quantity": 0}), "/lines/0/quantity"),
        (json!({"resource_id": room, "quantity": -1}), "/lines/0/quantity"),
        (json!({"resource_id": room, "quantity": 10_001}), "/lines/0/quantity"),
        (json!({"resource_id": stranger}), "/lines/0/resource_id"),
        (json!({"resource_id": "x"}), "/lines/0/resource_id"),
        (json!({"resource_ids": [room, stranger]}), "/lines/0/resource_id"),
        (json!({"resource_ids": [1]}), "/lines/0/resource_ids/0"),
        (json!({"resource_id": room, "start": "2031-03-10T09:00:00Z"}), "/lines/0/start"),
        (json!({"session_id": stranger}), "/lines/0/session_id"),
        (
            json!({"resource_id": room, "price": {"minor": -1, "currency": "JOD"}}),
            "/lines/0/price/minor",
        ),
        (json!("x"), "/lines/0"),
    ] {
        term.refuse_member("lines", json!([line]), field).await;
    }
    let line = json!({"resource_id": room});
    term.refuse_member("lines", json!([]), "/lines").await;
    term.refuse_member("lines", json!(vec![line; 51]), "/lines").await;
    for wrong in [json!(null), json!(1), json!(true), json!("x"), json!({"a": 1})] {
        for member in ["listing_id", "customer_id", "start", "rule", "lines", "on_conflict"] {
            term.refuse_member(member, wrong.clone(), &format!("/{member}")).await;
        }
    }
    for member in ["listing_id", "id", "hold_minutes", "hold_until", "occurred_at"] {
        term.refuse_member(member, json!([1]), &format!("/{member}")).await;
    }
    term.refuse_member("listing_id", json!(stranger), "/listing_id").await;
    term.refuse_member("dates", json!([]), "/dates").await;
    term.refuse_member("hold_minutes", json!(43_201), "/hold_minutes").await;
    term.assert_untouched().await;
}

#[tokio::test]
async fn changes_of_dates_that_nobody_booked_are_refused() {
    let term = Term::new().await;
    let named = |scope: &str, original: &str| json!({"scope": scope, "original": original});
    for name in ["cancel", "confirm", "reschedule"] {
        let change = |body: Value| match name {
            "reschedule" => with(body, "day_shift", 1),
            _ => body,
        };
        for (body, field) in [
            (named("one", "2031-03-11T09:00"), "/original"),
            (named("one", "2031-03-10T09:01"), "/original"),
            (named("following", "2031-03-09T09:00"), "/original"),
            (named("following", "2031-03-31T09:00"), "/original"),
            (named("one", "2031-03-10T06:00Z"), "/original"),
            (named("one", "the first"), "/original"),
            (named("all", "2031-03-10T09:00"), "/original"),
            (json!({"scope": "one"}), "/original"),
            (json!({"scope": "following"}), "/original"),
            (json!({"scope": "none"}), "/scope"),
            (json!({"scope": ["all"]}), "/scope"),
            (json!({"scope": "all", "occurrence": 1}), "/occurrence"),
            (json!({"scope": "all", "occurred_at": "yesterday"}), "/occurred_at"),
        ] {
            term.refuse_change(name, &change(body), field).await;
        }
        let path = format!("/v1/series/{}/{name}", Uuid::now_v7());
        let unknown = term.client.post(&path, &change(json!({"scope": "all"}))).await;
        unknown.problem(404, "not-found");
    }
    let all = |member: &str, value: Value| with(json!({"scope": "all"}), member, value);
    for (name, body, field) in [
        ("cancel", all("reason", json!("x".repeat(501))), "/reason"),
        ("cancel", all("reason", json!("a\u{0}b")), "/reason"),
        ("confirm", all("skip_lapsed", json!("yes")), "/skip_lapsed"),
        ("confirm", all("skip_lapsed", json!(null)), "/skip_lapsed"),
        ("confirm", all("on_conflict", json!("skip_conflicts")), "/on_conflict"),
        ("reschedule", json!({"scope": "all"}), "/start_time"),
        ("reschedule", all("day_shift", json!(367)), "/day_shift"),
        ("reschedule", all("day_shift", json!(4_294_967_297_i64)), "/day_shift"),
        ("reschedule", all("start_time", json!("24:00")), "/start_time"),
        ("reschedule", all("start_time", json!("09:00+09:00")), "/start_time"),
        ("reschedule", all("resource_id", json!(Uuid::now_v7())), "/resource_id"),
    ] {
        term.refuse_change(name, &body, field).await;
    }
    term.assert_untouched().await;
}
