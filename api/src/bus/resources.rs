//! Commands on resources. A change of limits reaches every open calendar in the same commit.

use daybook_domain::{
    calendar::{self, Calendar},
    listing::{Listing, ListingKind},
    organization::Organization,
    resource::{
        Command, Content, Details, Parts, Refusal, Resource, ResourceKind, Services, Terms,
        TermsError,
    },
    values::{
        CalendarId, Currency, Limits, ListingId, Month, OrganizationId, ResourceId, Timestamp, Zone,
    },
};
use daybook_event_store::{Answer, Stream, Writer};

use super::{ACTIVE, ATTEMPTS, Order, Stop, kept_changing, lines::listing_of, told};
use crate::problem::{Code, Problem};

/// A resource to have.
#[derive(Clone, Debug)]
pub(crate) struct NewResource {
    pub(crate) id: ResourceId,
    /// Whose it is; that of the listing, if there is one.
    pub(crate) organization: Option<OrganizationId>,
    /// What it is.
    pub(crate) parts: Parts,
    /// What it says of itself.
    pub(crate) content: Content,
    /// How many there are.
    pub(crate) limits: Limits,
    pub(crate) at: Timestamp,
}

/// What a resource takes from whatever it belongs to.
struct Home {
    organization: OrganizationId,
    zone: Zone,
    currency: Currency,
}

/// Has a new resource.
pub(crate) async fn create(order: &Order, new: NewResource) -> Result<Answer, Problem> {
    let NewResource { id, organization, mut parts, content, limits, at } = new;
    let home = match parts.listing {
        Some(listing) => home_under(&order.writer, listing, organization, parts.kind).await?,
        None => home_of(&order.writer, organization).await?,
    };
    check_services(&order.writer, home.organization, &parts.services).await?;
    parts.zone = match parts.kind {
        ResourceKind::RoomType => parts.zone,
        ResourceKind::Room | ResourceKind::Staff | ResourceKind::Equipment => {
            parts.zone.or(Some(home.zone))
        }
    };
    let terms = Terms::try_new(parts).map_err(misfit)?;
    let Home { organization, currency, zone: _ } = home;
    let command = Command::Create { organization, terms, currency, content, limits, at };
    order.make::<Resource>(id, command, ACTIVE).await
}

async fn home_under(
    writer: &Writer,
    listing: ListingId,
    organization: Option<OrganizationId>,
    kind: ResourceKind,
) -> Result<Home, Problem> {
    let found = listing_of(writer, listing).await?;
    if organization.is_some_and(|organization| organization != found.organization) {
        let detail = "the listing belongs to another organization";
        return Err(Problem::bad_value("/organization_id", detail));
    }
    if kind == ResourceKind::RoomType && found.terms.kind() != ListingKind::Stay {
        return Err(Problem::bad_value("/listing_id", "only a stay has rooms by the night"));
    }
    Ok(Home { organization: found.organization, zone: found.zone, currency: found.currency })
}

async fn home_of(writer: &Writer, organization: Option<OrganizationId>) -> Result<Home, Problem> {
    let organization = organization.ok_or_else(|| {
        let detail = "a resource belongs to a listing or to an organization";
        Problem::bad_value("/organization_id", detail)
    })?;
    let stream = organization.to_string();
    let profile = writer.peek(&stream, |organization: &Organization| {
        organization.details().map(|details| (details.profile.zone, details.profile.currency))
    });
    let (zone, currency) = profile.await?.ok_or_else(|| {
        Problem::about(Code::NotFound, "/organization_id", "there is no such organization")
            .because("organization_not_found")
    })?;
    Ok(Home { organization, zone, currency })
}

/// Refuses services that are none of the organization's.
async fn check_services(
    writer: &Writer,
    organization: OrganizationId,
    services: &Services,
) -> Result<(), Problem> {
    for service in services.iter() {
        let stream = service.to_string();
        let found = writer.peek(&stream, |listing: &Listing| {
            listing.details().map(|details| (details.organization, details.terms.kind()))
        });
        if found.await? != Some((organization, ListingKind::Service)) {
            let detail = format!("{service} is no listing of a service of this organization");
            return Err(Problem::bad_value("/services", detail));
        }
    }
    Ok(())
}

fn misfit(error: TermsError) -> Problem {
    let field = match error {
        TermsError::NoListing => "/listing_id",
        TermsError::NoPrice | TermsError::NeedlessPrice => "/price_per_night",
        TermsError::NoZone | TermsError::NeedlessZone => "/zone",
        TermsError::NeedlessServices => "/services",
    };
    Problem::bad_value(field, error.to_string())
}

/// Has a resource say something else of itself; `patched` makes it of what it says now.
pub(crate) async fn revise(
    order: &Order,
    id: ResourceId,
    patched: impl Fn(&Details) -> Result<(Content, Services), Problem>,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    let present = order.writer.peek(&stream, |resource: &Resource| resource.details().cloned());
    let present = present.await?.ok_or(Refusal::NotFound)?;
    if let (Some(organization), Some(offered)) = (present.organization, present.terms.services()) {
        let (_, services) = patched(&present)?;
        if services != *offered {
            check_services(&order.writer, organization, &services).await?;
        }
    }
    order
        .change(id, 200, |resource: &Resource| {
            let present = resource.details().ok_or(Refusal::NotFound)?;
            let (content, services) = patched(present)?;
            if present.terms.services().is_none() && !services.is_empty() {
                return Err(misfit(TermsError::NeedlessServices));
            }
            Ok(resource.decide(Command::Revise { content, services, at })?)
        })
        .await
}

/// Has more or fewer of a resource, in all of its open calendars.
pub(crate) async fn change_limits(
    order: &Order,
    id: ResourceId,
    limits: Limits,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    for _ in 0..ATTEMPTS {
        let months = order.writer.peek(&stream, open_months).await?;
        let calendars: Vec<_> =
            months.iter().map(|month| CalendarId { resource: id, month: *month }).collect();
        let mut streams = vec![Stream::of::<Resource>(&stream)];
        streams.extend(calendars.iter().map(Stream::of::<Calendar>));
        let answer = order.run(&streams, |unit| {
            order.check::<Resource>(unit, &stream)?;
            if open_months(unit.state::<Resource>(&stream)) != months {
                return Err(Stop::Again);
            }
            let command = Command::ChangeLimits { limits, at };
            unit.decide(&stream, |resource: &Resource| resource.decide(command))?;
            for calendar in &calendars {
                let command = calendar::Command::ChangeLimits { limits, at };
                unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
            }
            Ok(told(200, id, ACTIVE))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

pub(super) fn open_months(resource: &Resource) -> Vec<Month> {
    let details = resource.details();
    details.map_or_else(Vec::new, |details| details.open_months.iter().copied().collect())
}
