//! Invoices and credit notes, against a real log and real tables.

mod support;

use chrono::NaiveDate;
use daybook_domain::{
    booking::Booking,
    invoice::{
        Buyer, Command, Document, Event, Invoices, Issue, Kind, Prefix, Seller, Statement,
        register::{self, Register},
    },
    values::{
        Address, AddressLines, Country, CustomerId, InvoiceId, Language, OrganizationId, Phrase,
    },
};
use daybook_event_store::Stream;
use daybook_projections::{InvoiceFilter, InvoiceView, ModelName, PageRequest, View as _};
use support::{Hotel, Order, World, at, euros, text};
use uuid::Uuid;

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };

fn seller() -> Seller {
    let country = Country::try_new("JO").expect("a country");
    let lines = AddressLines::default();
    Seller {
        name: Phrase::try_new("Bay Resorts").expect("a name"),
        address: Address { lines, locality: None, region: None, postcode: None, country },
        tax_number: None,
    }
}

/// Issues what is missing on a day of June, numbers and documents in one unit of work.
async fn issue(world: &World, hotel: Hotel, order: &Order, day: u32) -> Vec<InvoiceId> {
    let (organization, booking) = (hotel.organization, order.booking);
    let streams = [
        Stream::of::<Booking>(booking),
        Stream::of::<Invoices>(booking),
        Stream::of::<Register>(organization),
    ];
    let ids = [Uuid::now_v7(), Uuid::now_v7()].map(InvoiceId::from_uuid);
    let mut issued = Vec::new();
    let decide = |unit: &mut daybook_event_store::Unit| {
        let statement = Statement::of(unit.state::<Booking>(booking), |_| text("Room"));
        let statement = statement.map_err(|refusal| refusal.to_string())?;
        let command = Command::Issue(Box::new(Issue {
            statement,
            numbers: unit.state::<Register>(organization).next(),
            ids,
            organization,
            seller: seller(),
            prefix: Prefix::try_new("BAY").ok(),
            listing: hotel.listing,
            customer: CustomerId::from_uuid(Uuid::from_u128(1)),
            buyer: Some(Buyer { name: Phrase::try_new("Rania").ok(), ..Buyer::default() }),
            language: Language::try_new("ar").expect("a language"),
            issued_on: NaiveDate::from_ymd_opt(2027, 6, day).expect("a day of June"),
            paid: None,
            reason: None,
            at: at(2, 8),
        }));
        let events = unit.state::<Invoices>(booking).decide(command);
        let events = events.map_err(|refusal| refusal.to_string())?;
        unit.decide(booking, |_: &Invoices| Ok::<_, String>(events.clone()))?;
        for Event::Issued(document) in events {
            let Document { id: document, name, at, .. } = *document;
            let (kind, number) = (name.kind, name.number);
            let command = register::Command::Number { kind, number, document, booking, at };
            let decided = |register: &Register| register.decide(command);
            unit.decide(organization, decided).map_err(|refusal| refusal.to_string())?;
            issued.push(document);
        }
        Ok(())
    };
    world.unit(&streams, decide).await.expect("something is missing");
    issued
}

fn names(documents: &[InvoiceView]) -> Vec<String> {
    documents.iter().map(|view| view.document.name.to_string()).collect()
}

#[tokio::test]
async fn documents_are_found_as_they_were_issued() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Amman", 4).await;
    let orders = [Order::new(hotel, 10, 13, 1), Order::new(hotel, 10, 12, 2)];
    for order in &orders {
        world.book(order, None, at(1, 9)).await.unwrap();
    }
    let first = issue(&world, hotel, &orders[0], 1).await;
    issue(&world, hotel, &orders[1], 2).await;
    world.cancel(&orders[0], at(3, 9)).await.unwrap();
    issue(&world, hotel, &orders[0], 3).await;
    world.settle(&projections).await;

    let found = InvoiceView::find(projections.queries(), first[0]).await.unwrap().unwrap();
    assert_eq!((found.booking, found.document.totals.total), (orders[0].booking, euros(300)));
    assert_eq!(found.document.personal.name, Phrase::try_new("Rania").ok());

    let list =
        async |filter| names(&projections.queries().invoices(filter, FIRST).await.unwrap().items);
    let all = InvoiceFilter::default();
    let everything = ["BAY-INV-000001", "BAY-INV-000002", "BAY-CN-000001"];
    assert_eq!(list(all).await, everything);
    let of = |organization| InvoiceFilter { organization: Some(organization), ..all };
    assert_eq!(list(of(hotel.organization)).await, everything);
    assert!(list(of(OrganizationId::from_uuid(Uuid::now_v7()))).await.is_empty());
    let booking = Some(orders[0].booking);
    assert_eq!(list(InvoiceFilter { booking, ..all }).await, ["BAY-INV-000001", "BAY-CN-000001"]);
    let kind = Some(Kind::CreditNote);
    assert_eq!(list(InvoiceFilter { kind, ..all }).await, ["BAY-CN-000001"]);
    let [from, to] = [2, 3].map(|day| NaiveDate::from_ymd_opt(2027, 6, day));
    assert_eq!(list(InvoiceFilter { from, to, ..all }).await, ["BAY-INV-000002"]);
    world.assert_verified(&projections).await;

    projections.rebuild(ModelName::Invoices).await.unwrap();
    assert_eq!(list(all).await, everything);
    world.assert_verified(&projections).await;
}
