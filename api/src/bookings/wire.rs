//! What clients send about bookings, and how it becomes what the domain takes.

use chrono::{SubsecRound, TimeDelta};
use daybook_domain::{
    quote,
    values::{
        BookingId, CancellationQuoteId, CustomerId, Dimensions, ListingId, Party, QuoteId, Reason,
        TicketNumber, Timestamp, VoucherCode,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::lines::{self, AddOnBody, NewLineBody, Offering};
use crate::{
    bus::{self, Change, Gone, NewBooking, NewLine, Quoted},
    extract::CommandBody,
    problem::Problem,
    wire::{self, NewId, chosen, named_by},
};

/// The longest hold: thirty days.
const LONGEST_HOLD: u32 = 43_200;

/// A booking to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeBooking {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// The quote that is booked: exactly that at exactly that price, once, until it expires. Then neither `listing_id`,
    /// `lines`, `party` nor `voucher_code` is given.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    quote_id: Option<QuoteId>,
    /// What listing is booked.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    listing_id: Option<ListingId>,
    /// Who books.
    #[schema(value_type = Uuid)]
    customer_id: CustomerId,
    /// What is booked.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    lines: Option<Vec<NewLineBody>>,
    /// Add-ons beside the lines.
    #[serde(default)]
    #[schema(required = false, max_items = 20)]
    add_ons: Vec<AddOnBody>,
    /// Who comes along: one adult unless said otherwise.
    #[serde(default)]
    party: Option<PartyBody>,
    /// The code of the voucher that is used, in whatever case; one of the listing's organization.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "SUMMER10")]
    voucher_code: Option<VoucherCode>,
    /// What reports group the booking by.
    #[serde(default)]
    #[schema(value_type = DimensionsBody, required = false)]
    dimensions: Dimensions,
    /// Whether it waits for approval, as bookings of a listing with `on_request` always do: until the deadline, or for
    /// a day.
    #[serde(default)]
    request: bool,
    /// For how many minutes the places are held.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 43200, example = 15)]
    hold_minutes: Option<u32>,
    /// Until when the places are held.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    hold_until: Option<Timestamp>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Who comes along.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Party)]
pub struct PartyBody {
    /// How many adults.
    #[schema(maximum = 1000)]
    adults: u16,
    /// How many children.
    #[serde(default)]
    #[schema(maximum = 1000)]
    children: u16,
    /// How many babies.
    #[serde(default)]
    #[schema(maximum = 1000)]
    babies: u16,
}

impl Default for PartyBody {
    fn default() -> Self {
        Self { adults: 1, children: 0, babies: 0 }
    }
}

/// What reports group a booking by; labels of 1 to 64 characters.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dimensions)]
pub struct DimensionsBody {
    /// Through which channel it was sold.
    pub channel: Option<String>,
    /// To which market segment.
    pub segment: Option<String>,
    /// From which country the customer comes.
    pub country: Option<String>,
    /// What kind of customer it is.
    pub customer_type: Option<String>,
    /// Up to 16 further ones by name.
    #[schema(required = false)]
    pub extra: std::collections::BTreeMap<String, String>,
}

/// The answer to a booking made.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingMade {
    /// The booking.
    pub id: Uuid,
    /// `held` or `confirmed`.
    #[schema(example = "confirmed")]
    pub status: String,
    /// What it costs altogether.
    pub total: wire::Money,
    /// Until when it is held.
    #[schema(format = DateTime)]
    pub hold_until: Option<String>,
    /// The position of the command's last event.
    pub position: i64,
}

/// The answer to a change of what is booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingChanged {
    /// The booking.
    pub id: Uuid,
    /// How far it has come.
    #[schema(example = "confirmed")]
    pub status: String,
    /// What it costs from now on, unless all of it was called off.
    pub total: Option<wire::Money>,
    /// By how much that is more than before, or less with a minus.
    pub difference: Option<Difference>,
    /// What is kept, if a policy was agreed.
    pub fee: Option<wire::Money>,
    /// What is to be given back of what was paid, if a policy was agreed.
    pub refund: Option<wire::Money>,
    /// The position of the command's last event.
    pub position: i64,
}

/// By how much an amount rises, or falls.
#[derive(Debug, Serialize, ToSchema)]
pub struct Difference {
    /// In minor units of the currency.
    #[schema(example = -4500)]
    pub minor: i64,
    /// The currency.
    #[schema(example = "USD")]
    pub currency: String,
}

