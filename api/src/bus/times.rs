//! Lines by times: who or what could be taken, by which rules, at what price.

use daybook_domain::{
    booking::Time,
    listing::{Details as Listing, ListingKind, RoomTerms, Terms as Sold},
    resource::{Details, Resource, Sort, Times},
    schedule::{LimitWindow, NothingFree, SlotRules},
    values::{
        BusyTime, CalendarId, Length, ListingId, Minutes, Money, Month, Quantity, ResourceId,
        TimeRange, Timestamp,
    },
};

use super::lines::{Catalogue, no_resource, uncountable};
use crate::problem::{Code, Problem};

/// A time to be booked.
#[derive(Clone, Debug)]
pub struct NewTime {
    /// Who or what could be taken.
    pub candidates: Candidates,
    /// The service that somebody is booked for; that of the booking, if it is one.
    pub service: Option<ListingId>,
    /// When it begins.
    pub start: Timestamp,
    /// When it ends, unless the service says how long it takes.
    pub end: Option<Timestamp>,
    /// How many of it.
    pub quantity: Quantity,
    /// What one costs, unless the price of the listing.
    pub price: Option<Money>,
}

/// Several resources of which one is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// The first of these that is free.
    InOrder(Vec<ResourceId>),
    /// Whoever of these is free and has the fewest bookings that begin on that date; among equals, the smallest id.
    FewestBookings(Vec<ResourceId>),
}

/// The resources that could be taken for a line; at least one.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) candidates: Vec<Candidate>,
    /// Whether whoever has the fewest bookings on that date is chosen, instead of the first.
    pub(super) by_bookings: bool,
}

/// A resource that could be taken.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) line: Time,
    /// How many of it there are, with what may be promised beyond.
    pub(super) most: u32,
    /// In which times only so many bookings may begin.
    pub(super) windows: Vec<LimitWindow>,
}

impl Candidate {
    /// The calendars in which bookings are counted for the limits.
    pub(super) fn counted(&self) -> impl Iterator<Item = CalendarId> {
        self.windows.iter().flat_map(|window| self.calendars_of(window))
    }

    /// The calendars in which the bookings of one limit are.
    pub(super) fn calendars_of(&self, window: &LimitWindow) -> impl Iterator<Item = CalendarId> {
        let (resource, zone) = (self.line.resource(), self.line.zone());
        let last = Month::at(window.time.end(), zone);
        let months = std::iter::successors(Some(Month::at(window.time.start(), zone)), |month| {
            Some(month.next())
        });
        months
            .take_while(move |month| *month <= last)
            .map(move |month| CalendarId { resource, month })
    }
}

/// The resources that could be taken for a line.
pub(super) async fn choice(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewTime,
    at: Timestamp,
) -> Result<Choice, Problem> {
    let (resources, by_bookings) = match &line.candidates {
        Candidates::InOrder(resources) => (resources, false),
        Candidates::FewestBookings(resources) => (resources, true),
    };
    let mut found = Vec::with_capacity(resources.len());
    let mut refused = None;
    for resource in resources {
        match candidate(catalogue, index, line, *resource, at).await {
            Ok(candidate) => found.push(candidate),
            // somebody else may work at that time
            Err(problem) if problem.code() == Code::PolicyRefusal => refused = Some(problem),
            Err(problem) => return Err(problem),
        }
    }
    if found.is_empty() {
        return Err(refused.unwrap_or_else(|| {
            let field = format!("/lines/{index}/resource_id");
            Problem::bad_value(field, "nobody offers it, or there is no such room")
        }));
    }
    Ok(Choice { candidates: found, by_bookings })
}

/// The terms that a resource is taken under.
struct Terms {
    /// The listing it is sold under, unless it belongs to none.
    listing: Option<ListingId>,
    rules: Option<SlotRules>,
    price: Price,
    /// Whether it takes exactly as long as the rules say, instead of at least.
    exact: bool,
}

enum Price {
    Once(Money),
    PerHour(Money),
}

