//! Rules of invoices and credit notes.

mod laws;

use super::register::Register;
use super::*;
use crate::booking::{Booking, Event as Happened, Line, Lines, Nights, Places, Terms};
use crate::pricing::{Charge, Taxes};
use crate::testing::{at, date, eur, quantity, reason, text, time, uuid, zone};
use crate::values::{
    Address, AddressLines, Code, Country, CustomerId, Dimensions, InvoiceId, Language, ListingId,
    Money, OrganizationId, Party, Phrase, ResourceId, SessionId, Stay, TimeRange,
};

const LISTING: ListingId = ListingId::from_uuid(uuid::Uuid::from_u128(1));

/// So many rooms from a day of July to another, each night at a price.
fn rooms(count: u32, (arrival, departure): (u32, u32), price: Money) -> Line {
    let stay = Stay::try_new(date(7, arrival), date(7, departure)).unwrap();
    let (resource, zone) = (ResourceId::from_uuid(uuid(3)), zone("Africa/Cairo"));
    let (from, until) = (time(15, 0), time(11, 0));
    Line::Nights(Nights::priced(resource, stay, quantity(count), price, zone, from, until).unwrap())
}

/// So many places on the evening of 2 July.
fn places(count: u32, price: Money) -> Line {
    let (session, zone) = (SessionId::from_uuid(uuid(5)), zone("Africa/Cairo"));
    let time = TimeRange::try_new(at(3_000), at(3_120)).unwrap();
    let offer = Code::try_new("adult").unwrap();
    Line::Places(Places::priced(session, offer, quantity(count), price, time, zone).unwrap())
}

/// The same with VAT of 16 % added, and 5 % of a city tax included.
fn taxed(line: Line) -> Line {
    let taxes: Taxes = serde_json::from_value(serde_json::json!([
        {"code": "vat", "name": {"en": "VAT"}, "rate": 1_600},
        {"code": "city", "name": {"en": "City tax"}, "rate": 500, "included": true},
    ]))
    .unwrap();
    let charge = charge_of(&taxes, line.total());
    match line {
        Line::Nights(nights) => Line::Nights(nights.charged(charge).unwrap()),
        Line::Places(places) => Line::Places(places.charged(charge).unwrap()),
        other => other,
    }
}

fn charge_of(taxes: &Taxes, amount: Money) -> Charge {
    let taxes = taxes.by_rate(Money::zero(amount.currency()));
    Charge { taxes, ..Charge::plain(amount) }.at(amount).unwrap()
}

fn booked(lines: Vec<Line>) -> Booking {
    let terms = Terms::try_new(
        LISTING,
        CustomerId::from_uuid(uuid(2)),
        zone("Africa/Cairo"),
        lines,
        Party::try_new(2, 0, 0).unwrap(),
        Dimensions::default(),
    );
    let mut booking = Booking::default();
    booking.evolve(&Happened::Booked { terms: terms.unwrap(), at: at(0) });
    booking
}

/// The same booking after something happened to it.
fn after(booking: &Booking, event: &Happened) -> Booking {
    let mut booking = booking.clone();
    booking.evolve(event);
    booking
}

fn amended(lines: Vec<Line>, fee: Option<Money>) -> Happened {
    let lines = Lines::try_new(lines).unwrap();
    let (total, party) = (lines.total(), Party::try_new(2, 0, 0).unwrap());
    Happened::Amended { lines, party, total, fee, refund: fee, at: at(1) }
}

fn cancelled(fee: Option<Money>) -> Happened {
    Happened::Cancelled { reason: None, fee, refund: None, at: at(1) }
}

fn seller() -> Seller {
    Seller {
        name: Phrase::try_new("Bay Resorts Ltd.").unwrap(),
        address: Address {
            lines: AddressLines::default(),
            locality: Phrase::try_new("Aqaba").ok(),
            region: None,
            postcode: None,
            country: Country::try_new("JO").unwrap(),
        },
        tax_number: None,
    }
}

fn statement(booking: &Booking) -> Result<Statement, Refusal> {
    Statement::of(booking, |_| text("House by the Sea"))
}

fn id(n: u64) -> InvoiceId {
    InvoiceId::from_uuid(uuid(n.into()))
}

