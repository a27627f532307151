//! What clients ask to be other than it is.

use std::collections::BTreeSet;

use daybook_domain::{
    booking::{CancelTerms, Line, Portion},
    tickets::Tickets,
    values::{
        Money, Party, QuoteId, Reason, ResourceId, Seat, SessionId, Stay, TicketNumber, Timestamp,
    },
};

use crate::{bus::lines::NewLine, problem::Problem};

/// What is to be other than it is.
#[derive(Clone, Debug)]
pub enum Change {
    /// Something else is booked; what is not given stays.
    Amend {
        /// All lines.
        lines: Option<Vec<NewLine>>,
        /// All add-ons.
        add_ons: Option<Vec<NewLine>>,
        /// Who comes along.
        party: Option<Party>,
        /// The quote it is, if it is one.
        quote: Option<QuoteId>,
    },
    /// Some lines are booked for other times.
    Reschedule(Vec<NewTimes>),
    /// Some lines are booked with other resources, or in other seats.
    Move(Vec<NewPlace>),
    /// Some of it is called off.
    Cancel {
        /// What.
        gone: Gone,
        /// Why.
        reason: Option<Reason>,
        /// What is known about the money.
        terms: CancelTerms,
    },
}

/// What of a booking is called off.
#[derive(Clone, Debug)]
pub enum Gone {
    /// All of it.
    All,
    /// Lines, counted from 0.
    Lines(BTreeSet<usize>),
    /// What tickets are for.
    Tickets(BTreeSet<TicketNumber>),
}

impl Gone {
    /// Which portion of the booking that is; where tickets tell it, they are looked at.
    pub(in crate::bus) fn portion<'t>(
        &self,
        tickets: impl FnOnce() -> &'t Tickets,
        lines: &[Line],
    ) -> Result<Portion, Problem> {
        match self {
            Self::All => Ok(Portion::All),
            Self::Lines(numbers) => Ok(Portion::Lines(numbers.clone())),
            Self::Tickets(numbers) => {
                let portion = tickets().portion(numbers, lines);
                portion.map_err(|refusal| Problem::from(refusal).in_field("/tickets"))
            }
        }
    }

    /// The tickets that tell it, and are given up.
    pub(in crate::bus) fn tickets(&self) -> Option<&BTreeSet<TicketNumber>> {
        match self {
            Self::All | Self::Lines(_) => None,
            Self::Tickets(numbers) => Some(numbers),
        }
    }
}

/// When a line is to be instead.
#[derive(Clone, Debug)]
pub struct NewTimes {
    /// Which line, counted from 0.
    pub number: usize,
    /// When.
    pub when: When,
    /// What one costs (for a night), unless today's price.
    pub price: Option<Money>,
}

/// When a line is to be, in the way its kind is told.
#[derive(Clone, Debug)]
pub enum When {
    /// From one date to another.
    Stay(Stay),
    /// From an instant on; as long as before, unless the end is given.
    From(Timestamp, Option<Timestamp>),
    /// At another session of what is booked, in these seats or the best.
    Session(SessionId, Option<Vec<Seat>>),
}

/// Where a line is to be instead.
#[derive(Clone, Debug)]
pub struct NewPlace {
    /// Which line, counted from 0.
    pub number: usize,
    /// Where.
    pub place: Place,
}

/// Where a line is to be, in the way its kind is told.
#[derive(Clone, Debug)]
pub enum Place {
    /// With another resource.
    Resource(ResourceId),
    /// In other seats.
    Seats(Vec<Seat>),
}
