//! The values the rules speak in. Each is checked once, where it enters, and trusted from there on;
//! JSON goes through the same check as any other input.

mod address;
mod admission;
mod attributes;
mod busy_time;
mod change;
mod code;
mod codes;
mod contact;
mod currency;
mod day_range;
mod dimensions;
mod durations;
mod folded;
mod ids;
mod images;
mod limits;
mod localized_text;
mod money;
mod month;
mod numbers;
mod party;
mod phone_number;
mod provider_reference;
mod sales_window;
mod seat;
mod stay;
mod text;
mod time_range;
mod voucher_code;
mod wall_time;
mod weekdays;
mod weekend;
mod zone;

#[cfg(test)]
mod tests;

pub use address::{
    Address, AddressLines, Country, Location, OffTheGlobe, TooManyLines, UnknownCountry,
};
pub use admission::{
    CodeHash, CodeHashError, Generation, Nonce, NonceError, TicketId, TicketNumber,
};
pub use attributes::{Attribute, Attributes, Number, NumberTooLarge, TooManyAttributes};
pub use busy_time::{BusyTime, BusyTimeError};
pub use change::{Change, changed, replace};
pub use code::{Code, CodeError};
pub use codes::{Codes, CodesError};
pub use contact::{Contact, ContactError, Email, Phone, WebAddress};
pub use currency::{Currency, UnknownCurrency};
pub use day_range::{DayRange, DayRangeError, FIRST_DAY, LAST_DAY};
pub use dimensions::{Dimensions, Extras, TooManyExtras};
pub use durations::{DayCount, Length, Minutes, NightCount};
pub use folded::Folded;
pub use ids::{
    AccountId, AddOnId, BlockId, BookingId, CalendarId, CalendarIdError, CancellationQuoteId,
    CustomerId, InvoiceId, ListingId, NoteId, NoticeId, OrganizationId, PaymentId, PayoutId,
    PrincipalId, QuoteId, RefundId, ResourceId, SeriesId, SessionId, VoucherId, WaitingEntryId,
    WaitingListId,
};
pub use images::{Image, Images, ImagesError, ImpossibleSize, Pixels};
pub use limits::Limits;
pub use localized_text::{
    Description, Language, LocalizedText, LocalizedTextError, UnknownLanguage,
};
pub use money::{Money, MoneyError};
pub use month::{Month, MonthError};
pub use numbers::{Capacity, NumberError, Priority, Quantity};
pub use party::{Party, PartyTooLarge};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use provider_reference::{ProviderReference, ProviderReferenceError};
pub use sales_window::SalesWindow;
pub use seat::{RowName, Seat, SeatError};
pub use stay::{Stay, StayError};
pub use text::{Label, Phrase, Reason, Remark, TextError};
pub use time_range::{EmptyRange, TimeRange};
pub use voucher_code::{VoucherCode, VoucherCodeError};
pub use wall_time::{WallTime, WallTimeError};
pub use weekdays::Weekdays;
pub use weekend::Weekend;
pub use zone::{UnknownZone, Zone};

/// An instant, always in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// Stores a value as the text it displays and reads it back through its own `FromStr`.
macro_rules! stored_as_text {
    ($type:ty, $expecting:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;

                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                deserializer.deserialize_str(Text)
            }
        }
    };
}
pub(crate) use stored_as_text;
