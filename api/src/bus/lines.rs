//! What a booking is to be made of, looked up: listings, resources and sessions with their terms and prices.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use daybook_domain::{
    allotment::{Allotment, Details as Session, Item, Seating},
    booking::{Line, LineError, Nights, Places},
    listing::{Details, HouseTimes, Listing},
    organization::{self, Organization},
    policy::Policy,
    pricing::{Deposit, Guests, Rate, When},
    resource::Resource,
    values::{
        CalendarId, Code as Offer, ListingId, Money, OrganizationId, Quantity, ResourceId, Seat,
        SessionId, Stay, TimeRange, Timestamp, Zone,
    },
};
use daybook_event_store::Writer;

use super::{
    add_ons::{self, NewAddOn},
    inventory::Inventory,
    prices::{Asked, Buyer, Priced},
    times::{self, Candidate, Choice, NewTime},
    vouchers::Redeeming,
};
use crate::problem::{Code, Problem};

/// One line to be booked.
#[derive(Clone, Debug)]
pub enum NewLine {
    /// By the night.
    Nights(NewNights),
    /// By times.
    Time(NewTime),
    /// Of a session.
    Places(NewPlaces),
    /// Beside the others, which stand before it.
    AddOn(NewAddOn),
}

/// Nights to be booked.
#[derive(Clone, Debug)]
pub struct NewNights {
    /// The resource.
    pub resource: ResourceId,
    /// From which date to which.
    pub stay: Stay,
    /// How many of it.
    pub quantity: Quantity,
    /// Who says what one costs for a night.
    pub price: Asked,
    /// Who sleeps there, unless the party of the booking does.
    pub guests: Option<Guests>,
}

/// Places of a session to be booked.
#[derive(Clone, Debug)]
pub struct NewPlaces {
    /// The session.
    pub session: SessionId,
    /// Which of its offers.
    pub offer: Offer,
    /// How many of it.
    pub quantity: Quantity,
    /// In which seats, unless the best, or anywhere where there are none.
    pub seats: Option<Vec<Seat>>,
    /// Who says what one costs.
    pub price: Asked,
    /// Who comes; adults, unless it says.
    pub guests: Option<Guests>,
}

/// What is booked, as far as it is known before the inventory is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) lines: Vec<Planned>,
    /// Whether a listing wants to be asked first.
    pub(super) on_request: bool,
    /// What part of it the operator earns, if it is the sale of a partner.
    pub(super) commission: Option<Rate>,
}

/// One line of a plan.
#[derive(Clone, Debug)]
pub(super) enum Planned {
    /// Nothing about it is open.
    Fixed(Line),
    /// One of several resources.
    Choice(Choice),
    /// Places whose seats the session finds.
    Seating(Places, Item),
}

impl Plan {
    /// Lines as they are.
    pub(super) fn fixed(lines: &[Line]) -> Self {
        let lines = lines.iter().cloned().map(Planned::Fixed).collect();
        Self { lines, on_request: false, commission: None }
    }

    /// The inventory that it may take something of.
    pub(super) fn inventory(&self) -> Inventory {
        let mut all = Inventory::default();
        for planned in &self.lines {
            match planned {
                Planned::Fixed(line) => all = all.and(&Inventory::of(std::slice::from_ref(line))),
                Planned::Choice(choice) => {
                    let lines = choice.candidates.iter().map(|candidate| &candidate.line);
                    all.calendars.extend(lines.flat_map(|line| line.takes().into_keys()));
                }
                Planned::Seating(places, _) => {
                    all.sessions.insert(places.session());
                }
            }
        }
        all
    }

    /// The calendars in which bookings are counted for limits, whether or not they are open.
    pub(super) fn counted(&self) -> impl Iterator<Item = CalendarId> {
        let candidates = self.lines.iter().flat_map(|planned| match planned {
            Planned::Choice(choice) => &*choice.candidates,
            Planned::Fixed(_) | Planned::Seating(..) => &[],
        });
        candidates.flat_map(Candidate::counted)
    }
}

