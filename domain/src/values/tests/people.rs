//! What people are called, and how they are reached.

use proptest::prelude::*;

use super::{refused, stored_as};
use crate::values::{Code, Codes, CodesError, Email, Folded, PhoneNumber, Remark, TextError};

fn folded(text: &str) -> String {
    Folded::of(text).as_str().to_owned()
}

fn codes(codes: &[&str]) -> Codes {
    Codes::try_new(codes.iter().map(|code| Code::try_new(code).unwrap())).unwrap()
}

#[test]
fn a_telephone_number_is_kept_without_what_stands_between_its_digits() {
    for written in ["+962 6 555 0100", "+962-6-5550100", "+962 (6) 555.0100", " +96265550100 "] {
        assert_eq!(PhoneNumber::try_new(written).unwrap().as_str(), "+96265550100", "{written}");
    }
    stored_as(&PhoneNumber::try_new("+12025550147").unwrap(), "\"+12025550147\"");
    stored_as(&PhoneNumber::try_new("+1234567").unwrap(), "\"+1234567\"");
    stored_as(&PhoneNumber::try_new("+123456789012345").unwrap(), "\"+123456789012345\"");
}

#[test]
fn what_is_no_telephone_number_with_its_country_is_refused() {
    for wrong in [
        "",
        "+",
        "065550100",
        "00962 6 555 0100",
        "+0962655501",
        "+123456",
        "+1234567890123456",
        "+962 6 555 x10",
        "+962 6 555 0100;ext=1",
        "+44 (0)20 7946 0018",
        "+٩٦٢٦٥٥٥٠١٠٠",
        "++96265550100",
    ] {
        refused::<PhoneNumber>(&serde_json::to_string(wrong).unwrap());
    }
    refused::<PhoneNumber>(&format!("\"+1{}\"", " ".repeat(100) + "234567"));
}

#[test]
fn two_spellings_of_a_mailbox_are_the_same() {
    let [one, other] = ["Rania.Haddad@Example.com", "rania.haddad@example.COM"]
        .map(|e| Email::try_new(e).unwrap());
    assert_eq!(one.folded(), other.folded());
}

#[test]
fn a_remark_runs_over_several_lines_and_ends() {
    stored_as(&Remark::try_new(" Prefers\nthe terrace ").unwrap(), "\"Prefers\\nthe terrace\"");
    assert_eq!(Remark::try_new(" \n "), Err(TextError::Empty));
    assert_eq!(Remark::try_new("a\u{0}"), Err(TextError::ControlCharacter));
    assert!(Remark::try_new(&"ن".repeat(Remark::MAX)).is_ok());
    let too_long = Err(TextError::TooLong { max: Remark::MAX });
    assert_eq!(Remark::try_new(&"ن".repeat(Remark::MAX + 1)), too_long);
}

#[test]
fn codes_are_put_together_and_told_apart() {
    let (own, others) = (codes(&["vip", "group"]), codes(&["vip", "press"]));
    assert_eq!(others.less(&own), codes(&["press"]));
    assert_eq!(own.and(&others), Ok(codes(&["vip", "group", "press"])));
    let many = |from: usize| {
        Codes::try_new((from..from + 30).map(|n| Code::try_new(&format!("c{n}")).unwrap())).unwrap()
    };
    assert_eq!(many(0).and(&many(30)), Err(CodesError::TooMany));
    assert!(many(0).and(&many(10)).is_ok());
}

#[test]
fn arabic_names_are_found_however_their_letters_are_written() {
    for (one, other) in [
        ("أحمد", "احمد"),
        ("إيمان", "ايمان"),
        ("آمال", "امال"),
        ("هدى", "هدي"),
        ("فاطمة", "فاطمه"),
        ("مُحَمَّد", "محمد"),
        ("محـــمد", "محمد"),
        ("مؤمن", "مومن"),
        ("رائد", "رايد"),
        ("کریم", "كريم"),
        ("قاعة ٣", "قاعه 3"),
        ("عبد‌الله", "عبدالله"),
    ] {
        assert_eq!(folded(one), folded(other), "{one} {other}");
    }
    assert_ne!(folded("سلمى"), folded("سليم"));
}

#[test]
fn latin_names_are_found_without_their_accents() {
    for (one, other) in [
        ("Zoë  Müller", "zoe muller"),
        ("José-María Ñúñez", "jose maria nunez"),
        ("O’Brien", "OBRIEN"),
        ("Weiß", "WEISS"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("İpek IŞIK", "ipek isik"),
        ("Søren Ærø", "soren aero"),
        ("Smith & Sons, Ltd.", "smith sons ltd"),
        ("e\u{301}milie", "émilie"),
    ] {
        assert_eq!(folded(one), folded(other), "{one} {other}");
    }
    for nothing in ["", " ", "?!", "ـــ", "'\u{202e}"] {
        assert_eq!(folded(nothing), "", "{nothing}");
    }
}

#[test]
fn an_arabic_word_is_found_with_its_article_and_without() {
    let findable = |text: &str| Folded::of(text).findable().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(findable("نادية العلي"), ["ناديه", "العلي", "علي"]);
    assert_eq!(findable("عبد الله"), ["عبد", "الله"]);
    assert_eq!(findable("?"), [""; 0]);
}

proptest! {
    #[test]
    fn folding_what_is_folded_changes_nothing(text in "\\PC{0,40}|[ا-ي ًـآأإىئة]{0,20}|[À-ž ']{0,20}") {
        let once = folded(&text);
        prop_assert_eq!(folded(&once), once.clone());
        prop_assert!(once.split(' ').all(|word| !word.is_empty()) || once.is_empty());
        let plain = |c: char| c == ' ' || c.is_alphanumeric();
        prop_assert!(once.chars().all(plain), "{}", once);
    }
}
