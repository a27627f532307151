//! Customers: found by what is known of them, against a real log and real tables.

mod support;

use daybook_domain::{
    customer::{Author, Command, Customer, Merge, Profile, Refusal, Status},
    values::{Code, CustomerId, Email, Folded, NoteId, OrganizationId, PhoneNumber},
};
use daybook_event_store::Stream;
use daybook_projections::{
    CustomerFilter, CustomerView, Likeness, ModelName, Page, PageRequest, Projections, View as _,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::{Order, World, at};
use uuid::Uuid;

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("what was stored once")
}

/// Somebody with an address, a telephone number, or neither.
fn profile(name: &str, email: &str, phone: &str, tags: &[&str]) -> Profile {
    let ways = |value: &str| match value {
        "" => json!([]),
        value => json!([{"value": value, "primary": true}]),
    };
    read(json!({
        "kind": "person", "language": "ar", "zone": "Asia/Amman", "tags": tags,
        "personal": {"name": name, "emails": ways(email), "phones": ways(phone)},
    }))
}

async fn register(world: &World, organization: OrganizationId, profile: Profile) -> CustomerId {
    let id = CustomerId::from_uuid(Uuid::now_v7());
    let command = Command::Register { organization, profile: Box::new(profile), at: at(1, 8) };
    world.send::<Customer>(id, command).await;
    id
}

async fn add_note(world: &World, id: CustomerId, text: &str) -> NoteId {
    let note = NoteId::from_uuid(Uuid::now_v7());
    let author: Author = read(json!({"principal": Uuid::now_v7(), "name": "front desk"}));
    let command = Command::AddNote { note, author, text: read(json!(text)), at: at(1, 9) };
    world.send::<Customer>(id, command).await;
    note
}

/// Merges as the engine does: both records in one unit of work.
async fn merge(world: &World, merged: CustomerId, survivor: CustomerId) {
    let merge = Merge::try_new(merged, survivor).expect("two records");
    let streams = [merged, survivor].map(Stream::of::<Customer>);
    let done = world.unit(&streams, |unit| {
        let told = |error: Refusal| error.to_string();
        let record = unit.state::<Customer>(merged).details().cloned().map(Box::new);
        let record = record.expect("it was registered");
        unit.decide(merged, |customer: &Customer| {
            customer.decide(Command::MergeInto { merge, at: at(2, 8) }).map_err(told)
        })?;
        unit.decide(survivor, |customer: &Customer| {
            customer.decide(Command::TakeOver { merge, record, at: at(2, 8) }).map_err(told)
        })
    });
    done.await.expect("they can be merged");
}

fn organization() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::now_v7())
}

fn ids(page: &Page<CustomerView>) -> Vec<CustomerId> {
    page.items.iter().map(|customer| customer.id).collect()
}

async fn named(projections: &Projections, name: &str) -> Vec<CustomerId> {
    let filter = CustomerFilter { name: Some(Folded::of(name)), ..CustomerFilter::default() };
    ids(&projections.queries().customers(&filter, FIRST).await.expect("they can be listed"))
}

