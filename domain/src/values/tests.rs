//! Laws of the values. What concerns zones stands in `zones`.

mod busy_times;
mod catalogue;
mod people;
mod zones;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    BookingId, CalendarId, Capacity, Code, Currency, DayCount, DayRange, DayRangeError, Extras,
    FIRST_DAY, LAST_DAY, Label, Language, Length, LocalizedText, LocalizedTextError, Minutes,
    Money, MoneyError, Month, Party, Quantity, Reason, RowName, SalesWindow, Seat, SeatError, Stay,
    StayError, TextError, TimeRange, WallTime,
};
use crate::testing::{at, currency, date, days, eur, label, limits, month, text, uuid};

/// The value is stored as this JSON, and the JSON is read back as the value.
fn stored_as<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, json: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
}

fn refused<T: DeserializeOwned + Debug>(json: &str) {
    assert!(serde_json::from_str::<T>(json).is_err(), "{json} was read");
}

fn written_as<T: FromStr<Err: Debug> + ToString + PartialEq + Debug>(value: &T, written: &str) {
    assert_eq!(value.to_string(), written);
    assert_eq!(&written.parse::<T>().unwrap(), value);
}

#[test]
fn currencies_know_their_decimals() {
    for (code, exponent) in
        [("JPY", 0), ("EUR", 2), ("USD", 2), ("SAR", 2), ("JOD", 3), ("KWD", 3), ("BHD", 3)]
    {
        assert_eq!(currency(code).exponent(), exponent, "{code}");
    }
}

#[test]
fn what_is_no_currency_to_count_in_is_refused() {
    for code in ["", "eur", "EURO", "ZZZ", "XAU", "XXX", "XTS"] {
        assert!(Currency::try_new(code).is_err(), "{code}");
    }
}

#[test]
fn money_is_shown_with_the_decimals_of_its_currency() {
    for (minor, code, shown) in [
        (12_550, "EUR", "125.50 EUR"),
        (1_250, "JOD", "1.250 JOD"),
        (300, "JPY", "300 JPY"),
        (5, "EUR", "0.05 EUR"),
        (0, "KWD", "0.000 KWD"),
    ] {
        assert_eq!(Money::try_new(minor, currency(code)).unwrap().to_string(), shown);
    }
}

