//! The read models: what the log means to those who ask.
//!
//! Every model folds the log's events, by key, into rows of its own tables. A runner takes a batch of events, folds it
//! in memory, and writes the rows and the checkpoint in one transaction, so that each event lands exactly once. A model
//! can be deleted and built again from position zero at any time, beside the live one, while queries go on; and it can
//! be compared with what the log says.
//!
//! * [`Projections`] runs the models of this process, rebuilds and verifies them
//! * [`Queries`] answers from the live tables
//! * [`ModelName`] names the models

mod engine;
mod error;
mod models;
mod name;
mod projections;
mod queries;

pub use engine::{Difference, RebuildReport, VerifyReport};
pub use error::ProjectionError;
pub use models::add_ons::{AddOnFilter, AddOnView};
pub use models::analytics::query::{
    AnalyticsAnswer, AnalyticsQuery, AnalyticsRow, Dimension, GroupBy, Measured, UnknownDimension,
};
pub use models::availability::query::{
    AvailabilityAnswer, AvailabilityDay, AvailabilityOf, DayTerms,
};
pub use models::availability::stays::{StayFound, StaysAnswer, StaysWanted};
pub use models::blocks::{BlockView, BlocksAnswer};
pub use models::bookings::{BookingView, query::BookingFilter};
pub use models::busy_times::rooms::{RoomFound, RoomsAnswer, RoomsWanted};
pub use models::busy_times::slots::{SlotsAnswer, SlotsWanted};
pub use models::customers::{
    CustomerView,
    query::{CustomerFilter, Duplicate, Likeness},
};
pub use models::invoices::{InvoiceFilter, InvoiceView};
pub use models::kept::Span;
pub use models::ledger::query::{
    Balance, EntryFilter, EntryView, PayoutView, PayoutsAnswer, Statement,
};
pub use models::listings::{ListingFilter, ListingView};
pub use models::notices::{NoticeView, query::NoticeFilter};
pub use models::organizations::OrganizationView;
pub use models::payments::PaymentView;
pub use models::resources::{ResourceFilter, ResourceView};
pub use models::series::{
    OccurrenceView, SeriesView, Standing,
    query::{SeriesFilter, SeriesSummary},
};
pub use models::sessions::{
    places::{OfferPlaces, PoolPlaces, Unavailable},
    query::{SeatState, SessionFilter, SessionView},
};
pub use models::tickets::query::{Attendance, GateList, GateListWanted, GateTicket};
pub use models::timers::Due;
pub use models::vouchers::{VoucherFilter, VoucherStanding, VoucherState, VoucherView};
pub use models::waiting_entries::{
    WaitingEntryView,
    query::{QueuedEntry, WaitingFilter},
};
pub use models::why_not::{Closed, WhyNot};
pub use name::{ModelName, UnknownModel};
pub use projections::{ModelStatus, Projections, ProjectionsSettings, Rebuilding};
pub use queries::{Cursor, Named, Page, PageRequest, Queries, UnreadableCursor, View};
