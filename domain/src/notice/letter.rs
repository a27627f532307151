//! What a notice tells, in figures: the text is made of it by a template whenever somebody reads it.

use serde::{Deserialize, Serialize};

use crate::values::{
    BookingId, CustomerId, Language, ListingId, LocalizedText, Money, OrganizationId, Quantity,
    Timestamp, Zone,
};

/// What is told to whom, in which language, by which templates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Who is told.
    pub customer: CustomerId,
    /// In which language.
    pub language: Language,
    /// The edition of the templates, so that what was told can still be read when they have changed.
    pub template: u16,
    /// What is told.
    pub message: Message,
    /// Of what.
    pub topic: Topic,
}

/// What a notice is about, as it stood when it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Whose customer is told.
    pub organization: OrganizationId,
    /// What the organization is called, if it is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<LocalizedText>,
    /// The listing.
    pub listing: ListingId,
    /// What the listing is called.
    pub title: LocalizedText,
    /// The booking; none where somebody waits for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<BookingId>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Where the wall clock hangs.
    pub zone: Zone,
    /// How many nights it is, of something that is sold by the night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nights: Option<u32>,
    /// How many lines are booked.
    pub lines: Quantity,
    /// What it costs altogether.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
}

/// What is told, with the figures that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// It waits for approval.
    Requested {
        /// Until when.
        until: Timestamp,
    },
    /// It is kept until a deadline.
    Held {
        /// Until when.
        until: Timestamp,
    },
    /// It is kept for good.
    Confirmed {},
    /// What was requested was turned down.
    Declined {},
    /// Something about it is different.
    Changed {
        /// What was done.
        change: Change,
        /// What it cost before.
        before: Money,
        /// What is kept for what was called off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
    },
    /// It was called off.
    Cancelled {
        /// What is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
    },
    /// The request or the hold ended by itself.
    Lapsed {},
    /// Whoever waits may book now.
    WaitingListOffer {
        /// Until when.
        until: Timestamp,
    },
    /// It begins soon.
    Reminder {},
    /// The guest did not come.
    NoShow {
        /// What is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fee: Option<Money>,
        /// What is given back of what was paid.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<Money>,
    },
    /// Money is on its way back.
    Refunded {
        /// How much this time.
        amount: Money,
    },
}

/// What was done to a booking that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Something else is booked instead.
    Amended,
    /// The same is booked for other times.
    Rescheduled,
    /// The same is booked for the same times elsewhere.
    Moved,
    /// Some of it was called off.
    LinesCancelled,
}

/// The kinds of notices, as customers and settings know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It waits for approval.
    Requested,
    /// It is kept until a deadline.
    Held,
    /// It is kept for good.
    Confirmed,
    /// What was requested was turned down.
    Declined,
    /// Something about it is different.
    Changed,
    /// It was called off.
    Cancelled,
    /// The request or the hold ended by itself.
    Lapsed,
    /// Whoever waits may book now.
    WaitingListOffer,
    /// It begins soon.
    Reminder,
    /// The guest did not come.
    NoShow,
    /// Money is on its way back.
    Refunded,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Requested,
        Self::Held,
        Self::Confirmed,
        Self::Declined,
        Self::Changed,
        Self::Cancelled,
        Self::Lapsed,
        Self::WaitingListOffer,
        Self::Reminder,
        Self::NoShow,
        Self::Refunded,
    ];

    /// The kind as it is written in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
            Self::Changed => "changed",
            Self::Cancelled => "cancelled",
            Self::Lapsed => "lapsed",
            Self::WaitingListOffer => "waiting_list_offer",
            Self::Reminder => "reminder",
            Self::NoShow => "no_show",
            Self::Refunded => "refunded",
        }
    }
}

impl Message {
    /// Of which kind it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Requested { .. } => Kind::Requested,
            Self::Held { .. } => Kind::Held,
            Self::Confirmed {} => Kind::Confirmed,
            Self::Declined {} => Kind::Declined,
            Self::Changed { .. } => Kind::Changed,
            Self::Cancelled { .. } => Kind::Cancelled,
            Self::Lapsed {} => Kind::Lapsed,
            Self::WaitingListOffer { .. } => Kind::WaitingListOffer,
            Self::Reminder {} => Kind::Reminder,
            Self::NoShow { .. } => Kind::NoShow,
            Self::Refunded { .. } => Kind::Refunded,
        }
    }
}
