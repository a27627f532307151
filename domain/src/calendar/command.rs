//! What can be asked of a calendar, and why it may say no.

use super::{Extent, Point, SoldBy, Take};
use crate::values::{BlockId, BookingId, Limits, Month, Reason, Timestamp, VoucherId};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take bookings for this month.
    Open {
        /// The month.
        month: Month,
        /// In what it is sold.
        sold_by: SoldBy,
        /// How many there are.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Have more or fewer; nothing that was promised is taken back.
    ChangeLimits {
        /// How many there are from now on.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Take days or times for a booking: all of them, or none.
    Allocate {
        /// For whom.
        booking: BookingId,
        /// Which, and how many of each.
        takes: Vec<Take>,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Keep what a booking holds for good.
    Confirm {
        /// Whose hold.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// Take others instead: the old ones are given up if the new ones can be had, else nothing changes.
    Reallocate {
        /// For whom.
        booking: BookingId,
        /// Which from now on; none gives everything up.
        takes: Vec<Take>,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Give up what a booking takes.
    Release {
        /// Whose.
        booking: BookingId,
        /// From where on, unless all of it. Who wants a buffer after the new end adds it.
        from: Option<Point>,
        /// When.
        at: Timestamp,
    },
    /// Take days or times for nobody, so that nobody can have them: all of them, or none.
    Block {
        /// The new block.
        block: BlockId,
        /// Which, and how many of each.
        takes: Vec<Take>,
        /// What for.
        reason: Reason,
        /// When.
        at: Timestamp,
    },
    /// Let what was blocked be booked again.
    Unblock {
        /// Which block.
        block: BlockId,
        /// When.
        at: Timestamp,
    },
    /// Set aside for whoever uses a voucher what lies in this month of some days or times, and nothing else.
    SetAside {
        /// The voucher.
        voucher: VoucherId,
        /// Which from now on; none gives everything up.
        takes: Vec<Take>,
        /// Until when.
        until: Timestamp,
        /// How much of it.
        how_much: Aside,
        /// When.
        at: Timestamp,
    },
    /// Take others instead for a booking, as `Reallocate` does, partly out of what is set aside for a voucher: both, or
    /// nothing changes.
    Draw {
        /// The voucher.
        voucher: VoucherId,
        /// What it has less of from now on.
        drawn: Vec<Take>,
        /// For whom.
        booking: BookingId,
        /// Which from now on; none gives everything up.
        takes: Vec<Take>,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
}

/// How much is to be set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// All that is asked for, or it is refused.
    Whole,
    /// What is free of it.
    AsFarAsFree,
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The month takes no bookings yet.
    #[error("the calendar is not open")]
    NotOpen,
    /// The calendar was opened for another month.
    #[error("this is the calendar of {month}")]
    OtherMonth {
        /// The month it was opened for.
        month: Month,
    },
    /// Days were asked of a calendar that is sold by times, or a time of one that is sold by nights.
    #[error("days and times cannot be had of the same calendar")]
    OtherShape,
    /// Not all of what was asked for is in the month.
    #[error("a day lies outside {month}")]
    OutsideMonth {
        /// The month of the calendar.
        month: Month,
    },
    /// The booking takes something here already.
    #[error("the booking is allocated already")]
    AlreadyAllocated,
    /// The booking takes nothing here.
    #[error("the booking is not allocated")]
    NotAllocated,
    /// The block takes something else here.
    #[error("the block takes something else already")]
    AlreadyBlocked,
    /// Somewhere fewer are free than were asked for.
    #[error("{place} {free} are free and {asked} were asked for")]
    SoldOut {
        /// The first day that does not fit, or the first stretch of time on which equally many are free.
        place: Extent,
        /// How many are free there.
        free: u32,
        /// How many were asked for there.
        asked: u32,
        /// What stands in the way.
        obstacle: Obstacle,
    },
    /// The deadline is not in the future.
    #[error("the deadline at {at} has passed")]
    DeadlinePassed {
        /// The deadline.
        at: Timestamp,
    },
    /// The hold ended at its deadline.
    #[error("the hold ended at {at}")]
    HoldEnded {
        /// The deadline.
        at: Timestamp,
    },
    /// Nothing was asked for.
    #[error("no day was asked for")]
    NothingAsked,
}

/// What stands in the way of a take: what would have to go, at the least, to make room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Holds, which may end.
    Held,
    /// Holds for those who waited for it.
    WaitingList,
    /// Blocks, which may be lifted, and perhaps holds.
    Blocked,
    /// Bookings that are made for good, or there never were so many.
    Sold,
}

impl Obstacle {
    /// The obstacle as it is written in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::WaitingList => "waiting_list",
            Self::Blocked => "blocked",
            Self::Sold => "sold",
        }
    }
}