async fn candidate(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewTime,
    id: ResourceId,
    at: Timestamp,
) -> Result<Candidate, Problem> {
    let field = format!("/lines/{index}/resource_id");
    let wrong = |detail: &str| Problem::bad_value(field.clone(), detail);
    let stream = id.to_string();
    let found = catalogue.writer().peek(&stream, |resource: &Resource| resource.details().cloned());
    let details: Details = found.await?.ok_or_else(|| no_resource(index))?;
    let times = details.terms.times().ok_or_else(|| wrong("the resource is sold by the night"))?;
    if details.organization.is_some_and(|owner| owner != catalogue.main().organization) {
        return Err(wrong("the resource belongs to another organization than the booking"));
    }
    let terms = terms(catalogue, index, line, times, &field).await?;
    let time = time(catalogue, index, line, &terms).await?;
    let zone = times.zone;
    let windows = admitted(&terms, times, time, at)?;
    let price = match (line.price, &terms.price) {
        (Some(price), _) => price,
        (None, Price::Once(price)) => *price,
        (None, Price::PerHour(price)) => per_hour(*price, time.plain().unwrap_or(time.range()))
            .map_err(|error| uncountable(index, error.into()))?,
    };
    let price = catalogue.check_currency(price, format!("/lines/{index}/price"))?;
    let made = Time::priced(id, zone, time, line.quantity, price);
    let made = made.map_err(|error| uncountable(index, error))?;
    let made =
        made.ok_or_else(|| Problem::bad_value(format!("/lines/{index}/end"), "the time is empty"))?;
    let limits = details.limits;
    let capacity = terms.rules.filter(|_| terms.exact).map(|rules| rules.capacity);
    let occupies = occupied(index, line.quantity, limits.capacity.get(), capacity)?;
    let listing = terms.listing.and_then(|listing| catalogue.noted(listing));
    let made = listing.map_or(made, |listing| made.of_listing(listing)).occupying(occupies);
    Ok(Candidate { line: made, most: limits.total(), windows })
}

/// What a resource is taken under: somebody for a service, a room under its listing, anything else as it is.
async fn terms(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewTime,
    times: &Times,
    field: &str,
) -> Result<Terms, Problem> {
    let free = Price::Once(Money::zero(catalogue.main().currency));
    let plain = Terms { listing: None, rules: None, price: free, exact: false };
    match &times.sort {
        Sort::Staff(services) => {
            let Some(service) = service_of(catalogue, line) else { return Ok(plain) };
            if !services.iter().any(|offered| offered == service) {
                return Err(Problem::bad_value(field, "the resource does not offer the service"));
            }
            let field = format!("/lines/{index}/service_id");
            let Sold::Service(terms) = catalogue.find(service, &field).await?.terms else {
                return Err(Problem::bad_value(field, "the listing is no service"));
            };
            let price = terms.price.map_or(plain.price, Price::Once);
            Ok(Terms { listing: Some(service), rules: terms.slots, price, exact: true })
        }
        Sort::Room | Sort::Equipment => {
            let of_booking = catalogue.main().terms.kind() == ListingKind::Room;
            let main = of_booking.then(|| catalogue.main_id());
            let Some(listing) = times.listing.or(main) else { return Ok(plain) };
            match catalogue.find(listing, field).await?.terms {
                Sold::Room(RoomTerms { slots, price_per_hour }) => {
                    let price = price_per_hour.map_or(plain.price, Price::PerHour);
                    Ok(Terms { listing: Some(listing), rules: slots, price, exact: false })
                }
                Sold::Stay(_) | Sold::Experience | Sold::Event | Sold::Service(_) => {
                    Ok(Terms { listing: Some(listing), ..plain })
                }
            }
        }
    }
}

/// The service that is booked: the one that is named, or that of the booking.
fn service_of(catalogue: &Catalogue<'_>, line: &NewTime) -> Option<ListingId> {
    let of_booking = catalogue.main().terms.kind() == ListingKind::Service;
    line.service.or(of_booking.then(|| catalogue.main_id()))
}

