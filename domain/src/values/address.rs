//! Where something is: for the post, and on the globe.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Phrase;

/// A postal address; only the country is never missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street, house and so on, up to six lines.
    #[serde(default, skip_serializing_if = "AddressLines::is_empty")]
    pub lines: AddressLines,
    /// The town or village.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<Phrase>,
    /// The state, governorate or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Phrase>,
    /// The postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Phrase>,
    /// The country.
    pub country: Country,
}

/// The lines of an address above the town, up to six.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Phrase>")]
pub struct AddressLines(Vec<Phrase>);

/// The address has more lines than an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address has at most {} lines above the town", AddressLines::MAX)]
pub struct TooManyLines;

impl AddressLines {
    /// The most lines.
    pub const MAX: usize = 6;

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines from the top.
    pub fn as_slice(&self) -> &[Phrase] {
        &self.0
    }
}

impl TryFrom<Vec<Phrase>> for AddressLines {
    type Error = TooManyLines;

    fn try_from(lines: Vec<Phrase>) -> Result<Self, TooManyLines> {
        if lines.len() > Self::MAX { Err(TooManyLines) } else { Ok(Self(lines)) }
    }
}

/// A country by its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The code stands for no country.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 3166-1 alpha-2 country code")]
pub struct UnknownCountry(String);

/// Every code that is officially assigned.
const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

impl Country {
    /// The country behind a code such as `JO`.
    pub fn try_new(code: &str) -> Result<Self, UnknownCountry> {
        let known = COUNTRIES.split(' ').any(|country| country == code);
        match code.as_bytes() {
            [first, second] if known => Ok(Self([*first, *second])),
            _ => Err(UnknownCountry(code.chars().take(16).collect())),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::try_new(code)
    }
}

super::stored_as_text!(Country, "an ISO 3166-1 alpha-2 country code");

/// A point on the globe, to the millionth of a degree: about a tenth of a metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct Location {
    latitude: i32,
    longitude: i32,
}

/// The point is not on the globe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OffTheGlobe {
    /// Beyond a pole.
    #[error("a latitude lies between -90 and 90 degrees")]
    Latitude,
    /// Beyond the antimeridian.
    #[error("a longitude lies between -180 and 180 degrees")]
    Longitude,
}

impl Location {
    /// The point at a latitude and a longitude in millionths of a degree.
    pub fn try_new(latitude: i32, longitude: i32) -> Result<Self, OffTheGlobe> {
        if !(-90_000_000..=90_000_000).contains(&latitude) {
            return Err(OffTheGlobe::Latitude);
        }
        if !(-180_000_000..=180_000_000).contains(&longitude) {
            return Err(OffTheGlobe::Longitude);
        }
        Ok(Self { latitude, longitude })
    }

    /// North of the equator, in millionths of a degree.
    pub fn latitude(self) -> i32 {
        self.latitude
    }

    /// East of Greenwich, in millionths of a degree.
    pub fn longitude(self) -> i32 {
        self.longitude
    }
}

/// A location as JSON has it: decimal degrees, exact to the sixth place.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Location")]
struct Degrees {
    latitude: Latitude,
    longitude: Longitude,
}

/// Each is checked where it stands, so that an error can name it.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
struct Latitude(i32);

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
struct Longitude(i32);

/// Degrees as millionths, if they are at most so many.
fn millionths(degrees: f64, most: f64) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "180 million fit")]
    (degrees.abs() <= most).then(|| (degrees * 1e6).round() as i32)
}

impl TryFrom<f64> for Latitude {
    type Error = OffTheGlobe;

    fn try_from(degrees: f64) -> Result<Self, OffTheGlobe> {
        millionths(degrees, 90.0).map(Self).ok_or(OffTheGlobe::Latitude)
    }
}

impl TryFrom<f64> for Longitude {
    type Error = OffTheGlobe;

    fn try_from(degrees: f64) -> Result<Self, OffTheGlobe> {
        millionths(degrees, 180.0).map(Self).ok_or(OffTheGlobe::Longitude)
    }
}

impl From<Latitude> for f64 {
    fn from(latitude: Latitude) -> Self {
        Self::from(latitude.0) / 1e6
    }
}

impl From<Longitude> for f64 {
    fn from(longitude: Longitude) -> Self {
        Self::from(longitude.0) / 1e6
    }
}

impl TryFrom<Degrees> for Location {
    type Error = OffTheGlobe;

    fn try_from(degrees: Degrees) -> Result<Self, OffTheGlobe> {
        Self::try_new(degrees.latitude.0, degrees.longitude.0)
    }
}

impl From<Location> for Degrees {
    fn from(location: Location) -> Self {
        Self { latitude: Latitude(location.latitude), longitude: Longitude(location.longitude) }
    }
}
