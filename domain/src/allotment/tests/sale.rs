//! When and how much is sold to whom.

use super::*;

fn window(opens: i64, closes: i64) -> SalesWindow {
    SalesWindow::try_new(Some(at(opens)), Some(at(closes))).expect("a window")
}

fn ask(allotment: &Allotment, offer: &str, n: u32, minute: i64) -> Option<Refusal> {
    allotment.decide(allocate(B, &[item(offer, n)], None, at(minute))).err()
}

#[test]
fn a_session_is_sold_until_it_starts() {
    let allotment = state(&[opened(trip(9, 0, 9))]);
    assert_eq!(ask(&allotment, "adult", 1, 599), None);
    let ended = Refusal::NoLongerOnSale { offer: code("adult"), closed_at: at(600) };
    assert_eq!(ask(&allotment, "adult", 1, 600), Some(ended));
}

#[test]
fn a_sale_begins_at_its_opening_and_is_over_at_its_closing() {
    let allotment = state(&[opened(Details { sales: window(10, 650), ..trip(9, 0, 9) })]);
    let early = Refusal::NotYetOnSale { offer: code("adult"), opens_at: at(10) };
    assert_eq!(ask(&allotment, "adult", 1, 9), Some(early));
    assert_eq!(ask(&allotment, "adult", 1, 10), None);
    assert_eq!(ask(&allotment, "adult", 1, 649), None); // after the start, as the window says
    let late = Refusal::NoLongerOnSale { offer: code("adult"), closed_at: at(650) };
    assert_eq!(ask(&allotment, "adult", 1, 650), Some(late));
}

#[test]
fn an_offer_may_have_a_sale_of_its_own() {
    let mut details = Details { sales: window(10, 500), ..trip(9, 0, 9) };
    details.offers[0].sales = SalesWindow::try_new(None, Some(at(100))).unwrap();
    details.offers[1].sales = SalesWindow::try_new(Some(at(5)), None).unwrap();
    let allotment = state(&[opened(details)]);
    let ended = Refusal::NoLongerOnSale { offer: code("adult"), closed_at: at(100) };
    assert_eq!(ask(&allotment, "adult", 1, 100), Some(ended));
    assert!(matches!(ask(&allotment, "adult", 1, 9), Some(Refusal::NotYetOnSale { .. })));
    assert_eq!(ask(&allotment, "adult-lunch", 1, 5), None);
    assert!(matches!(ask(&allotment, "family", 1, 5), Some(Refusal::NotYetOnSale { .. })));
    assert_eq!(ask(&allotment, "family", 1, 499), None);
}

#[test]
fn while_sales_are_closed_nothing_is_sold_but_holds_are_confirmed() {
    let (close, reopen) = (Command::CloseSales { at: at(1) }, Command::ReopenSales { at: at(2) });
    let (closed, reopened) = (Event::SalesClosed { at: at(1) }, Event::SalesReopened { at: at(2) });
    let held = [opened(trip(9, 0, 9)), allocated(A, &[adults(2)], Some(at(15)))];
    given(held.clone()).when(close.clone()).then_expect_events(vec![closed.clone()]);
    given(held.clone()).when(reopen.clone()).then_expect_events(Vec::new());
    let [open, hold] = held;
    let shut = [open.clone(), hold.clone(), closed.clone()];
    given(shut.clone()).when(close).then_expect_events(Vec::new());
    given(shut.clone()).when(reopen).then_expect_events(vec![reopened.clone()]);
    given(shut.clone())
        .when(allocate(B, &[item("adult", 1)], None, at(3)))
        .then_expect_error(Refusal::SalesClosed);
    given(shut.clone())
        .when(reallocate(A, &[item("adult", 3)], None, at(3)))
        .then_expect_error(Refusal::SalesClosed);
    let fewer = given(shut.clone()).when(reallocate(A, &[item("adult", 1)], None, at(3)));
    assert_eq!(fewer.inspect_result().unwrap().len(), 1);
    given(shut.clone())
        .when(Command::Confirm { booking: A, at: at(3) })
        .then_expect_events(vec![Event::Confirmed { booking: A, at: at(3) }]);
    assert_eq!(state(&shut).status(), Some(Status::SalesClosed));
    assert_eq!(ask(&state(&[open, hold, closed, reopened]), "adult", 1, 3), None);
}

