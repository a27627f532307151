//! The names of the models.

use std::{fmt, str::FromStr};

/// Names a read model, in answers, on the command line and in the checkpoint table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelName {
    /// Whose all of it is.
    Organizations,
    /// What can be booked.
    Listings,
    /// What bookings occupy.
    Resources,
    /// The bookings as they stand.
    Bookings,
    /// The series of bookings as they stand.
    Series,
    /// The payments as they stand.
    Payments,
    /// How much is free on which day.
    Availability,
    /// What nobody may book.
    Blocks,
    /// What is sold of concerts, departures and classes, and how many places are left.
    Sessions,
    /// Measures per day.
    Analytics,
    /// Deadlines that somebody has to act on.
    Timers,
    /// When what is taken by the hour is busy.
    BusyTimes,
    /// Who books, as the staff know them.
    Customers,
    /// The tickets of bookings as they stand.
    Tickets,
    /// What customers are told.
    Notices,
    /// Who waits for what is sold out.
    WaitingEntries,
    /// What takes something off, and how often.
    Vouchers,
    /// What is sold beside what is booked.
    AddOns,
    /// What was invoiced and credited.
    Invoices,
    /// What bookings and payments mean in money.
    Ledger,
}

/// The text names no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no projection `{0}`")]
pub struct UnknownModel(String);

impl ModelName {
    /// All models.
    pub const ALL: [Self; 20] = [
        Self::Organizations,
        Self::Listings,
        Self::Resources,
        Self::Bookings,
        Self::Series,
        Self::Payments,
        Self::Availability,
        Self::Blocks,
        Self::Sessions,
        Self::Analytics,
        Self::Timers,
        Self::BusyTimes,
        Self::Customers,
        Self::Tickets,
        Self::Notices,
        Self::WaitingEntries,
        Self::Vouchers,
        Self::AddOns,
        Self::Invoices,
        Self::Ledger,
    ];

    /// The name as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Listings => "listings",
            Self::Resources => "resources",
            Self::Bookings => "bookings",
            Self::Series => "series",
            Self::Payments => "payments",
            Self::Availability => "availability",
            Self::Blocks => "blocks",
            Self::Sessions => "sessions",
            Self::Analytics => "analytics",
            Self::Timers => "timers",
            Self::BusyTimes => "busy_times",
            Self::Customers => "customers",
            Self::Tickets => "tickets",
            Self::Notices => "notices",
            Self::WaitingEntries => "waiting_entries",
            Self::Vouchers => "vouchers",
            Self::AddOns => "add_ons",
            Self::Invoices => "invoices",
            Self::Ledger => "ledger",
        }
    }

    /// The model's place in [`ModelName::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ModelName {
    type Err = UnknownModel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| UnknownModel(text.chars().take(64).collect()))
    }
}