/// From when until when, with what is kept free around it. What goes along with a service lasts as long as that does.
async fn time(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewTime,
    terms: &Terms,
) -> Result<BusyTime, Problem> {
    let end_field = format!("/lines/{index}/end");
    let service = match service_of(catalogue, line) {
        Some(service) => {
            rules_of(catalogue.find(service, &format!("/lines/{index}/service_id")).await?)
        }
        None => None,
    };
    let lasting = if terms.exact { terms.rules } else { service };
    let end = match (line.end, lasting) {
        (None, Some(rules)) => line.start + duration(rules.duration),
        (Some(end), Some(rules)) if terms.exact && end != line.start + duration(rules.duration) => {
            let detail = format!("the service takes {} minutes", rules.duration.get());
            return Err(Problem::bad_value(end_field, detail));
        }
        (Some(end), _) => end,
        (None, None) => return Err(Problem::bad_value(end_field, "nothing says when it ends")),
    };
    let plain = TimeRange::try_new(line.start, end)
        .map_err(|error| Problem::bad_value(end_field.clone(), error.to_string()))?;
    let around = terms.rules.or(if line.end.is_none() { service } else { None });
    let [before, after] =
        around.map_or([Minutes::default(); 2], |rules| [rules.buffer_before, rules.buffer_after]);
    BusyTime::try_new(plain, before, after)
        .map_err(|error| Problem::bad_value(format!("/lines/{index}/start"), error.to_string()))
}

fn rules_of(listing: &Listing) -> Option<SlotRules> {
    match listing.terms {
        Sold::Service(terms) => terms.slots,
        Sold::Stay(_) | Sold::Experience | Sold::Event | Sold::Room(_) => None,
    }
}

/// Refuses a time at which nothing can be booked, whatever is free; else says which limits hold for it.
fn admitted(
    terms: &Terms,
    times: &Times,
    time: BusyTime,
    at: Timestamp,
) -> Result<Vec<LimitWindow>, Problem> {
    let plain = time.plain().unwrap_or(time.range());
    let schedules = times.schedules.or_always(times.zone);
    let Some(rules) = terms.rules else {
        // no rule asks for notice: what has begun can be booked as long as it lasts
        let open = SlotRules::lasting(Length::QUARTER).admits(&schedules, plain, plain.start());
        return open.map(|_| Vec::new()).map_err(nothing_free);
    };
    if plain.end() - plain.start() < duration(rules.duration) {
        let detail = format!("it is booked for at least {} minutes", rules.duration.get());
        return Err(Problem::new(Code::PolicyRefusal, detail).because("too_short"));
    }
    let schedule = rules.admits(&schedules, plain, at).map_err(nothing_free)?;
    Ok(rules.limit_windows(schedule, plain.start()))
}

fn nothing_free(why: NothingFree) -> Problem {
    let (reason, detail) = match why {
        NothingFree::Closed => ("closed", "it is not open at that time"),
        NothingFree::Notice => ("notice", "it is too late to book that time"),
        NothingFree::TooFarAhead => ("too_far_ahead", "it is too early to book that time"),
        NothingFree::Limit => ("limit", "as many have booked as may in that day, week or month"),
        NothingFree::Busy => ("busy", "it is taken at that time"),
    };
    Problem::new(Code::PolicyRefusal, detail).because(reason)
}

/// No more bookings may begin in a day, week or month.
pub(super) fn limit_reached() -> Problem {
    nothing_free(NothingFree::Limit)
}

/// The price of a time by the hour, half a minor unit rounded up.
fn per_hour(price: Money, time: TimeRange) -> Result<Money, daybook_domain::values::MoneyError> {
    let minutes = u64::try_from((time.end() - time.start()).num_minutes()).unwrap_or_default();
    price.try_share(minutes, 60)
}

/// How many of a resource are taken: of `there`, if only `together` can have it at the same time, each takes so many
/// that no more than those fit in.
fn occupied(
    index: usize,
    quantity: Quantity,
    there: u32,
    together: Option<Quantity>,
) -> Result<Quantity, Problem> {
    let each = together.map_or(1, |together| there.div_ceil(together.get()).max(1));
    let taken = each.saturating_mul(quantity.get());
    Quantity::try_new(taken)
        .map_err(|error| Problem::bad_value(format!("/lines/{index}/quantity"), error.to_string()))
}

fn duration(length: Length) -> chrono::TimeDelta {
    chrono::TimeDelta::minutes(length.get().into())
}
