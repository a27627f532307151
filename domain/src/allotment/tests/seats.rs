//! Numbered seats: chosen, the best available, and blocked ones.

use super::*;

fn seats(names: &[&str]) -> Vec<Seat> {
    names.iter().map(|name| seat(name)).collect()
}

fn chosen(offer: &str, n: u32, names: &[&str]) -> Item {
    Item { seating: Seating::Chosen(seats(names)), ..item(offer, n) }
}

fn best(offer: &str, n: u32) -> Item {
    Item { seating: Seating::BestAvailable, ..item(offer, n) }
}

/// So many seats of the offer `seat`.
fn seated_take(names: &[&str]) -> Take {
    let n = u32::try_from(names.len()).unwrap();
    Take { seats: seats(names), ..take("seat", n, &[("front", n)]) }
}

/// The seats a decision gives, without the section, or why it gives none.
fn given_seats(allotment: &Allotment, items: &[Item], at: Timestamp) -> Result<String, Refusal> {
    let events = allotment.decide(allocate(C, items, None, at))?;
    let [Event::Allocated { takes, .. }] = &events[..] else { panic!("not one allocation") };
    Ok(shown(takes))
}

fn shown(takes: &[Take]) -> String {
    let seats = takes.iter().flat_map(|take| &take.seats);
    seats.map(|seat| format!("{}{}", seat.row, seat.number)).collect::<Vec<_>>().join(" ")
}

fn not_free(name: &str, reason: Obstacle) -> Refusal {
    Refusal::SeatNotFree { seat: seat(name), reason }
}

#[test]
fn chosen_seats_are_recorded_in_the_order_of_the_hall() {
    given([opened(concert())])
        .when(allocate(A, &[chosen("seat", 2, &["stalls/B-3", "stalls/A-4"])], None, at(0)))
        .then_expect_events(vec![allocated(
            A,
            &[seated_take(&["stalls/A-4", "stalls/B-3"])],
            None,
        )]);
}

#[test]
fn a_seat_that_is_taken_held_or_blocked_is_refused_by_its_name() {
    let blocked = Command::Block { seats: seats(&["stalls/A-3"]), at: at(1) };
    let mut allotment = state(&[
        opened(concert()),
        allocated(A, &[seated_take(&["stalls/A-1"])], None),
        allocated(B, &[seated_take(&["stalls/A-2"])], Some(at(15))),
    ]);
    for event in allotment.decide(blocked).unwrap() {
        allotment.evolve(&event);
    }
    let ask = |name, minute| given_seats(&allotment, &[chosen("seat", 1, &[name])], at(minute));
    assert_eq!(ask("stalls/A-1", 14), Err(not_free("stalls/A-1", Obstacle::Sold)));
    assert_eq!(ask("stalls/A-2", 14), Err(not_free("stalls/A-2", Obstacle::Held)));
    assert_eq!(ask("stalls/A-2", 15), Ok("A2".to_owned()));
    assert_eq!(ask("stalls/A-3", 15), Err(not_free("stalls/A-3", Obstacle::Blocked)));
    assert_eq!(ask("stalls/A-4", 14), Ok("A4".to_owned()));
}

#[test]
fn seats_that_make_no_sense_are_refused() {
    let allotment = state(&[opened(concert())]);
    let ask = |items: &[Item]| given_seats(&allotment, items, at(0));
    for name in ["stalls/D-1", "stalls/A-5", "gallery/A-1"] {
        let refusal = Refusal::UnknownSeat { seat: seat(name) };
        assert_eq!(ask(&[chosen("seat", 1, &[name])]), Err(refusal));
    }
    let elsewhere = Refusal::SeatElsewhere { offer: code("seat"), seat: seat("balcony/A-1") };
    assert_eq!(ask(&[chosen("seat", 1, &["balcony/A-1"])]), Err(elsewhere));
    let twice = Refusal::SeatTwice { seat: seat("stalls/A-1") };
    let pair = chosen("seat", 2, &["stalls/A-1", "stalls/A-1"]);
    assert_eq!(ask(&[pair]), Err(twice.clone()));
    let items = [chosen("seat", 1, &["stalls/A-1"]), chosen("vip", 1, &["stalls/A-1"])];
    assert_eq!(ask(&items), Err(twice));
    let count = |offer, needed, chosen| Refusal::SeatCount { offer: code(offer), needed, chosen };
    assert_eq!(ask(&[chosen("seat", 2, &["stalls/A-1"])]), Err(count("seat", 2, 1)));
    assert_eq!(ask(&[chosen("pair", 1, &["stalls/A-1"])]), Err(count("pair", 2, 1)));
    let needed = Refusal::SeatsNeeded { offer: code("seat") };
    assert_eq!(ask(&[item("seat", 1)]), Err(needed));
    let none = Refusal::NotSeated { offer: code("car") };
    assert_eq!(ask(&[best("car", 1)]), Err(none));
}

