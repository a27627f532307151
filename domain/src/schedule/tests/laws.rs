//! Laws of open hours and slots, mostly around days on which clocks are changed.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::reference::{self, open_minutes, whole_minute};
use super::{day, day_count, length, minutes};
use crate::schedule::{
    BookingLimits, Busy, Candidate, DayHours, Grid, Hours, Lead, PastClosing, Schedule, Search,
    Slot, SlotRules, SpecialDate, SpecialHours, Validity, WeekHours, WeekStart, any_of, slots,
};
use crate::testing::{quantity, uuid, zone};
use crate::values::{DayRange, Quantity, ResourceId, TimeRange, Timestamp, WallTime, Weekend};

/// Zones, each with a date near which its clocks are changed, if they ever are.
const PLACES: [(&str, &str); 12] = [
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
    ("Europe/London", "2024-03-31"),
    ("Europe/London", "2024-10-27"),
    ("Africa/Cairo", "2023-04-28"),
    ("Africa/Cairo", "2023-10-26"),
    ("Asia/Beirut", "2024-03-31"),
    ("Asia/Beirut", "2024-10-26"),
    ("Africa/Casablanca", "2024-03-10"),
    ("Africa/Casablanca", "2024-04-14"),
    ("Asia/Kolkata", "2024-03-10"),
    ("Asia/Riyadh", "2024-02-29"),
];

/// All that a search needs, owned.
#[derive(Clone, Debug)]
struct Case {
    schedule: Schedule,
    rules: SlotRules,
    busy: Vec<Busy>,
    booked: Vec<Timestamp>,
    now: Timestamp,
    range: TimeRange,
    quantity: Quantity,
}

impl Case {
    fn search(&self) -> Search<'_> {
        let Self { schedule, rules, busy, booked, now, range, quantity } = self;
        let (now, range, quantity) = (*now, *range, *quantity);
        Search { schedule, rules, busy, booked, now, range, quantity }
    }

    fn slots(&self) -> Vec<Slot> {
        slots(&self.search()).slots
    }

    /// What a booking of a slot takes.
    fn taken_by(&self, slot: Slot) -> TimeRange {
        let minutes = |value: u32| TimeDelta::minutes(i64::from(value));
        let start = slot.time.start() - minutes(self.rules.buffer_before.get());
        TimeRange::try_new(start, slot.time.end() + minutes(self.rules.buffer_after.get())).unwrap()
    }

    /// The most that is taken at a time: a peak is at the start of the time or of something in it.
    fn peak(&self, time: TimeRange) -> u32 {
        let taken_at = |at: Timestamp| -> u32 {
            let here = self.busy.iter().filter(|b| b.time.start() <= at && at < b.time.end());
            here.map(|busy| busy.quantity.get()).sum()
        };
        let within = self.busy.iter().filter(|busy| busy.time.overlaps(time));
        let starts = within.map(|busy| busy.time.start().max(time.start()));
        starts.chain([time.start()]).map(taken_at).max().unwrap_or(0)
    }
}

/// Cuts a day at the given times, and keeps every second part.
fn day_hours(cuts: Vec<u16>) -> DayHours {
    let mut cuts: Vec<u16> = cuts.into_iter().map(|cut| cut * 15).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let time = |minute: u16| WallTime::try_new(minute / 60, minute % 60).unwrap();
    let parts = cuts.chunks_exact(2).map(|p| Hours::try_new(time(p[0]), time(p[1])).unwrap());
    DayHours::try_new(parts).unwrap()
}

fn some_hours() -> impl Strategy<Value = DayHours> {
    let all_day = Just(day_hours(vec![0, 96]));
    prop_oneof![4 => vec(0..=96_u16, 0..7).prop_map(day_hours), 1 => all_day]
}

fn some_week() -> impl Strategy<Value = WeekHours> {
    vec(some_hours(), 7).prop_map(|days| {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            days.try_into().expect("seven days");
        WeekHours { monday, tuesday, wednesday, thursday, friday, saturday, sunday }
    })
}

