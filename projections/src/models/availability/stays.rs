//! Which room types of a listing can take a stay.

use daybook_domain::{
    listing::Status,
    values::{ListingId, Quantity, ResourceId, Stay, Timestamp},
};
use daybook_event_store::Position;

use super::query::{AvailabilityDay, AvailabilityOf};
use crate::{
    Closed, ListingView, ProjectionError, ResourceView, WhyNot,
    models::why_not::By,
    name::ModelName,
    queries::{Queries, View as _},
};

/// Which stay is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaysWanted {
    /// Where.
    pub listing: ListingId,
    /// When.
    pub stay: Stay,
    /// How many of a room type.
    pub quantity: Quantity,
    /// As things stand when.
    pub now: Timestamp,
}

/// The room types of a listing, and how new that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaysAnswer {
    /// In the order they were made.
    pub room_types: Vec<StayFound>,
    /// Every event up to here is in the answer.
    pub position: Position,
}

/// A room type, and whether it can take the stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StayFound {
    /// The room type.
    pub resource: ResourceId,
    /// How many are free on all days of the stay; or why fewer than are asked for.
    pub free: Result<u32, WhyNot>,
}

impl StaysAnswer {
    /// Why none is free, if so: the reason of whichever came nearest.
    pub fn why_not(&self) -> Option<WhyNot> {
        WhyNot::of_all(self.room_types.iter().map(|found| found.free))
    }
}

impl Queries {
    /// Which room types of a listing can take a stay. Of an unknown listing nothing is known.
    ///
    /// # Errors
    /// [`ProjectionError`] when the models cannot be read.
    pub async fn stays(&self, wanted: StaysWanted) -> Result<Option<StaysAnswer>, ProjectionError> {
        let position = self.position_of_all(&[
            ModelName::Availability,
            ModelName::Resources,
            ModelName::Listings,
            ModelName::Bookings,
            ModelName::Payments,
        ]);
        let Some(listing) = ListingView::find(self, wanted.listing).await? else { return Ok(None) };
        let of = AvailabilityOf::Listing(wanted.listing);
        let found = self.room_types(of, wanted.stay.days(), wanted.now).await?;
        let offered = listing.status == Status::Published;
        let room_types = found.iter().map(|(room_type, days)| StayFound {
            resource: room_type.id,
            free: if offered {
                free(room_type, days, &wanted)
            } else {
                Err(WhyNot::Closed(Closed::NotOffered))
            },
        });
        Ok(Some(StaysAnswer { room_types: room_types.collect(), position }))
    }
}

/// How many of a room type are free on all days of a stay, unless fewer than are asked for.
fn free(
    room_type: &ResourceView,
    days: &[AvailabilityDay],
    wanted: &StaysWanted,
) -> Result<u32, WhyNot> {
    if let Some(nights) = room_type.terms.nights() {
        nights.rules.check(wanted.stay).map_err(|refusal| WhyNot::Closed(refusal.into()))?;
    }
    let left = |counts: &dyn Fn(By) -> bool| {
        let fewest = days.iter().map(|day| day.left(counts)).min();
        fewest.and_then(|fewest| u32::try_from(fewest).ok()).unwrap_or(0)
    };
    let (all, enough) = (left(&|_| true), wanted.quantity.get());
    if all >= enough { Ok(all) } else { Err(WhyNot::of(|counts| left(counts) >= enough)) }
}
