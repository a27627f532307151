//! The engine in this process: a log of its own, and something in it to book.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use chrono::{NaiveDate, NaiveTime, Utc};
use daybook_domain::{
    booking::{self, Line, Terms},
    calendar::{self, Calendar, SoldBy},
    listing::{self, FirstStatus, HouseTimes, Listing},
    resource::{self, Nights, Resource, StayRules},
    values::{
        Attributes, CalendarId, Capacity, Currency, CustomerId, Dimensions, Limits, ListingId,
        LocalizedText, Money, Month, OrganizationId, Party, Quantity, ResourceId, Stay, Zone,
    },
};
use daybook_event_store::{
    CommandContext, Node, Response, Stream, Unit, Verdict, Writer, WriterSettings,
};
use uuid::Uuid;

use crate::serve::open_log;

use super::{
    races::HOT_CAPACITY,
    request::{ARRIVAL, DEPARTURE},
};

/// How many resources one unit of work sets up.
const AT_ONCE: usize = 50;

/// What a booking of one resource for the one night looks like.
pub(super) struct Offer {
    pub(super) calendar: CalendarId,
    pub(super) terms: Terms,
}

/// Sets a listing up with so many resources, whose calendars are open.
pub(super) async fn set_up(writer: &Writer, resources: usize) -> Result<Arc<[Offer]>> {
    let listing = ListingId::from_uuid(Uuid::now_v7());
    let id = listing.to_string();
    let context = CommandContext::default();
    let created = writer.execute::<Listing>(&id, listing_command()?, &context, answer());
    created.await.map_err(|error| anyhow!("no listing: {error}"))?;
    let resources: Vec<ResourceId> =
        (0..resources).map(|_| ResourceId::from_uuid(Uuid::now_v7())).collect();
    for some in resources.chunks(AT_ONCE) {
        open_calendars(writer, listing, some).await?;
    }
    resources.into_iter().map(|resource| Offer::try_new(listing, resource)).collect()
}

/// Opens a log, which is migrated first, and takes it over.
pub(super) async fn take_over(url: &str) -> Result<Writer> {
    daybook_event_store::migrate(url).await?;
    let node = Node { id: Uuid::now_v7(), address: "http://127.0.0.1:9".to_owned() };
    Ok(Writer::take_over(&open_log(url).await?, &node, WriterSettings::default()).await?)
}

impl Offer {
    fn try_new(listing: ListingId, resource: ResourceId) -> Result<Self> {
        let (check_in, check_out) = times()?;
        let stay = Stay::try_new(ARRIVAL.parse()?, DEPARTURE.parse()?)?;
        let price = Money::try_new(12_550, euro()?)?;
        let zone = zone()?;
        let nights = booking::Nights::priced(
            resource,
            stay,
            Quantity::ONE,
            price,
            zone,
            check_in,
            check_out,
        )?;
        let customer = CustomerId::from_uuid(Uuid::now_v7());
        let terms = Terms::try_new(
            listing,
            customer,
            zone,
            vec![Line::Nights(nights)],
            Party::try_new(1, 0, 0)?,
            Dimensions::default(),
        )?;
        Ok(Self { calendar: CalendarId { resource, month: month()? }, terms })
    }
}

/// Creates resources and opens their calendars, in one unit of work.
async fn open_calendars(
    writer: &Writer,
    listing: ListingId,
    resources: &[ResourceId],
) -> Result<()> {
    let month = month()?;
    let create = resource_command(listing)?;
    let streams: Vec<Stream> = resources
        .iter()
        .flat_map(|&resource| {
            let calendar = CalendarId { resource, month };
            [Stream::fresh::<Resource>(resource), Stream::fresh::<Calendar>(calendar)]
        })
        .collect();
    let context = CommandContext::default();
    let opened = writer.run(&streams, &context, |unit| {
        for &resource in resources {
            open_calendar(unit, resource, month, &create)?;
        }
        Ok::<_, anyhow::Error>(Verdict::Commit(answer()))
    });
    opened.await.map_err(|error| anyhow!("no resources: {error}"))?;
    Ok(())
}

fn open_calendar(
    unit: &mut Unit,
    resource: ResourceId,
    month: Month,
    create: &resource::Command,
) -> Result<()> {
    let at = Utc::now();
    for command in [create.clone(), resource::Command::OpenMonth { month, at }] {
        unit.decide(resource, |resource: &Resource| resource.decide(command))?;
    }
    let sold_by = SoldBy::Nights;
    let open = calendar::Command::Open { month, sold_by, limits: limits()?, at };
    let calendar = CalendarId { resource, month };
    unit.decide(calendar, |calendar: &Calendar| calendar.decide(open))?;
    Ok(())
}

fn listing_command() -> Result<listing::Command> {
    let (check_in, check_out) = times()?;
    let name = LocalizedText::try_new([("en", "Benchmark")])?;
    Ok(listing::Command::Create {
        organization: organization(),
        terms: listing::Terms::Stay(HouseTimes { check_in, check_out }),
        content: Box::new(listing::Content::new(name)),
        zone: zone()?,
        currency: euro()?,
        on_request: false,
        status: FirstStatus::Published,
        at: Utc::now(),
    })
}

fn resource_command(listing: ListingId) -> Result<resource::Command> {
    let price_per_night = Money::try_new(12_550, euro()?)?;
    let rules = StayRules::default();
    Ok(resource::Command::Create {
        organization: organization(),
        terms: resource::Terms::Nights(Nights { listing, price_per_night, rules }),
        currency: euro()?,
        content: resource::Content {
            name: LocalizedText::try_new([("en", "Double room")])?,
            attributes: Attributes::default(),
        },
        limits: limits()?,
        at: Utc::now(),
    })
}

fn organization() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::now_v7())
}

/// What a client would be told; as long as over HTTP.
pub(super) fn answer() -> Response {
    let body = r#"{"id":"019a0000-0000-7000-8000-000000000000","status":"confirmed","total":{"minor":12550,"currency":"EUR"}}"#;
    Response { status: 201, body: body.to_owned() }
}

fn limits() -> Result<Limits> {
    Ok(Limits { capacity: Capacity::try_new(HOT_CAPACITY)?, overbooking: 0 })
}

fn month() -> Result<Month> {
    Ok(Month::of(ARRIVAL.parse::<NaiveDate>()?))
}

fn times() -> Result<(NaiveTime, NaiveTime)> {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).context("an hour of the day");
    Ok((at(15)?, at(11)?))
}

fn zone() -> Result<Zone> {
    Ok(Zone::try_new("Europe/Lisbon")?)
}

fn euro() -> Result<Currency> {
    Ok(Currency::try_new("EUR")?)
}