/// What a booking should be instead; what is not given stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendBooking {
    /// The quote that is booked instead: exactly that at exactly that price, once, until it expires. Then neither `lines`
    /// nor `party` is given.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub(super) quote_id: Option<QuoteId>,
    /// All lines.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    lines: Option<Vec<NewLineBody>>,
    /// All add-ons.
    #[serde(default)]
    #[schema(max_items = 20)]
    add_ons: Option<Vec<AddOnBody>>,
    /// Who comes along.
    #[serde(default)]
    party: Option<PartyBody>,
    /// Whether the policy does not count: neither its deadline for changes nor what they cost (needs the right
    /// `set_price`).
    #[serde(default)]
    pub(super) waive_fee: bool,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Which lines are called off, if not all, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBooking {
    /// Only these lines, counted from 0 in the order of the booking.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50, example = json!([1]))]
    lines: Option<Vec<usize>>,
    /// Only the places of these tickets.
    #[serde(default)]
    #[schema(value_type = Option<Vec<u32>>, min_items = 1, max_items = 1000, example = json!([3]))]
    tickets: Option<Vec<TicketNumber>>,
    /// Why, in the words of whoever calls it off.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub(super) reason: Option<Reason>,
    /// What calling it off was said to cost, by the id of that answer; if not given, it costs what it does now.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub(super) cancellation_quote_id: Option<CancellationQuoteId>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CancelBooking {
    /// What is called off.
    pub(super) fn gone(&self) -> Result<Gone, Problem> {
        gone(self.lines.as_deref(), self.tickets.as_deref())
    }
}

/// What is called off, told by lines or tickets or neither.
pub(super) fn gone(
    lines: Option<&[usize]>,
    tickets: Option<&[TicketNumber]>,
) -> Result<Gone, Problem> {
    match (lines, tickets) {
        (None, None) => Ok(Gone::All),
        (Some([]), _) => Err(Problem::bad_value("/lines", "name at least one line")),
        (_, Some([])) => Err(Problem::bad_value("/tickets", "name at least one ticket")),
        (Some(lines), None) => Ok(Gone::Lines(lines.iter().copied().collect())),
        (None, Some(tickets)) => Ok(Gone::Tickets(tickets.iter().copied().collect())),
        (Some(_), Some(_)) => {
            Err(Problem::bad_value("/tickets", "give `lines` or `tickets`, not both"))
        }
    }
}

impl CommandBody for MakeBooking {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for AmendBooking {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for CancelBooking {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl MakeBooking {
    /// Whether a line brings its own price.
    pub(super) fn sets_prices(&self) -> bool {
        self.lines.as_deref().is_some_and(lines::set_prices)
    }

    /// The listings for which whatever is free is wanted.
    pub(super) fn wanted(&self) -> Vec<ListingId> {
        self.lines.as_deref().map_or_else(Vec::new, |all| lines::wanted(all, self.listing_id))
    }

    /// The quote that is booked, if one is.
    pub(super) fn quote(&self) -> Option<QuoteId> {
        self.quote_id
    }

    /// The booking, if its parts fit together.
    pub(super) fn checked(
        mut self,
        offering: &Offering,
        at: Timestamp,
    ) -> Result<NewBooking, Problem> {
        let listing = needed("listing_id", self.listing_id)?;
        let lines = needed("lines", self.lines.take())?;
        let mut lines = lines::checked(lines, Some(listing), offering)?;
        lines.extend(lines::add_ons(std::mem::take(&mut self.add_ons), lines.len())?);
        let party = self.party.unwrap_or_default().checked()?;
        self.made(listing, lines, party, None, at)
    }

    /// The booking of a quote.
    pub(super) fn of_quote(
        self,
        id: QuoteId,
        terms: &quote::Terms,
        at: Timestamp,
    ) -> Result<NewBooking, Problem> {
        said_by_quote([
            ("/listing_id", self.listing_id.is_some()),
            ("/lines", self.lines.is_some()),
            ("/add_ons", !self.add_ons.is_empty()),
            ("/party", self.party.is_some()),
            ("/voucher_code", self.voucher_code.is_some()),
        ])?;
        let lines = bus::lines_of(terms);
        self.made(terms.listing, lines, terms.party, Some(Quoted::new(id, terms)), at)
    }

