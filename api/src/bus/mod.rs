//! Commands on their way to the log: which streams they touch, in which order they are decided, and what is answered.
//!
//! The rules are the domain's. Here is only what spans several streams: a booking and its calendars are decided in one
//! unit of work and written all together or not at all.

mod add_ons;
mod answer;
mod blocks;
mod bookings;
mod calendars;
mod cancellation;
mod changes;
pub(crate) mod checkout;
mod customers;
mod inventory;
mod invoices;
mod lines;
mod paid;
mod payments;
mod payouts;
mod prices;
mod quotes;
mod resources;
mod scans;
mod series;
mod sessions;
mod settle;
mod tickets;
mod times;
mod told;
mod vouchers;
mod waiting;

use std::{borrow::Cow, sync::Arc};

use cqrs_es::Aggregate;
use daybook_event_store::{
    Answer, CommandContext, CommandError, Response, Stream, Unit, Verdict, Writer,
};

pub use add_ons::NewAddOn;
pub(crate) use add_ons::{create as create_add_on, revise as revise_add_on};
pub use answer::Answered;
pub(crate) use blocks::{NewBlock, Stretch, block, lift};
pub(crate) use bookings::book;
pub use bookings::{NewBooking, Quoted, Step, step};
pub(crate) use cancellation::quote as quote_cancellation;
pub(crate) use changes::change as change_booking;
pub use changes::{Change, Gone, NewPlace, NewTimes, Place, When};
pub(crate) use customers::{NoteStep, merge as merge_customers, note as note_customer};
pub(crate) use invoices::{InvoiceWishes, issue as issue_invoice, listed};
pub use lines::{NewLine, NewNights, NewPlaces};
pub(crate) use paid::{paid, paid_under_policy};
pub(crate) use payments::{
    Request as PaymentRequest, Way, request as request_payment, retry as retry_payment,
};
pub(crate) use payouts::{NewPayout, record as record_payout, withdraw as withdraw_payout};
pub use prices::Asked;
pub use quotes::NewQuote;
pub(crate) use quotes::{lines_of, make as make_quote, quoted};
pub(crate) use resources::{
    NewResource, change_limits, create as create_resource, revise as revise_resource,
};
pub(crate) use scans::{NoTicket, ScanTold, Shown, scan};
pub use series::{Confirmation, NewSeries, OnConflict, Reschedule, SeriesLine, Shift};
pub(crate) use series::{
    book as book_series, cancel as cancel_series, confirm as confirm_series,
    reschedule as reschedule_series,
};
pub(crate) use sessions::open as open_session;
pub(crate) use tickets::transfer as transfer_ticket;
pub use times::{Candidates, NewTime};
use told::told;
pub(crate) use told::{ACTIVE, Told};
pub(crate) use vouchers::{
    NewVoucher, create as create_voucher, revise as revise_voucher, withdraw as withdraw_voucher,
};
pub(crate) use waiting::{
    NewWaiting, Serving, WaitingStep, accept as accept_offer, join as join_waiting_list,
    serve as serve_waiting_list, set_terms as set_waiting_terms, step as step_waiting_entry,
};

use crate::{
    extract::{About, Expected},
    problem::{Code, Problem},
    tickets::TicketKeys,
};

/// How often a command is begun anew because its streams turned out to be others than expected.
const ATTEMPTS: usize = 8;

/// One command and all that surrounds it.
pub struct Order {
    /// Where it is written.
    pub writer: Writer,
    /// What is written beside its events.
    pub context: CommandContext,
    /// The request, if a client sent one.
    pub about: Option<Arc<About>>,
    /// The sequence that what it changes must have.
    pub expected: Option<Expected>,
    /// What codes of tickets are made with.
    pub tickets: Arc<TicketKeys>,
}

/// Who chose the id of something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// We did, just now: nothing has it yet, so nothing need be looked for.
    Us,
    /// The client did, and may have done so before. To find that out only when the log refuses the event would throw
    /// the calendars it was decided with out of memory.
    Client,
}

impl NamedBy {
    fn stream<A: Aggregate + 'static>(self, id: impl std::fmt::Display) -> Stream {
        match self {
            Self::Us => Stream::fresh::<A>(id),
            Self::Client => Stream::of::<A>(id),
        }
    }
}

/// Why a unit of work was not decided.
enum Stop {
    /// It touches streams that were not opened, or finds closed ones: look again.
    Again,
    /// It touches these streams as well: open it with them.
    More(Vec<Stream>),
    /// It is refused.
    Problem(Problem),
}