/// What is asked of a booking's invoices.
fn issue(booking: &Booking, invoices: &Invoices, register: &Register) -> Command {
    Command::Issue(Box::new(Issue {
        statement: statement(booking).unwrap(),
        numbers: register.next(),
        ids: [id(invoices.count() * 2 + 1), id(invoices.count() * 2 + 2)],
        organization: OrganizationId::from_uuid(uuid(4)),
        seller: seller(),
        prefix: Prefix::try_new("BAY").ok(),
        listing: LISTING,
        customer: CustomerId::from_uuid(uuid(2)),
        buyer: None,
        language: Language::try_new("ar").unwrap(),
        issued_on: date(6, 30),
        paid: None,
        reason: None,
        at: at(2),
    }))
}

/// An organization's books: one booking's invoices beside the register.
#[derive(Clone, Default)]
struct Books {
    invoices: Invoices,
    register: Register,
}

impl Books {
    /// Issues what is missing, as the unit of work does.
    fn issue(&mut self, booking: &Booking) -> Result<Vec<Document>, Refusal> {
        let events = self.invoices.decide(issue(booking, &self.invoices, &self.register))?;
        let mut documents = Vec::new();
        for event in events {
            self.invoices.evolve(&event);
            let Event::Issued(document) = event;
            let numbered = self.register.decide(register::Command::Number {
                kind: document.kind(),
                number: document.name.number,
                document: document.id,
                booking: crate::testing::booking(1),
                at: at(2),
            });
            for event in &numbered.unwrap() {
                self.register.evolve(event);
            }
            documents.push(*document);
        }
        Ok(documents)
    }
}

/// What a document tells: its name, and each item with its quantity and total.
fn told(documents: &[Document]) -> Vec<(String, Vec<(u32, u64)>)> {
    let item = |item: &Item| (item.quantity, item.amounts.total.minor());
    let told = |document: &Document| {
        (document.name.to_string(), document.items.iter().map(item).collect())
    };
    documents.iter().map(told).collect()
}

fn document(name: &str, items: &[(u32, u64)]) -> (String, Vec<(u32, u64)>) {
    (name.to_owned(), items.to_vec())
}

#[test]
fn a_booking_is_invoiced_once() {
    let booking = booked(vec![rooms(2, (1, 4), eur(1_000)), places(3, eur(2_000))]);
    let mut books = Books::default();
    let issued = books.issue(&booking).unwrap();
    assert_eq!(told(&issued), [document("BAY-INV-000001", &[(2, 6_000), (3, 6_000)])]);
    assert_eq!(issued[0].totals.total, eur(12_000));
    assert_eq!(issued[0].supplied, Supplied { first: date(7, 1), last: date(7, 4) });
    assert_eq!(books.issue(&booking), Err(Refusal::NothingToIssue));
}

#[test]
fn nothing_is_invoiced_before_it_is_confirmed() {
    assert_eq!(statement(&Booking::default()), Err(Refusal::NotConfirmed));
    let terms = Terms::try_new(
        LISTING,
        CustomerId::from_uuid(uuid(2)),
        zone("Africa/Cairo"),
        vec![places(1, eur(100))],
        Party::default(),
        Dimensions::default(),
    );
    let held = Happened::Held { terms: terms.unwrap(), until: at(9), at: at(0) };
    let held = after(&Booking::default(), &held);
    assert_eq!(statement(&held), Err(Refusal::NotConfirmed));
    let lapsed = after(&held, &Happened::HoldLapsed { until: at(9), at: at(9) });
    assert_eq!(statement(&lapsed), Err(Refusal::NotConfirmed));
}

#[test]
fn what_is_called_off_in_part_is_credited_in_part() {
    let all = [rooms(1, (1, 4), eur(1_000)), places(5, eur(2_000))];
    let booking = booked(all.to_vec());
    let mut books = Books::default();
    let invoice = books.issue(&booking).unwrap().remove(0);
    let booking = after(&booking, &amended(vec![all[0].clone(), places(3, eur(2_000))], None));
    let issued = books.issue(&booking).unwrap();
    assert_eq!(told(&issued), [document("BAY-CN-000001", &[(2, 4_000)])]);
    assert_eq!(issued[0].corrects, [invoice.reference()]);
    assert_eq!(books.issue(&booking), Err(Refusal::NothingToIssue));
}

