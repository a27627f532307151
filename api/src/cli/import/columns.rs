//! The columns the importer reads, found by their names in the header.

use anyhow::{Context, Result};

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Hotel,
    LeadTime,
    ArrivalYear,
    ArrivalMonth,
    ArrivalDay,
    WeekendNights,
    WeekNights,
    Adults,
    Children,
    Babies,
    Meal,
    Country,
    Segment,
    Channel,
    ReservedRoomType,
    AssignedRoomType,
    DepositType,
    Agent,
    Company,
    CustomerType,
    Rate,
    Status,
    StatusDate,
}

impl Column {
    /// The columns a booking carries for reports without a place of their own.
    pub(super) const EXTRAS: [Self; 5] =
        [Self::Meal, Self::Agent, Self::Company, Self::DepositType, Self::ReservedRoomType];

    const ALL: [Self; 23] = [
        Self::Hotel,
        Self::LeadTime,
        Self::ArrivalYear,
        Self::ArrivalMonth,
        Self::ArrivalDay,
        Self::WeekendNights,
        Self::WeekNights,
        Self::Adults,
        Self::Children,
        Self::Babies,
        Self::Meal,
        Self::Country,
        Self::Segment,
        Self::Channel,
        Self::ReservedRoomType,
        Self::AssignedRoomType,
        Self::DepositType,
        Self::Agent,
        Self::Company,
        Self::CustomerType,
        Self::Rate,
        Self::Status,
        Self::StatusDate,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hotel => "hotel",
            Self::LeadTime => "lead_time",
            Self::ArrivalYear => "arrival_date_year",
            Self::ArrivalMonth => "arrival_date_month",
            Self::ArrivalDay => "arrival_date_day_of_month",
            Self::WeekendNights => "stays_in_weekend_nights",
            Self::WeekNights => "stays_in_week_nights",
            Self::Adults => "adults",
            Self::Children => "children",
            Self::Babies => "babies",
            Self::Meal => "meal",
            Self::Country => "country",
            Self::Segment => "market_segment",
            Self::Channel => "distribution_channel",
            Self::ReservedRoomType => "reserved_room_type",
            Self::AssignedRoomType => "assigned_room_type",
            Self::DepositType => "deposit_type",
            Self::Agent => "agent",
            Self::Company => "company",
            Self::CustomerType => "customer_type",
            Self::Rate => "adr",
            Self::Status => "reservation_status",
            Self::StatusDate => "reservation_status_date",
        }
    }
}

/// Where each column stands.
pub(super) struct Columns {
    indices: [usize; Column::ALL.len()],
    width: usize,
}

impl Columns {
    /// Finds every column in the header.
    pub(super) fn try_new(header: &csv::StringRecord) -> Result<Self> {
        let mut indices = [0; Column::ALL.len()];
        for column in Column::ALL {
            indices[column as usize] = header
                .iter()
                .position(|name| name == column.name())
                .with_context(|| format!("the file has no column `{}`", column.name()))?;
        }
        Ok(Self { indices, width: header.len() })
    }

    /// How many fields a line has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn index(&self, column: Column) -> usize {
        self.indices[column as usize]
    }
}
