//! What can be asked of a voucher, and why it may say no.

use super::{Block, Discounts, Terms};
use crate::values::{
    BookingId, Currency, CustomerId, Money, MoneyError, OrganizationId, Timestamp, VoucherCode,
};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Give it out.
    Create {
        /// Whose it is.
        organization: OrganizationId,
        /// What people type in.
        code: VoucherCode,
        /// The currency of its amounts.
        currency: Currency,
        /// What it promises.
        terms: Box<Terms>,
        /// When.
        at: Timestamp,
    },
    /// Promise this from now on; who uses it already keeps what was promised.
    Revise {
        /// All that it promises.
        terms: Box<Terms>,
        /// When.
        at: Timestamp,
    },
    /// Let nobody use it any more; who uses it already keeps what was promised.
    Withdraw {
        /// When.
        at: Timestamp,
    },
    /// Let a booking use it.
    Use {
        /// Which booking.
        booking: BookingId,
        /// What it asks for.
        redemption: Redemption,
        /// Until when, unless for good.
        until: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Let a booking that uses it have another discount.
    ChangeUse {
        /// Which booking.
        booking: BookingId,
        /// How much it takes off from now on.
        given: Money,
        /// What it has from now on of what is set aside.
        drawn: Vec<Block>,
        /// When.
        at: Timestamp,
    },
    /// Let a booking use it until another deadline.
    ExtendUse {
        /// Which booking.
        booking: BookingId,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Let a booking use it for good.
    ConfirmUse {
        /// Which booking.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
    /// Take a use back.
    ReturnUse {
        /// Whose.
        booking: BookingId,
        /// When.
        at: Timestamp,
    },
}

/// What a booking asks of a voucher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Who books.
    pub customer: CustomerId,
    /// What the voucher comes to for what is booked.
    pub discounts: Discounts,
    /// What is taken of what is set aside.
    pub drawn: Vec<Block>,
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such voucher.
    #[error("there is no such voucher")]
    NotFound,
    /// The organization has one with this code.
    #[error("the organization has a voucher with this code")]
    AlreadyExists,
    /// It can no longer be used.
    #[error("the voucher was withdrawn")]
    Withdrawn,
    /// It cannot be used yet.
    #[error("the voucher can be used from {from} on")]
    NotYetValid {
        /// The first instant.
        from: Timestamp,
    },
    /// It can no longer be used.
    #[error("the voucher expired at {at}")]
    Expired {
        /// The first instant after it.
        at: Timestamp,
    },
    /// It was used as often as it can be.
    #[error("the voucher can be used {max} times, and was")]
    UsedUp {
        /// How often it can be used.
        max: u32,
    },
    /// The customer used it as often as one can.
    #[error("each customer can use the voucher {max} times, and this one has")]
    CustomerUsedUp {
        /// How often one customer can use it.
        max: u32,
    },
    /// It has not so much left to give.
    #[error("the voucher would take {asked} off, and has {left} left to give")]
    Budget {
        /// How much is left.
        left: Money,
        /// How much it would take off.
        asked: Money,
    },
    /// Too little is booked.
    #[error("the voucher is for orders of at least {least}")]
    Minimum {
        /// How much must be booked.
        least: Money,
    },
    /// Nothing of what is booked is what the voucher is for.
    #[error("the voucher is not for what is booked")]
    NotForThis,
    /// It is in another currency.
    #[error("the voucher is in {0}")]
    CurrencyMismatch(Currency),
    /// The booking uses it already.
    #[error("the booking uses the voucher already")]
    AlreadyUsed,
    /// The booking does not use it.
    #[error("the booking does not use the voucher")]
    NotUsed,
    /// The booking's hold ended, and others used the voucher since.
    #[error("the hold ended at {at}")]
    HoldEnded {
        /// The deadline.
        at: Timestamp,
    },
    /// The amounts do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