#[test]
fn what_is_booked_beside_is_invoiced_beside() {
    let booking = booked(vec![places(2, eur(2_000))]);
    let mut books = Books::default();
    books.issue(&booking).unwrap();
    let more = amended(vec![places(3, eur(2_000)), rooms(1, (1, 2), eur(900))], None);
    let issued = books.issue(&after(&booking, &more)).unwrap();
    assert_eq!(told(&issued), [document("BAY-INV-000002", &[(1, 2_000), (1, 900)])]);
}

#[test]
fn another_price_of_the_same_is_a_difference_without_a_quantity() {
    let booking = booked(vec![places(2, eur(2_000))]);
    let mut books = Books::default();
    books.issue(&booking).unwrap();
    let cheaper = after(&booking, &amended(vec![places(2, eur(1_500))], None));
    assert_eq!(told(&books.issue(&cheaper).unwrap()), [document("BAY-CN-000001", &[(0, 1_000)])]);
    let dearer = after(&booking, &amended(vec![places(2, eur(1_600))], None));
    assert_eq!(told(&books.issue(&dearer).unwrap()), [document("BAY-INV-000002", &[(0, 200)])]);
}

#[test]
fn other_nights_are_credited_as_they_were_and_invoiced_as_they_are() {
    let booking = booked(vec![rooms(1, (1, 4), eur(1_000))]);
    let mut books = Books::default();
    books.issue(&booking).unwrap();
    let later = after(&booking, &amended(vec![rooms(1, (8, 11), eur(1_000))], None));
    let issued = books.issue(&later).unwrap();
    assert_eq!(
        told(&issued),
        [document("BAY-CN-000001", &[(1, 3_000)]), document("BAY-INV-000002", &[(1, 3_000)])]
    );
}

/// The same in another room.
fn in_room(n: u128, line: Line) -> Line {
    let Line::Nights(nights) = line else { unreachable!("only nights are moved") };
    Line::Nights(nights.moved(ResourceId::from_uuid(uuid(n))))
}

#[test]
fn another_room_of_the_same_listing_changes_no_invoice() {
    let booking = booked(vec![rooms(1, (1, 4), eur(1_000))]);
    let mut books = Books::default();
    books.issue(&booking).unwrap();
    let elsewhere = in_room(9, rooms(1, (1, 4), eur(1_000)));
    let lines = Lines::try_new(vec![elsewhere]).unwrap();
    let moved = Happened::Moved { total: lines.total(), lines, at: at(1) };
    let moved = after(&booking, &moved);
    assert_eq!(books.issue(&moved), Err(Refusal::NothingToIssue));
    // called off, it is credited as it was invoiced
    let gone = after(&moved, &cancelled(None));
    let issued = books.issue(&gone).unwrap();
    assert_eq!(told(&issued), [document("BAY-CN-000001", &[(1, 3_000)])]);
}

#[test]
fn of_two_rooms_of_a_listing_the_one_that_is_called_off_is_credited() {
    let (usual, suite) = (rooms(1, (1, 4), eur(1_000)), in_room(9, rooms(1, (1, 4), eur(2_500))));
    let booking = booked(vec![usual.clone(), suite]);
    let mut books = Books::default();
    let invoice = books.issue(&booking).unwrap().remove(0);
    let issued = books.issue(&after(&booking, &amended(vec![usual], None))).unwrap();
    assert_eq!(told(&issued), [document("BAY-CN-000001", &[(1, 7_500)])]);
    assert_eq!(issued[0].items[0].subject, invoice.items[1].subject);
}

#[test]
fn what_is_kept_of_what_was_called_off_is_a_line_of_its_own() {
    let booking = booked(vec![rooms(1, (1, 4), eur(1_000))]);
    let mut books = Books::default();
    books.issue(&booking).unwrap();
    let issued = books.issue(&after(&booking, &cancelled(Some(eur(700))))).unwrap();
    assert_eq!(
        told(&issued),
        [document("BAY-CN-000001", &[(1, 3_000)]), document("BAY-INV-000002", &[(1, 700)])]
    );
    assert_eq!(issued[1].items[0].subject, Subject::Fee);
    assert_eq!(issued[1].supplied, Supplied { first: date(6, 30), last: date(6, 30) });
}

#[test]
fn what_was_called_off_before_it_was_invoiced_needs_no_credit_note() {
    let booking = booked(vec![rooms(1, (1, 4), eur(1_000))]);
    let gone = after(&booking, &cancelled(None));
    assert_eq!(Books::default().issue(&gone), Err(Refusal::NothingToIssue));
    let kept = after(&booking, &cancelled(Some(eur(700))));
    let issued = Books::default().issue(&kept).unwrap();
    assert_eq!(told(&issued), [document("BAY-INV-000001", &[(1, 700)])]);
}

