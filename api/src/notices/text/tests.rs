//! Every template in both languages, as customers read it.

use chrono::DateTime;
use daybook_domain::{
    notice::{Change, Letter, Message, Topic},
    values::{
        BookingId, Currency, CustomerId, ListingId, LocalizedText, Money, OrganizationId, Quantity,
        Timestamp, Zone,
    },
};
use uuid::Uuid;

use super::{Language, language_of, tag, write};

fn utc(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn money(minor: u64, currency: &str) -> Money {
    Money::try_new(minor, Currency::try_new(currency).unwrap()).unwrap()
}

fn jod(minor: u64) -> Money {
    money(minor, "JOD")
}

fn text(english: &str, arabic: &str) -> LocalizedText {
    LocalizedText::try_new([("en", english), ("ar", arabic)]).unwrap()
}

fn topic() -> Topic {
    Topic {
        organization: OrganizationId::from_uuid(Uuid::from_u128(1)),
        organization_name: Some(text("Nights of Amman", "ليالي عمّان")),
        listing: ListingId::from_uuid(Uuid::from_u128(2)),
        title: text("House by the Sea", "بيت البحر"),
        booking: Some(BookingId::from_uuid(Uuid::from_u128(3))),
        starts_at: utc("2027-05-01T12:00:00Z"),
        ends_at: utc("2027-05-04T08:00:00Z"),
        zone: Zone::try_new("Asia/Amman").unwrap(),
        nights: Some(3),
        lines: Quantity::try_new(1).unwrap(),
        total: Some(jod(123_456)),
    }
}

fn letter(message: Message, topic: Topic) -> Letter {
    let customer = CustomerId::from_uuid(Uuid::from_u128(4));
    Letter { customer, language: tag(Language::Arabic), template: 1, message, topic }
}

/// Invisible characters by their names, so that they can be reviewed.
fn visible(text: &str) -> String {
    text.replace('\u{2068}', "⟦").replace('\u{2069}', "⟧").replace('\u{200f}', "›")
}

fn both(message: Message, topic: &Topic) -> String {
    let letter = letter(message, topic.clone());
    let [english, arabic] = [Language::English, Language::Arabic].map(|language| {
        let text = write(&letter, language);
        visible(&format!("{}\n\n{}", text.subject, text.body))
    });
    format!("{english}---\n{arabic}")
}

#[test]
fn every_kind_reads_well_in_both_languages() {
    let until = utc("2027-04-20T09:30:00Z");
    let fee = Some(jod(20_000));
    let refund = Some(jod(103_456));
    let changed = |change, before, fee, refund| Message::Changed { change, before, fee, refund };
    for (name, message) in [
        ("requested", Message::Requested { until }),
        ("held", Message::Held { until }),
        ("confirmed", Message::Confirmed {}),
        ("declined", Message::Declined {}),
        ("amended", changed(Change::Amended, jod(100_000), None, None)),
        ("rescheduled", changed(Change::Rescheduled, jod(123_456), None, None)),
        ("moved", changed(Change::Moved, jod(123_456), None, None)),
        ("lines_cancelled", changed(Change::LinesCancelled, jod(200_000), fee, Some(jod(56_544)))),
        ("cancelled", Message::Cancelled { fee, refund }),
        ("cancelled_freely", Message::Cancelled { fee: Some(jod(0)), refund: Some(jod(0)) }),
        ("cancelled_without_policy", Message::Cancelled { fee: None, refund: None }),
        ("lapsed", Message::Lapsed {}),
        ("waiting_list_offer", Message::WaitingListOffer { until }),
        ("reminder", Message::Reminder {}),
        ("no_show", Message::NoShow { fee, refund: None }),
        ("refunded", Message::Refunded { amount: jod(103_456) }),
    ] {
        insta::assert_snapshot!(name, both(message, &topic()));
    }
}

#[test]
fn times_and_money_are_written_where_it_takes_place() {
    let session = Topic {
        starts_at: utc("2027-05-01T15:30:00Z"),
        ends_at: utc("2027-05-01T17:00:00Z"),
        zone: Zone::try_new("Asia/Tokyo").unwrap(),
        nights: None,
        total: Some(money(4_500, "JPY")),
        ..topic()
    };
    insta::assert_snapshot!("times_of_a_day", both(Message::Confirmed {}, &session));
    let over_midnight = Topic { ends_at: utc("2027-05-02T17:00:00Z"), ..session };
    insta::assert_snapshot!("times_over_midnight", both(Message::Confirmed {}, &over_midnight));
}

#[test]
fn what_is_only_there_in_the_other_script_is_isolated() {
    let arabic = LocalizedText::try_new([("ar", "بيت البحر")]).unwrap();
    let english = LocalizedText::try_new([("en", "House by the Sea (2)")]).unwrap();
    let other = Topic { title: arabic, organization_name: None, booking: None, ..topic() };
    let told = letter(Message::Confirmed {}, other.clone());
    let text = write(&told, Language::English);
    assert_eq!(visible(&text.subject), "Confirmed: ⟦بيت البحر⟧");
    let told = letter(Message::Confirmed {}, Topic { title: english, ..other });
    let text = write(&told, Language::Arabic);
    assert_eq!(visible(&text.subject), "›تم التأكيد: ⟦House by the Sea (2)⟧");
    assert!(text.body.lines().all(|line| line.is_empty() || line.starts_with('\u{200f}')));
}

#[test]
fn numbers_take_the_plural_that_each_language_has_for_them() {
    let nights = |nights| {
        let topic = Topic {
            nights: Some(nights),
            lines: Quantity::try_new(nights + 1).unwrap(),
            ..topic()
        };
        let letter = letter(Message::Reminder {}, topic);
        let lines = [Language::English, Language::Arabic].map(|language| {
            let body = visible(&write(&letter, language).body);
            let lines: Vec<_> = body.lines().skip(2).take(2).map(str::to_owned).collect();
            lines.join(" | ")
        });
        format!("{nights}: {}", lines.join("\n   "))
    };
    let all: Vec<_> = [1, 2, 3, 10, 11, 99, 100, 101, 102, 103].map(nights).into();
    insta::assert_snapshot!("plurals", all.join("\n"));
}

#[test]
fn a_tag_means_the_language_it_begins_with() {
    assert_eq!(language_of("ar-JO"), Some(Language::Arabic));
    assert_eq!(language_of("EN"), Some(Language::English));
    assert_eq!(language_of("fr"), None);
}