fn some_special(around: NaiveDate) -> impl Strategy<Value = Vec<SpecialDate>> {
    let hours = prop_oneof![
        Just(SpecialHours::Closed),
        some_hours().prop_map(SpecialHours::Open),
        some_hours().prop_map(SpecialHours::ClosedDuring),
        some_hours().prop_map(SpecialHours::ClosedDuring),
    ];
    vec((-3..4_i64, hours), 0..5).prop_map(move |entries| {
        let date = |days| around + TimeDelta::days(days);
        entries.into_iter().map(|(days, hours)| SpecialDate { date: date(days), hours }).collect()
    })
}

fn some_schedule(name: &'static str, around: NaiveDate) -> impl Strategy<Value = Schedule> {
    let breaks = prop_oneof![Just(WeekHours::default()), some_week()];
    let ends = (option::weighted(0.2, -3..0_i64), option::weighted(0.2, 1..4_i64));
    (some_week(), breaks, some_special(around), ends).prop_filter_map(
        "special dates contradict each other",
        move |parts| {
            let (hours, breaks, special, (first, end)) = parts;
            let date = |days: i64| around + TimeDelta::days(days);
            let valid = Validity { first: first.map(date), end: end.map(date) };
            Schedule::try_new(zone(name), hours, breaks, special, valid).ok()
        },
    )
}

fn some_lead() -> impl Strategy<Value = Lead> {
    prop_oneof![
        (0..6_000_u32).prop_map(|value| Lead::Minutes(minutes(value))),
        (0..4_u32).prop_map(|value| Lead::Days(day_count(value))),
        (0..4_u32).prop_map(|value| Lead::WorkingDays(day_count(value))),
    ]
}

fn some_rules() -> impl Strategy<Value = SlotRules> {
    let limit = || option::weighted(0.2, (1..4_u32).prop_map(quantity));
    let sizes = (1..=300_u32, 1..=150_u32, 0..60_u32, 0..60_u32, 1..4_u32);
    let choices = (
        select(vec![Grid::Range, Grid::Clock]),
        select(vec![PastClosing::Allowed, PastClosing::Refused]),
        select(vec![WeekStart::Monday, WeekStart::Sunday, WeekStart::Saturday]),
        select(vec![Weekend::FriSat, Weekend::SatSun]),
    );
    let bounds = (some_lead(), option::weighted(0.3, some_lead()));
    (sizes, choices, bounds, (limit(), limit(), limit())).prop_map(|parts| {
        let (sizes, (grid, past_closing, week_start, weekend), (notice, ahead), limits) = parts;
        SlotRules {
            duration: length(sizes.0),
            step: length(sizes.1),
            grid,
            buffer_before: minutes(sizes.2),
            buffer_after: minutes(sizes.3),
            past_closing,
            capacity: quantity(sizes.4),
            notice,
            ahead,
            limits: BookingLimits { per_day: limits.0, per_week: limits.1, per_month: limits.2 },
            week_start,
            weekend,
        }
    })
}

