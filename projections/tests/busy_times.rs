//! What is free by the hour, against a real log and real tables.

mod support;

use chrono::TimeDelta;
use daybook_domain::{
    schedule::{AnySlot, BookingLimits, SlotRules},
    values::{Minutes, Quantity, ResourceId},
};
use daybook_projections::{Closed, ModelName, SlotsWanted, WhyNot};
use support::{
    World, euros, limits,
    minutes::slowly,
    salon::{Salon, daily, drawing, found, rules, service},
    times::{Thing, busy, hours, instant},
};
use uuid::Uuid;

fn starts(slots: &[AnySlot]) -> Vec<String> {
    slots.iter().map(|slot| slot.time.start().format("%d %H:%M").to_string()).collect()
}

#[tokio::test]
async fn a_take_has_a_row_for_each_day_it_touches_as_long_as_it_lasts() {
    let world = World::new().await;
    let projections = world.projections().await;
    let zone = "America/New_York".parse().unwrap();
    let resource = ResourceId::from_uuid(Uuid::now_v7());
    let thing = Thing { resource, zone, limits: limits(2) };
    let rows = async |count| {
        world.settle(&projections).await;
        assert_eq!(world.count("SELECT count(*) FROM live.busy_times").await, count);
        world.assert_verified(&projections).await;
    };
    // the month ends at 04:00, UTC, and the buffer lies before it
    let time = busy(instant("2026-06-01T03:50:00Z"), 45 * 60, 30, 10);
    let now = instant("2026-05-01T00:00:00Z");
    let until = Some(instant("2026-05-02T00:00:00Z"));
    let booking = world.take(thing, (time, 1), until, now).await.unwrap();
    rows(4).await; // on the first of June in the calendars of May and June, and on the second and third
    let block = world.block(thing, (time, 1), now).await.unwrap();
    rows(8).await;
    let holds = "SELECT count(*) FROM live.busy_times WHERE until IS NOT NULL";
    assert_eq!(world.count(holds).await, 4);
    world.firm(thing, time, booking, now).await;
    world.settle(&projections).await;
    assert_eq!(world.count(holds).await, 0);
    let end = Some(instant("2026-06-01T20:00:00Z"));
    world.give_up(thing, (time, booking), end, now).await;
    rows(6).await;
    world.unblock(thing, time, block, now).await;
    rows(2).await;
    projections.rebuild(ModelName::BusyTimes).await.unwrap();
    rows(2).await;
    world.give_up(thing, (time, booking), None, now).await;
    rows(0).await;
}

#[tokio::test]
async fn whoever_has_the_fewest_bookings_that_day_is_chosen_first() {
    let world = World::new().await;
    let projections = world.projections().await;
    let salon = Salon::open(&world, "Asia/Amman", service(rules(60, 60, 1))).await;
    let hours = [daily(salon.zone, "09:00-12:00")];
    let one = salon.hire(&world, limits(1), &hours).await;
    let two = salon.hire(&world, limits(1), &hours).await;
    let (now, nine) = (instant("2026-05-01T00:00:00Z"), instant("2026-05-10T06:00:00Z"));
    world.take(one, (busy(nine, 60, 0, 0), 1), None, now).await.unwrap();
    world.settle(&projections).await;
    let answer = found(&projections, salon.wanted("2026-05-10/2026-05-12", now)).await;
    let free: Vec<Vec<ResourceId>> = answer
        .slots
        .iter()
        .map(|slot| slot.free.iter().map(|free| free.resource).collect())
        .collect();
    let (one, two) = (one.resource, two.resource);
    let (busy, idle) = (vec![two, one], vec![one, two]);
    assert_eq!(free, [vec![two], busy.clone(), busy, idle.clone(), idle.clone(), idle]);
    let with = SlotsWanted { with: Some(one), ..salon.wanted("2026-05-10/2026-05-11", now) };
    assert_eq!(starts(&found(&projections, with).await.slots), ["10 07:00", "10 08:00"]);
}

#[tokio::test]
async fn what_stands_in_the_way_is_told() {
    let world = World::new().await;
    let projections = world.projections().await;
    let salon = Salon::open(&world, "Asia/Amman", service(rules(60, 60, 1))).await;
    let thing = salon.hire(&world, limits(1), &[daily(salon.zone, "09:00-10:00")]).await;
    let (now, deadline) = (instant("2026-05-01T00:00:00Z"), instant("2026-05-02T00:00:00Z"));
    let at = |day: u32| busy(instant(&format!("2026-05-{day}T06:00:00Z")), 60, 0, 0);
    world.take(thing, (at(10), 1), Some(deadline), now).await.unwrap();
    let asked = world.take(thing, (at(11), 1), Some(deadline), now).await.unwrap();
    world.pay(asked, euros(10), now).await;
    world.take(thing, (at(12), 1), None, now).await.unwrap();
    world.block(thing, (at(13), 1), now).await.unwrap();
    world.settle(&projections).await;
    let why = async |days, now| found(&projections, salon.wanted(days, now)).await.why_not;
    assert_eq!(why("2026-05-10/2026-05-11", now).await, Some(WhyNot::Held));
    assert_eq!(why("2026-05-11/2026-05-12", now).await, Some(WhyNot::Unpaid));
    assert_eq!(why("2026-05-12/2026-05-13", now).await, Some(WhyNot::Sold));
    let blocked = Some(WhyNot::Closed(Closed::Blocked));
    assert_eq!(why("2026-05-13/2026-05-14", now).await, blocked);
    assert_eq!(why("2026-05-10/2026-05-14", now).await, Some(WhyNot::Held));
    let over = Some(WhyNot::Closed(Closed::Notice));
    assert_eq!(why("2026-04-10/2026-04-12", now).await, over);
    assert_eq!(why("2026-05-10/2026-05-12", deadline).await, None); // at the instant itself it is free
    let nobody = SlotsWanted {
        with: Some(ResourceId::from_uuid(Uuid::now_v7())),
        ..salon.wanted("2026-05-14/2026-05-15", now)
    };
    let nobody = found(&projections, nobody).await.why_not;
    assert_eq!(nobody, Some(WhyNot::Closed(Closed::NotOffered)));
}

