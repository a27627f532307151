//! Which rooms, or things, are free throughout a time.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use daybook_domain::{
    listing::Status,
    resource::ResourceKind,
    schedule::{BookingLimits, LimitWindow, SlotRules},
    values::{
        Attribute, Code, Length, ListingId, Minutes, OrganizationId, Quantity, TimeRange, Timestamp,
    },
};
use daybook_event_store::Position;
use sqlx::types::Json;
use uuid::Uuid;

use super::ledger::{self, Ledger};
use crate::{
    Closed, ListingView, ProjectionError, ResourceView, WhyNot,
    models::why_not::By,
    name::ModelName,
    queries::{Listed, Queries},
};

/// Which rooms are asked for.
#[derive(Clone, Debug)]
pub struct RoomsWanted {
    /// What they are: anything that is taken by the hour.
    pub kind: ResourceKind,
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those of this listing.
    pub listing: Option<ListingId>,
    /// Only those with these attributes: of numbers at least so much.
    pub attributes: BTreeMap<Code, Attribute>,
    /// When.
    pub time: TimeRange,
    /// How many of the same.
    pub quantity: Quantity,
    /// The time of asking: holds that ended by then do not count.
    pub now: Timestamp,
}

/// The rooms that have all that is asked for, free or not, and how new that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomsAnswer {
    /// In the order they were made.
    pub rooms: Vec<RoomFound>,
    /// Every event up to here is in the answer.
    pub position: Position,
}

/// A room, and whether it is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomFound {
    /// The room.
    pub resource: ResourceView,
    /// How many are free throughout the time; or why fewer than are asked for.
    pub free: Result<u32, WhyNot>,
}

// Numbers are at least what is asked for; whatever else there is, it is the same.
const SUITABLE: &str = "
SELECT *
  FROM resources
 WHERE kind = $1
   AND ($2::uuid IS NULL OR organization_id = $2)
   AND ($3::uuid IS NULL OR listing_id = $3)
   AND NOT EXISTS (SELECT
                     FROM jsonb_each($4::jsonb) AS asked (code, value)
                    WHERE CASE WHEN jsonb_typeof(value) = 'number'
                                AND jsonb_typeof(attributes -> code) = 'number'
                               THEN (attributes -> code)::numeric < value::numeric
                               ELSE attributes -> code IS DISTINCT FROM value
                           END)
 ORDER BY created_position";

impl RoomsAnswer {
    /// Why none is free, if so: the reason of whichever came nearest.
    pub fn why_not(&self) -> Option<WhyNot> {
        WhyNot::of_all(self.rooms.iter().map(|found| found.free))
    }
}

impl Queries {
    /// The rooms that have what is asked for, and which of them are free throughout a time.
    ///
    /// # Errors
    /// [`ProjectionError`] when the models cannot be read.
    pub async fn rooms(&self, wanted: &RoomsWanted) -> Result<RoomsAnswer, ProjectionError> {
        let models = [ModelName::BusyTimes, ModelName::Resources, ModelName::Listings];
        let position = models.map(|model| self.position(model)).into_iter().min();
        let rows = sqlx::query(SUITABLE)
            .bind(wanted.kind.as_str())
            .bind(wanted.organization.map(OrganizationId::as_uuid))
            .bind(wanted.listing.map(ListingId::as_uuid))
            .bind(Json(&wanted.attributes))
            .fetch_all(&self.pool)
            .await?;
        let rooms: Vec<ResourceView> =
            rows.iter().map(ResourceView::read).collect::<Result<_, _>>()?;
        let offers = self.offers_of(&rooms).await?;
        let ids = rooms.iter().map(|room| room.id.as_uuid()).collect();
        let reach = reach(wanted.time, offers.values());
        let mut ledgers = ledger::load(&self.pool, ids, reach, wanted.now).await?;
        let found = rooms.into_iter().map(|resource| {
            let ledger = ledgers.remove(&resource.id).unwrap_or_default();
            let offer = resource.terms.times().and_then(|times| times.listing);
            let offer = offer.map_or(Some(Offer::PLAIN), |listing| offers.get(&listing).copied());
            let free = free(&resource, offer, &ledger, wanted);
            RoomFound { resource, free }
        });
        let rooms = found.collect();
        Ok(RoomsAnswer { rooms, position: position.unwrap_or(Position::START) })
    }

