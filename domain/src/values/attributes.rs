//! What distinguishes one room, boat or course from another.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Code, Label};

/// The value of an attribute: 40 seats, a projector or none, "oak".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// It is so, or it is not.
    Flag(bool),
    /// How many, or how much.
    Number(Number),
    /// In words.
    Text(Label),
}

/// A finite number up to 10^15 either way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(f64);

impl Eq for Number {} // it is never NaN

/// The number is not finite, or beyond what can be counted exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number lies between -10^15 and 10^15")]
pub struct NumberTooLarge;

impl Number {
    const MAX: f64 = 1e15;

    /// The number, if it is within its bounds.
    pub fn try_new(value: f64) -> Result<Self, NumberTooLarge> {
        if value.abs() <= Self::MAX { Ok(Self(value + 0.0)) } else { Err(NumberTooLarge) }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(Number(value)) if value.fract() == 0.0 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
                serializer.serialize_i64(*value as i64)
            }
            Self::Number(Number(value)) => serializer.serialize_f64(*value),
            Self::Text(text) => text.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl de::Visitor<'_> for Any {
            type Value = Attribute;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text of 1 to 64 characters, a number, true or false")
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Attribute, E> {
                Ok(Attribute::Flag(flag))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Attribute, E> {
                Number::try_new(value).map(Attribute::Number).map_err(E::custom)
            }

            #[expect(clippy::cast_precision_loss, reason = "what would lose is out of bounds")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Attribute, E> {
                self.visit_f64(value as f64)
            }

            #[expect(clippy::cast_precision_loss, reason = "what would lose is out of bounds")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Attribute, E> {
                self.visit_f64(value as f64)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Attribute, E> {
                Label::try_new(text).map(Attribute::Text).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// Up to 50 attributes by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Code, Attribute>")]
pub struct Attributes(BTreeMap<Code, Attribute>);

/// There are more attributes than anybody compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are at most {} attributes", Attributes::MAX)]
pub struct TooManyAttributes;

impl Attributes {
    /// The most attributes.
    pub const MAX: usize = 50;

    /// The attributes by name.
    pub fn try_new(attributes: BTreeMap<Code, Attribute>) -> Result<Self, TooManyAttributes> {
        if attributes.len() > Self::MAX { Err(TooManyAttributes) } else { Ok(Self(attributes)) }
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Code, &Attribute)> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        self.0.len() * (size_of::<(Code, Attribute)>() + 64)
    }
}

impl TryFrom<BTreeMap<Code, Attribute>> for Attributes {
    type Error = TooManyAttributes;

    fn try_from(attributes: BTreeMap<Code, Attribute>) -> Result<Self, Self::Error> {
        Self::try_new(attributes)
    }
}
