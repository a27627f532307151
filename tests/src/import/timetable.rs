//! A term's timetable, booked in one go: all of it, or all but what collides, or none.

use std::{path::PathBuf, process::Output, time::Duration};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, World, eventually, run, said};

const HEADER: &str = "room,title,start,end,rrule,attendees";

/// A campus with two rooms for everybody and one on request.
struct Campus {
    organization: String,
    listing: String,
    rooms: Vec<String>,
}

impl Campus {
    async fn open(client: &Client) -> Self {
        let organization = json!({
            "name": {"en": "Riverside Campus"}, "zone": "Europe/London", "currency": "GBP",
            "weekend": "sat_sun",
        });
        let organization = client.post("/v1/organizations", &organization).await.id(201);
        let (mut listings, mut rooms) = (Vec::new(), Vec::new());
        for on_request in [false, true] {
            let listing = json!({
                "organization_id": organization, "kind": "room", "name": {"en": "Rooms"},
                "zone": "Europe/London", "currency": "GBP", "on_request": on_request,
            });
            listings.push(client.post("/v1/listings", &listing).await.id(201));
        }
        for (name, listing) in [("Room 101", 0), ("Room 102", 0), ("Great Hall", 1)] {
            let room = json!({
                "kind": "room", "listing_id": listings[listing], "name": {"en": name},
                "capacity": 1, "attributes": {"seats": 40},
            });
            rooms.push(client.post("/v1/resources", &room).await.id(201));
        }
        Self { organization, listing: listings.remove(0), rooms }
    }

    /// A booking of the first room on a Monday of the term, with a title.
    async fn book(&self, client: &Client, start: &str, end: &str) -> String {
        let booking = json!({
            "listing_id": self.listing, "customer_id": Uuid::now_v7(),
            "lines": [{"resource_id": self.rooms[0], "start": start, "end": end}],
            "dimensions": {"extra": {"title": "Drama club"}},
        });
        client.post("/v1/bookings", &booking).await.id(201)
    }
}

fn write(world: &World, lines: &[&str]) -> PathBuf {
    let path = world.servers[0].data_dir().join("timetable.csv");
    std::fs::write(&path, [&[HEADER][..], lines].concat().join("\n")).expect("the file is ours");
    path
}

