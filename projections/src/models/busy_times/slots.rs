//! When a service can begin with any of some people.

use chrono::NaiveTime;
use daybook_domain::{
    listing::Status,
    resource::ResourceKind,
    schedule::{AnySlot, Busy, Candidate, FoundAny, Schedule, Search, SlotRules, any_of},
    values::{DayRange, Limits, ListingId, Quantity, ResourceId, TimeRange, Timestamp, Zone},
};
use daybook_event_store::Position;

use super::{
    ledger::{self, Ledger, Ledgers},
    places::Places,
};
use crate::{
    Closed, ListingView, ProjectionError, ResourceView, WhyNot,
    models::why_not::By,
    name::ModelName,
    queries::{Listed, Queries, View as _},
};

/// Which slots are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotsWanted {
    /// Of which service.
    pub service: ListingId,
    /// With whom; with anybody who offers it, unless said otherwise.
    pub with: Option<ResourceId>,
    /// On which days they begin.
    pub days: DayRange,
    /// On whose wall clock those are days; on that of each schedule, unless said otherwise.
    pub zone: Option<Zone>,
    /// How many want to come together.
    pub quantity: Quantity,
    /// The time of asking: holds that ended by then do not count.
    pub now: Timestamp,
}

/// Slots, and how new they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotsAnswer {
    /// Where the wall clock of the service hangs.
    pub zone: Zone,
    /// In the order of their starts.
    pub slots: Vec<AnySlot>,
    /// Why there is none, if so.
    pub why_not: Option<WhyNot>,
    /// Every event up to here is in the answer.
    pub position: Position,
}

const WHO_OFFERS: &str = "
SELECT *
  FROM resources
 WHERE kind = $1
   AND services @> to_jsonb($2::uuid)
   AND ($3::uuid IS NULL OR resource_id = $3)
 ORDER BY created_position";

impl Queries {
    /// The times at which a service can begin, with one person or with any who offer it. Of an unknown service nothing is
    /// known.
    ///
    /// # Errors
    /// [`ProjectionError`] when the models cannot be read.
    pub async fn slots(&self, wanted: SlotsWanted) -> Result<Option<SlotsAnswer>, ProjectionError> {
        let position = self.position_of_all(&[
            ModelName::BusyTimes,
            ModelName::Resources,
            ModelName::Listings,
            ModelName::Bookings,
            ModelName::Payments,
        ]);
        let Some(service) = ListingView::find(self, wanted.service).await? else { return Ok(None) };
        let (slots, why_not) = match service.terms.slots() {
            Some(rules) if service.status == Status::Published => {
                self.found(&wanted, rules).await?
            }
            Some(_) | None => (Vec::new(), Some(WhyNot::Closed(Closed::NotOffered))),
        };
        Ok(Some(SlotsAnswer { zone: service.zone, slots, why_not, position }))
    }

    async fn found(&self, wanted: &SlotsWanted, rules: SlotRules) -> Result<Told, ProjectionError> {
        let people = sqlx::query(WHO_OFFERS)
            .bind(ResourceKind::Staff.as_str())
            .bind(wanted.service.as_uuid())
            .bind(wanted.with.map(ResourceId::as_uuid))
            .fetch_all(&self.pool)
            .await?;
        let people = people.iter().map(ResourceView::read).collect::<Result<_, _>>()?;
        let asked = Asked::of(wanted, rules, people);
        let Some(reach) = asked.reach() else {
            return Ok((Vec::new(), Some(WhyNot::Closed(asked.never()))));
        };
        let ids = asked.people.iter().map(|person| person.id.as_uuid()).collect();
        let ledgers = ledger::load(&self.pool, ids, reach, asked.now).await?;
        // many people on many days take more time than others should wait for
        let work = tokio::task::spawn_blocking(move || asked.find(reach, &ledgers));
        work.await.map_err(|error| ProjectionError::BrokenOff(error.to_string()))
    }
}

/// The slots, and why there is none.
type Told = (Vec<AnySlot>, Option<WhyNot>);

/// A question whose days have become times.
struct Asked {
    people: Vec<Person>,
    rules: SlotRules,
    quantity: Quantity,
    now: Timestamp,
}

