//! Laws of the values that describe what is offered.

use proptest::prelude::*;

use super::{refused, stored_as};
use crate::testing::text;
use crate::values::{
    Address, Attributes, Change, Code, Codes, CodesError, Contact, Country, Description, Email,
    Images, ImagesError, Location, OffTheGlobe, Phone, WebAddress,
};

#[test]
fn codes_are_short_and_plain() {
    for code in ["a", "boat-trip", "wheel_chair", "4x4", &"x".repeat(40)] {
        assert!(Code::try_new(code).is_ok(), "{code}");
    }
    for wrong in ["", "Boat", "boat trip", "قارب", "a\0", &"x".repeat(41)] {
        assert!(Code::try_new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn codes_are_kept_once_each_and_not_too_many() {
    let codes = |n: usize| (0..n).map(|n| Code::try_new(&format!("tag-{n}")).unwrap());
    assert!(Codes::try_new(codes(50)).is_ok());
    assert_eq!(Codes::try_new(codes(51)), Err(CodesError::TooMany));
    let sea = Code::try_new("sea").unwrap();
    assert_eq!(Codes::try_new([sea.clone(), sea.clone()]), Err(CodesError::Repeated(sea)));
}

#[test]
fn attributes_are_flags_numbers_or_texts() {
    let written = r#"{"area":12.5,"depth":-3,"projector":true,"seats":40,"wood":"oak"}"#;
    let attributes: Attributes = serde_json::from_str(written).unwrap();
    stored_as(&attributes, written);
    assert_eq!(serde_json::from_str::<Attributes>(r#"{"seats":40.0}"#).unwrap(), {
        serde_json::from_str(r#"{"seats":40}"#).unwrap()
    });
    for wrong in [
        r#"{"seats":null}"#,
        r#"{"seats":[1]}"#,
        r#"{"Seats":1}"#,
        r#"{"seats":1e16}"#,
        r#"{"seats":""}"#,
    ] {
        refused::<Attributes>(wrong);
    }
    let many: Vec<_> = (0..51).map(|n| format!("\"a{n}\":1")).collect();
    refused::<Attributes>(&format!("{{{}}}", many.join(",")));
}

#[test]
fn countries_have_the_codes_of_iso_3166() {
    for code in ["JO", "MX", "AX", "ZW", "PS", "GB"] {
        assert_eq!(Country::try_new(code).unwrap().to_string(), code);
    }
    for wrong in ["", "jo", "JOR", "XX", "UK", "J", "O ", "D A", "AD AE"] {
        assert!(Country::try_new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_address_needs_its_country_and_six_lines_at_the_most() {
    let written = r#"{"lines":["Rainbow Street 12"],"locality":"Amman","country":"JO"}"#;
    let address: Address = serde_json::from_str(written).unwrap();
    stored_as(&address, written);
    refused::<Address>(r#"{"locality":"Amman"}"#);
    refused::<Address>(r#"{"country":"JO","lines":["1","2","3","4","5","6","7"]}"#);
    refused::<Address>(r#"{"country":"JO","planet":"Earth"}"#);
}

#[test]
fn locations_are_decimal_degrees_on_the_globe() {
    let amman = Location::try_new(31_951_569, 35_923_963).unwrap();
    stored_as(&amman, r#"{"latitude":31.951569,"longitude":35.923963}"#);
    assert_eq!(Location::try_new(90_000_001, 0), Err(OffTheGlobe::Latitude));
    assert_eq!(Location::try_new(0, -180_000_001), Err(OffTheGlobe::Longitude));
    for wrong in [
        r#"{"latitude":91,"longitude":0}"#,
        r#"{"latitude":-90.0000001,"longitude":0}"#,
        r#"{"latitude":0,"longitude":180.1}"#,
        r#"{"latitude":"31","longitude":35}"#,
        r#"{"latitude":31}"#,
    ] {
        refused::<Location>(wrong);
    }
}

#[test]
fn ways_to_reach_somebody_have_their_forms() {
    for address in ["desk@example.com", "a.b+c@mail.example.co.uk", "مكتب@مثال.إختبار"]
    {
        assert!(Email::try_new(address).is_ok(), "{address}");
    }
    for wrong in ["", "desk", "@example.com", "desk@", "a b@example.com", "desk@localhost"] {
        assert!(Email::try_new(wrong).is_err(), "{wrong}");
    }
    for number in ["+962 6 555 0100", "+1 (555) 010-0100", "+96265550100"] {
        assert!(Phone::try_new(number).is_ok(), "{number}");
    }
    for wrong in ["", "06 555 0100", "+", "+1234", "+962 6 call me", "+123456789012345678901"] {
        assert!(Phone::try_new(wrong).is_err(), "{wrong}");
    }
    for address in ["https://example.com", "https://example.com:8443/a%20b.jpg?x=1#y"] {
        assert!(WebAddress::try_new(address).is_ok(), "{address}");
    }
    for wrong in [
        "http://example.com/a.jpg",
        "https://",
        "https:///a.jpg",
        "https://user@example.com/",
        "https://example.com/a b.jpg",
        "https://example.com:99999/",
        "javascript:alert(1)",
        "https://-example.com/",
    ] {
        assert!(WebAddress::try_new(wrong).is_err(), "{wrong}");
    }
    refused::<Contact>(r#"{"fax":"+962 6 555 0100"}"#);
}

#[test]
fn there_are_at_most_thirty_images_each_once() {
    let images = |n: usize| {
        let image = |n| serde_json::json!({"url": format!("https://example.com/{n}.jpg")});
        let images = (0..n).map(image).collect::<Vec<_>>();
        serde_json::to_string(&images).unwrap()
    };
    assert!(serde_json::from_str::<Images>(&images(30)).is_ok());
    refused::<Images>(&images(31));
    let one: Images = serde_json::from_str(&images(1)).unwrap();
    let twice = [one.as_slice(), one.as_slice()].concat();
    assert!(matches!(Images::try_new(twice), Err(ImagesError::Repeated(_))));
    refused::<Images>(r#"[{"url":"https://example.com/a.jpg","width":0}]"#);
}

#[test]
fn descriptions_are_longer_than_names() {
    assert!(Description::try_new([("en", "x".repeat(10_000))]).is_ok());
    assert!(Description::try_new([("en", "x".repeat(10_001))]).is_err());
    assert!(Description::try_new([("not a tag", "x")]).is_err());
}

#[test]
fn a_change_leads_from_one_to_the_other() {
    let (old, new) = (text("old"), text("new"));
    let between = |before: Option<&_>, after: Option<_>| {
        let change = Change::between(before, after.clone());
        let mut target = before.cloned();
        change.apply(&mut target);
        assert_eq!(target, after);
        change
    };
    assert_eq!(between(None, None), Change::Kept);
    assert_eq!(between(Some(&old), Some(old.clone())), Change::Kept);
    assert_eq!(between(Some(&old), None), Change::Removed);
    assert_eq!(between(Some(&old), Some(new.clone())), Change::Set(new.clone()));
    assert_eq!(between(None, Some(new.clone())), Change::Set(new));
}

proptest! {
    #[test]
    fn every_point_on_the_globe_is_read_back_as_it_was_written(
        latitude in -90_000_000..=90_000_000_i32,
        longitude in -180_000_000..=180_000_000_i32,
    ) {
        let location = Location::try_new(latitude, longitude).unwrap();
        let written = serde_json::to_string(&location).unwrap();
        prop_assert_eq!(serde_json::from_str::<Location>(&written).unwrap(), location);
    }
}