    fn made(
        self,
        listing: ListingId,
        lines: Vec<NewLine>,
        party: Party,
        quote: Option<Quoted>,
        at: Timestamp,
    ) -> Result<NewBooking, Problem> {
        Ok(NewBooking {
            id: BookingId::from_uuid(chosen(self.id)),
            named_by: named_by(self.id),
            listing,
            customer: self.customer_id,
            lines,
            party,
            dimensions: self.dimensions,
            request: self.request,
            until: deadline(self.hold_minutes, self.hold_until, at)?,
            quote,
            voucher: self.voucher_code,
            at,
        })
    }
}

/// Refuses what is given beside a quote that says it.
fn said_by_quote<const N: usize>(given: [(&str, bool); N]) -> Result<(), Problem> {
    match given.into_iter().find(|(_, given)| *given) {
        Some((field, _)) => {
            Err(Problem::bad_value(field, "the quote says what is booked, and for whom"))
        }
        None => Ok(()),
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, Problem> {
    let missing = || Problem::bad_value(format!("/{field}"), format!("`{field}` is missing"));
    value.ok_or_else(missing)
}

/// The deadline of a hold, given in one of two ways.
pub(crate) fn deadline(
    minutes: Option<u32>,
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let until = match (minutes, until) {
        (None, None) => None,
        (None, Some(until)) => Some(until.trunc_subsecs(6)),
        (Some(minutes), None) if (1..=LONGEST_HOLD).contains(&minutes) => {
            Some(at + TimeDelta::minutes(minutes.into()))
        }
        (Some(_), None) => {
            let detail = format!("a hold lasts 1 to {LONGEST_HOLD} minutes");
            return Err(Problem::bad_value("/hold_minutes", detail));
        }
        (Some(_), Some(_)) => {
            let detail = "give `hold_minutes` or `hold_until`, not both";
            return Err(Problem::bad_value("/hold_until", detail));
        }
    };
    if until.is_some_and(|until| until > at + TimeDelta::minutes(LONGEST_HOLD.into())) {
        let detail = format!("a hold lasts at most {LONGEST_HOLD} minutes");
        return Err(Problem::bad_value("/hold_until", detail));
    }
    Ok(until)
}

impl AmendBooking {
    /// Whether a line brings its own price.
    pub(super) fn sets_prices(&self) -> bool {
        self.lines.as_deref().is_some_and(lines::set_prices)
    }

    /// The listings for which whatever is free is wanted.
    pub(super) fn wanted(&self) -> Vec<ListingId> {
        self.lines.as_deref().map_or_else(Vec::new, |lines| lines::wanted(lines, None))
    }

    /// The amendment, if its parts fit together.
    pub(super) fn checked(self, offering: &Offering) -> Result<Change, Problem> {
        let party = self.party.map(PartyBody::checked).transpose()?;
        let lines = self.lines.map(|lines| lines::checked(lines, None, offering)).transpose()?;
        let others = lines.as_ref().map_or(0, Vec::len);
        let add_ons = self.add_ons.map(|add_ons| lines::add_ons(add_ons, others)).transpose()?;
        Ok(Change::Amend { lines, add_ons, party, quote: None })
    }

    /// What a quote makes of the booking.
    pub(super) fn of_quote(self, id: QuoteId, terms: &quote::Terms) -> Result<Change, Problem> {
        said_by_quote([
            ("/lines", self.lines.is_some()),
            ("/add_ons", self.add_ons.is_some()),
            ("/party", self.party.is_some()),
        ])?;
        if terms.voucher.is_some() {
            // its discount would be had without a use of the voucher
            let detail = "the quote uses a voucher: it can be booked, but no booking amended to it";
            return Err(Problem::bad_value("/quote_id", detail));
        }
        let (lines, party) = (Some(bus::lines_of(terms)), Some(terms.party));
        // those of the quote are among its lines
        Ok(Change::Amend { lines, add_ons: Some(Vec::new()), party, quote: Some(id) })
    }
}

impl PartyBody {
    pub(crate) fn checked(self) -> Result<Party, Problem> {
        Party::try_new(self.adults, self.children, self.babies)
            .map_err(|error| Problem::bad_value("/party", error.to_string()))
    }
}
