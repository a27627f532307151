//! Why nothing is free: what would have to go, at the least, to make room.

use daybook_domain::{resource::StayRefusal, schedule::NothingFree};

/// Why nothing is free. The greater, the nearer it is to being free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhyNot {
    /// It is not offered then, whoever has booked.
    Closed(Closed),
    /// It is booked for good, or there never was so much.
    Sold,
    /// Only holds for which a payment has been asked stand in the way.
    Unpaid,
    /// Holds stand in the way, which may end.
    Held,
}

/// In what way something is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closed {
    /// Its listing is not on offer, or nobody offers it.
    NotOffered,
    /// These are no opening hours, or none that are long enough.
    Hours,
    /// A day is closed by the terms of stays.
    Period,
    /// Somebody blocked it.
    Blocked,
    /// It is over, or too late to book what begins so soon.
    Notice,
    /// It is too early to book what begins so late.
    TooFarAhead,
    /// As many begin in that day, week or month as may.
    Limit,
    /// Nobody arrives on that day.
    ToArrival,
    /// Nobody departs on that day.
    ToDeparture,
    /// It must be longer.
    TooShort,
    /// It must be shorter.
    TooLong,
}

impl WhyNot {
    /// The name of the reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed(_) => "closed",
            Self::Held => "held",
            Self::Unpaid => "unpaid",
            Self::Sold => "sold",
        }
    }

    /// In what way it is closed, if it is.
    pub const fn detail(self) -> Option<Closed> {
        match self {
            Self::Closed(closed) => Some(closed),
            Self::Held | Self::Unpaid | Self::Sold => None,
        }
    }

    /// The reason of whichever came nearest, if none of some is free.
    pub(crate) fn of_all(found: impl Iterator<Item = Result<u32, Self>>) -> Option<Self> {
        let mut nearest = Self::Closed(Closed::NotOffered);
        for free in found {
            nearest = nearest.max(free.err()?);
        }
        Some(nearest)
    }

    /// What stands in the way of something that does not fit, told by what would fit if some of what is taken were not
    /// there. `fits` is asked with a test of what is still there.
    pub(crate) fn of(fits: impl Fn(&dyn Fn(By) -> bool) -> bool) -> Self {
        let without = |gone: &[By]| fits(&|by| !gone.contains(&by));
        if without(&[By::Hold]) {
            Self::Held
        } else if without(&[By::UnpaidHold]) {
            Self::Unpaid
        } else if without(&[By::Hold, By::UnpaidHold]) {
            Self::Held
        } else if without(&[By::Hold, By::UnpaidHold, By::Block]) {
            Self::Closed(Closed::Blocked)
        } else {
            Self::Sold
        }
    }
}

impl Closed {
    /// The name of the way.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::Hours => "hours",
            Self::Period => "period",
            Self::Blocked => "blocked",
            Self::Notice => "notice",
            Self::TooFarAhead => "too_far_ahead",
            Self::Limit => "limit",
            Self::ToArrival => "to_arrival",
            Self::ToDeparture => "to_departure",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
        }
    }

    /// In what way a schedule and its rules leave nothing; in none if it is only that somebody is busy.
    pub(crate) const fn of(why: NothingFree) -> Option<Self> {
        match why {
            NothingFree::Closed => Some(Self::Hours),
            NothingFree::Notice => Some(Self::Notice),
            NothingFree::TooFarAhead => Some(Self::TooFarAhead),
            NothingFree::Limit => Some(Self::Limit),
            NothingFree::Busy => None,
        }
    }
}

impl From<StayRefusal> for Closed {
    fn from(refusal: StayRefusal) -> Self {
        match refusal {
            StayRefusal::Closed(_) => Self::Period,
            StayRefusal::ClosedToArrival(_) => Self::ToArrival,
            StayRefusal::ClosedToDeparture(_) => Self::ToDeparture,
            StayRefusal::TooShort(_) => Self::TooShort,
            StayRefusal::TooLong(_) => Self::TooLong,
        }
    }
}

/// By what something is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// By a booking, for good.
    Booking,
    /// By a hold.
    Hold,
    /// By a hold for which a payment has been asked.
    UnpaidHold,
    /// By a block.
    Block,
}