/// Somebody who may do it.
struct Person {
    id: ResourceId,
    limits: Limits,
    /// When they work, and what part of that is asked for.
    times: Vec<(Schedule, TimeRange)>,
}

impl Asked {
    fn of(wanted: &SlotsWanted, rules: SlotRules, people: Vec<ResourceView>) -> Self {
        let SlotsWanted { days, zone, quantity, now, service: _, with: _ } = *wanted;
        let range = |schedule: &Schedule| midnights(days, zone.unwrap_or(schedule.zone()));
        let person = |person: ResourceView| {
            let times = person.terms.times()?;
            let schedules = times.schedules.or_always(times.zone);
            let schedules = schedules.into_owned().into_iter();
            let times = schedules.filter_map(|s| range(&s).map(|range| (s, range))).collect();
            Some(Person { id: person.id, limits: person.limits, times })
        };
        Self { people: people.into_iter().filter_map(person).collect(), rules, quantity, now }
    }

    /// The time from which bookings bear on the slots, if any time is asked for.
    fn reach(&self) -> Option<TimeRange> {
        let ranges = || self.people.iter().flat_map(|person| &person.times).map(|(_, range)| range);
        let (start, end) = (ranges().map(|r| r.start()).min()?, ranges().map(|r| r.end()).max()?);
        TimeRange::try_new(start, end).ok().map(|range| self.rules.reach(range))
    }

    /// In what way it is closed if no time is asked for.
    fn never(&self) -> Closed {
        if self.people.is_empty() { Closed::NotOffered } else { Closed::Hours }
    }

    fn find(&self, reach: TimeRange, ledgers: &Ledgers) -> Told {
        let FoundAny { slots, why } = self.find_where(reach, ledgers, &|_| true);
        let fits =
            |counts: &dyn Fn(By) -> bool| !self.find_where(reach, ledgers, counts).slots.is_empty();
        let why_not =
            why.map(|why| Closed::of(why).map_or_else(|| WhyNot::of(fits), WhyNot::Closed));
        (slots, why_not)
    }

    /// The slots, if only that counts of what is taken which a test lets count.
    fn find_where(
        &self,
        reach: TimeRange,
        ledgers: &Ledgers,
        counts: &dyn Fn(By) -> bool,
    ) -> FoundAny {
        let nothing = Ledger::default();
        let prepared: Vec<Prepared<'_>> = self
            .people
            .iter()
            .map(|person| {
                let ledger = ledgers.get(&person.id).unwrap_or(&nothing);
                self.prepared(person, (reach, ledger), counts)
            })
            .collect();
        let candidates: Vec<Candidate<'_>> = prepared
            .iter()
            .flat_map(|prepared| {
                let Prepared { person, rules, busy, booked } = prepared;
                person.times.iter().map(move |(schedule, range)| {
                    let (range, quantity, now) = (*range, self.quantity, self.now);
                    let search = Search { schedule, rules, busy, booked, now, range, quantity };
                    Candidate { resource: person.id, search }
                })
            })
            .collect();
        any_of(&candidates)
    }

    fn prepared<'a>(
        &self,
        person: &'a Person,
        (reach, ledger): (TimeRange, &'a Ledger),
        counts: &dyn Fn(By) -> bool,
    ) -> Prepared<'a> {
        let places = Places::of(person.limits, self.rules.capacity);
        let rules = SlotRules { capacity: places.most, ..self.rules };
        let taken = ledger.entries.iter().filter(|entry| counts(entry.by));
        Prepared { person, rules, busy: places.busy(taken, reach), booked: &ledger.begins }
    }
}

/// Somebody, and how busy they are in places of the service.
struct Prepared<'a> {
    person: &'a Person,
    rules: SlotRules,
    busy: Vec<Busy>,
    booked: &'a [Timestamp],
}

/// The time of some days on a wall clock; none if clocks skip all of them.
fn midnights(days: DayRange, zone: Zone) -> Option<TimeRange> {
    let [start, end] = [days.first(), days.end()].map(|day| zone.instant(day, NaiveTime::MIN));
    TimeRange::try_new(start, end).ok()
}
