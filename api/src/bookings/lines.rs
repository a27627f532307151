//! Lines as clients send them: nights, times or places, told apart by their fields.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use daybook_domain::{
    booking::Lines,
    pricing::Guests,
    values::{
        AddOnId, Code, ListingId, Money, Quantity, ResourceId, Seat, SessionId, Stay, Timestamp,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::AppState,
    bus::{Candidates, NewAddOn, NewLine, NewNights, NewPlaces, NewTime},
    problem::Problem,
    wire,
};

/// What one line books: **nights** of a room type (`resource_id`, `arrival`, `departure`), a **time** of a room, a person
/// or a thing (`resource_id`, `start`, `end`; of a service it is enough to say when it begins, and anybody who offers it
/// may be left to do it), or **places** of a session (`session_id`, `offer`).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewLine)]
pub struct NewLineBody {
    /// The resource: a room type, a room, a person or a thing.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    resource_id: Option<ResourceId>,
    /// Several resources of which the first that is free is taken.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Uuid>>, min_items = 1, max_items = 100)]
    resource_ids: Option<Vec<ResourceId>>,
    /// The day the guest comes.
    #[serde(default, deserialize_with = "wire::optional_date")]
    arrival: Option<NaiveDate>,
    /// The day the guest leaves; the same day is a day use.
    #[serde(default, deserialize_with = "wire::optional_date")]
    departure: Option<NaiveDate>,
    /// What one costs for a night, if not the resource's price (needs the right `set_price`).
    #[serde(default)]
    #[schema(value_type = Option<wire::Money>)]
    price_per_night: Option<Money>,
    /// When it begins, on a whole minute.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    start: Option<Timestamp>,
    /// When it ends, unless the service says how long it takes.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    end: Option<Timestamp>,
    /// The service that somebody is booked for; that of the booking, if it is one. Without a resource, whoever offers it
    /// (or whichever room of the listing), is free and has the fewest bookings on that date is taken.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    service_id: Option<ListingId>,
    /// The session.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// Which of its offers.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "adult")]
    offer: Option<Code>,
    /// In which seats; if not said, in the best there are.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["stalls/A-12", "stalls/A-13"]))]
    seats: Option<Vec<Seat>>,
    /// How many of it.
    #[serde(default = "one")]
    #[schema(value_type = u32, minimum = 1, maximum = 10_000, default = 1)]
    quantity: Quantity,
    /// What one costs, if not the price of the listing or the offer (needs the right `set_price`).
    #[serde(default)]
    #[schema(value_type = Option<wire::Money>)]
    price: Option<Money>,
    /// Who comes, by category of the listing's tariff: for places as many as there are, for nights whoever sleeps there,
    /// if that is not the party of the booking.
    #[serde(default)]
    #[schema(value_type = Option<HashMap<String, u32>>, example = json!({"adult": 2, "child": 1}))]
    guests: Option<Guests>,
}

pub(crate) fn one() -> Quantity {
    Quantity::ONE
}

/// So many of an add-on beside the lines.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAddOnLine)]
pub struct AddOnBody {
    #[schema(value_type = Uuid)]
    add_on_id: AddOnId,
    /// How many of it.
    #[serde(default = "one")]
    #[schema(value_type = u32, minimum = 1, maximum = 10_000, default = 1)]
    quantity: Quantity,
}

/// Add-ons beside so many lines, as lines after them.
pub(crate) fn add_ons(asked: Vec<AddOnBody>, others: usize) -> Result<Vec<NewLine>, Problem> {
    if asked.len() + others > Lines::MAX {
        let detail = format!("a booking has at most {} lines, add-ons included", Lines::MAX);
        return Err(Problem::bad_value("/add_ons", detail));
    }
    let mut seen = HashSet::new();
    let mut lines = Vec::with_capacity(asked.len());
    for (index, AddOnBody { add_on_id, quantity }) in asked.into_iter().enumerate() {
        if !seen.insert(add_on_id) {
            let field = format!("/add_ons/{index}/add_on_id");
            return Err(Problem::bad_value(field, "the add-on is there twice"));
        }
        lines.push(NewLine::AddOn(NewAddOn::new(add_on_id, quantity)));
    }
    Ok(lines)
}

/// What can be taken for which listing: whoever offers the service, or the rooms.
#[derive(Debug, Default)]
pub struct Offering(HashMap<ListingId, Vec<ResourceId>>);

impl Offering {
    /// Looks up what can be taken for some listings, in the read model.
    pub(crate) async fn of(app: &AppState, listings: Vec<ListingId>) -> Result<Self, Problem> {
        let mut offering = HashMap::new();
        for listing in listings {
            offering.insert(listing, app.projections.queries().offering(listing).await?);
        }
        Ok(Self(offering))
    }

    /// What could be taken for a line: the resource that is named, the first of several, or any that is offered.
    pub(crate) fn candidates(
        &self,
        index: usize,
        one: Option<ResourceId>,
        several: Option<Vec<ResourceId>>,
        listing: Option<ListingId>,
    ) -> Result<Candidates, Problem> {
        match (one, several) {
            (Some(resource), None) => Ok(Candidates::InOrder(vec![resource])),
            (None, Some(resources)) if (1..=100).contains(&resources.len()) => {
                Ok(Candidates::InOrder(resources))
            }
            (None, Some(_)) => {
                let detail = "give 1 to 100 resources to choose from";
                Err(Problem::bad_value(at(index, "resource_ids"), detail))
            }
            (Some(_), Some(_)) => {
                let detail = "give `resource_id` or `resource_ids`, not both";
                Err(Problem::bad_value(at(index, "resource_ids"), detail))
            }
            (None, None) => {
                let listing = needed(index, "resource_id", listing)?;
                let offered = self.0.get(&listing).cloned().unwrap_or_default();
                Ok(Candidates::FewestBookings(offered))
            }
        }
    }
}

