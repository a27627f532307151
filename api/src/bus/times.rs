//! Lines by times: who or what could be taken, by which rules, at what price.

use std::sync::Arc;

use chrono::TimeDelta;
use daybook_domain::{
    booking::Time,
    listing::{Details as Listing, ListingKind, RoomTerms, Selling, Terms as Sold},
    pricing::Guests,
    resource::{Details, Resource, Sort, Times},
    schedule::{LimitWindow, NothingFree, SlotRules},
    values::{
        BusyTime, CalendarId, Length, Limits, ListingId, Minutes, Money, Month, Quantity,
        ResourceId, TimeRange, Timestamp,
    },
};

use super::{
    lines::{Catalogue, no_resource, uncountable},
    prices::{self, Asked},
};
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
    /// Who says what one costs.
    pub price: Asked,
    /// Who comes; adults, unless it says.
    pub guests: Option<Guests>,
}

/// Several resources of which one is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// The first of these that is free.
    InOrder(Vec<ResourceId>),
    /// Whoever of these is free and has the fewest bookings that begin on that date; among equals, the smallest id.
    FewestBookings(Vec<ResourceId>),
    /// The resource of a line that is booked already, with its buffers where no rule says any.
    AsBefore(Time),
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

    /// The calendars that tell which bookings begin in the time of a limit. The first is that of the month before: it
    /// tells which of them have only run on.
    pub(super) fn calendars_of(&self, window: &LimitWindow) -> impl Iterator<Item = CalendarId> {
        let (resource, zone) = (self.line.resource(), self.line.zone());
        let last = Month::at(window.time.end(), zone);
        let first = Month::at(window.time.start(), zone).time(zone).start();
        let before = Month::at(first - TimeDelta::minutes(1), zone);
        let months = std::iter::successors(Some(before), |month| Some(month.next()));
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
        Candidates::InOrder(resources) => (&**resources, false),
        Candidates::FewestBookings(resources) => (&**resources, true),
        Candidates::AsBefore(time) => (&[time.resource()][..], false),
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

/// The same time with another resource, at the price it had: open it has to be, but what is asked of new bookings is not
/// asked of who is moved.
pub(super) async fn moved(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &Time,
    resource: ResourceId,
) -> Result<Choice, Problem> {
    let (details, times) = found(catalogue, index, resource).await?;
    let same = NewTime {
        candidates: Candidates::AsBefore(line.clone()),
        service: line.listing(),
        start: line.plain().start(),
        end: Some(line.plain().end()),
        quantity: line.quantity(),
        price: Asked::Listed,
        guests: None,
    };
    let terms = terms(catalogue, index, &same, &times, &at(index, "resource_id")).await?;
    let listing = terms.listing.and_then(|listing| catalogue.noted(listing));
    if times.zone != line.zone() || listing != line.listing() {
        let detail = "it is moved to what is sold under the same listing, in the same zone";
        return Err(Problem::bad_value(at(index, "resource_id"), detail));
    }
    check_open(&times, line.plain())?;
    let occupies = terms.occupied(index, line.quantity(), details.limits)?;
    let line = line.clone().moved(resource).occupying(occupies);
    let candidate = Candidate { line, most: details.limits.total(), windows: Vec::new() };
    Ok(Choice { candidates: vec![candidate], by_bookings: false })
}

/// The terms that a resource is taken under.
pub(super) struct Terms {
    /// The listing it is sold under, unless it belongs to none.
    listing: Option<ListingId>,
    rules: Option<SlotRules>,
    pub(super) price: Price,
    /// What makes a total of it; nothing where it is no listing's price.
    pub(super) selling: Option<Arc<Selling>>,
    /// Whether it takes exactly as long as the rules say, instead of at least.
    pub(super) exact: bool,
}

/// A price of a time.
pub(super) enum Price {
    Once(Money),
    PerHour(Money),
}

async fn candidate(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewTime,
    id: ResourceId,
    now: Timestamp,
) -> Result<Candidate, Problem> {
    let (details, times) = found(catalogue, index, id).await?;
    let terms = terms(catalogue, index, line, &times, &at(index, "resource_id")).await?;
    let time = time(catalogue, index, line, &terms).await?;
    let zone = times.zone;
    let windows = admitted(&terms, &times, time, now)?;
    let price = match (line.price.given(), &terms.price) {
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
    let occupies = terms.occupied(index, line.quantity, limits)?;
    let made = prices::of_time(catalogue, index, line, &terms, made)?;
    let listing = terms.listing.and_then(|listing| catalogue.noted(listing));
    let made = match listing {
        Some(listing) => made.of_listing(listing),
        None => made,
    };
    let made = made.occupying(occupies);
    Ok(Candidate { line: made, most: limits.total(), windows })
}

/// A resource that is taken by the hour, and belongs to who sells.
async fn found(
    catalogue: &Catalogue<'_>,
    index: usize,
    id: ResourceId,
) -> Result<(Details, Times), Problem> {
    let wrong = |detail: &str| Problem::bad_value(at(index, "resource_id"), detail);
    let stream = id.to_string();
    let found = catalogue.writer().peek(&stream, |resource: &Resource| resource.details().cloned());
    let details: Details = found.await?.ok_or_else(|| no_resource(index))?;
    if details.organization.is_some_and(|owner| owner != catalogue.main().organization) {
        return Err(wrong("the resource belongs to another organization than the booking"));
    }
    let times = details.terms.times().ok_or_else(|| wrong("the resource is sold by the night"))?;
    let times = times.clone();
    Ok((details, times))
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
    let plain = Terms { listing: None, rules: None, price: free, selling: None, exact: false };
    match &times.sort {
        Sort::Staff(services) => {
            let Some(service) = service_of(catalogue, line) else { return Ok(plain) };
            if !services.iter().any(|offered| offered == service) {
                return Err(Problem::bad_value(field, "the resource does not offer the service"));
            }
            let field = format!("/lines/{index}/service_id");
            let found = catalogue.find(service, &field).await?;
            let Sold::Service(terms) = found.terms else {
                return Err(Problem::bad_value(field, "the listing is no service"));
            };
            let selling = Some(Arc::clone(&found.content.selling));
            let price = terms.price.map_or(plain.price, Price::Once);
            let (listing, rules) = (Some(service), terms.slots);
            Ok(Terms { listing, rules, price, selling, exact: true })
        }
        Sort::Room | Sort::Equipment => {
            let of_booking = catalogue.main().terms.kind() == ListingKind::Room;
            let main = of_booking.then(|| catalogue.main_id());
            let Some(listing) = times.listing.or(main) else { return Ok(plain) };
            let nothing = Money::zero(catalogue.main().currency);
            let found = catalogue.find(listing, field).await?;
            match found.terms {
                Sold::Room(RoomTerms { slots: rules, price_per_hour }) => {
                    let selling = Some(Arc::clone(&found.content.selling));
                    let price = Price::PerHour(price_per_hour.unwrap_or(nothing));
                    Ok(Terms { listing: Some(listing), rules, price, selling, exact: false })
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
    let [before, after] = match (around, &line.candidates) {
        (Some(rules), _) => [rules.buffer_before, rules.buffer_after],
        (None, Candidates::AsBefore(was)) => [was.time().before(), was.time().after()],
        (None, Candidates::InOrder(_) | Candidates::FewestBookings(_)) => [Minutes::default(); 2],
    };
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
    let Some(rules) = terms.rules else { return check_open(times, plain).map(|()| Vec::new()) };
    if plain.end() - plain.start() < duration(rules.duration) {
        let detail = format!("it is booked for at least {} minutes", rules.duration.get());
        return Err(Problem::new(Code::PolicyRefusal, detail).because("too_short"));
    }
    let schedules = times.schedules.or_always(times.zone);
    let schedule = rules.admits(&schedules, plain, at).map_err(nothing_free)?;
    Ok(rules.limit_windows(schedule, plain.start()))
}

/// Refuses a time that is not open throughout. No rule asks for notice: what has begun can be booked as long as it
/// lasts.
fn check_open(times: &Times, plain: TimeRange) -> Result<(), Problem> {
    let schedules = times.schedules.or_always(times.zone);
    let open = SlotRules::lasting(Length::QUARTER).admits(&schedules, plain, plain.start());
    open.map(drop).map_err(nothing_free)
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

impl Terms {
    /// How many of a resource are taken: if only so many can have it at the same time, each takes so much of what there
    /// is that no more than those fit in.
    fn occupied(
        &self,
        index: usize,
        quantity: Quantity,
        limits: Limits,
    ) -> Result<Quantity, Problem> {
        let together = self.rules.filter(|_| self.exact).map(|rules| rules.capacity.get());
        let there = limits.capacity.get();
        let each = together.map_or(1, |together| there.div_ceil(together).max(1));
        Quantity::try_new(each.saturating_mul(quantity.get()))
            .map_err(|error| Problem::bad_value(at(index, "quantity"), error.to_string()))
    }
}

/// A field of a line.
fn at(index: usize, field: &str) -> String {
    format!("/lines/{index}/{field}")
}

fn duration(length: Length) -> TimeDelta {
    TimeDelta::minutes(length.get().into())
}
