//! The excerpt of the public file, brought in whole, twice, in part, and with too few rooms.

use std::{collections::BTreeMap, process::Output, time::Duration};

use serde_json::Value;

use super::figures::{self, File};
use crate::harness::{World, run, said};

fn import(world: &World, options: &[&str]) -> tokio::process::Command {
    let mut command = run(&["import", "hotel-bookings"]);
    command.arg(figures::path()).args(["--url", &world.servers[0].url(), "--json", "--key-file"]);
    command.arg(world.servers[0].data_dir().join("admin.key")).args(options);
    command
}

fn summary(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

async fn whole(world: &World, options: &[&str]) -> Value {
    summary(&import(world, options).output().await.expect("the command runs"))
}

#[track_caller]
fn assert_figures(summary: &Value, file: &File) {
    assert_eq!(summary["rows"], file.rows);
    assert_eq!(summary["rejected"], file.rejected);
    assert_eq!(summary["refused"], 0);
    assert_eq!(summary["differences"], 0);
    assert_eq!(summary["accepted"], file.rows - file.rejected);
    for (name, figures) in &file.hotels {
        let hotel = &summary["hotels"][name];
        assert_eq!(hotel["bookings"], figures.bookings, "{name}");
        assert_eq!(hotel["cancelled"], figures.cancelled, "{name}");
        assert_eq!(hotel["no_show"], figures.no_shows, "{name}");
        assert_eq!(hotel["checked_out"], figures.checked_out, "{name}");
    }
}

/// What the server itself reports of a listing, whatever the importer said.
async fn reported(world: &World, listing: &str, position: i64) -> BTreeMap<String, i64> {
    let path = format!(
        "/v1/analytics/bookings?group_by=listing&listing_id={listing}&min_position={position}"
    );
    let report = world.client().get(&path).await.expect(200);
    let items = report["items"].as_array().expect("rows");
    assert_eq!(items.len(), 1, "{report}");
    let measure = |name: &str| (name.to_owned(), items[0][name].as_i64().unwrap_or_default());
    ["bookings", "cancellations", "no_shows", "arrivals", "departures", "room_nights"]
        .map(measure)
        .into()
}

#[tokio::test]
async fn the_file_is_imported_as_it_says_and_a_second_time_changes_nothing() {
    let world = World::start().await;
    let file = figures::count();
    assert!(file.rows > 300 && file.rejected == 1 && file.hotels.len() == 2, "{file:?}");
    let first = whole(&world, &[]).await;
    assert_figures(&first, &file);
    assert_eq!(first["already_present"], 0);
    let audit = world.audit().await;
    let head = audit.head().await;
    audit.assert_sound().await;
    let made = audit.bookings_made().await;
    assert_eq!(u64::try_from(made.len()).unwrap(), file.rows - file.rejected);
    for (event, wanted) in [
        ("cancelled", file.hotels.values().map(|hotel| hotel.cancelled).sum::<u64>()),
        ("no_show_recorded", file.hotels.values().map(|hotel| hotel.no_shows).sum()),
        ("checked_out", file.hotels.values().map(|hotel| hotel.checked_out).sum()),
    ] {
        let found = audit.bookings_with(event).await;
        assert_eq!(u64::try_from(found.len()).unwrap(), wanted, "{event}");
    }
    for (name, figures) in &file.hotels {
        let listing = first["hotels"][name]["listing_id"].as_str().expect("its listing");
        let reported = reported(&world, listing, head).await;
        let wanted = [
            ("bookings", figures.bookings),
            ("cancellations", figures.cancelled),
            ("no_shows", figures.no_shows),
            ("arrivals", figures.checked_out),
            ("departures", figures.checked_out),
            ("room_nights", figures.room_nights),
        ];
        let wanted = wanted.map(|(name, count)| (name.to_owned(), i64::try_from(count).unwrap()));
        assert_eq!(reported, wanted.into(), "{name}");
    }

    let second = whole(&world, &[]).await;
    assert_figures(&second, &file);
    assert_eq!(second["already_present"], file.rows - file.rejected);
    assert_eq!(audit.head().await, head, "the second import wrote something");
}

#[tokio::test]
async fn with_too_few_rooms_some_are_refused_and_none_is_oversold() {
    let world = World::start().await;
    let file = figures::count();
    let told = whole(&world, &["--capacity-percent", "80"]).await;
    assert_eq!(told["differences"], 0);
    let refused = told["refused"].as_u64().unwrap();
    assert!(refused > 0, "nothing was scarce: {told}");
    let accepted = told["accepted"].as_u64().unwrap();
    assert_eq!(accepted + refused + file.rejected, file.rows);
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(u64::try_from(audit.bookings_made().await.len()).unwrap(), accepted);
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_where_it_was() {
    let world = World::start().await;
    let file = figures::count();
    let audit = world.audit().await;
    for goal in [200, 500, 800] {
        let mut running = import(&world, &["--concurrency", "4"]).spawn().expect("it starts");
        crate::harness::eventually("the import gets on", Duration::from_secs(30), || async {
            (audit.head().await >= goal).then_some(())
        })
        .await;
        running.kill().await.expect("it can be killed");
    }
    let made = audit.bookings_made().await.len();
    assert!(u64::try_from(made).unwrap() < file.rows - file.rejected, "it was done already");
    let last = whole(&world, &[]).await;
    assert_figures(&last, &file);
    audit.assert_sound().await;
    let made = audit.bookings_made().await;
    assert_eq!(u64::try_from(made.len()).unwrap(), file.rows - file.rejected);
    assert!(made.values().all(|times| *times == 1));
}

#[tokio::test]
async fn lines_that_make_no_sense_are_written_down() {
    let world = World::start().await;
    let rejects = world.servers[0].data_dir().join("rejects.csv");
    let path = rejects.to_str().expect("a plain path");
    whole(&world, &["--rejects", path]).await;
    let text = std::fs::read_to_string(&rejects).expect("the rejects are written");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[1].contains("adr") && lines[1].contains('-'), "{text}");
}
