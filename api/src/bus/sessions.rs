//! Commands on sessions.

use daybook_domain::{
    allotment::{Allotment, Command, Event, Session, Status},
    listing::{self, ListingKind},
    values::{ListingId, SessionId, Timestamp},
};
use daybook_event_store::{Answer, Response, Stream};

use super::{Order, kept_changing, lines::listing_of};
use crate::problem::{Code, Problem};

/// Opens a session of a listing; `made` makes it of what the listing says.
pub(crate) async fn open(
    order: &Order,
    id: SessionId,
    listing: ListingId,
    made: impl FnOnce(&listing::Details) -> Result<Session, Problem>,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let listing = listing_of(&order.writer, listing).await?;
    check(&listing)?;
    let session = Box::new(made(&listing)?);
    let response = Response { status: 201, body: body(id, Status::OnSale) };
    order.execute::<Allotment>(&id.to_string(), Command::Open { session, at }, response).await
}

/// Refuses a listing that has no sessions.
fn check(listing: &listing::Details) -> Result<(), Problem> {
    match listing.terms.kind() {
        ListingKind::Experience | ListingKind::Event => {}
        ListingKind::Stay | ListingKind::Room | ListingKind::Service => {
            let detail = "only an experience or an event has sessions";
            return Err(Problem::bad_value("/listing_id", detail));
        }
    }
    match listing.status {
        listing::Status::Draft | listing::Status::Published => Ok(()),
        listing::Status::Archived => {
            let detail = "the listing is archived";
            Err(Problem::about(Code::PolicyRefusal, "/listing_id", detail)
                .because("listing_archived"))
        }
    }
}

/// Changes a session by what is decided on it as it stands, if its terms are as the client saw them. What is booked of
/// it meanwhile does no harm.
pub(crate) async fn change(
    order: &Order,
    id: SessionId,
    decide: impl Fn(&Allotment) -> Result<Vec<Event>, Problem>,
) -> Result<Answer, Problem> {
    let streams = [Stream::of::<Allotment>(id)];
    let answer = order.run(&streams, |unit| {
        order.check_terms(unit.state::<Allotment>(id))?;
        unit.decide(id, &decide)?;
        let status = unit.state::<Allotment>(id).status().unwrap_or(Status::CalledOff);
        Ok(Response { status: 200, body: body(id, status) })
    });
    answer.await?.ok_or_else(kept_changing)
}

fn body(id: SessionId, status: Status) -> String {
    format!(r#"{{"id":"{id}","status":"{}"}}"#, status.as_str())
}
