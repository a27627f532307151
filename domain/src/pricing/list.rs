//! Lists whose members have to fit together: a mistake is told at the member that makes it.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};

/// Why a member does not fit to those before it.
pub(crate) type Check<T, E> = fn(before: &[T], next: &T) -> Result<(), E>;

/// Reads a list of at most so many members, each of which fits to those before it.
pub(crate) fn checked_list<'de, D, T, E>(
    deserializer: D,
    most: usize,
    check: Check<T, E>,
) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
    E: fmt::Display,
{
    deserializer.deserialize_seq(List { most, check })
}

struct List<T, E> {
    most: usize,
    check: Check<T, E>,
}

struct Member<'a, T, E> {
    before: &'a [T],
    list: &'a List<T, E>,
}

impl<'de, T: Deserialize<'de>, E: fmt::Display> Visitor<'de> for List<T, E> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {}", self.most)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_element_seed(Member { before: &all, list: &self })? {
            all.push(member);
        }
        Ok(all)
    }
}

impl<'de, T: Deserialize<'de>, E: fmt::Display> DeserializeSeed<'de> for Member<'_, T, E> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        if self.before.len() == self.list.most {
            return Err(D::Error::custom(format!("there are at most {}", self.list.most)));
        }
        let member = T::deserialize(deserializer)?;
        (self.list.check)(self.before, &member).map_err(D::Error::custom)?;
        Ok(member)
    }
}