#[test]
fn the_best_seats_are_side_by_side_in_the_first_row_that_has_enough() {
    let hall = [opened(concert()), allocated(A, &[seated_take(&["stalls/A-2"])], None)];
    let allotment = state(&hall);
    let ask = |n| given_seats(&allotment, &[best("seat", n)], at(0)).unwrap();
    assert_eq!(ask(1), "A1");
    assert_eq!(ask(2), "A3 A4");
    assert_eq!(ask(3), "B1 B2 B3");
    assert_eq!(ask(5), "B1 B2 B3 B4 B5");
    let pair = given_seats(&allotment, &[best("pair", 2)], at(0)).unwrap();
    assert_eq!(pair, "B1 B2 B3 B4");
}

#[test]
fn a_party_too_large_for_any_row_is_split_as_little_as_can_be() {
    let allotment = state(&[opened(concert())]);
    let ask = |n| given_seats(&allotment, &[best("seat", n)], at(0)).unwrap();
    assert_eq!(ask(6), "A1 B1 B2 B3 B4 B5");
    assert_eq!(ask(7), "A1 A2 B1 B2 B3 B4 B5");
    assert_eq!(ask(11), "A1 A2 A3 A4 B1 B2 B3 B4 B5 C1 C2");
    let refused = given_seats(&allotment, &[best("seat", 12)], at(0));
    assert_eq!(refused, Err(sold_out("front", 11, 12, Obstacle::Capacity)));
}

#[test]
fn the_best_seats_are_looked_for_after_the_chosen_ones_and_item_by_item() {
    let allotment = state(&[opened(concert())]);
    let items = [best("seat", 3), best("pair", 1), chosen("seat", 1, &["stalls/A-1"])];
    assert_eq!(given_seats(&allotment, &items, at(0)).unwrap(), "A1 A2 A3 A4 B1 B2");
    let items = [best("vip", 2), best("seat", 3)];
    assert_eq!(given_seats(&allotment, &items, at(0)).unwrap(), "B1 B2 B3 A1 A2"); // by offer
}

#[test]
fn the_seats_of_a_hold_are_the_best_again_at_its_deadline() {
    let held = allocated(A, &[seated_take(&["stalls/A-1", "stalls/A-2"])], Some(at(15)));
    let allotment = state(&[opened(concert()), held]);
    let ask = |minute| given_seats(&allotment, &[best("seat", 3)], at(minute)).unwrap();
    assert_eq!((ask(14), ask(15)), ("B1 B2 B3".to_owned(), "A1 A2 A3".to_owned()));
}

#[test]
fn a_pool_with_seats_sells_no_more_than_its_capacity_nor_than_its_seats() {
    let small = Details { pools: vec![seated("front", 3, &["stalls"])], ..concert() };
    let mut large = Details { pools: vec![seated("front", 99, &["stalls"])], ..concert() };
    large.offers.truncate(1);
    let small = Details { offers: large.offers.clone(), ..small };
    let ask = |details, n| given_seats(&state(&[opened(details)]), &[best("seat", n)], at(0));
    assert_eq!(ask(small, 4), Err(sold_out("front", 3, 4, Obstacle::Capacity)));
    assert_eq!(ask(large, 12), Err(sold_out("front", 11, 12, Obstacle::Capacity)));
}

#[test]
fn blocked_seats_are_not_sold_until_they_are_unblocked() {
    let names = ["stalls/C-2", "stalls/A-1", "stalls/A-1"];
    let block = Command::Block { seats: seats(&names), at: at(1) };
    let told = || (seats(&["stalls/A-1", "stalls/C-2"]), vec![places("front", 2)]);
    let (blocked, counts) = told();
    let blocked = Event::SeatsBlocked { seats: blocked, places: counts, at: at(1) };
    given([opened(concert())]).when(block.clone()).then_expect_events(vec![blocked.clone()]);
    let shut = [opened(concert()), blocked];
    given(shut.clone()).when(block).then_expect_events(Vec::new());
    let allotment = state(&shut);
    assert_eq!(allotment.free(&code("front"), at(1)), 9);
    assert_eq!(given_seats(&allotment, &[best("seat", 1)], at(1)).unwrap(), "A2");
    let refused = given_seats(&allotment, &[best("seat", 10)], at(1));
    assert_eq!(refused, Err(sold_out("front", 9, 10, Obstacle::Blocked)));

    let unblock = |name| Command::Unblock { seats: seats(&[name]), at: at(2) };
    let unblocked = Event::SeatsUnblocked {
        seats: seats(&["stalls/A-1"]),
        places: vec![places("front", 1)],
        at: at(2),
    };
    given(shut.clone()).when(unblock("stalls/A-1")).then_expect_events(vec![unblocked.clone()]);
    given(shut.clone()).when(unblock("stalls/A-2")).then_expect_events(Vec::new());
    let unknown = Refusal::UnknownSeat { seat: seat("stalls/X-1") };
    given(shut.clone()).when(unblock("stalls/X-1")).then_expect_error(unknown);
    let [open, blocked] = shut;
    let allotment = state(&[open, blocked, unblocked]);
    assert_eq!(allotment.free(&code("front"), at(2)), 10);
    assert_eq!(given_seats(&allotment, &[best("seat", 1)], at(2)).unwrap(), "A1");
}

