//! An evening with places, and those who come.

use daybook_domain::{
    allotment::{self, Allotment, Item, Seating, Session},
    values::{Code, ListingId, Quantity, SessionId, Timestamp},
};
use daybook_event_store::{Position, Stream};
use uuid::Uuid;

use super::{Decides, Hotel, Order, World, at, decide};

impl World {
    /// An evening with two rows of seats and a lawn.
    pub async fn evening(&self, hotel: &Hotel) -> SessionId {
        let id = SessionId::from_uuid(Uuid::now_v7());
        let open = allotment::Command::Open { session: evening(hotel.listing), at: at(1, 1) };
        self.send::<Allotment>(id, open).await;
        id
    }

    /// Asks something of a session, which may refuse it.
    pub async fn ask(
        &self,
        id: SessionId,
        command: allotment::Command,
    ) -> Result<Position, String> {
        let streams = [Stream::of::<Allotment>(id)];
        self.unit(&streams, |unit| decide::<Allotment>(unit, id, command.clone())).await
    }
}

impl Decides for Allotment {
    fn decided(&self, command: allotment::Command) -> Result<Vec<allotment::Event>, String> {
        self.decide(command).map_err(|refusal| refusal.to_string())
    }
}

/// An evening with two rows of seats and a lawn.
pub fn evening(listing: ListingId) -> Box<Session> {
    let session = serde_json::json!({
        "listing": listing,
        "time": {"start": at(40, 17), "end": at(40, 20)},
        "zone": "Asia/Tokyo",
        "seat_map": [{"code": "stalls", "rows": [
            {"name": "A", "seats": [1, 2, 3, 4, 5, 6]},
            {"name": "B", "seats": [1, 2, 3, 4, 5, 6]},
        ]}],
        "pools": [
            {"code": "stalls", "limits": {"capacity": 12, "overbooking": 0}, "sections": ["stalls"]},
            {"code": "lawn", "limits": {"capacity": 9, "overbooking": 2}},
        ],
        "offers": [
            offer("seat", &[("stalls", 1)]),
            offer("family", &[("lawn", 4)]),
            offer("evening", &[("stalls", 1), ("lawn", 1)]),
        ],
    });
    serde_json::from_value(session).expect("a session")
}

pub fn offer(code: &str, draws: &[(&str, u32)]) -> serde_json::Value {
    let draw = |(pool, places): &(&str, u32)| serde_json::json!({"pool": pool, "places": places});
    let draws: Vec<_> = draws.iter().map(draw).collect();
    let price = serde_json::json!({"minor": 1_000, "currency": "EUR"});
    serde_json::json!({"code": code, "name": {"en": code}, "price": price, "draws": draws})
}

pub fn code(text: &str) -> Code {
    Code::try_new(text).expect("a code")
}

pub fn item(offer: &str, quantity: u32, seating: Seating) -> Item {
    let quantity = Quantity::try_new(quantity).expect("a small quantity");
    Item { offer: code(offer), quantity, seating }
}

impl Order {
    /// Takes places of a session for the order.
    pub fn places(
        &self,
        items: Vec<Item>,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> allotment::Command {
        let (booking, customer) = (self.booking, self.customer);
        allotment::Command::Allocate { booking, customer, items, until, at }
    }
}

/// The same order for places of a session. Those that find no room are turned away.
pub async fn attend(world: &World, session: SessionId, order: &Order, fate: u32, what: u32) {
    let items = match what {
        0 => vec![item("family", 1, Seating::Unseated)],
        1 => vec![item("evening", 1, Seating::BestAvailable), item("family", 1, Seating::Unseated)],
        2 => vec![item("evening", 2, Seating::BestAvailable)],
        _ => vec![item("seat", what - 2, Seating::BestAvailable)],
    };
    let (booking, customer, until) = (order.booking, order.customer, Some(at(3, 0)));
    let asked = order.places(items, until.filter(|_| fate != 0), at(1, 9));
    if world.ask(session, asked).await.is_err() {
        return;
    }
    let confirm = allotment::Command::Confirm { booking, at: at(2, 1) };
    let release = allotment::Command::Release { booking, parts: None, at: at(2, 2) };
    let other = vec![item("seat", 1, Seating::BestAvailable)];
    let other = allotment::Command::Reallocate {
        booking,
        customer,
        items: other,
        until: until.filter(|_| fate > 4),
        at: at(2, 1),
    };
    let later = match fate {
        0 | 1 => vec![],
        2 => vec![release],
        3 => vec![confirm, release],
        4 => vec![other, release],
        5 => vec![other, confirm],
        _ => vec![confirm],
    };
    for command in later {
        // what is sold meanwhile may be in the way
        drop(world.ask(session, command).await);
    }
}
