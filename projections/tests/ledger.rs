//! The ledger joins a booking with its payments, whichever batch they come in, and is the same from a rebuild.

mod support;

use daybook_domain::{
    booking::{self, Booking},
    ledger::Account,
    payment::{self, CaptureMode, Fact, Method, Payment, Provider, Rest},
    payouts::{self, Payouts},
    pricing::Rate,
    values::{BookingId, DayRange, Money, PaymentId, PayoutId, RefundId, Timestamp},
};
use daybook_event_store::Position;
use daybook_projections::{
    EntryFilter, EntryView, ModelName, PageRequest, Projections, ProjectionsSettings, Statement,
};
use support::{Hotel, Order, World, at, busy, day, eur, euros};
use uuid::Uuid;

/// Two nights of a hundred euros from 10 May on, settled with the partner at fifteen per cent.
async fn sold(world: &World, hotel: Hotel) -> BookingId {
    let order = Order { price: 100, ..Order::new(hotel, 10, 12, 1) };
    let commission = Rate::try_new(1_500).expect("a rate");
    let terms = order.terms().with_commission(Some(commission));
    world.send::<Booking>(order.booking, booking::Command::Book { terms, at: at(1, 9) }).await;
    order.booking
}

async fn by_card(world: &World, booking: BookingId, amount: Money, at: Timestamp) -> PaymentId {
    let id = PaymentId::from_uuid(Uuid::now_v7());
    let (method, provider) = (Method::Card, Some(Provider::Stripe));
    let (purpose, capture) = (None, CaptureMode::Automatic);
    let request =
        payment::Command::Request { booking, amount, method, provider, purpose, capture, at };
    world.send::<Payment>(id, request).await;
    id
}

async fn say(world: &World, payment: PaymentId, fact: Fact, at: Timestamp) {
    world.send::<Payment>(payment, payment::Command::Record { fact, at }).await;
}

fn all_taken(total: Money) -> Fact {
    let (attempt, rest) = (1.try_into().expect("the first attempt"), Rest::Released);
    Fact::Captured { attempt, total, rest, reference: None }
}

async fn entries(projections: &Projections, filter: EntryFilter) -> Vec<EntryView> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let request = PageRequest { cursor, limit: 3 };
        let page = projections.queries().ledger_entries(&filter, request).await.expect("a page");
        all.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

async fn balances(projections: &Projections, hotel: Hotel, on: u32) -> Vec<(&'static str, i64)> {
    let found =
        projections.queries().ledger_balances(hotel.organization, day(on)).await.expect("balances");
    assert!(found.0.iter().all(|balance| balance.currency == eur()));
    found.0.iter().map(|balance| (balance.account.as_str(), balance.minor)).collect()
}

