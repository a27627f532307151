//! What a session sells, as it comes in and goes out.

use daybook_domain::{
    allotment::{
        Admission, Allotment, Change, Command, Details, Event, Offer, OrderLimits, Pool as Counted,
        Refusal, SeatMap, Session,
    },
    values::{
        Capacity, Code, Currency, Limits, ListingId, LocalizedText, SalesWindow, TimeRange,
        Timestamp, Zone,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{misfit::misfit, schema};
use crate::{patch::MergePatch, problem::Problem};

/// What a session sells. Pools, offers and seats may be added and none removed; what an offer draws stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionContent {
    /// What is special about this one, by language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    title: Option<LocalizedText>,
    /// The places that are counted, together or apart.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) pools: Vec<Pool>,
    /// What can be bought; all in the currency of the listing.
    #[schema(value_type = Vec<schema::SessionOffer>, min_items = 1, max_items = 200)]
    pub(super) offers: Vec<Offer>,
    /// Where the numbered seats stand, if there are any: the best section first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<schema::SeatSection>>)]
    seat_map: Option<SeatMap>,
    /// When it is on sale: from always, up to its start, unless this says otherwise.
    #[serde(default)]
    #[schema(value_type = schema::SalesWindow, required = false)]
    sales: SalesWindow,
    /// How much may be bought.
    #[serde(default)]
    #[schema(value_type = schema::OrderLimits, required = false)]
    order_limits: OrderLimits,
    /// Who is let in, when and where.
    #[serde(default)]
    #[schema(value_type = schema::Admission, required = false)]
    admission: Admission,
}

/// A change of what a session sells.
pub type SessionPatch = MergePatch<SessionContent>;

/// Places that are counted together.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its code: `a-z`, `0-9`, `-` and `_`, up to 40 characters.
    #[schema(value_type = String, example = "boat")]
    pub(super) code: Code,
    /// How it is called, by language tag, if anybody is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    name: Option<LocalizedText>,
    /// How many places there are.
    #[schema(value_type = u32, maximum = 10_000_000, example = 18)]
    capacity: Capacity,
    /// How many more may be promised.
    #[serde(default)]
    overbooking: u32,
    /// The sections of the seat map its places are in; none if its places have no seats.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false, example = json!(["stalls"]))]
    pub(super) sections: Vec<Code>,
}

impl From<&Counted> for Pool {
    fn from(pool: &Counted) -> Self {
        Self {
            code: pool.code.clone(),
            name: pool.name.clone(),
            capacity: pool.limits.capacity,
            overbooking: pool.limits.overbooking,
            sections: pool.sections.clone(),
        }
    }
}

impl From<Pool> for Counted {
    fn from(pool: Pool) -> Self {
        let Pool { code, name, capacity, overbooking, sections } = pool;
        Self { code, name, limits: Limits { capacity, overbooking }, sections }
    }
}

impl From<&Details> for SessionContent {
    fn from(details: &Details) -> Self {
        Self {
            title: details.title.clone(),
            pools: details.pools.iter().map(Pool::from).collect(),
            offers: details.offers.clone(),
            seat_map: details.seat_map.clone(),
            sales: details.sales,
            order_limits: details.order_limits,
            admission: details.admission.clone(),
        }
    }
}

impl SessionContent {
    /// A session that sells this.
    pub(super) fn session(
        &self,
        listing: ListingId,
        time: TimeRange,
        zone: Zone,
    ) -> Result<Session, Problem> {
        let content = self.clone();
        let details = Details {
            listing,
            time,
            zone,
            title: content.title,
            pools: content.pools.into_iter().map(Counted::from).collect(),
            offers: content.offers,
            seat_map: content.seat_map,
            sales: content.sales,
            order_limits: content.order_limits,
            admission: content.admission,
        };
        Session::try_new(details).map_err(|error| misfit(&error, self))
    }

    /// Refuses prices in another currency.
    pub(super) fn check_currency(&self, currency: Currency) -> Result<(), Problem> {
        let other = |offer: &Offer| offer.price.currency() != currency;
        match self.offers.iter().position(other) {
            None => Ok(()),
            Some(index) => {
                let detail = format!("the listing is priced in {currency}");
                Err(Problem::bad_value(format!("/offers/{index}/price"), detail))
            }
        }
    }

    /// Refuses to lose what may have been sold.
    fn check_kept(&self, before: &Self) -> Result<(), Problem> {
        let pool = |code: &Code| self.pools.iter().any(|pool| pool.code == *code);
        if let Some(lost) = before.pools.iter().find(|old| !pool(&old.code)) {
            let detail = format!("the pool `{}` cannot be removed", lost.code);
            return Err(Problem::bad_value("/pools", detail));
        }
        let offer = |code: &Code| self.offers.iter().any(|offer| offer.code == *code);
        if let Some(lost) = before.offers.iter().find(|old| !offer(&old.code)) {
            let detail = format!("the offer `{}` cannot be removed; end its sale", lost.code);
            return Err(Problem::bad_value("/offers", detail));
        }
        if before.seat_map.is_some() && self.seat_map.is_none() {
            return Err(Problem::bad_value("/seat_map", "the seat map cannot be removed"));
        }
        match before.offers.first() {
            Some(offer) => self.check_currency(offer.price.currency()),
            None => Ok(()),
        }
    }

    /// What leads to it from any other content. The rules leave out what makes no difference.
    fn changes(&self) -> Vec<Change> {
        let content = self.clone();
        let mut changes = vec![Change::Title(content.title)];
        changes.extend(content.seat_map.map(Change::SeatMap));
        changes.extend(content.pools.into_iter().map(|pool| Change::Pool(pool.into())));
        changes.extend(content.offers.into_iter().map(Change::Offer));
        changes.push(Change::Sales(content.sales));
        changes.push(Change::OrderLimits(content.order_limits));
        changes.push(Change::Admission(content.admission));
        changes
    }
}

/// Decides a patch on the session as it stands.
pub(super) fn revised(
    allotment: &Allotment,
    patch: &SessionPatch,
    at: Timestamp,
) -> Result<Vec<Event>, Problem> {
    let details = allotment.session().ok_or(Refusal::NotOpen)?.details();
    let before = SessionContent::from(details);
    let after = patch.apply(&before)?;
    after.check_kept(&before)?;
    after.session(details.listing, details.time, details.zone)?;
    let decided = allotment.decide(Command::Revise { changes: after.changes(), at });
    decided.map_err(|refusal| match refusal {
        Refusal::Session(error) => misfit(&error, &after),
        other => other.into(),
    })
}
