//! Which rooms are free, against a real log and real tables.

mod support;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use daybook_domain::{
    listing::{self, RoomTerms},
    resource::{self, Resource, ResourceKind, Services, Sort},
    schedule::{Lead, SlotRules},
    values::{Attribute, Attributes, Minutes, Number, Quantity, Timestamp},
};
use daybook_projections::{Closed, Projections, RoomsWanted, WhyNot};
use support::{
    World, described, limits,
    minutes::units,
    salon::{Salon, daily, drawing, rules},
    times::{Busy, busy, hours, instant},
};

fn seated(seats: f64, projector: bool) -> Attributes {
    let seats = Attribute::Number(Number::try_new(seats).expect("a number"));
    Attributes::try_new(BTreeMap::from([
        ("seats".parse().expect("a code"), seats),
        ("projector".parse().expect("a code"), Attribute::Flag(projector)),
    ]))
    .expect("two attributes")
}

fn rooms_wanted(salon: &Salon, start: &str, minutes: i64, now: Timestamp) -> RoomsWanted {
    RoomsWanted {
        kind: ResourceKind::Room,
        organization: Some(salon.organization),
        listing: None,
        attributes: BTreeMap::new(),
        time: busy(instant(start), minutes, 0, 0).range(),
        quantity: Quantity::ONE,
        now,
    }
}

async fn free(projections: &Projections, wanted: &RoomsWanted) -> Vec<Result<u32, WhyNot>> {
    let answer = projections.queries().rooms(wanted).await.expect("rooms are found");
    answer.rooms.into_iter().map(|found| found.free).collect()
}

#[tokio::test]
async fn rooms_are_found_by_what_they_have_and_by_their_hours() {
    let world = World::new().await;
    let projections = world.projections().await;
    let slots =
        SlotRules { notice: Lead::Minutes(Minutes::try_new(120).unwrap()), ..rules(60, 15, 1) };
    let terms = listing::Terms::Room(RoomTerms { slots: Some(slots), price_per_hour: None });
    let salon = Salon::open(&world, "Europe/London", terms).await;
    let [small, large] = [
        salon.have(&world, Sort::Room, limits(2), &[daily(salon.zone, "08:00-18:00")]).await,
        salon.have(&world, Sort::Room, limits(1), &[daily(salon.zone, "08:00-22:00")]).await,
    ];
    let now = instant("2026-05-01T08:00:00Z");
    for (thing, attributes) in [(small, seated(20.0, false)), (large, seated(60.0, true))] {
        let content = resource::Content { attributes, ..described("Room") };
        let revise = resource::Command::Revise { services: Services::default(), content, at: now };
        world.send::<Resource>(thing.resource, revise).await;
    }
    world.settle(&projections).await;
    let plain = rooms_wanted(&salon, "2026-05-11T16:00:00Z", 60, now); // 17:00 in London
    assert_eq!(free(&projections, &plain).await, [Ok(2), Ok(1)]);
    let late = rooms_wanted(&salon, "2026-05-11T16:30:00Z", 60, now);
    let closed = |closed| Err(WhyNot::Closed(closed));
    assert_eq!(free(&projections, &late).await, [closed(Closed::Hours), Ok(1)]);
    let short = rooms_wanted(&salon, "2026-05-11T16:00:00Z", 45, now);
    assert_eq!(free(&projections, &short).await, [closed(Closed::TooShort); 2]);
    let soon = rooms_wanted(&salon, "2026-05-01T09:00:00Z", 60, now);
    assert_eq!(free(&projections, &soon).await, [closed(Closed::Notice); 2]);

    let with = |code: &str, value| RoomsWanted {
        attributes: BTreeMap::from([(code.parse().unwrap(), value)]),
        ..plain.clone()
    };
    let number = |number| Attribute::Number(Number::try_new(number).unwrap());
    assert_eq!(free(&projections, &with("seats", number(20.0))).await.len(), 2);
    assert_eq!(free(&projections, &with("seats", number(21.0))).await, [Ok(1)]);
    assert_eq!(free(&projections, &with("projector", Attribute::Flag(false))).await, [Ok(2)]);
    let none = with("piano", Attribute::Flag(true));
    assert_eq!(free(&projections, &none).await, []);
    let answer = projections.queries().rooms(&none).await.unwrap();
    assert_eq!(answer.why_not(), Some(WhyNot::Closed(Closed::NotOffered)));
    let two = RoomsWanted { quantity: Quantity::try_new(2).unwrap(), ..plain };
    assert_eq!(free(&projections, &two).await, [Ok(2), Err(WhyNot::Sold)]);
    let of_listing = RoomsWanted { organization: None, listing: Some(salon.service), ..two };
    assert_eq!(free(&projections, &of_listing).await.len(), 2);
    let things = RoomsWanted { kind: ResourceKind::Equipment, ..of_listing };
    assert_eq!(free(&projections, &things).await.len(), 0);
}

#[tokio::test]
async fn free_rooms_agree_with_a_search_of_every_minute() {
    let world = World::new().await;
    let projections = world.projections().await;
    let terms = listing::Terms::Room(RoomTerms::default());
    let salon = Salon::open(&world, "Africa/Cairo", terms).await;
    let (first, mut draw) = (instant("2026-10-29T12:00:00Z"), drawing(7));
    let mut things = Vec::new();
    for capacity in [1, 2, 5] {
        let thing = salon.have(&world, Sort::Room, limits(capacity), &[]).await;
        things.push((thing, hours(&world, thing, (first, 4 * 24 * 60), &mut draw, 50).await));
    }
    world.settle(&projections).await;
    let mut reasons = Vec::new();
    for n in 0..60 {
        let now = first - TimeDelta::days(if n % 2 == 0 { 9 } else { 1 });
        let start = first + TimeDelta::minutes(i64::from(10 * draw(4 * 24 * 6)));
        let time = busy(start, i64::from(10 * (1 + draw(30))), 0, 0).range();
        let quantity = 1 + draw(2);
        let wanted = RoomsWanted {
            time,
            quantity: Quantity::try_new(quantity).unwrap(),
            ..rooms_wanted(&salon, "2026-10-29T12:00:00Z", 60, now)
        };
        let told = free(&projections, &wanted).await;
        for (told, (thing, busy)) in told.iter().zip(&things) {
            let left = units(busy, *thing, 1, time, now);
            assert_eq!(told.ok(), (left >= quantity).then_some(left));
            let Err(why) = *told else { continue };
            let fits = |keep: &dyn Fn(&Busy) -> bool| {
                let kept: Vec<Busy> = busy.iter().filter(|busy| keep(busy)).copied().collect();
                units(&kept, *thing, 1, time, now) >= quantity
            };
            let expected = if fits(&|busy| busy.until.is_none()) {
                WhyNot::Held
            } else if fits(&|busy| busy.until.is_none() && !busy.blocked) {
                WhyNot::Closed(Closed::Blocked)
            } else {
                WhyNot::Sold
            };
            assert_eq!(why, expected);
            reasons.push(why);
        }
    }
    reasons.sort_unstable();
    reasons.dedup();
    assert_eq!(reasons, [WhyNot::Closed(Closed::Blocked), WhyNot::Sold, WhyNot::Held]);
}
