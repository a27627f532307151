//! Changes in part: JSON merge patches as RFC 7396 has them, and bodies of which a part can be patched later.

use std::{borrow::Cow, marker::PhantomData};

use daybook_domain::values::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat,
        schema::{AdditionalProperties, Schema, SchemaType, Type},
    },
};

use crate::{
    extract::{self, CommandBody},
    problem::Problem,
};

/// What shall be different about a thing that is shown as `T`: members that are not there stay, `null` removes one.
///
/// `occurred_at` is no member of the thing: it says when the change happened, if not now.
#[derive(Clone, Debug, Deserialize)]
#[serde(bound = "")]
pub struct MergePatch<T> {
    #[serde(default)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    members: Map<String, Value>,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> MergePatch<T> {
    /// The thing as it shall be.
    ///
    /// # Panics
    /// Never: what is shown is plain JSON.
    pub fn apply(&self, present: &T) -> Result<T, Problem> {
        let mut whole = serde_json::to_value(present).expect("what is shown is plain JSON");
        merge(&mut whole, Value::Object(self.members.clone()));
        typed(whole)
    }
}

impl<T: 'static> CommandBody for MergePatch<T> {
    const MEDIA_TYPE: &'static str = "application/merge-patch+json";

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// The members of a body that make up a `T`, still to be checked: what a member flattened into a body would lose is
/// where in it something is wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Unchecked<T> {
    members: Map<String, Value>,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Unchecked<T> {
    /// The thing, if it is one.
    pub fn checked(self) -> Result<T, Problem> {
        typed(Value::Object(self.members))
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| extract::misplaced(&error))
}

impl<T: ToSchema> PartialSchema for MergePatch<T> {
    /// The schema of the thing, all members optional.
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(mut object)) = T::schema() else { return T::schema() };
        object.description = Some(
            "What changes. What is not given stays; `null` removes; an object is changed member by member, \
             anything else as a whole (RFC 7396)."
                .to_owned(),
        );
        object.required.clear();
        let at = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("When it happened, if not now (needs the right `record_past`)."));
        object.properties.insert("occurred_at".to_owned(), at.into());
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        Schema::Object(object).into()
    }
}

impl<T: ToSchema> ToSchema for MergePatch<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Patch", T::name().trim_end_matches("Content")).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::problem::Language;

    #[test]
    fn the_examples_of_rfc_7396_come_out_as_it_says() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, patch.clone());
            assert_eq!(merged, result, "{target} {patch}");
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<u8>,
    }

    fn patched(patch: &str) -> Result<Thing, Problem> {
        let patch: MergePatch<Thing> = extract::parse(patch.as_bytes())?;
        patch.apply(&Thing { name: "old".to_owned(), size: Some(1) })
    }

    #[test]
    fn a_patch_changes_what_it_names_and_says_what_is_wrong_with_it() {
        let thing = patched(r#"{"name": "new", "size": null}"#).unwrap();
        assert_eq!(thing, Thing { name: "new".to_owned(), size: None });
        let thing = patched(r#"{"occurred_at": "2027-05-30T10:00:00Z"}"#).unwrap();
        assert_eq!(thing, Thing { name: "old".to_owned(), size: Some(1) });
        for (patch, place) in [
            (r#"{"size": 256}"#, "/size"),
            (r#"{"colour": "red"}"#, "/colour"),
            (r#"{"occurred_at": "soon"}"#, "/occurred_at"),
        ] {
            let problem = patched(patch).unwrap_err();
            assert!(problem.write(Language::default(), None).contains(place), "{patch}");
        }
        for wrong in ["[]", "null", "1", r#"{"name": null}"#] {
            assert!(patched(wrong).is_err(), "{wrong}");
        }
    }
}