fn places(pool: &str, places: u32) -> Places {
    Places { pool: code(pool), places }
}

#[test]
fn a_seat_somebody_has_is_not_blocked_until_the_hold_ends() {
    let held = allocated(A, &[seated_take(&["stalls/A-1"])], Some(at(15)));
    let hall = [opened(concert()), held];
    let block = |minute| Command::Block { seats: seats(&["stalls/A-1"]), at: at(minute) };
    given(hall.clone()).when(block(14)).then_expect_error(not_free("stalls/A-1", Obstacle::Held));
    let mut allotment = state(&hall);
    for event in allotment.decide(block(15)).unwrap() {
        allotment.evolve(&event);
    }
    let late = Command::Confirm { booking: A, at: at(14) };
    assert_eq!(allotment.decide(late), Err(Refusal::HoldEnded { at: at(15) }));
    allotment.evolve(&Event::Released {
        booking: A,
        freed: vec![seated_take(&["stalls/A-1"])],
        at: at(16),
    });
    assert_eq!(allotment.free(&code("front"), at(16)), 10); // it stays blocked
}

#[test]
fn another_number_of_seats_is_looked_for_anew_and_the_same_number_keeps_its_seats() {
    let hall = [
        opened(concert()),
        allocated(A, &[seated_take(&["stalls/B-4", "stalls/B-5"])], Some(at(15))),
        allocated(B, &[seated_take(&["stalls/A-1"])], None),
    ];
    let again = reallocate(A, &[best("seat", 2)], Some(at(30)), at(1));
    let events = given(hall.clone()).when(again).inspect_result().unwrap();
    let [Event::Reallocated { takes, freed, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((shown(takes), takes == freed), ("B4 B5".to_owned(), true));
    let more = reallocate(A, &[best("seat", 5)], None, at(1));
    let events = given(hall.clone()).when(more).inspect_result().unwrap();
    let [Event::Reallocated { takes, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(shown(takes), "B1 B2 B3 B4 B5");
    let swap = chosen("seat", 2, &["stalls/B-5", "stalls/A-2"]);
    let events = given(hall).when(reallocate(A, &[swap], None, at(1))).inspect_result().unwrap();
    let [Event::Reallocated { takes, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(shown(takes), "A2 B5");
}

#[test]
fn single_seats_of_a_booking_can_be_given_up() {
    let names = ["stalls/A-1", "stalls/A-2", "stalls/A-3"];
    let sold = [opened(concert()), allocated(A, &[seated_take(&names)], None)];
    let release = |n, names: &[&str]| Command::Release {
        booking: A,
        parts: Some(vec![Part { offer: code("seat"), quantity: quantity(n), seats: seats(names) }]),
        at: at(1),
    };
    let freed = vec![seated_take(&["stalls/A-2"])];
    let released = Event::Released { booking: A, freed, at: at(1) };
    given(sold.clone())
        .when(release(1, &["stalls/A-2"]))
        .then_expect_events(vec![released.clone()]);
    let refused = |n, names: &[&str], refusal| {
        given(sold.clone()).when(release(n, names)).then_expect_error(refusal);
    };
    refused(1, &["stalls/A-4"], Refusal::SeatNotTaken { seat: seat("stalls/A-4") });
    refused(1, &["stalls/X-4"], Refusal::UnknownSeat { seat: seat("stalls/X-4") });
    refused(2, &["stalls/A-1", "stalls/A-1"], Refusal::SeatTwice { seat: seat("stalls/A-1") });
    refused(1, &[], Refusal::SeatCount { offer: code("seat"), needed: 1, chosen: 0 });
    let [open, taken] = sold;
    let allotment = state(&[open, taken, released]);
    assert_eq!(allotment.takes_of(A), [seated_take(&["stalls/A-1", "stalls/A-3"])]);
    assert_eq!(given_seats(&allotment, &[best("seat", 1)], at(1)).unwrap(), "A2");
}

/// A full hall is no slower to decide in: only the last row has room, and it is found at once.
#[test]
fn the_last_seats_of_a_large_hall_are_found() {
    let names: Vec<_> = (0..1_000).map(|n| format!("r{n}")).collect();
    let rows: Vec<_> = names.iter().map(|name| (name.as_str(), 50)).collect();
    let mut details = concert();
    details.seat_map = Some(map(vec![section("stalls", &rows)]));
    details.pools = vec![seated("front", 50_000, &["stalls"])];
    details.offers.truncate(1);
    let mut allotment = state(&[opened(details)]);
    for n in 0..999 {
        let order = allocate(booking(n + 99), &[best("seat", 50)], None, at(0));
        for event in allotment.decide(order).unwrap() {
            allotment.evolve(&event);
        }
    }
    assert_eq!(allotment.free(&code("front"), at(0)), 50);
    assert_eq!(given_seats(&allotment, &[best("seat", 2)], at(0)).unwrap(), "r9991 r9992");
    let refused = given_seats(&allotment, &[best("seat", 51)], at(0));
    assert_eq!(refused, Err(sold_out("front", 50, 51, Obstacle::Sold)));
    assert!(allotment.weight() > 50_000 * 4);
}