fn some_case() -> impl Strategy<Value = Case> {
    select(PLACES.to_vec()).prop_flat_map(|(name, date)| {
        let around = day(date);
        let noon = around.and_time(NaiveTime::MIN).and_utc().timestamp() + 43_200;
        let near = move |days: i64| (noon - days * 86_400)..(noon + days * 86_400);
        let busy = (near(4), 1..400_i64, 1..3_u32).prop_map(|(start, minutes, taken)| {
            let start = whole_minute(start);
            let time = TimeRange::try_new(start, start + TimeDelta::minutes(minutes));
            Busy { time: time.expect("not empty"), quantity: quantity(taken) }
        });
        (
            (some_schedule(name, around), some_rules(), vec(busy, 0..12)),
            vec(near(40).prop_map(whole_minute), 0..6),
            (noon - 6 * 86_400..noon + 86_400).prop_map(whole_minute),
            (near(1).prop_map(whole_minute), 1..3_000_i64, 1..3_u32),
        )
            .prop_map(|((schedule, rules, busy), booked, now, (start, length, wanted))| {
                let end = start + TimeDelta::minutes(length);
                let range = TimeRange::try_new(start, end).expect("not empty");
                let quantity = quantity(wanted);
                Case { schedule, rules, busy, booked, now, range, quantity }
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))] // the plain search takes its time

    /// The sweep finds what a search of every minute finds.
    #[test]
    fn slots_are_those_of_the_plainest_search(case in some_case()) {
        prop_assert_eq!(case.slots(), reference::slots(&case.search()));
    }
}

proptest! {

    /// Open is what the wall clock says, minute by minute.
    #[test]
    fn it_is_open_exactly_while_the_wall_clock_shows_its_hours(case in some_case()) {
        let date = case.schedule.zone().local_date(case.range.start());
        let days = DayRange::try_new(date, date + TimeDelta::days(3)).expect("three days");
        let open = case.schedule.open(days);
        let from = date.and_time(NaiveTime::MIN).and_utc();
        let around = TimeRange::try_new(from - TimeDelta::days(1), from + TimeDelta::days(4));
        let zone = case.schedule.zone();
        let expected: Vec<_> = open_minutes(&case.schedule, around.expect("not empty"))
            .into_iter()
            .filter(|at| days.contains(zone.local_date(*at)))
            .collect();
        let minutes = open.iter().flat_map(|range| {
            (0..(range.end() - range.start()).num_minutes())
                .map(|minute| range.start() + TimeDelta::minutes(minute))
        });
        prop_assert_eq!(minutes.collect::<Vec<_>>(), expected);
        prop_assert!(open.windows(2).all(|pair| pair[0].end() < pair[1].start()));
    }

    /// Nothing is offered that is taken, buffers included, and the number left is right.
    #[test]
    fn a_slot_has_room_for_all_it_offers(case in some_case()) {
        for slot in case.slots() {
            let left = case.rules.capacity.get() - case.peak(case.taken_by(slot));
            prop_assert_eq!(slot.remaining.get(), left);
            prop_assert!(left >= case.quantity.get());
        }
    }

    /// With one place, a slot and what is taken never share an instant.
    #[test]
    fn slots_never_overlap_what_is_taken(mut case in some_case()) {
        (case.rules.capacity, case.quantity) = (Quantity::ONE, Quantity::ONE);
        for slot in case.slots() {
            let taken = case.taken_by(slot);
            prop_assert!(!case.busy.iter().any(|busy| busy.time.overlaps(taken)));
        }
    }

    /// Whoever asks for more time at once learns the same about each part of it.
    #[test]
    fn a_longer_range_has_the_slots_of_its_parts(case in some_case(), cut in 1..3_000_i64) {
        let middle = case.range.start() + TimeDelta::minutes(cut);
        let part = |start, end| {
            let range = TimeRange::try_new(start, end).expect("not empty");
            Case { range, ..case.clone() }.slots()
        };
        if middle < case.range.end() {
            let mut parts = part(case.range.start(), middle);
            parts.extend(part(middle, case.range.end()));
            prop_assert_eq!(case.slots(), parts);
        }
    }

    /// What lies beyond the reach of a search changes nothing.
    #[test]
    fn only_what_is_within_reach_matters(case in some_case()) {
        let reach = case.rules.reach(case.range);
        let mut near = case.clone();
        near.busy.retain(|busy| busy.time.overlaps(reach));
        near.booked.retain(|start| reach.start() <= *start && *start < reach.end());
        prop_assert_eq!(near.slots(), case.slots());
    }

    /// Taking a slot leaves that much less of it.
    #[test]
    fn taking_a_slot_takes_it(mut case in some_case(), pick in any::<prop::sample::Index>()) {
        case.rules.limits = BookingLimits::default();
        let before = case.slots();
        if !before.is_empty() {
            let slot = before[pick.index(before.len())];
            case.busy.push(Busy { time: case.taken_by(slot), quantity: case.quantity });
            let left = slot.remaining.get() - case.quantity.get();
            let after = case.slots();
            let same = after.iter().find(|other| other.time == slot.time);
            match same {
                Some(same) => prop_assert_eq!(same.remaining.get(), left),
                // so little is left that it is full, or its grid now begins elsewhere
                None => prop_assert!(left < case.quantity.get() || case.rules.grid == Grid::Range),
            }
        }
    }

    /// Who is free for a slot of many is who is free for it alone.
    #[test]
    fn any_of_several_is_each_of_them(cases in vec(some_case(), 1..5)) {
        let id = |n: usize| ResourceId::from_uuid(uuid(n as u128));
        let candidates: Vec<_> = cases
            .iter()
            .enumerate()
            .map(|(n, case)| Candidate { resource: id(n), search: case.search() })
            .collect();
        let found = any_of(&candidates);
        prop_assert!(found.slots.windows(2).all(|pair| pair[0].time < pair[1].time));
        prop_assert_eq!(found.why.is_some(), found.slots.is_empty());
        let offered: usize = found.slots.iter().map(|slot| slot.free.len()).sum();
        prop_assert_eq!(offered, cases.iter().map(|case| case.slots().len()).sum::<usize>());
        for (n, case) in cases.iter().enumerate() {
            for slot in case.slots() {
                let at = found.slots.binary_search_by_key(&slot.time, |any| any.time);
                let any = &found.slots[at.expect("the time is among them")];
                let free = any.free.iter().find(|free| free.resource == id(n));
                prop_assert_eq!(free.expect("and who is free").remaining, slot.remaining);
            }
        }
    }

    /// A named time is admitted if, with nothing else booked, it could be chosen as a slot.
    #[test]
    fn a_named_time_is_admitted_if_it_were_a_slot(mut case in some_case(), after in 0..3_000_i64) {
        (case.busy, case.booked, case.quantity) = (Vec::new(), Vec::new(), Quantity::ONE);
        if case.rules.grid == Grid::Range {
            case.rules.step = length(1);
        }
        let start = case.range.start() + TimeDelta::minutes(after);
        let time = |minutes| TimeRange::try_new(start, start + TimeDelta::minutes(minutes));
        case.range = time(1).expect("not empty");
        let asked = time(case.rules.duration.get().into()).expect("not empty");
        let schedules = [case.schedule.clone()];
        let admitted = case.rules.admits(&schedules, asked, case.now);
        prop_assert_eq!(admitted.err(), slots(&case.search()).why);
    }

    /// A slot is left out for a limit if, and only if, as many as may begin in one of its windows.
    #[test]
    fn limits_are_reached_within_their_windows(mut case in some_case()) {
        let limited = case.slots();
        let rules = case.rules;
        case.rules.limits = BookingLimits::default();
        for slot in case.slots() {
            let begun = |time: TimeRange| {
                case.booked.iter().filter(|at| time.start() <= **at && **at < time.end()).count()
            };
            let windows = rules.limit_windows(&case.schedule, slot.time.start());
            let within = windows.iter().all(|w| w.time.start() <= slot.time.start() && slot.time.start() < w.time.end());
            prop_assert!(within);
            let reached = windows.iter().any(|w| begun(w.time) >= w.most.get() as usize);
            prop_assert_eq!(limited.contains(&slot), !reached);
        }
    }

    /// A schedule is read back as it was stored.
    #[test]
    fn a_schedule_is_read_back(case in some_case()) {
        let json = serde_json::to_string(&case.schedule).expect("it can be written");
        prop_assert_eq!(serde_json::from_str::<Schedule>(&json).expect("and read"), case.schedule);
        let json = serde_json::to_string(&case.rules).expect("it can be written");
        prop_assert_eq!(serde_json::from_str::<SlotRules>(&json).expect("and read"), case.rules);
    }
}
