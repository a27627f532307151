//! What can be asked of a booking, and why it may say no.

use chrono::NaiveDate;

use super::{CancelTerms, ChangeTerms, Lines, Paid, Portion, Terms};
use crate::values::{CancellationQuoteId, MoneyError, Party, Reason, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Keep it until somebody approves it or declines it, or a deadline comes.
    Request {
        /// What is booked, by whom, for how much.
        terms: Terms,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Keep it until a deadline.
    Hold {
        /// What is booked, by whom, for how much.
        terms: Terms,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Keep it for good, at once.
    Book {
        /// What is booked, by whom, for how much.
        terms: Terms,
        /// When.
        at: Timestamp,
    },
    /// Agree to what was requested.
    Approve {
        /// Until when it is held from now on, unless it is confirmed at once.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Turn down what was requested.
    Decline {
        /// Why, in the words of whoever turns it down.
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// Give a request or a hold more time.
    Extend {
        /// Until when, from now on.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Keep for good what is held.
    Confirm {
        /// When.
        at: Timestamp,
    },
    /// Keep for good what was held, although its deadline may have come. Its places are to be taken again.
    ConfirmLate {
        /// When.
        at: Timestamp,
    },
    /// Book something else instead.
    Amend {
        /// What is booked from now on, all of it.
        lines: Lines,
        /// Who comes along from now on.
        party: Party,
        /// What is known about the money.
        terms: ChangeTerms,
        /// When.
        at: Timestamp,
    },
    /// Book the same for other times.
    Reschedule {
        /// All lines, those that stay as they were included.
        lines: Lines,
        /// What is known about the money.
        terms: ChangeTerms,
        /// When.
        at: Timestamp,
    },
    /// Book the same for the same times with other resources, or in other seats.
    Move {
        /// All lines, those that stay as they were included.
        lines: Lines,
        /// When.
        at: Timestamp,
    },
    /// Call a portion off; at least one line, or a part of one, has to stay.
    CancelPortion {
        /// Which portion of the booking as it stands.
        portion: Portion,
        /// Why, in the words of whoever calls them off.
        reason: Option<Reason>,
        /// What is known about the money.
        terms: CancelTerms,
        /// When.
        at: Timestamp,
    },
    /// Record that the guest has come.
    CheckIn {
        /// When.
        at: Timestamp,
    },
    /// Record that the guest has left.
    CheckOut {
        /// When.
        at: Timestamp,
    },
    /// Tell what calling it off, or some lines of it, would cost, and keep to that for a while.
    QuoteCancellation {
        /// What the answer is known by.
        quote: CancellationQuoteId,
        /// Which portion.
        portion: Portion,
        /// What was paid so far.
        paid: Option<Paid>,
        /// When.
        at: Timestamp,
    },
    /// Record that the guest did not come.
    NoShow {
        /// What was paid so far.
        paid: Option<Paid>,
        /// When.
        at: Timestamp,
    },
    /// Call it off.
    Cancel {
        /// Why, in the words of whoever calls it off.
        reason: Option<Reason>,
        /// What is known about the money.
        terms: CancelTerms,
        /// When.
        at: Timestamp,
    },
    /// Record that the hold has ended.
    Lapse {
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such booking.
    #[error("there is no such booking")]
    NotFound,
    /// The booking was made before.
    #[error("the booking exists already")]
    AlreadyExists,
    /// The deadline is not in the future.
    #[error("the deadline at {at} has passed")]
    DeadlinePassed {
        /// The deadline.
        at: Timestamp,
    },
    /// Nobody can come any more to what has ended.
    #[error("what is to be booked was over at {at}")]
    Over {
        /// When the first such line ended.
        at: Timestamp,
    },
    /// Nobody has approved the booking yet.
    #[error("the booking waits for approval")]
    NotApproved,
    /// The booking does not wait for approval, and never did or was approved by being confirmed.
    #[error("the booking does not wait for approval")]
    NotRequested,
    /// The request was turned down.
    #[error("the request was declined")]
    Declined,
    /// A deadline can only be put off.
    #[error("the booking is held until {until} already")]
    NotLater {
        /// The present deadline.
        until: Timestamp,
    },
    /// There is no such line.
    #[error("the booking has no line {number}")]
    UnknownLine {
        /// The number asked for, counted from 0.
        number: usize,
    },
    /// A line has no such places.
    #[error("line {number} has no such places")]
    UnknownPlaces {
        /// The number of the line, counted from 0.
        number: usize,
    },
    /// The places of a line are for guests who pay differently, and it is not said which of them stay away.
    #[error("line {number} is for guests who pay differently: amend it, and say who still comes")]
    GuestsUnclear {
        /// The number of the line, counted from 0.
        number: usize,
    },
    /// By what was agreed it is too late for a change.
    #[error("by what was agreed, it could be changed until {at}")]
    TooLateToChange {
        /// Until when it could, that instant included.
        at: Timestamp,
    },
    /// No line would be left.
    #[error("no line would be left: cancel the booking")]
    NothingLeft,
    /// A reschedule would change more than when.
    #[error("a reschedule changes the time of line {number} and nothing else")]
    NotOnlyTheTime {
        /// The first line that would change otherwise, counted from 0.
        number: usize,
    },
    /// A move would change more than where.
    #[error("a move changes the resource or the seats of line {number} and nothing else")]
    NotOnlyThePlace {
        /// The first line that would change otherwise, counted from 0.
        number: usize,
    },
    /// The hold ended at its deadline.
    #[error("the hold ended at {at}")]
    HoldEnded {
        /// The deadline.
        at: Timestamp,
    },
    /// The hold has not ended yet.
    #[error("the booking is held until {until}")]
    StillHeld {
        /// The deadline.
        until: Timestamp,
    },
    /// The booking is no hold that could end.
    #[error("the booking is not held")]
    NotHeld,
    /// The hold ended and that was recorded.
    #[error("the hold has lapsed")]
    Lapsed,
    /// The booking was called off.
    #[error("the booking was cancelled")]
    Cancelled,
    /// The booking is only held.
    #[error("the booking is not confirmed")]
    NotConfirmed,
    /// The booking is kept for good.
    #[error("the booking is confirmed")]
    AlreadyConfirmed,
    /// The guest is here.
    #[error("the guest has checked in")]
    AlreadyCheckedIn,
    /// The guest has not come yet.
    #[error("the guest has not checked in")]
    NotCheckedIn,
    /// The guest cannot leave before coming.
    #[error("the guest checked in at {at}")]
    BeforeCheckIn {
        /// When the guest came.
        at: Timestamp,
    },
    /// The guest has left.
    #[error("the stay is over")]
    Completed,
    /// The guest never came.
    #[error("the guest did not come")]
    NoShow,
    /// The guest is expected on a later day.
    #[error("the guest is expected on {on}")]
    ArrivalNotYet {
        /// The date of arrival where the listing is.
        on: NaiveDate,
    },
    /// There is no such quote, or it was told before the booking became what it is.
    #[error("this is not what calling the booking off was last said to cost")]
    UnknownQuote,
    /// The quote was for other lines.
    #[error("the quote is for other lines")]
    QuotedOtherwise,
    /// The quote holds no more.
    #[error("the quote held until {at}")]
    QuoteExpired {
        /// Until when it held.
        at: Timestamp,
    },
    /// The amounts do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The new lines are priced in another currency.
    #[error("a booking stays in the currency it was made in")]
    CurrencyMismatch,
}
