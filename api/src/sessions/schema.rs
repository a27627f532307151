//! How the parts of a session look in the OpenAPI document.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::Money;

/// Something that can be bought, such as `Adult` or `VIP with parking`.
#[derive(Debug, ToSchema, Serialize)]
pub struct SessionOffer {
    /// Its code: `a-z`, `0-9`, `-` and `_`, up to 40 characters.
    #[schema(example = "adult")]
    pub code: String,
    /// How it is called, by language tag.
    pub name: BTreeMap<String, String>,
    /// What one costs.
    pub price: Money,
    /// What one takes, of each pool; what an offer takes cannot change.
    #[schema(min_items = 1)]
    pub draws: Vec<OfferDraw>,
    /// The fewest of it in one order: 1, unless said otherwise.
    #[schema(minimum = 1, maximum = 10_000)]
    pub least: Option<u32>,
    /// The most of it in one order.
    #[schema(minimum = 1, maximum = 10_000)]
    pub most: Option<u32>,
    /// When it is on sale; each side it does not say is that of the session.
    pub sales: Option<SalesWindow>,
}

/// What one unit of an offer takes of a pool.
#[derive(Debug, ToSchema, Serialize)]
pub struct OfferDraw {
    /// The code of the pool.
    #[schema(example = "boat")]
    pub pool: String,
    /// How many of its places.
    #[schema(minimum = 1, maximum = 10_000, example = 1)]
    pub places: u32,
}

/// From when and until when something is on sale.
#[derive(Debug, ToSchema, Serialize)]
pub struct SalesWindow {
    /// The first instant of sale.
    pub opens: Option<DateTime<Utc>>,
    /// The first instant after the sale.
    pub closes: Option<DateTime<Utc>>,
}

/// How many units of offers may be bought, all offers together.
#[derive(Debug, ToSchema, Serialize)]
pub struct OrderLimits {
    /// In one order.
    #[schema(minimum = 1, maximum = 10_000)]
    pub per_order: Option<u32>,
    /// By one customer, in all orders.
    #[schema(minimum = 1, maximum = 10_000)]
    pub per_customer: Option<u32>,
}

/// Who is let in, when and where.
#[derive(Debug, ToSchema, Serialize)]
pub struct Admission {
    /// How many minutes before the start the gates open: 120, unless said otherwise. They close at the end.
    #[schema(minimum = 0, maximum = 527_040, example = 120)]
    pub opens_before: Option<u32>,
    /// Whether somebody who left may come in again.
    #[serde(default)]
    #[schema(required = false)]
    pub reentry: bool,
    /// The gates by their codes, each with the offers it is for; for all of them if it names none. Without gates any will
    /// do.
    #[serde(default)]
    #[schema(required = false, example = json!({"north": ["stalls"], "south": []}))]
    pub gates: BTreeMap<String, Vec<String>>,
}

/// A part of a seat map, its best row first.
#[derive(Debug, ToSchema, Serialize)]
pub struct SeatSection {
    /// Its code: `a-z`, `0-9`, `-` and `_`, up to 40 characters.
    #[schema(example = "stalls")]
    pub code: String,
    /// Its rows, the best first.
    #[schema(min_items = 1)]
    pub rows: Vec<SeatRow>,
}

/// Seats side by side. An aisle is told by making two rows of one.
#[derive(Debug, ToSchema, Serialize)]
pub struct SeatRow {
    /// Its name: up to 8 letters and digits.
    #[schema(example = "A")]
    pub name: String,
    /// The numbers of its seats, as they stand.
    #[schema(min_items = 1, example = json!([1, 2, 3, 4]))]
    pub seats: Vec<u16>,
}