/// Whether a line brings its own price.
pub(crate) fn set_prices(lines: &[NewLineBody]) -> bool {
    lines.iter().any(|line| line.price_per_night.is_some() || line.price.is_some())
}

/// The listings for which whatever is free is wanted; `main` is that of the booking, if it may be one.
pub(crate) fn wanted(lines: &[NewLineBody], main: Option<ListingId>) -> Vec<ListingId> {
    let mut services: Vec<_> = lines
        .iter()
        .filter(|line| line.start.is_some())
        .filter(|line| line.resource_id.is_none() && line.resource_ids.is_none())
        .filter_map(|line| line.service_id.or(main))
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}

/// Lines whose parts fit together.
pub(crate) fn checked(
    lines: Vec<NewLineBody>,
    main: Option<ListingId>,
    offering: &Offering,
) -> Result<Vec<NewLine>, Problem> {
    if !(1..=Lines::MAX).contains(&lines.len()) {
        let detail = format!("a booking has 1 to {} lines", Lines::MAX);
        return Err(Problem::bad_value("/lines", detail));
    }
    let checked = lines.into_iter().enumerate().map(|(index, line)| {
        if line.session_id.is_some() {
            line.places(index).map(NewLine::Places)
        } else if line.start.is_some() {
            line.time(index, main, offering).map(NewLine::Time)
        } else {
            line.nights(index).map(NewLine::Nights)
        }
    });
    checked.collect()
}

impl NewLineBody {
    fn nights(self, index: usize) -> Result<NewNights, Problem> {
        self.refuse(
            index,
            "nights",
            &["end", "service_id", "offer", "seats", "resource_ids", "price"],
        )?;
        let resource = needed(index, "resource_id", self.resource_id)?;
        let arrival = needed(index, "arrival", self.arrival)?;
        let departure = needed(index, "departure", self.departure)?;
        let stay = stay(index, arrival, departure)?;
        let Self { quantity, price_per_night, guests, .. } = self;
        Ok(NewNights { resource, stay, quantity, price: price_per_night.into(), guests })
    }

    fn time(
        self,
        index: usize,
        main: Option<ListingId>,
        offering: &Offering,
    ) -> Result<NewTime, Problem> {
        self.refuse(
            index,
            "a time",
            &["arrival", "departure", "price_per_night", "offer", "seats"],
        )?;
        let start = needed(index, "start", self.start)?;
        let listing = self.service_id.or(main);
        let candidates =
            offering.candidates(index, self.resource_id, self.resource_ids, listing)?;
        let Self { service_id: service, end, quantity, price, guests, .. } = self;
        Ok(NewTime { candidates, service, start, end, quantity, price: price.into(), guests })
    }

    fn places(self, index: usize) -> Result<NewPlaces, Problem> {
        let others = [
            "resource_id",
            "resource_ids",
            "arrival",
            "departure",
            "price_per_night",
            "start",
            "end",
            "service_id",
        ];
        self.refuse(index, "places", &others)?;
        let session = needed(index, "session_id", self.session_id)?;
        let offer = needed(index, "offer", self.offer)?;
        let Self { quantity, seats, price, guests, .. } = self;
        Ok(NewPlaces { session, offer, quantity, seats, price: price.into(), guests })
    }

    /// Refuses fields that only lines of another kind have.
    fn refuse(&self, index: usize, kind: &str, others: &[&str]) -> Result<(), Problem> {
        let given = [
            ("resource_id", self.resource_id.is_some()),
            ("resource_ids", self.resource_ids.is_some()),
            ("arrival", self.arrival.is_some()),
            ("departure", self.departure.is_some()),
            ("price_per_night", self.price_per_night.is_some()),
            ("start", self.start.is_some()),
            ("end", self.end.is_some()),
            ("service_id", self.service_id.is_some()),
            ("offer", self.offer.is_some()),
            ("seats", self.seats.is_some()),
            ("price", self.price.is_some()),
        ];
        match given.iter().find(|(name, given)| *given && others.contains(name)) {
            Some((name, _)) => {
                let detail = format!("a line of {kind} has no `{name}`");
                Err(Problem::bad_value(at(index, name), detail))
            }
            None => Ok(()),
        }
    }
}

/// A stay between two dates.
pub(super) fn stay(
    index: usize,
    arrival: NaiveDate,
    departure: NaiveDate,
) -> Result<Stay, Problem> {
    Stay::try_new(arrival, departure)
        .map_err(|error| Problem::bad_value(at(index, "departure"), error.to_string()))
}

/// A field of a line.
pub(super) fn at(index: usize, field: &str) -> String {
    format!("/lines/{index}/{field}")
}

fn needed<T>(index: usize, field: &str, value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::bad_value(at(index, field), format!("`{field}` is missing")))
}