#[test]
fn fees_of_changes_and_of_calling_off_add_up() {
    let booking = booked(vec![places(2, eur(2_000))]);
    let changed = after(&booking, &amended(vec![places(2, eur(2_000))], Some(eur(300))));
    let mut books = Books::default();
    assert_eq!(
        told(&books.issue(&changed).unwrap()),
        [document("BAY-INV-000001", &[(2, 4_000), (1, 300)])]
    );
    let gone = after(&changed, &cancelled(Some(eur(500))));
    assert_eq!(
        told(&books.issue(&gone).unwrap()),
        [document("BAY-CN-000001", &[(2, 4_000)]), document("BAY-INV-000002", &[(0, 500)])]
    );
}

#[test]
fn who_did_not_come_pays_what_was_agreed_or_else_what_was_booked() {
    let booking = booked(vec![rooms(1, (1, 4), eur(1_000))]);
    let absent = Happened::NoShowRecorded { fee: None, refund: None, at: at(9_000) };
    let issued = Books::default().issue(&after(&booking, &absent)).unwrap();
    assert_eq!(told(&issued), [document("BAY-INV-000001", &[(1, 3_000)])]);
}

#[test]
fn what_costs_nothing_is_named_beside_what_costs_something_and_not_alone() {
    let free = places(2, eur(0));
    let booking = booked(vec![free.clone()]);
    assert_eq!(Books::default().issue(&booking), Err(Refusal::NothingToIssue));
    let booking = booked(vec![free, rooms(1, (1, 2), eur(900))]);
    let mut books = Books::default();
    let issued = books.issue(&booking).unwrap();
    assert_eq!(told(&issued), [document("BAY-INV-000001", &[(2, 0), (1, 900)])]);
    assert_eq!(books.issue(&booking), Err(Refusal::NothingToIssue));
}

#[test]
fn taxes_are_added_up_by_rate() {
    let booking = booked(vec![taxed(rooms(1, (1, 4), eur(1_050))), taxed(places(1, eur(2_100)))]);
    let issued = Books::default().issue(&booking).unwrap();
    let Totals { net, taxes, total } = &issued[0].totals;
    // 52.50 with 5 % in it is 50.00 without; 16 % of that are added
    assert_eq!((net.minor(), total.minor()), (5_000, 6_050));
    let taxes: Vec<_> = taxes
        .iter()
        .map(|tax| (tax.code.as_str(), tax.included, tax.net.minor(), tax.amount.minor()))
        .collect();
    assert_eq!(taxes, [("city", true, 5_000, 250), ("vat", false, 5_000, 800)]);
}

#[test]
fn a_document_without_a_buyer_is_for_that_of_the_one_before() {
    let booking = booked(vec![places(2, eur(2_000))]);
    let mut books = Books::default();
    let Command::Issue(mut first) = issue(&booking, &books.invoices, &books.register);
    let name = Phrase::try_new("Rania Haddad").ok();
    first.buyer = Some(Buyer { name: name.clone(), ..Buyer::default() });
    first.reason = Some(reason("for the tax office"));
    let events = books.invoices.decide(Command::Issue(first)).unwrap();
    for event in &events {
        books.invoices.evolve(event);
    }
    let gone = after(&booking, &cancelled(None));
    assert_eq!(books.issue(&gone).unwrap()[0].personal.name, name);
}

#[test]
fn names_are_the_prefix_the_kind_and_the_number() {
    let name = |prefix: Option<&str>, kind, number| {
        let prefix = prefix.map(|prefix| Prefix::try_new(prefix).unwrap());
        Name { prefix, kind, number: Number::after(number) }.to_string()
    };
    assert_eq!(name(None, Kind::Invoice, 0), "INV-000001");
    assert_eq!(name(Some("BAY"), Kind::CreditNote, 41), "BAY-CN-000042");
    assert_eq!(name(None, Kind::Invoice, 1_234_566), "INV-1234567");
    for wrong in ["", "bay", "B-Y", "ABCDEFGHIJKLM", "خليج"] {
        assert_eq!(Prefix::try_new(wrong), Err(PrefixError));
    }
}
