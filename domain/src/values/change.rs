//! What a change says about something that may be missing.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a change says about an optional thing. In JSON: no member, `null`, or the new value.
///
/// A field of this type is `#[serde(default, skip_serializing_if = "Change::is_kept")]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Kept,
    /// It is no longer there.
    Removed,
    /// It is this from now on.
    Set(T),
}

impl<T: PartialEq> Change<T> {
    /// What leads from one state to another.
    pub fn between(before: Option<&T>, after: Option<T>) -> Self {
        match after {
            after if after.as_ref() == before => Self::Kept,
            None => Self::Removed,
            Some(after) => Self::Set(after),
        }
    }
}

impl<T> Change<T> {
    /// Whether nothing changes.
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Kept)
    }
}

impl<T: Clone> Change<T> {
    /// Makes the change.
    pub fn apply(&self, target: &mut Option<T>) {
        match self {
            Self::Kept => {}
            Self::Removed => *target = None,
            Self::Set(value) => *target = Some(value.clone()),
        }
    }
}

/// The new value, if it is another one.
pub fn changed<T: PartialEq>(before: &T, after: T) -> Option<T> {
    (after != *before).then_some(after)
}

/// Puts a new value, if there is one, in the place of the old.
pub fn replace<T: Clone>(target: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        target.clone_from(new);
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Kept | Self::Removed => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::deserialize(deserializer)?;
        Ok(value.map_or(Self::Removed, Self::Set))
    }
}
