//! Commands on sessions.

use daybook_domain::{
    allotment::{Allotment, Command, Session, Status},
    listing::{self, ListingKind},
    values::{ListingId, SessionId, Timestamp},
};
use daybook_event_store::Answer;

use super::{Order, lines::listing_of};
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
    let command = Command::Open { session, at };
    order.make::<Allotment>(id, command, Status::OnSale.as_str()).await
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