impl<E: Into<Problem>> From<E> for Stop {
    fn from(problem: E) -> Self {
        Self::Problem(problem.into())
    }
}

impl Order {
    /// A refusal that is kept under the idempotency key, or one that is only told.
    fn verdict(&self, decided: Result<Response, Stop>) -> Result<Verdict, Stop> {
        match decided {
            Ok(response) => Ok(Verdict::Commit(response)),
            Err(Stop::Problem(problem)) if problem.code() == Code::PolicyRefusal => {
                Ok(Verdict::Refuse(self.write(&problem)))
            }
            Err(stop) => Err(stop),
        }
    }

    fn write(&self, problem: &Problem) -> Response {
        let (language, id) = self
            .about
            .as_deref()
            .map_or_else(Default::default, |about| (about.language, Some(about.id.as_str())));
        Response { status: problem.code().status().as_u16(), body: problem.write(language, id) }
    }

    /// Runs one unit of work. `None`: its streams were not the right ones.
    async fn run(
        &self,
        streams: &[Stream],
        mut decide: impl FnMut(&mut Unit) -> Result<Response, Stop>,
    ) -> Result<Option<Answer>, Problem> {
        let mut streams = Cow::Borrowed(streams);
        for _ in 0..ATTEMPTS {
            let result =
                self.writer.run(&streams, &self.context, |unit| self.verdict(decide(unit))).await;
            return match result {
                Ok(answer) => Ok(Some(answer)),
                Err(CommandError::Refused(Stop::Again)) => Ok(None),
                Err(CommandError::Refused(Stop::More(more))) => {
                    streams.to_mut().extend(more);
                    continue;
                }
                Err(CommandError::Refused(Stop::Problem(problem))) => Err(problem),
                Err(CommandError::KeyReused) => Err(CommandError::<Problem>::KeyReused.into()),
                Err(CommandError::InProgress) => Err(CommandError::<Problem>::InProgress.into()),
                Err(CommandError::Write(error)) => Err(error.into()),
                Err(CommandError::Store(error)) => Err(error.into()),
            };
        }
        Ok(None)
    }

    /// Makes one aggregate through cqrs-es, to be told as standing like this. A refusal by a rule is kept under the
    /// idempotency key.
    pub(crate) async fn make<A>(
        &self,
        id: A::Id,
        command: A::Command,
        standing: &str,
    ) -> Result<Answer, Problem>
    where
        A: Told<Services = ()>,
        A::Command: Clone + Send,
        A::Error: Into<Problem>,
    {
        let response = told(201, id, standing);
        match self.writer.execute::<A>(&id.to_string(), command, &self.context, response).await {
            Err(CommandError::Refused(refusal)) => self.tell(refusal.into()).await,
            other => other.map_err(Problem::from),
        }
    }

    /// Changes one aggregate by what is decided on it as it stands, if it is as the client saw it.
    pub(crate) async fn change<A: Told>(
        &self,
        id: A::Id,
        status: u16,
        decide: impl Fn(&A) -> Result<Vec<A::Event>, Problem>,
    ) -> Result<Answer, Problem> {
        let stream = id.to_string();
        let streams = [Stream::of::<A>(&stream)];
        let answer = self.run(&streams, |unit| {
            if let Some(expected) = self.expected {
                let sequence = unit.sequence::<A>(&stream);
                expected.check(unit.state::<A>(&stream).version(sequence))?;
            }
            unit.decide(&stream, &decide)?;
            Ok(told(status, id, unit.state::<A>(&stream).standing()))
        });
        answer.await?.ok_or_else(kept_changing)
    }

    /// A refusal by a rule is kept under the idempotency key, anything else is only told.
    async fn tell(&self, problem: Problem) -> Result<Answer, Problem> {
        if problem.code() == Code::PolicyRefusal {
            self.refuse(&problem).await
        } else {
            Err(problem)
        }
    }

    /// Writes nothing but the refusal.
    async fn refuse(&self, problem: &Problem) -> Result<Answer, Problem> {
        let refused = self
            .writer
            .run(&[], &self.context, |_| Ok::<_, Problem>(Verdict::Refuse(self.write(problem))));
        Ok(refused.await?)
    }

    /// Refuses when what is changed is not as the client saw it.
    fn check<A: Aggregate + 'static>(&self, unit: &mut Unit, id: &str) -> Result<(), Problem> {
        match self.expected {
            None => Ok(()),
            Some(expected) => expected.check(unit.sequence::<A>(id)),
        }
    }
}

/// Streams that keep turning out to be others.
fn kept_changing() -> Problem {
    Problem::new(Code::ConcurrentChange, "what the command is about kept changing")
}