#[test]
fn money_is_stored_in_minor_units() {
    stored_as(&eur(12_550), r#"{"minor":12550,"currency":"EUR"}"#);
    refused::<Money>(r#"{"minor":-1,"currency":"EUR"}"#);
    refused::<Money>(r#"{"minor":1.5,"currency":"EUR"}"#);
    refused::<Money>(r#"{"minor":9223372036854775808,"currency":"EUR"}"#);
    refused::<Money>(r#"{"minor":1,"currency":"eur"}"#);
    refused::<Money>(r#"{"minor":1,"currency":"EUR","cents":1}"#);
}

#[test]
fn a_share_is_rounded_half_up() {
    for (minor, part, whole, share) in [
        (2_500, 90, 60, 3_750),
        (1_000, 20, 60, 333),
        (1_000, 40, 60, 667),
        (1, 30, 60, 1),
        (1, 29, 60, 0),
        (7, 0, 60, 0),
        (7, 5, 0, 35),
    ] {
        assert_eq!(eur(minor).try_share(part, whole), Ok(eur(share)), "{minor} {part}/{whole}");
    }
    let most = eur(i64::MAX as u64);
    assert_eq!(most.try_share(60, 60), Ok(most));
    assert_eq!(most.try_share(61, 60), Err(MoneyError::Overflow));
    assert_eq!(most.try_share(u64::MAX, 1), Err(MoneyError::Overflow));
}

#[test]
fn money_neither_mixes_nor_wraps() {
    let most = eur(i64::MAX as u64);
    let yen = Money::try_new(1, currency("JPY")).unwrap();
    assert_eq!(eur(1).try_add(yen), Err(MoneyError::Mixed));
    assert_eq!(eur(1).try_sub(yen), Err(MoneyError::Mixed));
    assert_eq!(most.try_add(eur(1)), Err(MoneyError::Overflow));
    assert_eq!(most.try_mul(2), Err(MoneyError::Overflow));
    assert_eq!(most.try_mul(u64::MAX), Err(MoneyError::Overflow));
    assert_eq!(eur(1).try_sub(eur(2)), Err(MoneyError::Negative));
    assert!(eur(2).try_sub(eur(2)).unwrap().is_zero());
    assert_eq!(Money::try_new(u64::MAX, currency("EUR")), Err(MoneyError::Overflow));
}

#[test]
fn ids_are_plain_uuids() {
    stored_as(&BookingId::from_uuid(uuid(1)), r#""00000000-0000-0000-0000-000000000001""#);
    written_as(&BookingId::from_uuid(uuid(1)), "00000000-0000-0000-0000-000000000001");
    refused::<BookingId>(r#""1""#);
}

#[test]
fn lengths_of_time_have_bounds() {
    stored_as(&Length::try_new(44_640).unwrap(), "44640");
    stored_as(&Minutes::try_new(0).unwrap(), "0");
    stored_as(&DayCount::try_new(3_660).unwrap(), "3660");
    for wrong in ["0", "44641", "-1", "1.5", "\"60\""] {
        refused::<Length>(wrong);
    }
    refused::<Minutes>("527041");
    refused::<DayCount>("3661");
}

#[test]
fn a_time_of_day_ends_at_24() {
    let nine_thirty = WallTime::try_new(9, 30).unwrap();
    assert_eq!(nine_thirty.minute_of_day(), 570);
    stored_as(&nine_thirty, r#""09:30""#);
    written_as(&WallTime::START_OF_DAY, "00:00");
    written_as(&WallTime::END_OF_DAY, "24:00");
    for wrong in ["24:01", "23:60", "9:30", "09:3", "09:30:00", "+9:30", "0930", "", "09:", "٠٩:٣٠"]
    {
        assert!(wrong.parse::<WallTime>().is_err(), "{wrong}");
    }
    assert!(WallTime::try_new(24, 1).is_err() && WallTime::try_new(u16::MAX, 0).is_err());
}

#[test]
fn months_and_calendars_have_names() {
    stored_as(&month(7), r#""2016-07""#);
    written_as(&month(12), "2016-12");
    let id = CalendarId { resource: super::ResourceId::from_uuid(uuid(1)), month: month(7) };
    written_as(&id, "00000000-0000-0000-0000-000000000001/2016-07");
    stored_as(&id, r#""00000000-0000-0000-0000-000000000001/2016-07""#);
    for wrong in ["2016-7", "2016-13", "2016-00", "+016-07", "1899-12", "2200-01", "2016-07-01", ""]
    {
        assert!(wrong.parse::<Month>().is_err(), "{wrong}");
    }
    for wrong in ["2016-07", "1/2016-07", "00000000-0000-0000-0000-000000000001/7"] {
        assert!(wrong.parse::<CalendarId>().is_err(), "{wrong}");
    }
}

#[test]
fn a_month_knows_its_days_and_its_neighbour() {
    assert_eq!(month(2).days(), days(date(2, 1), date(3, 1)));
    assert_eq!(month(2).days().count(), 29);
    assert_eq!(month(12).next(), Month::try_new(2017, 1).unwrap());
    assert_eq!(Month::of(date(2, 29)), month(2));
    assert_eq!((month(2).year(), month(2).number(), month(2).first_day()), (2016, 2, date(2, 1)));
    assert_eq!(Month::of(LAST_DAY).days().end(), LAST_DAY + Days::new(1));
}

#[test]
fn a_stay_frees_its_day_of_departure_and_a_day_use_takes_its_day() {
    let nights = Stay::try_new(date(7, 1), date(7, 4)).unwrap();
    assert_eq!((nights.nights(), nights.charged_nights(), nights.is_day_use()), (3, 3, false));
    assert_eq!(nights.days(), days(date(7, 1), date(7, 4)));
    let day_use = Stay::try_new(date(7, 1), date(7, 1)).unwrap();
    assert_eq!((day_use.nights(), day_use.charged_nights(), day_use.is_day_use()), (0, 1, true));
    assert_eq!(day_use.days(), days(date(7, 1), date(7, 2)));
    assert_eq!(Stay::try_new(LAST_DAY, LAST_DAY).unwrap().days().count(), 1);
    stored_as(&nights, r#"{"arrival":"2016-07-01","departure":"2016-07-04"}"#);
}

#[test]
fn a_stay_that_cannot_be_is_refused() {
    let (arrival, departure) = (date(7, 2), date(7, 1));
    assert_eq!(Stay::try_new(arrival, departure), Err(StayError::Backwards { arrival, departure }));
    let leap_year = Days::new(366);
    assert!(Stay::try_new(date(1, 1), date(1, 1) + leap_year).is_ok());
    assert_eq!(
        Stay::try_new(date(1, 1), date(1, 2) + leap_year),
        Err(StayError::TooLong { nights: 367 }),
    );
    assert_eq!(Stay::try_new(LAST_DAY, LAST_DAY + Days::new(1)), Err(StayError::OutOfBounds));
    assert_eq!(Stay::try_new(FIRST_DAY - Days::new(1), FIRST_DAY), Err(StayError::OutOfBounds));
    refused::<Stay>(r#"{"arrival":"2016-07-02","departure":"2016-07-01"}"#);
    refused::<Stay>(r#"{"arrival":"2016-07-02","departure":"2016-07-03","nights":1}"#);
}

#[test]
fn days_are_never_none() {
    let (first, end) = (date(7, 1), date(7, 1));
    assert_eq!(DayRange::try_new(first, end), Err(DayRangeError::Empty { first, end }));
    assert_eq!(DayRange::try_new(NaiveDate::MIN, first), Err(DayRangeError::OutOfBounds));
    assert_eq!(DayRange::try_new(first, NaiveDate::MAX), Err(DayRangeError::OutOfBounds));
    stored_as(&days(date(7, 1), date(7, 3)), r#"{"first":"2016-07-01","end":"2016-07-03"}"#);
    refused::<DayRange>(r#"{"first":"2016-07-01","end":"2016-07-01"}"#);
}

#[test]
fn intervals_that_touch_do_not_overlap() {
    let range = |start, end| TimeRange::try_new(at(start), at(end)).unwrap();
    assert!(!range(0, 5).overlaps(range(5, 9)));
    assert!(range(0, 6).overlaps(range(5, 9)));
    assert!(TimeRange::try_new(at(5), at(5)).is_err());
    assert_eq!((range(0, 5).start(), range(0, 5).end()), (at(0), at(5)));
    refused::<TimeRange>(r#"{"start":"2016-07-01T00:00:00Z","end":"2016-07-01T00:00:00Z"}"#);
}

#[test]
fn counts_have_bounds() {
    assert_eq!((Quantity::try_new(1).unwrap(), Quantity::MAX.get()), (Quantity::ONE, 10_000));
    assert!(Quantity::try_new(0).is_err() && Quantity::try_new(10_001).is_err());
    assert!(Capacity::try_new(0).is_ok() && Capacity::try_new(10_000_001).is_err());
    refused::<Quantity>("0");
    refused::<Capacity>("-1");
    stored_as(&limits(5, 2), r#"{"capacity":5,"overbooking":2}"#);
    assert_eq!(limits(5, u32::MAX).total(), u32::MAX);
}

#[test]
fn a_party_has_bounds() {
    let party = Party::try_new(2, 1, 1_000).unwrap();
    assert_eq!((party.adults(), party.children(), party.babies()), (2, 1, 1_000));
    stored_as(&party, r#"{"adults":2,"children":1,"babies":1000}"#);
    assert!(Party::try_new(0, 1_001, 0).is_err());
    refused::<Party>(r#"{"adults":1001,"children":0,"babies":0}"#);
}

#[test]
fn labels_are_short_and_on_one_line() {
    assert_eq!(label("  Online TA ").as_str(), "Online TA");
    stored_as(&label("وكيل"), "\"وكيل\"");
    assert_eq!(Label::try_new(" \t "), Err(TextError::Empty));
    assert_eq!(Label::try_new("a\nb"), Err(TextError::ControlCharacter));
    assert!(Label::try_new(&"ش".repeat(64)).is_ok());
    assert_eq!(Label::try_new(&"ش".repeat(65)), Err(TextError::TooLong { max: 64 }));
    assert_eq!(Reason::try_new("a\nb").unwrap().as_str(), "a\nb");
    assert_eq!(Reason::try_new("a\0b"), Err(TextError::ControlCharacter));
    assert_eq!(Reason::try_new(&"x".repeat(501)), Err(TextError::TooLong { max: 500 }));
}

#[test]
fn codes_are_short_and_plain() {
    let code = Code::try_new("vip-2_x").unwrap();
    stored_as(&code, "\"vip-2_x\"");
    written_as(&code, "vip-2_x");
    assert!(Code::try_new(&"a".repeat(40)).is_ok());
    for wrong in ["", "VIP", "a b", " a", "é", "a/b", &"a".repeat(41)] {
        assert!(Code::try_new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_seat_is_named_by_section_row_and_number() {
    let seat: Seat = "stalls-left/AA-12".parse().unwrap();
    assert_eq!((seat.section.as_str(), seat.row.as_str(), seat.number), ("stalls-left", "AA", 12));
    stored_as(&seat, "\"stalls-left/AA-12\"");
    written_as(&seat, "stalls-left/AA-12");
    for (wrong, error) in [
        ("A-12", SeatError::Shape),
        ("stalls/A12", SeatError::Shape),
        ("stalls/-12", SeatError::Row),
        ("stalls/A-", SeatError::Number),
        ("stalls/A-+1", SeatError::Number),
        ("stalls/A-01", SeatError::Number),
        ("stalls/A-1-2", SeatError::Number),
        ("stalls/A-65536", SeatError::Number),
        ("Stalls/A-1", SeatError::Section(super::CodeError)),
    ] {
        assert_eq!(wrong.parse::<Seat>(), Err(error), "{wrong}");
    }
    for wrong in ["", "A B", "ROWNUMBER", "١"] {
        assert_eq!(RowName::try_new(wrong), Err(SeatError::Row), "{wrong}");
    }
}

#[test]
fn a_sales_window_says_what_it_says_and_ends_after_it_begins() {
    let window = |opens: Option<i64>, closes: Option<i64>| {
        SalesWindow::try_new(opens.map(at), closes.map(at))
    };
    let both = window(Some(1), Some(2)).unwrap();
    stored_as(&both, r#"{"opens":"2016-06-30T10:01:00Z","closes":"2016-06-30T10:02:00Z"}"#);
    stored_as(&SalesWindow::UNSAID, "{}");
    assert!(window(Some(2), Some(2)).is_err());
    refused::<SalesWindow>(r#"{"opens":"2016-06-30T10:02:00Z","closes":"2016-06-30T10:01:00Z"}"#);
    refused::<SalesWindow>(r#"{"from":"2016-06-30T10:02:00Z"}"#);
    let opens = window(Some(5), None).unwrap();
    assert_eq!(opens.or(both), (Some(at(5)), Some(at(2))));
    assert_eq!((opens.is_unsaid(), SalesWindow::UNSAID.is_unsaid()), (false, true));
}

#[test]
fn further_dimensions_are_few() {
    let extras = |n: usize| -> BTreeMap<_, _> {
        (0..n).map(|n| (label(&format!("k{n:02}")), label("v"))).collect()
    };
    let most = Extras::try_new(extras(16)).unwrap();
    assert_eq!((most.get("k15"), most.get("k16")), (Some(&label("v")), None));
    assert!(Extras::try_new(extras(17)).is_err());
}

#[test]
fn languages_are_brought_into_their_usual_form() {
    for (tag, usual) in [("AR", "ar"), ("en-gb", "en-GB"), ("zh-hant-tw", "zh-Hant-TW")] {
        assert_eq!(Language::try_new(tag).unwrap().as_str(), usual);
    }
    for wrong in ["", "e", "en_GB", "en-", "english-languages", "ع"] {
        assert!(Language::try_new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_reader_gets_the_nearest_language() {
    let greeting = LocalizedText::try_new([("fr", "Salut"), ("en", "Hello"), ("ar", "مرحبا")]);
    let greeting = greeting.unwrap();
    let get = |tag: &str| greeting.get(&Language::try_new(tag).unwrap());
    assert_eq!((get("fr"), get("ar-EG"), get("de-CH")), ("Salut", "مرحبا", "Hello"));
    let arabic = LocalizedText::try_new([("fr", "Salut"), ("ar", "مرحبا")]).unwrap();
    assert_eq!(arabic.get(&Language::try_new("de").unwrap()), "مرحبا");
    assert_eq!(arabic.iter().count(), 2);
}

#[test]
fn localized_texts_are_stored_by_language() {
    stored_as(&text("Hello"), r#"{"en":"Hello"}"#);
    assert_eq!(
        serde_json::from_str::<LocalizedText>(r#"{"EN":" Hello "}"#).unwrap(),
        text("Hello")
    );
    refused::<LocalizedText>("{}");
    refused::<LocalizedText>(r#"{"en":""}"#);
    refused::<LocalizedText>(r#"{"en_GB":"Hello"}"#);
    let twice = LocalizedText::try_new([("en-gb", "a"), ("en-GB", "b")]).unwrap_err();
    assert_eq!(twice, LocalizedTextError::Repeated(Language::try_new("en-GB").unwrap()));
    let many = (0..65).map(|n| (format!("en-x-{n}"), "a"));
    assert_eq!(LocalizedText::try_new(many), Err(LocalizedTextError::TooManyLanguages));
}

prop_compose! {
    fn some_days()(start in 0..100_000_u64, length in 1..800_u64) -> DayRange {
        let first = FIRST_DAY + Days::new(start);
        days(first, first + Days::new(length))
    }
}

proptest! {
    #[test]
    fn months_cover_exactly_the_days_they_split(all in some_days()) {
        let parts = all.split_by_month();
        let again: Vec<_> = parts.iter().flat_map(|(_, part)| part.iter()).collect();
        prop_assert_eq!(again, all.iter().collect::<Vec<_>>());
        prop_assert!(parts.iter().all(|(month, part)| part.iter().all(|day| Month::of(day) == *month)));
        prop_assert!(parts.windows(2).all(|pair| pair[0].0.next() == pair[1].0));
    }

    #[test]
    fn the_rest_of_some_days_is_what_does_not_come_before(all in some_days(), skip in 0..900_u64) {
        let day = all.first() + Days::new(skip);
        let rest = all.on_or_after(day).map_or_else(Vec::new, |rest| rest.iter().collect());
        prop_assert_eq!(rest, all.iter().filter(|d| *d >= day).collect::<Vec<_>>());
        prop_assert_eq!(all.contains(day), skip < u64::from(all.count()));
    }

    #[test]
    fn sums_of_money_ignore_their_order(a: u32, b: u32, c: u32) {
        let [a, b, c] = [a, b, c].map(|n| eur(n.into()));
        let sum = |x: Money, y: Money, z: Money| x.try_add(y).and_then(|sum| sum.try_add(z));
        prop_assert_eq!(sum(a, b, c), sum(c, b, a));
        prop_assert_eq!(sum(a, b, c), b.try_add(c).and_then(|sum| a.try_add(sum)));
        prop_assert_eq!(a.try_add(b).and_then(|sum| sum.try_sub(b)), Ok(a));
    }

    #[test]
    fn multiplying_money_is_adding_it_up(minor: u32, times in 0..20_u64) {
        let mut sum = eur(0);
        for _ in 0..times {
            sum = sum.try_add(eur(minor.into())).unwrap();
        }
        prop_assert_eq!(eur(minor.into()).try_mul(times), Ok(sum));
    }

    #[test]
    fn overlap_is_symmetric_and_means_a_shared_minute(
        a in 0..50_i64, b in 1..20_i64, c in 0..50_i64, d in 1..20_i64,
    ) {
        let (one, other) = (a..a + b, c..c + d);
        let range = |minutes: &std::ops::Range<i64>| {
            TimeRange::try_new(at(minutes.start), at(minutes.end)).unwrap()
        };
        let shared = one.clone().any(|minute| other.contains(&minute));
        prop_assert_eq!(range(&one).overlaps(range(&other)), shared);
        prop_assert_eq!(range(&other).overlaps(range(&one)), shared);
    }
}
