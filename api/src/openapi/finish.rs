//! What the derived document still lacks: bodies whose parts stand side by side, and an example for each business.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::{
    Object, OpenApi, RefOr,
    example::ExampleBuilder,
    path::Operation,
    schema::{AdditionalProperties, AllOf, ArrayItems, Schema},
};

/// Five businesses, each with requests that make its organization, a listing and a resource, and say when that can be
/// booked.
const EXAMPLES: [(&str, &str); 5] = [
    ("resort", include_str!("../../examples/resort.json")),
    ("events", include_str!("../../examples/events.json")),
    ("campus", include_str!("../../examples/campus.json")),
    ("salon", include_str!("../../examples/salon.json")),
    ("tours", include_str!("../../examples/tours.json")),
];

/// The document, ready to be served.
pub(super) fn finish(mut document: OpenApi) -> OpenApi {
    unfold(&mut document);
    add_examples(&mut document);
    document
}

/// Writes out what is flattened into a body: as `allOf`, two schemas that are each closed would allow nothing at all.
fn unfold(document: &mut OpenApi) {
    let Some(components) = &mut document.components else { return };
    let known = components.schemas.clone();
    for (name, schema) in &mut components.schemas {
        unfold_in(schema, &known);
        // A request with an unknown member is refused; an answer may gain one.
        if let RefOr::T(Schema::Object(body)) = schema
            && name.starts_with("New")
        {
            body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

fn unfold_in(schema: &mut RefOr<Schema>, known: &BTreeMap<String, RefOr<Schema>>) {
    match schema {
        RefOr::T(Schema::AllOf(parts)) => {
            *schema = Schema::Object(side_by_side(parts, known)).into();
        }
        RefOr::T(Schema::Object(object)) => {
            object.properties.values_mut().for_each(|member| unfold_in(member, known));
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(item) = &mut array.items {
                unfold_in(item, known);
            }
        }
        _ => {} // nothing else of ours has parts
    }
}

fn side_by_side(parts: &AllOf, known: &BTreeMap<String, RefOr<Schema>>) -> Object {
    let mut whole = Object::new();
    whole.description.clone_from(&parts.description);
    for part in &parts.items {
        let part = match part {
            RefOr::Ref(part) => {
                part.ref_location.rsplit('/').next().and_then(|name| known.get(name))
            }
            RefOr::T(_) => Some(part),
        };
        if let Some(RefOr::T(Schema::Object(part))) = part {
            whole.properties.extend(part.properties.clone());
            whole.required.extend(part.required.clone());
        }
    }
    whole
}

fn add_examples(document: &mut OpenApi) {
    for (business, file) in EXAMPLES {
        let example: Value = serde_json::from_str(file).expect("the examples are JSON");
        for (path, part) in [
            ("/v1/organizations", "organization"),
            ("/v1/listings", "listing"),
            ("/v1/resources", "resource"),
            ("/v1/bookings", "booking"),
            ("/v1/quotes", "quote"),
            ("/v1/customers", "customer"),
            ("/v1/vouchers", "voucher"),
            ("/v1/add-ons", "add_on"),
            ("/v1/resources/{id}/schedules", "schedules"),
            ("/v1/resources/{id}/stay-rules", "stay_rules"),
            ("/v1/sessions", "session"),
            ("/v1/series", "series"),
            ("/v1/bookings/{id}/tickets/{number}/transfer", "transfer"),
            ("/v1/scans", "scan"),
            ("/v1/waiting-list-entries", "waiting"),
        ] {
            let post = document.paths.paths.get_mut(path).and_then(|item| item.post.as_mut());
            if let (Some(post), Some(value)) = (post, example.get(part)) {
                let summary = example["summary"].as_str().unwrap_or_default();
                add_example(post, business, summary, value);
            }
        }
    }
}

fn add_example(operation: &mut Operation, name: &str, summary: &str, value: &Value) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    for body in body.content.values_mut() {
        if let RefOr::T(body) = body {
            let example = ExampleBuilder::new().summary(summary).value(Some(value.clone())).build();
            body.examples.insert(name.to_owned(), example.into());
        }
    }
}