    /// What the listings of some rooms ask of a time.
    async fn offers_of(
        &self,
        rooms: &[ResourceView],
    ) -> Result<HashMap<ListingId, Offer>, ProjectionError> {
        let listing = |room: &ResourceView| Some(room.terms.times()?.listing?.as_uuid());
        let mut ids: Vec<Uuid> = rooms.iter().filter_map(listing).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let query = sqlx::query("SELECT * FROM listings WHERE listing_id = ANY ($1)").bind(ids);
        let rows = query.fetch_all(&self.pool).await?;
        let listings = rows.iter().map(ListingView::read);
        Ok(listings
            .map(|row| row.map(|row| (row.id, Offer::of(&row))))
            .collect::<Result<_, _>>()?)
    }
}

/// What is asked of the time of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offer {
    published: bool,
    rules: Option<SlotRules>,
}

impl Offer {
    /// Of a room that belongs to no listing.
    const PLAIN: Self = Self { published: true, rules: None };

    fn of(listing: &ListingView) -> Self {
        Self { published: listing.status == Status::Published, rules: listing.terms.slots() }
    }
}

/// The time from which bookings bear on whether a room is free.
fn reach<'a>(time: TimeRange, offers: impl Iterator<Item = &'a Offer>) -> TimeRange {
    let of_rules = |rules: SlotRules| {
        let counts = rules.limits != BookingLimits::default();
        if counts { rules.reach(time) } else { buffered(&rules, time) }
    };
    offers.filter_map(|offer| offer.rules).map(of_rules).fold(time, |all, one| {
        TimeRange::try_new(all.start().min(one.start()), all.end().max(one.end())).unwrap_or(all)
    })
}

/// A time with its buffers.
fn buffered(rules: &SlotRules, time: TimeRange) -> TimeRange {
    let minutes = |minutes: Minutes| TimeDelta::minutes(minutes.get().into());
    let start = time.start().checked_sub_signed(minutes(rules.buffer_before));
    let end = time.end().checked_add_signed(minutes(rules.buffer_after));
    let wider = start.zip(end).and_then(|(start, end)| TimeRange::try_new(start, end).ok());
    wider.unwrap_or(time)
}

/// How many of a room are free, unless fewer than are asked for.
fn free(
    room: &ResourceView,
    offer: Option<Offer>,
    ledger: &Ledger,
    wanted: &RoomsWanted,
) -> Result<u32, WhyNot> {
    let offer = offer.filter(|offer| offer.published);
    let Some(Offer { rules, .. }) = offer else { return Err(WhyNot::Closed(Closed::NotOffered)) };
    let rules = rules.unwrap_or(SlotRules::lasting(Length::MINUTE));
    if let Some(closed) = closed(room, &rules, ledger, wanted) {
        return Err(WhyNot::Closed(closed));
    }
    let time = buffered(&rules, wanted.time);
    let left = |counts: &dyn Fn(By) -> bool| {
        let taken = ledger.peak(time, counts);
        u32::try_from(i64::from(room.limits.total()) - taken).unwrap_or(0)
    };
    let (all, enough) = (left(&|_| true), wanted.quantity.get());
    if all >= enough { Ok(all) } else { Err(WhyNot::of(|counts| left(counts) >= enough)) }
}

/// In what way a room is closed at the time, whatever is taken of it.
fn closed(
    room: &ResourceView,
    rules: &SlotRules,
    ledger: &Ledger,
    wanted: &RoomsWanted,
) -> Option<Closed> {
    let Some(times) = room.terms.times() else { return Some(Closed::NotOffered) };
    if wanted.time.end() - wanted.time.start() < TimeDelta::minutes(rules.duration.get().into()) {
        return Some(Closed::TooShort);
    }
    let schedules = times.schedules.or_always(times.zone);
    let schedule = match rules.admits(&schedules, wanted.time, wanted.now) {
        Ok(schedule) => schedule,
        Err(why) => return Closed::of(why),
    };
    let windows = rules.limit_windows(schedule, wanted.time.start());
    let full = windows.into_iter().any(|LimitWindow { time, most }| {
        let within = |at: &&Timestamp| time.start() <= **at && **at < time.end();
        ledger.begins.iter().filter(within).count() >= most.get() as usize
    });
    full.then_some(Closed::Limit)
}
