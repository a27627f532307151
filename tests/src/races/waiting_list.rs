//! The waiting list distributed ten times at once over two servers, while the public wants the same places: each place is
//! offered once, to whom it is due. The control decides on what was true a moment ago, and offers places twice.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc};

use chrono::{DateTime, Utc};
use daybook_domain::{
    allotment::{
        Admission, Allotment, Change, Command as Ask, Details, Draw, Event as Happened, Offer,
        OrderLimits, Pool, Session,
    },
    values::{
        Capacity, Code, Currency, CustomerId, Limits, ListingId, LocalizedText, Money, Priority,
        Quantity, SalesWindow, SessionId, TimeRange, Timestamp, WaitingEntryId, Zone,
    },
    waiting_list::{
        Command, Deed, Entry, Event, NewEntry, Selling, Stock, Turn, Vacancy, WaitingList, Wanted,
        in_session, seating,
    },
};
use daybook_event_store::{Stream, Unit};
use futures::future::BoxFuture;
use serde_json::json;
use uuid::Uuid;

use super::{
    Outcome, book,
    engine::{Engine, until_it_shows},
    race, rotated, two_servers,
};
use crate::harness::{Client, Gig, Row};

/// How often the list is distributed at once.
const DISTRIBUTIONS: usize = 10;
const PUBLIC: usize = 10;

/// How often something was offered to each entry.
fn offers(lists: &[Row]) -> BTreeMap<String, usize> {
    let mut offers = BTreeMap::new();
    for event in lists.iter().filter(|event| event.event_type == "offered") {
        let entry = event.payload["offered"]["entry"].as_str().expect("an offer is to an entry");
        *offers.entry(entry.to_owned()).or_default() += 1;
    }
    offers
}

