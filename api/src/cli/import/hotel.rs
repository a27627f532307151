//! The two hotels of the file, and what they have in common.

use chrono::NaiveTime;
use daybook_domain::values::{Currency, LocalizedText, Zone};

/// One of the two hotels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Hotel {
    Resort,
    City,
}

impl Hotel {
    pub(super) const ALL: [Self; 2] = [Self::Resort, Self::City];
    pub(super) const CHECK_IN: NaiveTime = on_the_hour(15);
    pub(super) const CHECK_OUT: NaiveTime = on_the_hour(11);

    /// The hotel with this name in the file.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hotel| hotel.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Resort => "Resort Hotel",
            Self::City => "City Hotel",
        }
    }

    pub(super) fn localized_name(self) -> LocalizedText {
        let arabic = match self {
            Self::Resort => "فندق المنتجع",
            Self::City => "فندق المدينة",
        };
        LocalizedText::try_new([("en", self.name()), ("ar", arabic)])
            .expect("the texts are short and their tags valid")
    }
}

/// Both hotels are in Portugal: this is the zone of every date in the file.
pub(super) fn zone() -> Zone {
    Zone::try_new("Europe/Lisbon").expect("the zone is in the database")
}

/// The currency of every rate in the file.
pub(super) fn currency() -> Currency {
    "EUR".parse().expect("the euro is a currency")
}

/// The name of a room type, which the file only knows by a letter.
pub(super) fn room_name(room_type: &str) -> LocalizedText {
    let (english, arabic) =
        (format!("Room type {room_type}"), format!("غرفة من الفئة {room_type}"));
    LocalizedText::try_new([("en", english), ("ar", arabic)])
        .expect("a label makes a short text and the tags are valid")
}

/// A full hour on the wall clock.
pub(super) const fn on_the_hour(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}
