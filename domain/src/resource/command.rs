//! What can be asked of a resource, and why it may say no.

use super::{Content, Schedules, Services, StayRules, Terms};
use crate::values::{Currency, Limits, Money, Month, OrganizationId, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Have a new resource.
    Create {
        /// Whose it is.
        organization: OrganizationId,
        /// What it is.
        terms: Terms,
        /// In which currency its listing, or else its organization, sells.
        currency: Currency,
        /// What it says of itself.
        content: Content,
        /// How many there are.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Have it say this of itself from now on.
    Revise {
        /// All that it says.
        content: Content,
        /// All services it offers; nothing but staff offers any.
        services: Services,
        /// When.
        at: Timestamp,
    },
    /// Have more or fewer of it.
    ChangeLimits {
        /// How many there are from now on.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Ask another price of later bookings.
    ChangePrice {
        /// What one of it costs for a night from now on.
        price_per_night: Money,
        /// When.
        at: Timestamp,
    },
    /// Be open at other times from now on; what is booked stays.
    ChangeSchedules {
        /// All schedules.
        schedules: Schedules,
        /// When.
        at: Timestamp,
    },
    /// Ask something else of later stays.
    ChangeStayRules {
        /// All rules.
        rules: StayRules,
        /// When.
        at: Timestamp,
    },
    /// Take bookings for a month.
    OpenMonth {
        /// The month.
        month: Month,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such resource.
    #[error("there is no such resource")]
    NotFound,
    /// The resource was created before.
    #[error("the resource exists already")]
    AlreadyExists,
    /// The price is in another currency than the listing.
    #[error("the price is in {given}, the listing in {expected}")]
    CurrencyMismatch {
        /// The currency of the listing.
        expected: Currency,
        /// The currency of the price.
        given: Currency,
    },
    /// It has no price per night.
    #[error("the resource is not sold by the night")]
    NotSoldByNight,
    /// It has no schedule.
    #[error("the resource is not taken by the hour")]
    NotTakenByTime,
    /// It is nobody who could offer a service.
    #[error("only staff offer services")]
    NotStaff,
}