/// Asks for the list to be distributed; gives to whom something was offered by that.
async fn distribute(client: Client, session: String) -> Vec<String> {
    let path = format!("/v1/waiting-lists/{session}/distribute");
    let told = client.post(&path, &json!({})).await.expect(200);
    let offered = told["offered"].as_array().expect("a distribution tells whom it served").iter();
    offered.map(|entry| entry.as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn the_waiting_list_distributed_ten_times_at_once_serves_each_once_and_in_order() {
    let world = two_servers().await;
    let clients = world.clients();
    let (mut told, mut due) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let (gig, _) = Gig::sold_out(&clients[0], 6).await;
        // five more places, for six with the highest priority, then two, four, two and one
        gig.join(6, 9).await;
        let [two, four, pair, one] = [
            gig.join(2, 5).await,
            gig.join(4, 5).await,
            gig.join(2, 0).await,
            gig.join(1, 0).await,
        ];
        gig.resize(11).await;
        let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
        let distributions = (0..DISTRIBUTIONS).map(|number| {
            let (client, session) = (clients[number % 2].clone(), gig.session.clone());
            let heard = Arc::clone(&heard);
            Box::pin(async move {
                let offered = distribute(client, session).await;
                heard.lock().expect("nobody panics").extend(offered);
                Outcome::Sold
            }) as BoxFuture<'static, Outcome>
        });
        let public = (0..PUBLIC).map(|number| {
            let order = gig.order(1);
            Box::pin(book(rotated(&clients, number), order)) as BoxFuture<'static, Outcome>
        });
        let all = distributions.chain(public).collect();
        assert_eq!(race(all).await, (DISTRIBUTIONS, PUBLIC), "the public has none of it");
        let queue = gig.queue().await;
        let offered: Vec<_> = queue.iter().filter(|(_, status)| status == "offered").collect();
        let offered: Vec<_> = offered.into_iter().map(|(entry, _)| entry.clone()).collect();
        assert_eq!(offered, [two.clone(), pair.clone(), one.clone()]);
        assert_eq!(queue.iter().filter(|(entry, _)| *entry == four).count(), 1);
        due.extend([two, pair, one]);
        told.extend(heard.lock().expect("nobody panics").drain(..));
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    let offers = offers(&audit.events("waiting_list").await);
    assert_eq!(offers, due.into_iter().map(|entry| (entry, 1)).collect());
    let once = told.iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(once.len(), told.len(), "two distributions told of the same offer");
    assert!(!told.is_empty(), "the clock was faster than every distribution: it was no race");
}

#[tokio::test]
async fn a_place_that_is_cancelled_while_the_public_wants_it_goes_to_who_waits() {
    let world = two_servers().await;
    let clients = world.clients();
    for _ in 0..6 {
        let (gig, bookings) = Gig::sold_out(&clients[0], 4).await;
        let entries = [gig.join(2, 0).await, gig.join(1, 0).await];
        let cancellations = bookings[..3].iter().cloned().map(|booking| {
            let gig = gig.clone();
            Box::pin(async move {
                gig.cancel(&booking).await.expect(200);
                Outcome::Sold
            }) as BoxFuture<'static, Outcome>
        });
        let public = (0..2 * PUBLIC).map(|number| {
            Box::pin(book(rotated(&clients, number), gig.order(2))) as BoxFuture<'static, Outcome>
        });
        assert_eq!(race(cancellations.chain(public).collect()).await, (3, 2 * PUBLIC));
        let offered = entries.map(|entry| (entry, "offered".to_owned()));
        assert_eq!(gig.queue().await, offered);
    }
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn an_offer_accepted_many_times_at_once_is_one_booking() {
    let world = two_servers().await;
    let clients = world.clients();
    for _ in 0..6 {
        let (gig, bookings) = Gig::sold_out(&clients[0], 1).await;
        let entry = gig.join(1, 0).await;
        gig.cancel(&bookings[0]).await.expect(200);
        let attempts = (0..DISTRIBUTIONS).map(|number| {
            let path = format!("/v1/waiting-list-entries/{entry}/accept");
            let client = clients[number % 2].clone();
            async move {
                let answer = client.post(&path, &json!({})).await;
                match answer.status {
                    201 => Outcome::Sold,
                    409 => {
                        answer.problem(409, "already-exists");
                        Outcome::SoldOut
                    }
                    _ => {
                        let problem = answer.problem(422, "policy-refusal");
                        assert_eq!(problem["reason"], "entry_ended");
                        Outcome::SoldOut
                    }
                }
            }
        });
        assert_eq!(race(attempts.collect()).await, (1, DISTRIBUTIONS - 1));
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(
        audit.events("booking").await.iter().filter(|e| e.event_type == "booked").count(),
        12
    );
}

/// The session as those who wait ask it.
struct Asked<'a>(&'a Allotment);

impl Stock for Asked<'_> {
    type Fault = Infallible;

    fn concerns(&self, _: &Wanted) -> bool {
        true
    }

    fn selling(&mut self, wanted: &Wanted, at: Timestamp) -> Result<Selling, Infallible> {
        Ok(wanted.selling(Some(self.0), at))
    }

    fn vacancy(
        &mut self,
        entry: &Entry,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<Vacancy, Infallible> {
        let who = (entry.id.into(), entry.customer);
        Ok(in_session(self.0, who, &entry.wanted, until, at).unwrap_or(Vacancy::Never))
    }
}

/// Whose turn it is, and what the session says to that.
fn next(list: &WaitingList, allotment: &Allotment) -> Option<(Event, Vec<Happened>)> {
    let Ok(turn) = list.queue().next(&mut Asked(allotment), at());
    let Turn { entry, event, deed } = turn?;
    let Deed::Hold { until } = deed else { panic!("nothing ends here") };
    let items = seating(allotment, &entry.wanted).into_iter().collect();
    let (booking, customer, until) = (entry.id.into(), entry.customer, Some(until));
    let hold = Ask::Allocate { booking, customer, items, until, at: at() };
    Some((event, allotment.decide(hold).expect("whose turn it is has room")))
}

/// Three places, and five who wait for one each.
async fn opened() -> (Arc<Engine>, SessionId) {
    let engine = Engine::new().await;
    let session = SessionId::from_uuid(Uuid::now_v7());
    write(&engine, session, |unit| open(unit, session)).await;
    (engine, session)
}

async fn write(engine: &Engine, session: SessionId, work: impl Fn(&mut Unit)) {
    let streams = [Stream::of::<WaitingList>(session), Stream::of::<Allotment>(session)];
    let written = engine.run(&streams, |unit| {
        work(unit);
        Ok::<_, Infallible>(())
    });
    written.await.expect("it is written");
}

/// A distribution as it is: decided on list and session as they stand, in their turn.
async fn guarded(engine: Arc<Engine>, session: SessionId) -> Outcome {
    let work = |unit: &mut Unit| {
        loop {
            let list = unit.state::<WaitingList>(session).clone();
            let Some((event, held)) = next(&list, unit.state::<Allotment>(session)) else {
                break;
            };
            record(unit, session, event, held);
        }
    };
    write(&engine, session, work).await;
    Outcome::Sold
}

/// The guard switched off: the same rule, decided on what was true a moment ago.
async fn unguarded(engine: Arc<Engine>, session: SessionId) -> Outcome {
    let id = session.to_string();
    let mut list: WaitingList = engine.stored(&id).await;
    let mut allotment: Allotment = engine.stored(&id).await;
    let mut turns = Vec::new();
    while let Some((event, held)) = next(&list, &allotment) {
        list.evolve(&event);
        for event in &held {
            allotment.evolve(event);
        }
        turns.push((event, held));
    }
    let work = |unit: &mut Unit| {
        for (event, held) in turns.clone() {
            record(unit, session, event, held);
        }
    };
    write(&engine, session, work).await;
    Outcome::Sold
}

fn record(unit: &mut Unit, session: SessionId, event: Event, held: Vec<Happened>) {
    let told = unit.decide(session, |_: &WaitingList| Ok::<_, Infallible>(vec![event]));
    let Ok(()) = told;
    let Ok(()) = unit.decide(session, |_: &Allotment| Ok::<_, Infallible>(held));
}

/// Opens the session without places, lets five wait, and gives it three.
fn open(unit: &mut Unit, session: SessionId) {
    let pool = |places| {
        let capacity = Capacity::try_new(places).expect("a small capacity");
        let limits = Limits { capacity, overbooking: 0 };
        Pool { code: code("hall"), name: None, limits, sections: Vec::new() }
    };
    let draws = vec![Draw { pool: code("hall"), places: Quantity::ONE }];
    let offer = Offer {
        code: code("any"),
        name: LocalizedText::try_new([("en", "any")]).expect("a short text"),
        price: Money::zero(Currency::try_new("JOD").expect("a currency")),
        draws,
        least: Quantity::ONE,
        most: None,
        sales: SalesWindow::UNSAID,
    };
    let details = Details {
        listing: ListingId::from_uuid(Uuid::from_u128(7)),
        time: TimeRange::try_new(at() + DAY * 9, at() + DAY * 10).expect("a day"),
        zone: Zone::try_new("Asia/Amman").expect("a zone"),
        title: None,
        pools: vec![pool(0)],
        offers: vec![offer],
        seat_map: None,
        sales: SalesWindow::UNSAID,
        order_limits: OrderLimits::default(),
        admission: Admission::default(),
    };
    let opened = Box::new(Session::try_new(details).expect("a session that goes together"));
    let ask = |unit: &mut Unit, command: Ask| {
        let decided = unit.decide(session, |allotment: &Allotment| allotment.decide(command));
        decided.expect("a session may be opened and changed");
    };
    ask(unit, Ask::Open { session: opened, at: at() });
    for n in 0..5 {
        let entry = NewEntry {
            id: WaitingEntryId::from_uuid(Uuid::from_u128(100 + n)),
            customer: CustomerId::from_uuid(Uuid::from_u128(200 + n)),
            listing: ListingId::from_uuid(Uuid::from_u128(7)),
            wanted: Wanted::Places { session, offer: code("any"), quantity: Quantity::ONE },
            priority: Priority::default(),
            wait_until: None,
        };
        let join = Command::Join { entry, vacancy: Vacancy::Taken, at: at() };
        let joined = unit.decide(session, |list: &WaitingList| list.decide(join));
        joined.expect("five may wait");
    }
    ask(unit, Ask::Revise { changes: vec![Change::Pool(pool(3))], at: at() });
}

const DAY: chrono::TimeDelta = chrono::TimeDelta::days(1);

fn at() -> DateTime<Utc> {
    "2031-06-01T00:00:00Z".parse().expect("an instant")
}

fn code(text: &str) -> Code {
    Code::try_new(text).expect("a code")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_serves_each_once() {
    let (engine, session) = opened().await;
    race((0..DISTRIBUTIONS).map(|_| guarded(Arc::clone(&engine), session)).collect()).await;
    let offers = offers(&engine.audit.events("waiting_list").await);
    assert_eq!(offers.values().copied().collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!(engine.audit.oversold().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_engine_with_its_guard_switched_off_serves_twice_and_the_count_shows_it() {
    until_it_shows(async || {
        let (engine, session) = opened().await;
        race((0..DISTRIBUTIONS).map(|_| unguarded(Arc::clone(&engine), session)).collect()).await;
        offers(&engine.audit.events("waiting_list").await).into_values().any(|times| times > 1)
    })
    .await;
}