/// What is agreed for a whole booking: terms of its own listing.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    /// Where its wall clock hangs.
    pub(super) zone: Zone,
    /// What calling off costs.
    pub(super) policy: Option<Arc<Policy>>,
    /// What is to be paid when.
    pub(super) deposit: Option<Deposit>,
    /// The voucher that is used.
    pub(super) voucher: Option<Redeeming>,
}

impl Conditions {
    /// The terms of a listing as they are.
    pub(super) fn of(listing: &Details) -> Self {
        let selling = &listing.content.selling;
        let (policy, deposit) = (selling.policy.clone(), selling.deposit);
        Self { zone: listing.zone, policy, deposit, voucher: None }
    }
}

/// The listings that lines are sold under, each looked up once, and who buys.
pub(super) struct Catalogue<'a> {
    writer: &'a Writer,
    main: ListingId,
    buyer: Buyer,
    known: BTreeMap<ListingId, Details>,
}

impl<'a> Catalogue<'a> {
    /// With the listing of the booking.
    pub(super) async fn open(
        writer: &'a Writer,
        main: ListingId,
        buyer: Buyer,
    ) -> Result<Self, Problem> {
        let details = listing_of(writer, main).await?;
        Ok(Self { writer, main, buyer, known: BTreeMap::from([(main, details)]) })
    }

    /// Who buys.
    pub(super) fn buyer(&self) -> Buyer {
        self.buyer
    }

    pub(super) fn writer(&self) -> &'a Writer {
        self.writer
    }

    /// The listing of the booking.
    pub(super) fn main(&self) -> &Details {
        &self.known[&self.main]
    }

    pub(super) fn main_id(&self) -> ListingId {
        self.main
    }

    /// A listing that a line is sold under: on offer, and of the same organization and currency.
    pub(super) async fn find(&mut self, id: ListingId, field: &str) -> Result<&Details, Problem> {
        if !self.known.contains_key(&id) {
            let found = listing_of(self.writer, id).await?;
            found.bookable()?;
            let main = self.main();
            if found.organization != main.organization {
                let detail = "the listing belongs to another organization than that of the booking";
                return Err(Problem::bad_value(field, detail));
            }
            if found.currency != main.currency {
                let detail = format!(
                    "it is sold in {}, the booking is in {}",
                    found.currency, main.currency
                );
                return Err(Problem::bad_value(field, detail));
            }
            self.known.insert(id, found);
        }
        Ok(&self.known[&id])
    }

    /// The listing to note in a line: none where it is that of the booking.
    pub(super) fn noted(&self, id: ListingId) -> Option<ListingId> {
        Some(id).filter(|id| *id != self.main)
    }

    /// Refuses a price in another currency than the booking's.
    pub(super) fn check_currency(&self, price: Money, field: String) -> Result<Money, Problem> {
        let currency = self.main().currency;
        if price.currency() == currency {
            Ok(price)
        } else {
            Err(Problem::bad_value(field, format!("the listing is priced in {currency}")))
        }
    }

    /// What part of a sale the operator earns, as is agreed today.
    async fn commission(&self) -> Result<Option<Rate>, Problem> {
        let organization = self.main().organization.to_string();
        let look =
            |found: &Organization| found.details().and_then(organization::Details::commission);
        Ok(self.writer.peek(&organization, look).await?)
    }

    fn on_request(&self) -> bool {
        self.known.values().any(|listing| listing.on_request)
    }
}

/// The terms of a listing that are frozen into a booking.
pub(super) async fn listing_of(writer: &Writer, id: ListingId) -> Result<Details, Problem> {
    let details =
        writer.peek(&id.to_string(), |listing: &Listing| listing.details().cloned()).await?;
    details.ok_or_else(|| {
        Problem::about(Code::NotFound, "/listing_id", "there is no such listing")
            .because("listing_not_found")
    })
}

