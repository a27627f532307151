//! A salon: a service, or rooms, and who and what there is for it.

use daybook_domain::{
    listing::{self, Content, FirstStatus, Listing, ServiceTerms},
    resource::{self, Resource, Schedules, Services, Sort, Times},
    schedule::{Grid, Schedule, SlotRules},
    values::{
        DayRange, Length, Limits, ListingId, OrganizationId, Quantity, ResourceId, Timestamp, Zone,
    },
};
use daybook_projections::{Projections, SlotsAnswer, SlotsWanted};
use uuid::Uuid;

use super::{
    World, described, eur, text,
    times::{Thing, instant},
};

/// A service with those who offer it.
pub struct Salon {
    pub organization: OrganizationId,
    pub service: ListingId,
    pub zone: Zone,
}

impl Salon {
    pub async fn open(world: &World, zone: &str, terms: listing::Terms) -> Self {
        let salon = Self {
            organization: OrganizationId::from_uuid(Uuid::now_v7()),
            service: ListingId::from_uuid(Uuid::now_v7()),
            zone: zone.parse().expect("a zone"),
        };
        let create = listing::Command::Create {
            organization: salon.organization,
            terms,
            content: Box::new(Content::new(text("Salon"))),
            zone: salon.zone,
            currency: eur(),
            on_request: false,
            status: FirstStatus::Published,
            at: instant("2026-01-01T00:00:00Z"),
        };
        world.send::<Listing>(salon.service, create).await;
        salon
    }

    pub async fn have(
        &self,
        world: &World,
        sort: Sort,
        limits: Limits,
        schedules: &[Schedule],
    ) -> Thing {
        let resource = ResourceId::from_uuid(Uuid::now_v7());
        let at = instant("2026-01-01T00:00:00Z");
        let schedules = Schedules::try_new(schedules.to_vec()).expect("a few schedules");
        let listing = matches!(sort, Sort::Room).then_some(self.service);
        let times = Times { sort, listing, zone: self.zone, schedules: Schedules::default() };
        let create = resource::Command::Create {
            organization: self.organization,
            terms: resource::Terms::Times(times),
            currency: eur(),
            content: described("Rania"),
            limits,
            at,
        };
        world.send::<Resource>(resource, create).await;
        world
            .send::<Resource>(resource, resource::Command::ChangeSchedules { schedules, at })
            .await;
        Thing { resource, zone: self.zone, limits }
    }

    pub async fn hire(&self, world: &World, limits: Limits, schedules: &[Schedule]) -> Thing {
        let services = Services::try_new([self.service]).expect("one service");
        self.have(world, Sort::Staff(services), limits, schedules).await
    }

    pub fn wanted(&self, days: &str, now: Timestamp) -> SlotsWanted {
        SlotsWanted {
            service: self.service,
            with: None,
            days: range(days),
            zone: None,
            quantity: Quantity::ONE,
            now,
        }
    }
}

/// Days as ISO 8601 has them: the first and the one after the last.
pub fn range(days: &str) -> DayRange {
    let (first, end) = days.split_once('/').expect("two days");
    let [first, end] = [first, end].map(|day| day.parse().expect("a day"));
    DayRange::try_new(first, end).expect("days in order")
}

pub fn service(rules: SlotRules) -> listing::Terms {
    listing::Terms::Service(ServiceTerms { slots: Some(rules), price: None })
}

/// Of so many minutes, on the clock.
pub fn rules(duration: u32, step: u32, capacity: u32) -> SlotRules {
    SlotRules {
        step: Length::try_new(step).expect("a length"),
        grid: Grid::Clock,
        capacity: Quantity::try_new(capacity).expect("a quantity"),
        ..SlotRules::lasting(Length::try_new(duration).expect("a length"))
    }
}

/// The same hours every day.
pub fn daily(zone: Zone, parts: &str) -> Schedule {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let parts: Vec<_> = parts
        .split(' ')
        .map(|part| part.split_once('-').expect("two times"))
        .map(|(from, to)| format!(r#"{{"from":"{from}","to":"{to}"}}"#))
        .collect();
    let hours = days.map(|day| format!(r#""{day}":[{}]"#, parts.join(",")));
    let schedule = format!(r#"{{"zone":"{zone}","hours":{{{}}}}}"#, hours.join(","));
    serde_json::from_str(&schedule).expect("a schedule")
}

pub async fn found(projections: &Projections, wanted: SlotsWanted) -> SlotsAnswer {
    projections
        .queries()
        .slots(wanted)
        .await
        .expect("slots are found")
        .expect("the service is there")
}

/// Numbers by lot, each below the one that is given.
pub fn drawing(seed: u64) -> impl FnMut(u32) -> u32 {
    let mut chance = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    move |sides| {
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((chance >> 33) % u64::from(sides)).expect("a small number")
    }
}
