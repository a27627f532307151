//! Sessions as they go out.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use daybook_domain::{
    allotment::{Admission, Offer, OrderLimits, SeatMap, Status},
    values::{Code, LocalizedText, Reason, RowName, SalesWindow, Seat, Timestamp, Zone},
};
use daybook_projections::{OfferPlaces, PoolPlaces, SeatState, SessionView, Unavailable};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{content::Pool, schema};

/// A session as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    id: Uuid,
    listing_id: Uuid,
    /// `on_sale`, `sales_closed` or `called_off`.
    #[schema(value_type = String, example = "on_sale")]
    status: Status,
    /// Why it was called off, if somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// What the wall clock shows when it begins, where it takes place.
    starts_local: NaiveDateTime,
    /// What the wall clock shows at the end, where it takes place.
    ends_local: NaiveDateTime,
    /// The IANA zone of that wall clock.
    #[schema(value_type = String, example = "Africa/Cairo")]
    zone: Zone,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    title: Option<LocalizedText>,
    pools: Vec<PoolNow>,
    offers: Vec<OfferNow>,
    /// Where the numbered seats stand, if there are any. Lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<schema::SeatSection>>)]
    seat_map: Option<SeatMap>,
    #[schema(value_type = schema::SalesWindow)]
    sales: SalesWindow,
    #[schema(value_type = schema::OrderLimits)]
    order_limits: OrderLimits,
    #[schema(value_type = schema::Admission)]
    admission: Admission,
    created_at: DateTime<Utc>,
    /// The version of its terms, for `If-Match`: what is sold, when it takes place and whether it is on sale. Bookings
    /// do not count.
    version: i64,
    /// The sequence of its last event; bookings of it count.
    sequence: i64,
}

/// A pool and its places now.
#[derive(Debug, Serialize, ToSchema)]
pub struct PoolNow {
    #[serde(flatten)]
    pool: Pool,
    /// How many of its places are taken, held ones included.
    taken: u32,
    /// How many of those are only held until a deadline.
    held: u32,
    /// How many of its seats are kept from being sold.
    blocked: u32,
    /// How many can still be taken.
    free: u32,
    /// How many more than exist are promised.
    overbooked_by: u32,
}

/// An offer and whether it can be bought now.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferNow {
    #[serde(flatten)]
    #[schema(value_type = schema::SessionOffer)]
    offer: Offer,
    /// How many of it are taken, held ones included.
    taken: u32,
    /// How many of those are only held until a deadline.
    held: u32,
    /// For how many more of it there are places.
    left: u32,
    /// Whether it can be bought now.
    available: bool,
    /// Why it cannot: `closed`, `held`, `unpaid` (only such holds stand in the way that were approved, or for which a
    /// payment was asked) or `sold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "sold")]
    unavailable: Option<&'static str>,
    /// What makes it `closed`: `called_off`, `sales_closed`, `not_yet_on_sale`, `no_longer_on_sale`, `capacity` or
    /// `blocked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    detail: Option<&'static str>,
}

impl Session {
    /// A session as it stands at an instant.
    pub(super) fn of(view: SessionView, at: Timestamp) -> Self {
        let pools = view.pools().into_iter().map(PoolNow::from).collect();
        let offers = view.offers(at).into_iter().map(OfferNow::from).collect();
        let details = view.session.details();
        Self {
            id: view.id.as_uuid(),
            listing_id: details.listing.as_uuid(),
            status: view.status,
            start: details.time.start(),
            end: details.time.end(),
            starts_local: details.zone.wall_clock(details.time.start()),
            ends_local: details.zone.wall_clock(details.time.end()),
            zone: details.zone,
            title: details.title.clone(),
            pools,
            offers,
            seat_map: details.seat_map.clone(),
            sales: details.sales,
            order_limits: details.order_limits,
            admission: details.admission.clone(),
            created_at: view.opened_at,
            version: view.terms_version,
            sequence: view.sequence,
            reason: view.reason,
        }
    }

    /// The same without its seat map, which is long.
    pub(super) fn listed(view: SessionView, at: Timestamp) -> Self {
        Self { seat_map: None, ..Self::of(view, at) }
    }
}

impl From<PoolPlaces<'_>> for PoolNow {
    fn from(places: PoolPlaces<'_>) -> Self {
        Self {
            pool: places.pool.into(),
            taken: places.taken,
            held: places.held,
            blocked: places.blocked,
            free: places.free,
            overbooked_by: places.overbooked_by,
        }
    }
}

impl From<OfferPlaces<'_>> for OfferNow {
    fn from(places: OfferPlaces<'_>) -> Self {
        let (unavailable, detail) = places.unavailable.map(reason).unzip();
        Self {
            offer: places.offer.clone(),
            taken: places.taken,
            held: places.held,
            left: places.left,
            available: unavailable.is_none(),
            unavailable,
            detail: detail.flatten(),
        }
    }
}

/// The reason, and what stands behind it.
fn reason(why: Unavailable) -> (&'static str, Option<&'static str>) {
    match why {
        Unavailable::CalledOff => ("closed", Some("called_off")),
        Unavailable::SalesClosed => ("closed", Some("sales_closed")),
        Unavailable::NotYetOnSale => ("closed", Some("not_yet_on_sale")),
        Unavailable::NoLongerOnSale => ("closed", Some("no_longer_on_sale")),
        Unavailable::Capacity => ("closed", Some("capacity")),
        Unavailable::Blocked => ("closed", Some("blocked")),
        Unavailable::Sold => ("sold", None),
        Unavailable::Unpaid => ("unpaid", None),
        Unavailable::Held => ("held", None),
    }
}

/// The seats of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatPlan {
    /// The sections, the best first; none if its places have no seats.
    sections: Vec<SectionNow>,
}

/// A section of a seat map.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionNow {
    #[schema(value_type = String, example = "stalls")]
    code: Code,
    /// The pool its places belong to, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pool: Option<Code>,
    /// The rows, the best first.
    rows: Vec<RowNow>,
}

/// A row of seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowNow {
    #[schema(value_type = String, example = "A")]
    name: RowName,
    /// The seats as they stand.
    seats: Vec<SeatNow>,
}

/// A seat.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeatNow {
    number: u16,
    /// `free`, `held`, `sold` or `blocked`.
    #[schema(value_type = String, example = "free")]
    state: &'static str,
}

impl SeatPlan {
    /// The seats of a session, of which some are not free.
    pub(super) fn of(view: &SessionView, states: &HashMap<Seat, SeatState>) -> Self {
        let details = view.session.details();
        let sections = details.seat_map.as_ref().map_or(&[][..], SeatMap::sections).iter();
        let owner = |code: &Code| {
            let pool = details.pools.iter().find(|pool| pool.sections.contains(code));
            pool.map(|pool| pool.code.clone())
        };
        let shown = sections.map(|section| {
            let seat = |row: &RowName, number: u16| {
                let (section, row) = (section.code.clone(), row.clone());
                let state = states.get(&Seat { section, row, number }).copied();
                SeatNow { number, state: state.map_or("free", written) }
            };
            let row = |row: &daybook_domain::allotment::Row| RowNow {
                name: row.name.clone(),
                seats: row.seats.iter().map(|number| seat(&row.name, *number)).collect(),
            };
            SectionNow {
                code: section.code.clone(),
                pool: owner(&section.code),
                rows: section.rows.iter().map(row).collect(),
            }
        });
        Self { sections: shown.collect() }
    }
}

fn written(state: SeatState) -> &'static str {
    match state {
        SeatState::Held => "held",
        SeatState::Sold => "sold",
        SeatState::Blocked => "blocked",
    }
}