#[tokio::test]
async fn what_happens_to_a_payment_finds_its_booking_in_another_batch() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let booking = sold(&world, hotel).await;
    let payment = by_card(&world, booking, euros(200), at(2, 9)).await;
    world.settle(&projections).await;
    say(&world, payment, all_taken(euros(200)), at(2, 10)).await;
    world.settle(&projections).await;
    say(&world, payment, Fact::Fee { total: euros(3) }, at(2, 11)).await;
    world.settle(&projections).await;
    let refund = RefundId::from_uuid(Uuid::now_v7());
    let some = Some(euros(50));
    let command = payment::Command::Refund { refund, amount: some, reason: None, at: at(3, 9) };
    world.send::<Payment>(payment, command).await;
    let fact = Fact::Refunded { refund, amount: euros(50), reference: None };
    say(&world, payment, fact, at(3, 10)).await;
    world.settle(&projections).await;

    let paid = [("cash:stripe", 14_700), ("deposits", -15_000), ("provider_fees", 300)];
    assert_eq!(balances(&projections, hotel, 9).await, paid);
    let over = [
        ("receivable", 5_000),
        ("cash:stripe", 14_700),
        ("revenue", -20_000),
        ("provider_fees", 300),
        ("commission", -3_000),
        ("partner_payable", -12_000),
        ("partner_share", 15_000),
    ];
    assert_eq!(balances(&projections, hotel, 11).await, over);

    let filter = EntryFilter { booking: Some(booking), ..EntryFilter::default() };
    let all = entries(&projections, filter).await;
    assert!(all.iter().all(|entry| entry.organization == Some(hotel.organization)));
    let sum = |transaction: Position| {
        let of = all.iter().filter(|entry| entry.transaction == transaction);
        of.map(|entry| entry.minor).sum::<i64>()
    };
    assert!(all.iter().all(|entry| sum(entry.transaction) == 0));
    let filter = EntryFilter { account: Some(Account::ProviderFees), ..filter };
    let fee = entries(&projections, filter).await;
    assert_eq!((fee.len(), fee[0].minor, &*fee[0].cause), (1, 300, "payment.fee_charged"));
    assert_eq!(fee[0].payment, Some(payment));
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn a_partner_is_told_what_is_owed_and_was_paid() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let booking = sold(&world, hotel).await;
    let payment = by_card(&world, booking, euros(200), at(2, 9)).await;
    say(&world, payment, all_taken(euros(200)), at(2, 10)).await;
    // what is settled with nobody is owed to nobody
    let other = Order::new(hotel, 10, 12, 1);
    world.book(&other, None, at(1, 9)).await.unwrap();
    world.settle(&projections).await;
    let period = |from, to| DayRange::try_new(day(from), day(to)).unwrap();
    let told = async |from, to| {
        let answer = projections.queries().payouts(hotel.organization, period(from, to)).await;
        answer.unwrap()
    };
    let first_night = Statement {
        currency: eur(),
        brought_forward: 0,
        earned: 10_000,
        fees: 0,
        collected: 10_000,
        commission: 1_500,
        refunds: 0,
        paid_out: 0,
    };
    assert_eq!(told(1, 11).await.statements, [first_night]);
    assert_eq!(first_night.owed(), 8_500);
    let second = Statement { brought_forward: 8_500, ..first_night };
    assert_eq!(told(11, 20).await.statements, [second]);

    let payout = PayoutId::from_uuid(Uuid::now_v7());
    let record = payouts::Command::Record {
        payout,
        period: period(1, 11),
        amount: euros(85),
        owed: Some(euros(85)),
        reference: None,
        paid_on: day(15),
        at: at(15, 9),
    };
    world.send::<Payouts>(hotel.organization, record).await;
    world.settle(&projections).await;
    let paid = told(1, 11).await;
    assert_eq!(paid.statements, [Statement { paid_out: 8_500, ..first_night }]);
    assert_eq!((paid.statements[0].owed(), paid.payouts[0].id), (0, payout));
    assert_eq!(told(11, 20).await.statements, [first_night], "nothing is brought forward");
    let partner = |all: Vec<(&'static str, i64)>| {
        all.into_iter().find(|(account, _)| *account == "partner_payable").map(|(_, minor)| minor)
    };
    assert_eq!(partner(balances(&projections, hotel, 14).await), Some(-17_000));
    assert_eq!(partner(balances(&projections, hotel, 15).await), Some(-8_500));

    let withdraw =
        payouts::Command::Withdraw { payout, reason: None, withdrawn_on: day(16), at: at(16, 9) };
    world.send::<Payouts>(hotel.organization, withdraw).await;
    world.settle(&projections).await;
    assert_eq!(told(1, 11).await.statements, [first_night]);
    assert_eq!(told(1, 11).await.payouts[0].withdrawn_on, Some(day(16)));
    assert_eq!(partner(balances(&projections, hotel, 16).await), Some(-17_000));
    world.assert_verified(&projections).await;
    projections.rebuild(ModelName::Ledger).await.unwrap();
    world.assert_verified(&projections).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_books_of_a_busy_house_balance_however_they_were_made() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    busy(&world, hotel, 3, 120).await;
    world.settle(&projections).await;
    let unbalanced = "SELECT count(*)
                        FROM (SELECT FROM live.ledger_entries
                               GROUP BY position, day, currency
                              HAVING sum(amount_minor) <> 0) AS unbalanced";
    assert_eq!(world.count(unbalanced).await, 0);
    assert!(world.count("SELECT count(*) FROM live.ledger_entries").await > 100);
    world.assert_verified(&projections).await;
    // another process that begins with a rebuild has the same rows
    projections.rebuild(ModelName::Ledger).await.unwrap();
    busy(&world, hotel, 4, 30).await;
    let elsewhere = world.elsewhere(ProjectionsSettings::default()).await;
    world.settle(&elsewhere).await;
    world.assert_verified(&elsewhere).await;
    assert_eq!(world.count(unbalanced).await, 0);
}