/// Refuses what is meant for some listings, at `/listings`, unless all of them are the organization's own.
pub(super) async fn check_own(
    writer: &Writer,
    organization: OrganizationId,
    listings: &BTreeSet<ListingId>,
) -> Result<(), Problem> {
    for (index, listing) in listings.iter().enumerate() {
        let field = format!("/listings/{index}");
        let found = listing_of(writer, *listing).await;
        let found = found.map_err(|problem| match problem.reason() {
            Some("listing_not_found") => Problem::bad_value(&*field, "there is no such listing"),
            _ => problem,
        })?;
        if found.organization != organization {
            return Err(Problem::bad_value(field, "the listing belongs to another organization"));
        }
    }
    Ok(())
}

/// Looks up all that lines need to know before the inventory is asked.
pub(super) async fn plan(
    catalogue: &mut Catalogue<'_>,
    lines: &[NewLine],
    at: Timestamp,
) -> Result<Plan, Problem> {
    let mut planned = Vec::with_capacity(lines.len());
    let mut beside = 0;
    for (index, line) in lines.iter().enumerate() {
        let next = match line {
            NewLine::AddOn(wanted) => {
                let others = told(&planned);
                beside += 1;
                Planned::Fixed(add_ons::planned(catalogue, beside - 1, wanted, &others).await?)
            }
            NewLine::Nights(_) | NewLine::Time(_) | NewLine::Places(_) => {
                plan_line(catalogue, index, line, at).await?
            }
        };
        planned.push(next);
    }
    let (on_request, commission) = (catalogue.on_request(), catalogue.commission().await?);
    Ok(Plan { lines: planned, on_request, commission })
}

/// Looks up what one line needs to know; problems name it by its index.
pub(super) async fn plan_line(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewLine,
    at: Timestamp,
) -> Result<Planned, Problem> {
    Ok(match line {
        NewLine::Nights(line) => {
            Planned::Fixed(Line::Nights(nights(catalogue, index, line).await?))
        }
        NewLine::Time(line) => Planned::Choice(times::choice(catalogue, index, line, at).await?),
        NewLine::Places(line) => places(catalogue, index, line).await?,
        NewLine::AddOn(wanted) => {
            Planned::Fixed(add_ons::planned(catalogue, index, wanted, &[]).await?)
        }
    })
}

/// Lines as far as they are known before the inventory is asked: with the first of several resources, and without seats.
pub(super) fn told(planned: &[Planned]) -> Vec<Line> {
    let line = |planned: &Planned| match planned {
        Planned::Fixed(line) => Some(line.clone()),
        Planned::Seating(places, _) => Some(Line::Places(places.clone())),
        Planned::Choice(choice) => {
            choice.candidates.first().map(|first| Line::Time(first.line.clone()))
        }
    };
    planned.iter().filter_map(line).collect()
}

/// Nights at their price: the one given, else the resource's.
async fn nights(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewNights,
) -> Result<Nights, Problem> {
    let field = format!("/lines/{index}/resource_id");
    let wrong = |detail| Problem::bad_value(field.clone(), detail);
    let resource = line.resource.to_string();
    let found = catalogue.writer.peek(&resource, |resource: &Resource| {
        resource.details().map(|details| details.terms.nights().cloned())
    });
    let found = found.await?.ok_or_else(|| no_resource(index))?;
    let terms = found.ok_or_else(|| wrong("the resource is not sold by the night"))?;
    terms.rules.check(line.stay)?;
    let zone = catalogue.main().zone;
    let listing = catalogue.find(terms.listing, &field).await?;
    let HouseTimes { check_in, check_out } =
        listing.terms.house_times().ok_or_else(|| wrong("the listing is not sold by the night"))?;
    if listing.zone != zone {
        return Err(wrong("the listing keeps the time of another zone than that of the booking"));
    }
    let selling = Arc::clone(&listing.content.selling);
    let NewNights { resource, stay, quantity, price: asked, guests } = line;
    let base = asked.given().unwrap_or(terms.price_per_night);
    let base = catalogue.check_currency(base, format!("/lines/{index}/price_per_night"))?;
    let nights = Nights::priced(*resource, *stay, *quantity, base, zone, check_in, check_out);
    let nights = nights.map_err(|error| uncountable(index, error))?;
    let nights = if let Asked::As(agreed) = asked {
        agreed.nights().map_or(nights.clone(), |agreed| nights.at_price_of(agreed))
    } else {
        let (when, quantity) = (When::Nights(*stay), *quantity);
        let guests = guests.as_ref();
        let priced = Priced { index, base, asked, when, quantity, guests, zone };
        match priced.charge(&selling, catalogue.buyer)? {
            Some(charge) => nights.charged(charge).map_err(|error| uncountable(index, error))?,
            None => nights,
        }
    };
    Ok(match catalogue.noted(terms.listing) {
        Some(listing) => nights.of_listing(listing),
        None => nights,
    })
}

