//! Lines as they were booked.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use daybook_domain::{
    add_on::Charged,
    booking::Line,
    pricing::Charge,
    values::{ListingId, Money, Seat, Zone},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire;

/// What one line booked: when, as instants and on the wall clock where it takes place, and for how much.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookedLine {
    #[serde(flatten)]
    booked: Booked,
    quantity: u32,
    #[schema(value_type = wire::Money)]
    total: Money,
    /// How the total came about, if there is more to it than the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ChargeOfLine>)]
    charge: Option<Charge>,
    /// The listing it is sold under, if not that of the booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    listing_id: Option<Uuid>,
    /// The instant from which the guest may come.
    starts_at: DateTime<Utc>,
    /// The instant at which the guest has to have gone.
    ends_at: DateTime<Utc>,
    /// What the wall clock shows then, where the line takes place.
    starts_local: NaiveDateTime,
    /// What the wall clock shows at the end, where the line takes place.
    ends_local: NaiveDateTime,
    /// The IANA zone of that wall clock.
    zone: &'static str,
}

/// How the total of a line came about, so that a person can check it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Charge)]
pub struct ChargeOfLine {
    /// What it costs by its tariff less any discount, with the taxes that prices include and without those that are
    /// added.
    amount: wire::Money,
    /// Who comes, if the line said so.
    guests: Option<BTreeMap<String, u32>>,
    /// What the amount is made of; nothing where no tariff had a say.
    #[schema(required = false)]
    parts: Vec<PartOfLine>,
    /// What a voucher took off.
    discount: Option<DiscountOfLine>,
    /// The taxes, of what is left.
    #[schema(required = false)]
    taxes: Vec<TaxOfLine>,
}

/// Nights, minutes or places that cost the same for the same reasons.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Part)]
pub struct PartOfLine {
    /// The nights, if it is for any.
    days: Option<wire::times::Days>,
    /// The category of guests it is for, if only for them.
    guest: Option<String>,
    /// How many nights, minutes or places.
    units: u64,
    /// What one costs (an hour, where minutes are counted) before any rule.
    base: wire::Money,
    /// Which part of it the category pays, in basis points, if not all.
    share: Option<u32>,
    /// The rules that held.
    #[schema(required = false)]
    rules: Vec<AppliedRule>,
    /// What all of it costs; the parts add up to the amount of the line and what a voucher took off.
    amount: wire::Money,
}

/// A rule that held, with what it did.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedRule {
    /// Its code.
    #[schema(example = "summer")]
    rule: String,
    /// The price it set, in minor units.
    set: Option<i64>,
    /// The basis points it added.
    percent: Option<i32>,
    /// The minor units it added.
    amount: Option<i64>,
}

/// What a voucher took off, before taxes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Discount)]
pub struct DiscountOfLine {
    /// The code of the voucher.
    #[schema(example = "SUMMER10")]
    voucher: String,
    amount: wire::Money,
}

/// A tax of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaxOfLine {
    /// Its code.
    #[schema(example = "vat")]
    code: String,
    /// Its rate in basis points, if it has one.
    rate: Option<u32>,
    /// Whether the price includes it.
    #[schema(required = false)]
    included: bool,
    amount: wire::Money,
}

/// What only one kind of line has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Booked {
    /// Nights of a room type.
    Nights {
        resource_id: Uuid,
        arrival: NaiveDate,
        departure: NaiveDate,
        /// What one costs for a night.
        #[schema(value_type = wire::Money)]
        price_per_night: Money,
    },
    /// A time of a room, a person or a thing.
    Time {
        resource_id: Uuid,
        /// How many of the resource that takes.
        occupies: u32,
        /// The minutes that are kept free before.
        buffer_before: u32,
        /// The minutes that are kept free after.
        buffer_after: u32,
        /// What one costs.
        #[schema(value_type = wire::Money)]
        price: Money,
    },
    /// Places of a session.
    Places {
        session_id: Uuid,
        #[schema(example = "adult")]
        offer: String,
        /// Its seats; none if the places have no seats.
        #[schema(value_type = Vec<String>)]
        seats: Vec<Seat>,
        /// What one costs.
        #[schema(value_type = wire::Money)]
        price: Money,
    },
    /// An add-on beside the other lines.
    AddOn {
        add_on_id: Uuid,
        /// What one is paid for: `once`, `per_night`, `per_person` or `per_person_night`.
        #[schema(value_type = String, example = "once")]
        charged: Charged,
        /// How often the price is paid.
        units: u32,
        /// What one costs.
        #[schema(value_type = wire::Money)]
        price: Money,
    },
}

impl BookedLine {
    /// A line of a booking, whose nights keep the time of its zone.
    pub(crate) fn of(line: &Line, zone: Zone) -> Self {
        let zone = line.zone().unwrap_or(zone);
        Self {
            booked: Booked::of(line),
            quantity: line.quantity().get(),
            total: line.total(),
            charge: line.charge().cloned(),
            listing_id: line.listing().map(ListingId::as_uuid),
            starts_at: line.starts_at(),
            ends_at: line.ends_at(),
            starts_local: zone.wall_clock(line.starts_at()),
            ends_local: zone.wall_clock(line.ends_at()),
            zone: zone.name(),
        }
    }
}

impl Booked {
    fn of(line: &Line) -> Self {
        match line {
            Line::Nights(nights) => Self::Nights {
                resource_id: nights.resource().as_uuid(),
                arrival: nights.stay().arrival(),
                departure: nights.stay().departure(),
                price_per_night: nights.price_per_night(),
            },
            Line::Time(time) => Self::Time {
                resource_id: time.resource().as_uuid(),
                occupies: time.occupies().get(),
                buffer_before: time.time().before().get(),
                buffer_after: time.time().after().get(),
                price: time.price(),
            },
            Line::AddOn(addition) => Self::AddOn {
                add_on_id: addition.add_on().as_uuid(),
                charged: addition.charged(),
                units: addition.units(),
                price: addition.price(),
            },
            Line::Places(places) => Self::Places {
                session_id: places.session().as_uuid(),
                offer: places.offer().to_string(),
                seats: places.seats().to_vec(),
                price: places.price(),
            },
        }
    }
}