fn import(world: &World, lines: &[&str], options: &[&str]) -> tokio::process::Command {
    let mut command = run(&["import", "timetable", "--json", "--url", &world.servers[0].url()]);
    command.arg(write(world, lines)).arg("--key-file");
    command.arg(world.servers[0].data_dir().join("admin.key")).args(options);
    command
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

async fn imported(world: &World, lines: &[&str], options: &[&str]) -> Value {
    let output = import(world, lines, options).output().await.expect("the command runs");
    assert!(output.status.success(), "{}", said(&output));
    report(&output)
}

async fn refused(world: &World, lines: &[&str], options: &[&str]) -> Value {
    let output = import(world, lines, options).output().await.expect("the command runs");
    assert!(!output.status.success(), "{}", said(&output));
    report(&output)
}

async fn with_status(client: &Client, status: &str) -> usize {
    let head = client.head().await;
    let path = format!("/v1/bookings?limit=1000&status={status}&min_position={head}");
    client.get(&path).await.expect(200)["items"].as_array().expect("a page of bookings").len()
}

const TERM: [&str; 4] = [
    "Room 101,Algebra,2031-03-10T09:00,2031-03-10T10:30,FREQ=WEEKLY;COUNT=6,30",
    "Room 101,Chess,2031-03-11 18:00,2031-03-11 20:00,FREQ=WEEKLY;COUNT=6,",
    "Room 102,Drawing,2031-03-10T09:00:00Z,2031-03-10T11:00:00Z,FREQ=WEEKLY;BYDAY=MO;COUNT=4,12",
    "Great Hall,Ceremony,2031-03-20T14:00,2031-03-20T18:00,,40",
];

#[tokio::test]
async fn a_timetable_is_booked_as_a_whole_and_a_second_time_changes_nothing() {
    let world = World::start().await;
    let client = world.client();
    let campus = Campus::open(&client).await;
    let owner = ["--organization", &*campus.organization];
    let told = imported(&world, &TERM, &owner).await;
    assert_eq!(
        (&told["booked"], &told["dates"], &told["already_present"]),
        (&json!(4), &json!(17), &json!(0))
    );
    assert_eq!(told["clashes"], json!([]));
    assert_eq!(with_status(&client, "confirmed").await, 17);
    let series = client.get(&format!("/v1/series?listing_id={}", campus.listing)).await.expect(200);
    let hours: Vec<_> =
        series["items"].as_array().unwrap().iter().map(|item| &item["start"]).collect();
    assert!(hours.contains(&&json!("2031-03-10T09:00:00")), "{series}");

    let audit = world.audit().await;
    let head = audit.head().await;
    // a line more above the others makes no other rows of them
    let longer =
        ["Room 102,Yoga,2031-03-12T07:00,2031-03-12T08:00,,8", TERM[0], TERM[1], TERM[2], TERM[3]];
    let told = imported(&world, &TERM, &owner).await;
    assert_eq!(
        (&told["booked"], &told["already_present"], &told["commands"]),
        (&json!(4), &json!(4), &json!(0))
    );
    assert_eq!(audit.head().await, head, "the second import wrote something");
    let told = imported(&world, &longer, &owner).await;
    assert_eq!((&told["booked"], &told["already_present"]), (&json!(5), &json!(4)));
    assert_eq!(with_status(&client, "confirmed").await, 18);
    audit.assert_sound().await;
}

#[tokio::test]
async fn what_collides_keeps_all_from_being_booked_and_both_sides_are_named() {
    let world = World::start().await;
    let client = world.client();
    let campus = Campus::open(&client).await;
    let club = campus.book(&client, "2031-03-17T10:00:00Z", "2031-03-17T12:00:00Z").await;
    let block = json!({
        "start": "2031-04-07T06:00:00Z", "end": "2031-04-07T20:00:00Z", "reason": "Exams",
    });
    let path = format!("/v1/resources/{}/blocks", campus.rooms[0]);
    let block = client.post(&path, &block).await.id(201);
    let rival = "Room 102,Painting,2031-03-10T10:00,2031-03-10T11:00,,12";
    let lines = [&TERM[..], &[rival][..]].concat();
    let owner = ["--organization", &*campus.organization];

    let told = refused(&world, &lines, &owner).await;
    assert_eq!(
        (&told["booked"], &told["refused"], &told["dates"]),
        (&json!(0), &json!(2), &json!(0))
    );
    let sides: Vec<_> = told["clashes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clash| {
            json!([
                clash["line"],
                clash["title"],
                clash["local_start"],
                clash["cause"],
                clash["in_the_way"]
            ])
        })
        .collect();
    let (club, block) = (
        json!({"kind": "booking", "id": club, "title": "Drama club"}),
        json!({"kind": "block", "id": block, "reason": "Exams"}),
    );
    let first = json!({"kind": "row", "line": 4, "title": "Drawing"});
    assert_eq!(
        sides,
        [
            json!([2, "Algebra", "2031-03-17T09:00:00", "sold", [club]]),
            json!([2, "Algebra", "2031-04-07T09:00:00", "blocked", [block]]),
            json!([6, "Painting", "2031-03-10T10:00:00", "held", [first]]),
        ]
    );
    assert_eq!(with_status(&client, "confirmed").await, 1, "only the club is there");
    assert_eq!(with_status(&client, "held").await + with_status(&client, "requested").await, 0);

    // what remains of the timetable can be had at a second attempt
    let told = imported(&world, &TERM[1..], &owner).await;
    assert_eq!((&told["booked"], &told["already_present"]), (&json!(3), &json!(0)));
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn what_collides_can_be_left_out() {
    let world = World::start().await;
    let client = world.client();
    let campus = Campus::open(&client).await;
    campus.book(&client, "2031-03-17T10:00:00Z", "2031-03-17T12:00:00Z").await;
    let all_taken = "Room 101,Late,2031-03-17T10:00,2031-03-17T11:00,,5";
    let lines = [TERM[0], all_taken];
    let options = ["--listing", &*campus.listing, "--on-conflict", "skip"];
    for already_present in [0, 1] {
        let told = imported(&world, &lines, &options).await;
        assert_eq!(
            (&told["booked"], &told["dates"], &told["refused"]),
            (&json!(1), &json!(5), &json!(1))
        );
        assert_eq!(told["already_present"], already_present);
        let lines: Vec<_> =
            told["clashes"].as_array().unwrap().iter().map(|clash| &clash["line"]).collect();
        assert_eq!(lines, [2, 3], "{told}");
        assert_eq!(told["clashes"][0]["in_the_way"][0]["title"], "Drama club");
    }
    assert_eq!(with_status(&client, "confirmed").await, 6);
}

#[tokio::test]
async fn a_file_with_mistakes_books_nothing_and_all_are_told() {
    let world = World::start().await;
    let client = world.client();
    let campus = Campus::open(&client).await;
    let head = client.head().await;
    let lines = [
        TERM[0],
        "Room 999,Nowhere,2031-03-10T09:00,2031-03-10T10:00,,5",
        "Great Hall,Crowd,2031-03-10T09:00,2031-03-10T08:00,FREQ=DAILY;COUNT=9999999,500",
    ];
    let told = refused(&world, &lines, &["--organization", &campus.organization]).await;
    let faults: Vec<_> = told["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| format!("{} {}", fault["line"], fault["column"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(faults, ["3 room", "4 attendees", "4 end", "4 rrule"], "{told}");
    assert_eq!(client.head().await, head);
    let text = run(&[
        "import",
        "timetable",
        "--listing",
        &campus.listing,
        "--url",
        &world.servers[0].url(),
    ])
    .arg(write(&world, &lines))
    .arg("--key-file")
    .arg(world.servers[0].data_dir().join("admin.key"))
    .output()
    .await
    .expect("the command runs");
    let text = said(&text);
    assert!(text.contains("timetable.csv:3: room `Room 999`: there is no such room"), "{text}");
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_where_it_was() {
    let world = World::start().await;
    let client = world.client();
    let campus = Campus::open(&client).await;
    let lines: Vec<String> = (0..40)
        .map(|number| {
            let (hour, room) = (8 + number % 10, 101 + number % 2);
            let day = 10 + number / 10;
            format!("Room {room},Class {number},2031-03-{day}T{hour:02}:00,2031-03-{day}T{hour:02}:50,FREQ=WEEKLY;COUNT=10,5")
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let options = ["--listing", &*campus.listing, "--concurrency", "2"];
    let audit = world.audit().await;
    for event in ["held", "confirmed"] {
        let mut running = import(&world, &lines, &options).spawn().expect("it starts");
        eventually("the import gets on", Duration::from_mins(1), || async {
            (audit.bookings_with(event).await.len() > 60).then_some(())
        })
        .await;
        running.kill().await.expect("it can be killed");
    }
    assert!(audit.bookings_with("confirmed").await.len() < 400, "it was done already");
    let told = imported(&world, &lines, &options).await;
    assert_eq!(
        (&told["booked"], &told["dates"], &told["already_present"]),
        (&json!(40), &json!(400), &json!(40))
    );
    let (held, confirmed) =
        (audit.bookings_with("held").await, audit.bookings_with("confirmed").await);
    assert_eq!((held.len(), confirmed.len()), (400, 400));
    assert!(held.values().chain(confirmed.values()).all(|times| *times == 1));
    audit.assert_sound().await;
}
