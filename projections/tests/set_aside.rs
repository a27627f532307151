//! What is set aside for vouchers, in what is free by the night.

mod support;

use daybook_domain::{
    calendar::{self, Calendar, Take},
    values::{CalendarId, DayRange, Month, Quantity, ResourceId, VoucherId},
};
use daybook_projections::{AvailabilityDay, AvailabilityOf, Projections};
use support::{Order, World, at, day};
use uuid::Uuid;

async fn free(projections: &Projections, room: ResourceId, first: u32, end: u32) -> Vec<[i64; 3]> {
    let days = DayRange::try_new(day(first), day(end)).expect("days in order");
    let of = AvailabilityOf::Resource(room);
    let answer = projections.queries().availability(of, days, at(1, 12)).await;
    let numbers = |day: &AvailabilityDay| [day.taken, day.held, day.free()];
    answer.expect("days are counted").days.iter().map(numbers).collect()
}

#[tokio::test]
async fn what_is_set_aside_is_held_until_its_end_which_nobody_records() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    world.book(&Order::new(hotel, 5, 6, 1), None, at(1, 9)).await.unwrap(); // opens the calendar
    let calendar = CalendarId { resource: hotel.room, month: Month::of(day(1)) };
    let voucher = VoucherId::from_uuid(Uuid::now_v7());
    let set = |first, end, count: u32| {
        let days = DayRange::try_new(day(first), day(end)).unwrap();
        let quantity = Quantity::try_new(count).ok();
        let takes = quantity.map(|quantity| Take::Nights { days, quantity }).into_iter().collect();
        let (until, how_much, at) = (at(1, 13), calendar::Aside::Whole, at(1, 10));
        calendar::Command::SetAside { voucher, takes, until, how_much, at }
    };
    world.send::<Calendar>(calendar, set(10, 14, 3)).await;
    world.settle(&projections).await;
    assert_eq!(free(&projections, hotel.room, 9, 12).await, [[0, 0, 4], [3, 3, 1], [3, 3, 1]]);
    world.send::<Calendar>(calendar, set(11, 12, 2)).await;
    world.settle(&projections).await;
    assert_eq!(free(&projections, hotel.room, 10, 13).await, [[0, 0, 4], [2, 2, 2], [0, 0, 4]]);
    world.assert_verified(&projections).await;

    let days = DayRange::try_new(day(11), day(12)).expect("days in order");
    let of = AvailabilityOf::Resource(hotel.room);
    let after = projections.queries().availability(of, days, at(1, 13)).await.unwrap();
    assert_eq!((after.days[0].taken, after.days[0].held, after.days[0].free()), (0, 0, 4));
    world.send::<Calendar>(calendar, set(11, 12, 0)).await;
    world.settle(&projections).await;
    assert_eq!(free(&projections, hotel.room, 11, 12).await, [[0, 0, 4]]);
    assert_eq!(world.count("SELECT count(*) FROM live.holds").await, 0);
    world.assert_verified(&projections).await;
}