#[tokio::test]
async fn a_booking_that_runs_into_the_next_month_begins_once() {
    let world = World::new().await;
    let projections = world.projections().await;
    let limited = BookingLimits { per_day: Some(Quantity::ONE), ..BookingLimits::default() };
    let rules = SlotRules { limits: limited, ..rules(60, 60, 2) };
    let salon = Salon::open(&world, "Asia/Amman", service(rules)).await;
    let thing = salon.hire(&world, limits(2), &[]).await;
    let now = instant("2026-05-01T00:00:00Z");
    // midnight in Amman is 21:00, UTC
    let over_midnight = busy(instant("2026-05-31T20:30:00Z"), 60, 0, 0);
    world.take(thing, (over_midnight, 1), None, now).await.unwrap();
    world.settle(&projections).await;
    let limit = Some(WhyNot::Closed(Closed::Limit));
    let last = found(&projections, salon.wanted("2026-05-31/2026-06-01", now)).await;
    assert_eq!((last.slots.len(), last.why_not), (0, limit));
    let first = found(&projections, salon.wanted("2026-06-01/2026-06-02", now)).await;
    assert_eq!(first.slots.len(), 24);

    // but one that has only its buffer in the old month begins in the new one
    let after_midnight = busy(instant("2026-06-30T21:00:00Z"), 60, 15, 0);
    world.take(thing, (after_midnight, 1), None, now).await.unwrap();
    world.settle(&projections).await;
    let first = found(&projections, salon.wanted("2026-07-01/2026-07-02", now)).await;
    assert_eq!((first.slots.len(), first.why_not), (0, limit));
    let last = found(&projections, salon.wanted("2026-06-30/2026-07-01", now)).await;
    assert_eq!(last.slots.len(), 24);
}

#[tokio::test]
async fn slots_agree_with_a_search_of_every_minute_where_clocks_are_changed() {
    let world = World::new().await;
    let projections = world.projections().await;
    for (seed, (zone, first, days)) in [
        ("Africa/Cairo", "2026-04-23T00:00:00Z", "2026-04-23/2026-04-26"), // a midnight is skipped
        ("Africa/Cairo", "2026-10-28T20:00:00Z", "2026-10-29/2026-11-01"), // an hour before midnight comes twice
        ("America/New_York", "2026-03-07T00:00:00Z", "2026-03-07/2026-03-10"),
        ("America/New_York", "2026-10-31T00:00:00Z", "2026-10-31/2026-11-03"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut draw = drawing(u64::try_from(seed).unwrap());
        let buffer = Minutes::try_new(5 * draw(3)).unwrap();
        let rules = SlotRules {
            buffer_before: buffer,
            buffer_after: Minutes::try_new(10).unwrap(),
            ..rules(30 + 15 * draw(3), 20, 1 + draw(4))
        };
        let salon = Salon::open(&world, zone, service(rules)).await;
        let hours_of_day = [(0, 3 * 60), (9 * 60, 24 * 60)];
        let schedule = daily(salon.zone, "00:00-03:00 09:00-24:00");
        let thing = salon.hire(&world, limits(1 + draw(6)), &[schedule]).await;
        let first = instant(first);
        let busy = hours(&world, thing, (first, 4 * 24 * 60), &mut draw, 60).await;
        world.settle(&projections).await;
        for (quantity, days_before) in [(1, 9), (1, 1), (2, 9)] {
            let now = first - TimeDelta::days(days_before);
            let quantity = Quantity::try_new(quantity).unwrap();
            let wanted = SlotsWanted { quantity, ..salon.wanted(days, now) };
            let told = found(&projections, wanted).await;
            let told: Vec<_> = told
                .slots
                .iter()
                .map(|slot| (slot.time.start(), slot.free[0].remaining.get()))
                .collect();
            assert_eq!(
                told,
                slowly(&busy, (thing, &rules), &hours_of_day, &wanted),
                "{zone} {days}"
            );
        }
    }
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn days_can_be_those_of_another_zone() {
    let world = World::new().await;
    let projections = world.projections().await;
    let salon = Salon::open(&world, "Asia/Tokyo", service(rules(60, 120, 1))).await;
    salon.hire(&world, limits(1), &[daily(salon.zone, "00:00-24:00")]).await;
    world.settle(&projections).await;
    let wanted = salon.wanted("2026-05-10/2026-05-11", instant("2026-05-01T00:00:00Z"));
    let in_tokyo = found(&projections, wanted).await;
    assert_eq!(starts(&in_tokyo.slots)[0], "09 15:00");
    let zone = Some("America/New_York".parse().unwrap());
    let in_new_york = found(&projections, SlotsWanted { zone, ..wanted }).await;
    assert_eq!(starts(&in_new_york.slots)[0], "10 05:00"); // in Tokyo it is 14:00
    assert_eq!((in_tokyo.slots.len(), in_new_york.slots.len()), (12, 12));
}