/// Places at their price: the one given, else the offer's.
async fn places(
    catalogue: &mut Catalogue<'_>,
    index: usize,
    line: &NewPlaces,
) -> Result<Planned, Problem> {
    let field = format!("/lines/{index}/session_id");
    let stream = line.session.to_string();
    let found = catalogue.writer.peek(&stream, |allotment: &Allotment| {
        allotment.session().map(|s| Sold::of(s.details(), &line.offer))
    });
    let found = found.await?.ok_or_else(|| {
        Problem::about(Code::NotFound, field.clone(), "there is no such session")
            .because("session_not_found")
    })?;
    let Sold { listing, time, zone, offer } = found;
    let selling = Arc::clone(&catalogue.find(listing, &field).await?.content.selling);
    let (price, seated) = offer.ok_or_else(|| {
        let detail = format!("the session has no offer `{}`", line.offer);
        Problem::bad_value(format!("/lines/{index}/offer"), detail)
    })?;
    let base = line.price.given().unwrap_or(price);
    let base = catalogue.check_currency(base, format!("/lines/{index}/price"))?;
    let places = Places::priced(line.session, line.offer.clone(), line.quantity, base, time, zone)
        .map_err(|error| uncountable(index, error))?;
    let places = match &line.price {
        Asked::As(agreed) => match &**agreed {
            Line::Places(agreed) => places.at_price_of(agreed),
            Line::Nights(_) | Line::Time(_) | Line::AddOn(_) => places,
        },
        asked @ (Asked::Listed | Asked::Agreed(_)) => {
            let (on, quantity) = (zone.local_date(time.start()), line.quantity);
            let when = When::Places { on, minutes: minutes(time) };
            let guests = line.guests.as_ref();
            let priced = Priced { index, base, asked, when, quantity, guests, zone };
            match priced.charge(&selling, catalogue.buyer)? {
                Some(charge) => {
                    places.charged(charge).map_err(|error| uncountable(index, error))?
                }
                None => places,
            }
        }
    };
    let places = match catalogue.noted(listing) {
        Some(listing) => places.of_listing(listing),
        None => places,
    };
    let seating = match (&line.seats, seated) {
        (Some(seats), _) => Seating::Chosen(seats.clone()),
        (None, true) => Seating::BestAvailable,
        (None, false) => Seating::Unseated,
    };
    let item = Item { offer: line.offer.clone(), quantity: line.quantity, seating };
    Ok(Planned::Seating(places, item))
}

/// What a booking keeps of a session and of one of its offers.
struct Sold {
    listing: ListingId,
    time: TimeRange,
    zone: Zone,
    /// Its price, and whether its places have seats.
    offer: Option<(Money, bool)>,
}

impl Sold {
    fn of(session: &Session, code: &Offer) -> Self {
        let offer = session.offers.iter().find(|offer| offer.code == *code);
        let offer = offer.map(|offer| (offer.price, session.is_seated(offer)));
        Self { listing: session.listing, time: session.time, zone: session.zone, offer }
    }
}

/// How long something lasts.
pub(super) fn minutes(time: TimeRange) -> u32 {
    u32::try_from((time.end() - time.start()).num_minutes()).unwrap_or(u32::MAX)
}

pub(super) fn no_resource(index: usize) -> Problem {
    let field = format!("/lines/{index}/resource_id");
    Problem::about(Code::NotFound, field, "there is no such resource").because("resource_not_found")
}

pub(super) fn uncountable(index: usize, error: LineError) -> Problem {
    Problem::bad_value(format!("/lines/{index}"), error.to_string())
}
