//! Slots with anybody.

use super::{busy, open_daily, range, search, service, utc};
use crate::schedule::{Candidate, NothingFree, Search, any_of};
use crate::testing::{uuid, zone};
use crate::values::ResourceId;

fn person(n: u128) -> ResourceId {
    ResourceId::from_uuid(uuid(n))
}

/// The slots as local starts, each with who is free in the order of choice.
fn shown(candidates: &[Candidate<'_>]) -> Vec<String> {
    let clock = |at| zone("Asia/Riyadh").wall_clock(at).format("%H:%M").to_string();
    let shown = any_of(candidates).slots.into_iter().map(|slot| {
        let who = slot.free.iter().map(|free| free.resource.as_uuid().as_u128().to_string());
        format!("{} {}", clock(slot.time.start()), who.collect::<Vec<_>>().join(","))
    });
    shown.collect()
}

#[test]
fn who_has_the_fewest_bookings_that_day_is_chosen_then_the_smallest_id() {
    let day = range("2024-03-09T21:00:00Z", "2024-03-10T21:00:00Z");
    let (hours, rules) = (open_daily("Asia/Riyadh", "09:00-11:00"), service(60, 60));
    let alone = search(&hours, &rules, day);
    let booked = [utc("2024-03-10T11:00:00Z"), utc("2024-03-10T12:00:00Z")];
    let taken = [busy("2024-03-10T06:00:00Z", "2024-03-10T06:30:00Z", 1)];
    let candidates = [
        Candidate { resource: person(4), search: alone },
        Candidate { resource: person(1), search: Search { booked: &booked, ..alone } },
        Candidate { resource: person(3), search: Search { busy: &taken, ..alone } },
        Candidate { resource: person(2), search: Search { booked: &booked[..1], ..alone } },
    ];
    // the third is free from 09:30 on
    assert_eq!(shown(&candidates), ["09:00 4,2,1", "09:30 3", "10:00 4,2,1"]);
    let mut turned = candidates;
    turned.reverse();
    assert_eq!(shown(&turned), shown(&candidates));
}

#[test]
fn bookings_of_another_day_do_not_count_in_the_choice() {
    let day = range("2024-03-09T21:00:00Z", "2024-03-10T21:00:00Z");
    let (hours, rules) = (open_daily("Asia/Riyadh", "09:00-10:00"), service(60, 60));
    let alone = search(&hours, &rules, day);
    // in Riyadh the first is on Saturday still, the second on Sunday, the third on Monday
    let booked = ["2024-03-09T20:59:00Z", "2024-03-09T21:00:00Z", "2024-03-10T21:00:00Z"].map(utc);
    let candidates = [
        Candidate { resource: person(1), search: Search { booked: &booked[1..2], ..alone } },
        Candidate { resource: person(2), search: Search { booked: &booked[..1], ..alone } },
        Candidate { resource: person(3), search: Search { booked: &booked[2..], ..alone } },
    ];
    assert_eq!(shown(&candidates), ["09:00 2,3,1"]);
}

#[test]
fn the_same_instant_in_two_zones_is_one_slot() {
    let day = range("2024-03-09T21:00:00Z", "2024-03-10T21:00:00Z");
    let rules = service(60, 60);
    let (riyadh, kolkata) =
        (open_daily("Asia/Riyadh", "09:00-10:00"), open_daily("Asia/Kolkata", "11:30-12:30"));
    let candidates = [&riyadh, &kolkata]
        .map(|hours| Candidate { resource: person(1), search: search(hours, &rules, day) });
    // one person who travels, and still one person
    assert_eq!(shown(&candidates), ["09:00 1"]);
}

#[test]
fn the_reason_is_that_of_whoever_came_nearest() {
    let day = range("2024-03-09T21:00:00Z", "2024-03-10T21:00:00Z");
    let (hours, rules) = (open_daily("Asia/Riyadh", "09:00-10:00"), service(60, 60));
    let closed = open_daily("Asia/Riyadh", "");
    let taken = [busy("2024-03-10T06:00:00Z", "2024-03-10T07:00:00Z", 1)];
    let busy = Search { busy: &taken, ..search(&hours, &rules, day) };
    let off = Candidate { resource: person(1), search: search(&closed, &rules, day) };
    assert_eq!(any_of(&[off]).why, Some(NothingFree::Closed));
    let both = [Candidate { resource: person(2), search: busy }, off];
    assert_eq!(any_of(&both).why, Some(NothingFree::Busy));
    assert_eq!(any_of(&[]).why, Some(NothingFree::Closed));
}