#[test]
fn an_order_has_at_least_and_at_most_so_many_of_an_offer() {
    let mut details = trip(99, 0, 99);
    details.offers[0].least = quantity(2);
    details.offers[0].most = Some(quantity(4));
    let allotment = state(&[opened(details)]);
    let few = Refusal::TooFew { offer: code("adult"), asked: 1, least: quantity(2) };
    let many = Refusal::TooMany { offer: code("adult"), asked: 5, most: quantity(4) };
    assert_eq!(ask(&allotment, "adult", 1, 0), Some(few));
    assert_eq!(ask(&allotment, "adult", 2, 0), None);
    assert_eq!(ask(&allotment, "adult", 4, 0), None);
    assert_eq!(ask(&allotment, "adult", 5, 0), Some(many.clone()));
    let split = allocate(B, &[item("adult", 3), item("adult", 2)], None, at(0));
    assert_eq!(allotment.decide(split), Err(many));
}

#[test]
fn nobody_orders_more_of_an_offer_than_can_be_counted() {
    let allotment = state(&[opened(trip(1_000_000, 0, 0))]);
    let twice = [item("adult", 10_000), item("adult", 10_000)];
    let many = Refusal::TooMany {
        offer: code("adult"),
        asked: 20_000,
        most: crate::values::Quantity::MAX,
    };
    assert_eq!(allotment.decide(allocate(B, &twice, None, at(0))), Err(many));
}

fn limited(per_order: Option<u32>, per_customer: Option<u32>) -> Details {
    let order_limits = OrderLimits {
        per_order: per_order.map(quantity),
        per_customer: per_customer.map(quantity),
    };
    Details { order_limits, ..trip(99, 0, 99) }
}

#[test]
fn an_order_has_at_most_so_many_of_all_offers_together() {
    let items = |n| [item("adult", n), item("family", 2)];
    let allotment = state(&[opened(limited(Some(4), None))]);
    assert!(allotment.decide(allocate(A, &items(2), None, at(0))).is_ok());
    let refusal = Refusal::OrderLimit { asked: 5, most: quantity(4) };
    assert_eq!(allotment.decide(allocate(A, &items(3), None, at(0))), Err(refusal));
}

#[test]
fn a_customer_has_at_most_so_many_in_all_orders_that_count() {
    let mut events = vec![opened(limited(None, Some(4))), allocated(A, &[adults(3)], Some(at(15)))];
    let order = |customer, n, minute| Command::Allocate {
        booking: B,
        customer,
        items: vec![item("adult", n)],
        until: None,
        at: at(minute),
    };
    let held = state(&events);
    let refusal = |taken, asked| Refusal::CustomerLimit { taken, asked, most: quantity(4) };
    assert_eq!(held.decide(order(ANNA, 2, 14)), Err(refusal(3, 2)));
    assert!(held.decide(order(ANNA, 1, 14)).is_ok());
    assert!(held.decide(order(BASIM, 4, 14)).is_ok());
    assert!(held.decide(order(ANNA, 4, 15)).is_ok()); // the hold ended
    assert_eq!(held.decide(reallocate(A, &[item("adult", 5)], None, at(1))), Err(refusal(0, 5)));
    events.push(Event::Confirmed { booking: A, at: at(1) });
    assert_eq!(state(&events).decide(order(ANNA, 2, 99)), Err(refusal(3, 2)));
    events.push(Event::Released { booking: A, freed: vec![adults(2)], at: at(2) });
    assert!(state(&events).decide(order(ANNA, 3, 99)).is_ok());
}

#[test]
fn limits_and_windows_do_not_stand_in_the_way_of_what_a_booking_has() {
    let mut tight = limited(Some(1), Some(1));
    tight.sales = window(0, 10);
    tight.offers[0].most = Some(quantity(1));
    let changes = [
        Change::Sales(tight.sales),
        Change::Offer(tight.offers[0].clone()),
        Change::OrderLimits(tight.order_limits),
    ];
    let sold = [opened(trip(9, 0, 9)), allocated(A, &[adults(3)], None), revised(&changes)];
    let allotment = state(&sold);
    let fewer = allotment.decide(reallocate(A, &[item("adult", 2)], None, at(20)));
    assert_eq!(fewer.unwrap().len(), 1);
    let other = allotment.decide(reallocate(A, &[item("family", 1)], None, at(20)));
    assert!(matches!(other, Err(Refusal::NoLongerOnSale { .. })));
    let more = allotment.decide(reallocate(A, &[item("adult", 4)], None, at(5)));
    assert!(matches!(more, Err(Refusal::TooMany { .. })));
}
