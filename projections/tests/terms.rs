//! Terms by time, schedules, rules of stays and blocks, against a real log and real tables.

mod support;

use chrono::{NaiveDate, TimeZone, Utc};
use daybook_domain::{
    calendar::{self, Beside, Calendar, Extent, SoldBy, Take},
    listing::{self, Content, FirstStatus, Listing, ListingKind, Parts},
    resource::{self, Resource, Schedules, Sort, StayRules, Terms, Times},
    values::{
        BlockId, BusyTime, CalendarId, DayRange, ListingId, Minutes, Month, OrganizationId,
        Quantity, Reason, ResourceId, TimeRange, Zone,
    },
};
use daybook_projections::{ListingView, ModelName, ResourceView, View as _};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::{World, at, described, eur, euros, limits, text};
use uuid::Uuid;

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("what a client would send")
}

fn amman() -> Zone {
    "Asia/Amman".parse().expect("a zone")
}

fn create(terms: listing::Terms) -> listing::Command {
    listing::Command::Create {
        organization: OrganizationId::from_uuid(Uuid::now_v7()),
        terms,
        content: Box::new(Content::new(text("By time"))),
        zone: amman(),
        currency: eur(),
        on_request: false,
        status: FirstStatus::Published,
        at: at(1, 8),
    }
}

#[tokio::test]
async fn what_is_booked_by_time_keeps_its_terms() {
    let world = World::new().await;
    let projections = world.projections().await;
    let slots = read(json!({"duration": 45, "notice": {"days": 1}, "ahead": {"days": 60}}));
    let service =
        Parts { slots: Some(slots), price: Some(euros(30)), ..Parts::bare(ListingKind::Service) };
    let room = Parts { price_per_hour: Some(euros(40)), ..Parts::bare(ListingKind::Room) };
    let mut made = Vec::new();
    for parts in [service, room] {
        let (id, terms) = (ListingId::from_uuid(Uuid::now_v7()), listing::Terms::try_new(parts));
        let terms = terms.unwrap();
        world.send::<Listing>(id, create(terms)).await;
        made.push((id, terms));
    }
    let terms = listing::Terms::try_new(Parts { slots: Some(slots), ..room }).unwrap();
    let content = Box::new(Content::new(text("By time")));
    let revise = listing::Command::Revise { terms, content, on_request: true, at: at(2, 8) };
    world.send::<Listing>(made[1].0, revise).await;
    made[1].1 = terms;
    world.settle(&projections).await;
    for (id, terms) in &made {
        let found = ListingView::find(projections.queries(), *id).await.unwrap().unwrap();
        assert_eq!((found.terms, found.on_request), (*terms, *id == made[1].0));
    }
    projections.rebuild(ModelName::Listings).await.unwrap();
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn a_resource_shows_its_schedules_or_its_rules_of_stays() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let rules: StayRules = read(json!({"least": 2, "closed_to_arrival": ["sunday"]}));
    let change = resource::Command::ChangeStayRules { rules: rules.clone(), at: at(2, 8) };
    world.send::<Resource>(hotel.room, change).await;
    let sauna = sauna(&world).await;
    let hours = json!({"monday": [{"from": "09:00", "to": "12:00"}]});
    let schedules: Schedules = read(json!([{"zone": "Asia/Amman", "hours": hours}]));
    let change = resource::Command::ChangeSchedules { schedules: schedules.clone(), at: at(2, 8) };
    world.send::<Resource>(sauna, change).await;
    world.settle(&projections).await;

    let queries = projections.queries();
    let room = ResourceView::find(queries, hotel.room).await.unwrap().unwrap();
    assert_eq!(room.terms.nights().map(|nights| &nights.rules), Some(&rules));
    let found = ResourceView::find(queries, sauna).await.unwrap().unwrap();
    assert_eq!(found.terms.times().map(|times| &times.schedules), Some(&schedules));
    projections.rebuild(ModelName::Resources).await.unwrap();
    assert_eq!(ResourceView::find(queries, sauna).await.unwrap().unwrap(), found);
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn a_block_over_two_months_is_told_as_one_until_it_is_lifted() {
    let world = World::new().await;
    let projections = world.projections().await;
    let resource = sauna(&world).await;
    let instant = |day, hour| Utc.with_ymd_and_hms(2026, 5, day, hour, 0, 0).single().unwrap();
    let range = TimeRange::try_new(instant(31, 20), instant(31, 22)).unwrap();
    let (none, quantity) = (Minutes::default(), Quantity::try_new(2).unwrap());
    let (block, reason) = (BlockId::from_uuid(Uuid::now_v7()), Reason::try_new("Lunch").unwrap());
    let parts = BusyTime::try_new(range, none, none).unwrap().split_by_month(amman());
    for (month, time) in &parts {
        let calendar = open(&world, resource, *month).await;
        let (takes, reason) = (vec![Take::Time { time: *time, quantity }], reason.clone());
        let command = calendar::Command::Block { block, takes, reason, at: at(1, 9) };
        world.send::<Calendar>(calendar, command).await;
    }
    world.settle(&projections).await;
    let on = async |month, day| {
        let first = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        let days = DayRange::try_new(first, first.succ_opt().unwrap()).unwrap();
        let answer = projections.queries().blocks(resource, Some(amman()), days).await.unwrap();
        answer.blocks
    };
    for (month, day) in [(5, 31), (6, 1)] {
        let found = on(month, day).await;
        let [found] = &found[..] else { panic!("one block, not {found:?}") };
        assert_eq!((found.id, found.extent, found.quantity), (block, Extent::Time(range), 2));
        assert_eq!((&found.reason, found.blocked_at), (&reason, at(1, 9)));
    }
    assert!(on(5, 30).await.is_empty() && on(6, 2).await.is_empty());
    world.assert_verified(&projections).await;

    for (month, _) in parts {
        let command = calendar::Command::Unblock { block, at: at(1, 10) };
        world.send::<Calendar>(CalendarId { resource, month }, command).await;
    }
    world.settle(&projections).await;
    assert!(on(5, 31).await.is_empty());
    projections.rebuild(ModelName::Blocks).await.unwrap();
    world.assert_verified(&projections).await;
}

async fn sauna(world: &World) -> ResourceId {
    let id = ResourceId::from_uuid(Uuid::now_v7());
    let schedules = Schedules::default();
    let create = resource::Command::Create {
        organization: OrganizationId::from_uuid(Uuid::now_v7()),
        terms: Terms::Times(Times { sort: Sort::Room, listing: None, zone: amman(), schedules }),
        currency: eur(),
        content: described("Sauna"),
        limits: limits(3),
        at: at(1, 8),
    };
    world.send::<Resource>(id, create).await;
    id
}

async fn open(world: &World, resource: ResourceId, month: Month) -> CalendarId {
    let calendar = CalendarId { resource, month };
    let sold_by = SoldBy::Times { zone: amman(), beside: Beside::default() };
    let command = calendar::Command::Open { month, sold_by, limits: limits(3), at: at(1, 8) };
    world.send::<Calendar>(calendar, command).await;
    calendar
}
