//! Series of bookings, against a real log and real tables.

mod support;

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use daybook_domain::{
    calendar::{Obstacle, Occupant},
    series::{
        Rule, Series, SeriesPlan,
        booked::{BookedSeries, Command, Hindrance, Moved, Outcome},
    },
    values::{
        BookingId, CustomerId, Length, ListingId, Reason, ResourceId, SeriesId, TimeRange, Zone,
    },
};
use daybook_projections::{ModelName, PageRequest, SeriesFilter, SeriesView, Standing, View as _};
use support::{World, at};
use uuid::Uuid;

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };

fn mondays() -> Series {
    Series::try_new(SeriesPlan {
        zone: Zone::try_new("Europe/London").expect("it is written well"),
        start: wall("2026-10-19T09:00:00"),
        duration: Length::try_new(90).expect("it is written well"),
        rule: Rule::try_new("FREQ=WEEKLY;COUNT=4").expect("it is written well"),
        except: vec![wall("2026-11-02T09:00:00")],
        also: Vec::new(),
    })
    .expect("it is written well")
}

fn wall(text: &str) -> NaiveDateTime {
    text.parse().expect("a date and time")
}

/// The second date is skipped, all others are booked.
fn create(listing: ListingId, customer: CustomerId) -> Command {
    let series = Box::new(mondays());
    let outcome = |number: usize| match number {
        1 => {
            let room = ResourceId::from_uuid(Uuid::now_v7());
            let other = Occupant::Booking(BookingId::from_uuid(Uuid::now_v7()));
            Outcome::Skipped(Hindrance::taken(Obstacle::Sold, room, vec![other]))
        }
        _ => Outcome::Booked(BookingId::from_uuid(Uuid::now_v7())),
    };
    let dates = series.occurrences().iter().enumerate();
    let outcomes: BTreeMap<_, _> = dates.map(|(n, date)| (date.original, outcome(n))).collect();
    Command::Create { listing, customer, series, outcomes, at: at(1, 8) }
}

#[tokio::test]
async fn a_series_shows_what_became_of_each_date() {
    let world = World::new().await;
    let projections = world.projections().await;
    let (listing, customer) =
        (ListingId::from_uuid(Uuid::now_v7()), CustomerId::from_uuid(Uuid::now_v7()));
    let id = SeriesId::from_uuid(Uuid::now_v7());
    world.send::<BookedSeries>(id, create(listing, customer)).await;
    let other = SeriesId::from_uuid(Uuid::now_v7());
    let strange = CustomerId::from_uuid(Uuid::now_v7());
    world.send::<BookedSeries>(other, create(listing, strange)).await;

    let series = mondays();
    let [first, _, third] = series.occurrences() else { panic!("three dates") };
    let (from, hour) = (first.time, TimeDelta::hours(1));
    let to = TimeRange::try_new(from.start() + hour, from.end() + hour).unwrap();
    let moved = vec![Moved { original: first.original, from, to, resource: None }];
    let reschedule = Command::Reschedule { moved, kept: Vec::new(), at: at(1, 9) };
    world.send::<BookedSeries>(id, reschedule).await;
    let reason = Some(Reason::try_new("the term ends early").unwrap());
    let cancel = Command::Cancel { occurrences: vec![third.original], reason, at: at(1, 10) };
    let position = world.send::<BookedSeries>(id, cancel).await;
    world.settle(&projections).await;

    let queries = projections.queries();
    let found = SeriesView::find(queries, id).await.unwrap().unwrap();
    assert_eq!((found.listing, found.customer, found.span.sequence), (listing, customer, 3));
    assert_eq!((&found.plan, found.span.position), (series.plan(), position));
    let times: Vec<_> = found.occurrences.iter().map(|date| (date.original, date.time)).collect();
    let planned = series.occurrences().iter().map(|date| (date.original, date.time));
    let mut expected: Vec<_> = planned.collect();
    expected[0].1 = to;
    assert_eq!(times, expected);
    assert!(matches!(found.occurrences[0].standing, Standing::Booked(_)));
    assert!(matches!(found.occurrences[1].standing, Standing::Skipped(_)));
    assert!(matches!(found.occurrences[2].standing, Standing::Cancelled(_)));

    let own = SeriesFilter { customer: Some(customer), ..SeriesFilter::default() };
    let page = queries.all_series(own, FIRST).await.unwrap();
    let [summary] = &*page.items else { panic!("one series of this customer") };
    assert_eq!((summary.id, summary.dates, summary.skipped, summary.cancelled), (id, 3, 1, 1));
    assert_eq!((summary.starts_at, summary.ends_at), (to.start(), third.time.end()));
    let there = SeriesFilter { listing: Some(listing), ..SeriesFilter::default() };
    let page = queries.all_series(there, FIRST).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|found| found.id).collect();
    assert_eq!(ids, [other, id]);

    world.assert_verified(&projections).await;
    projections.rebuild(ModelName::Series).await.unwrap();
    assert_eq!(SeriesView::find(queries, id).await.unwrap(), Some(found));
}
