//! A house with staff and rooms by the hour, all of them well booked.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use daybook_domain::{
    calendar::{self, Take},
    listing::{self, FirstStatus, ServiceTerms},
    resource::{self, ResourceKind, Schedules, Services, Sort, Times},
    schedule::{Schedule, SlotRules, Validity, WeekHours},
    values::{
        Attributes, BookingId, BusyTime, CalendarId, Capacity, DayRange, Length, Limits, ListingId,
        LocalizedText, Minutes, OrganizationId, Quantity, ResourceId, TimeRange, Timestamp, Zone,
    },
};
use daybook_projections::RoomsWanted;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{history::History, plan::Plan};

/// Who and what can be booked, and on which days they are.
pub(super) struct House {
    pub(super) service: ListingId,
    pub(super) staff: Vec<ResourceId>,
    pub(super) rooms: Vec<ResourceId>,
    pub(super) days: DayRange,
    zone: Zone,
    organization: OrganizationId,
    made: Timestamp,
}

/// One of something.
pub(super) fn one() -> Quantity {
    Quantity::ONE
}

impl House {
    pub(super) fn new(plan: &Plan) -> Result<Self> {
        let ids = |count| (0..count).map(|_| ResourceId::from_uuid(Uuid::now_v7())).collect();
        let (staff, rooms, end) =
            if plan.quick { (5, 20, "2031-04-01") } else { (50, 1_000, "2032-01-01") };
        Ok(Self {
            service: ListingId::from_uuid(Uuid::now_v7()),
            staff: ids(staff),
            rooms: ids(rooms),
            days: DayRange::try_new("2031-01-01".parse()?, end.parse()?)?,
            zone: Zone::try_new("Asia/Amman")?,
            organization: OrganizationId::from_uuid(Uuid::now_v7()),
            made: Utc::now(),
        })
    }

    /// So many days from one of the first on.
    pub(super) fn days_from(&self, number: u64, count: u64) -> Result<DayRange> {
        let first = self.days.first() + Days::new(number % 31);
        Ok(DayRange::try_new(first, first + Days::new(count))?)
    }

    /// An hour of the wall clock.
    pub(super) fn at(&self, day: NaiveDate, hour: i64) -> DateTime<Utc> {
        self.zone.instant(day, NaiveTime::MIN) + TimeDelta::hours(hour)
    }

    /// All rooms, for two hours.
    pub(super) fn rooms_wanted(&self, start: Timestamp) -> Result<RoomsWanted> {
        Ok(RoomsWanted {
            kind: ResourceKind::Room,
            organization: Some(self.organization),
            listing: None,
            attributes: BTreeMap::new(),
            time: TimeRange::try_new(start, start + TimeDelta::hours(2))?,
            quantity: one(),
            now: self.made,
        })
    }

    /// Writes all that has happened here, and tells how many bookings there are.
    pub(super) async fn write(
        &self,
        history: &mut History,
        connection: &mut PgConnection,
    ) -> Result<usize> {
        history.push("listing", self.service, 1, &self.offer()?)?;
        let services = Services::try_new([self.service])?;
        let staff = self.staff.iter().map(|id| (*id, Sort::Staff(services.clone())));
        let rooms = self.rooms.iter().map(|id| (*id, Sort::Room));
        let mut bookings = 0;
        for (resource, sort) in staff.chain(rooms) {
            let is_staff = matches!(sort, Sort::Staff(_));
            history.push("resource", resource, 1, &self.have(sort)?)?;
            for (month, days) in self.days.split_by_month() {
                let id = CalendarId { resource, month };
                bookings += self.book(history, id, days, is_staff)?;
            }
            history.send(connection).await?;
        }
        Ok(bookings)
    }

    /// Books a month of somebody or something, and tells how often.
    fn book(
        &self,
        history: &mut History,
        id: CalendarId,
        days: DayRange,
        is_staff: bool,
    ) -> Result<usize> {
        let (times, at) = (Some(id.month.time(self.zone)), self.made);
        let opened = calendar::Event::Opened { month: id.month, limits: limits()?, times, at };
        history.push("calendar", id, 1, &opened)?;
        let mut bookings = 0;
        for (number, day) in days.iter().enumerate() {
            // nine half hours of each of the staff; two or three long ones of each room
            let (count, minutes, apart) =
                if is_staff { (9, 30, 60) } else { (2 + usize::from(number % 3 == 0), 90, 180) };
            for turn in 0..count {
                let start = self.at(day, 8) + TimeDelta::minutes(i64::try_from(turn)? * apart);
                let time = TimeRange::try_new(start, start + TimeDelta::minutes(minutes))?;
                let time = BusyTime::try_new(time, Minutes::default(), Minutes::try_new(10)?)?;
                bookings += 1;
                let taken = calendar::Event::Allocated {
                    booking: BookingId::from_uuid(Uuid::now_v7()),
                    takes: vec![Take::Time { time, quantity: one() }],
                    until: None,
                    overbooked: false,
                    at,
                };
                history.push("calendar", id, i64::try_from(bookings + 1)?, &taken)?;
            }
        }
        Ok(bookings)
    }

    fn offer(&self) -> Result<listing::Event> {
        let slots = Some(SlotRules::lasting(Length::try_new(30)?));
        Ok(listing::Event::Created(Box::new(listing::Created {
            organization: self.organization,
            terms: listing::Terms::Service(ServiceTerms { slots, price: None }),
            content: listing::Content::new(LocalizedText::try_new([("en", "Haircut")])?),
            zone: self.zone,
            currency: "JOD".parse()?,
            on_request: false,
            status: FirstStatus::Published,
            at: self.made,
        })))
    }

    fn have(&self, sort: Sort) -> Result<resource::Event> {
        let schedules = Schedules::try_new(vec![self.hours()?])?;
        let times = Times { sort, listing: None, zone: self.zone, schedules };
        Ok(resource::Event::Created(Box::new(resource::Created {
            organization: Some(self.organization),
            terms: resource::Terms::Times(times),
            content: resource::Content {
                name: LocalizedText::try_new([("en", "Jasmine")])?,
                attributes: Attributes::default(),
            },
            limits: limits()?,
            at: self.made,
        })))
    }

    /// From eight to six every day.
    fn hours(&self) -> Result<Schedule> {
        let day = r#"[{"from":"08:00","to":"18:00"}]"#;
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let days = days.map(|name| format!(r#""{name}":{day}"#)).join(",");
        let hours: WeekHours = serde_json::from_str(&format!("{{{days}}}"))?;
        let (breaks, valid) = (WeekHours::default(), Validity::default());
        Ok(Schedule::try_new(self.zone, hours, breaks, Vec::new(), valid)?)
    }
}

fn limits() -> Result<Limits> {
    Ok(Limits { capacity: Capacity::try_new(1)?, overbooking: 0 })
}