#[tokio::test]
async fn a_customer_is_shown_as_it_stands() {
    let world = World::new().await;
    let projections = world.projections().await;
    let home = organization();
    let first = profile("رانيا حداد", "rania@example.com", "", &["vip"]);
    let id = register(&world, home, first).await;
    let kept = add_note(&world, id, "Prefers the terrace").await;
    let gone = add_note(&world, id, "Called twice").await;
    world.send::<Customer>(id, Command::WithdrawNote { note: gone, at: at(1, 10) }).await;
    let revised = Profile { zone: None, ..profile("Rania Haddad", "", "+962795550100", &[]) };
    let command = Command::Revise { profile: Box::new(revised.clone()), at: at(1, 11) };
    let position = world.send::<Customer>(id, command).await;
    world.settle(&projections).await;

    let found = CustomerView::find(projections.queries(), id).await.unwrap().unwrap();
    assert_eq!((&found.details.profile, found.details.organization), (&revised, home));
    assert_eq!(
        (found.span.sequence, found.span.position, found.created_at),
        (5, position, at(1, 8))
    );
    let notes: Vec<_> = found.details.notes.as_slice().iter().map(|note| note.id).collect();
    assert_eq!(notes, [kept]);
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn names_are_found_by_the_beginnings_of_their_words() {
    let world = World::new().await;
    let projections = world.projections().await;
    let home = organization();
    let mut made = Vec::new();
    for name in
        ["فاطمة الزهراء أحمد", "Zoë Müller-Østergård", "O'Brien 3rd & Sons", "1e5 'x':* | ?"]
    {
        made.push(register(&world, home, profile(name, "", "", &[])).await);
    }
    world.settle(&projections).await;
    for (search, found) in [
        ("فاطمه", 0),
        ("زهراء", 0),
        ("الزهراء احمد", 0),
        ("أحـمد فاط", 0),
        ("zoe", 1),
        ("ostergard MULL", 1),
        ("obrien", 2),
        ("3", 2),
        ("1e", 3),
        ("x", 3),
    ] {
        assert_eq!(named(&projections, search).await, [made[found]], "{search}");
    }
    for nobody in ["مريم", "zoe ahmad", "uller", "'x' | 'zoe'", "zoe & obrien"] {
        assert_eq!(named(&projections, nobody).await, [], "{nobody}");
    }
}

#[tokio::test]
async fn customers_are_found_by_what_is_known_of_them() {
    let world = World::new().await;
    let projections = world.projections().await;
    let (home, other) = (organization(), organization());
    let one = register(&world, home, profile("One", "One@example.com", "+962795550100", &["vip"]));
    let one = one.await;
    let two =
        register(&world, home, profile("Two", "two@example.com", "", &["vip", "press"])).await;
    let three = register(&world, other, profile("Three", "one@example.com", "", &[])).await;
    world.settle(&projections).await;
    let found = async |filter: CustomerFilter| {
        ids(&projections.queries().customers(&filter, FIRST).await.unwrap())
    };
    let tag = |tag| Some(Code::try_new(tag).unwrap());
    let email = Some(Email::try_new("ONE@example.com").unwrap());
    let phone = Some(PhoneNumber::try_new("+962 79 555 0100").unwrap());
    let all = CustomerFilter::default;
    assert_eq!(found(all()).await, [one, two, three]);
    assert_eq!(found(CustomerFilter { organization: Some(home), ..all() }).await, [one, two]);
    assert_eq!(found(CustomerFilter { tag: tag("vip"), ..all() }).await, [one, two]);
    assert_eq!(found(CustomerFilter { email: email.clone(), ..all() }).await, [one, three]);
    assert_eq!(found(CustomerFilter { phone: phone.clone(), ..all() }).await, [one]);
    let both = CustomerFilter { tag: tag("press"), phone, ..all() };
    assert_eq!(found(both).await, []);
    let page = PageRequest { limit: 2, ..FIRST };
    let page = projections.queries().customers(&all(), page).await.unwrap();
    let rest = PageRequest { cursor: page.next, limit: 2 };
    assert_eq!(ids(&page), [one, two]);
    assert_eq!(ids(&projections.queries().customers(&all(), rest).await.unwrap()), [three]);
}

#[tokio::test]
async fn duplicates_are_told_with_what_speaks_for_them() {
    let world = World::new().await;
    let projections = world.projections().await;
    let (home, other) = (organization(), organization());
    let mine = profile("فاطمة أحمد", "fatima@example.com", "+962795550100", &["vip"]);
    let id = register(&world, home, mine.clone()).await;
    let called = register(&world, home, profile("فاطمه احمد", "", "+962795550100", &[])).await;
    let written = register(&world, home, profile("F. Ahmad", "FATIMA@example.com", "", &[])).await;
    register(&world, home, profile("Somebody", "somebody@example.com", "", &["vip"])).await;
    register(&world, other, mine.clone()).await;
    let ended = register(&world, home, mine).await;
    merge(&world, ended, written).await;
    let nobody = register(&world, home, profile("?", "", "", &[])).await;
    register(&world, home, profile("!", "", "", &[])).await;
    world.settle(&projections).await;

    let queries = projections.queries();
    let of = async |id| {
        let one = CustomerView::find(queries, id).await.unwrap().unwrap();
        let found = queries.duplicates(&one, 10).await.unwrap();
        let told = found.into_iter().map(|found| (found.customer.id, found.likeness));
        told.collect::<Vec<_>>()
    };
    let expected = [
        (called, vec![Likeness::Phone, Likeness::Name]),
        (written, vec![Likeness::Email, Likeness::Phone]),
    ];
    assert_eq!(of(id).await, expected);
    assert_eq!(of(nobody).await, []);
}

#[tokio::test]
async fn a_survivor_has_all_bookings_and_the_model_can_be_made_again() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let home = hotel.organization;
    let mut bookings = Vec::new();
    let mut customers = Vec::new();
    for number in 0..3_u32 {
        let order = Order::new(hotel, 5 + 3 * number, 7 + 3 * number, 1);
        world.book(&order, None, at(1, 9)).await.unwrap();
        bookings.insert(0, order.booking);
        let profile = profile("Rania", &format!("r{number}@example.com"), "", &[]);
        let profile = Box::new(profile);
        let register = Command::Register { organization: home, profile, at: at(1, 8) };
        world.send::<Customer>(order.customer, register).await;
        add_note(&world, order.customer, "Called").await;
        customers.push(order.customer);
    }
    merge(&world, customers[0], customers[1]).await;
    merge(&world, customers[1], customers[2]).await;
    world.settle(&projections).await;

    let queries = projections.queries();
    let of = async |id| {
        let page = queries.bookings_of_customer(id, FIRST).await.unwrap();
        page.items.iter().map(|booking| booking.id).collect::<Vec<_>>()
    };
    assert_eq!(of(customers[2]).await, bookings);
    assert_eq!(of(customers[0]).await, bookings[2..]);
    assert_eq!(of(CustomerId::from_uuid(Uuid::now_v7())).await, []);
    let survivor = CustomerView::find(queries, customers[2]).await.unwrap().unwrap();
    assert_eq!(survivor.details.absorbed, [customers[1], customers[0]]);
    assert_eq!(survivor.details.notes.as_slice().len(), 3);
    let filter = |status| CustomerFilter { status: Some(status), ..CustomerFilter::default() };
    let active = queries.customers(&filter(Status::Active), FIRST).await.unwrap();
    assert_eq!(ids(&active), customers[2..]);
    let merged = queries.customers(&filter(Status::Merged), FIRST).await.unwrap();
    assert_eq!(ids(&merged), customers[..2]);

    world.assert_verified(&projections).await;
    projections.rebuild(ModelName::Customers).await.unwrap();
    assert_eq!(CustomerView::find(queries, customers[2]).await.unwrap(), Some(survivor));
    world.assert_verified(&projections).await;
}
