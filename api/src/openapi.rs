//! The API described: the OpenAPI document, its pages, and a page for each problem.

mod finish;

use axum::{
    Router,
    extract::Path,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    app::{self, App},
    pages::missing,
    problem::{Code, Language, Problem},
    wire::{FieldProblem, ProblemDetails},
};

/// What stands in the document beside the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Daybook",
        description = "Bookings that can never be sold twice, and a history that can be proved.\n\n\
            Every command takes an `Idempotency-Key`: the same request under the same key is carried out once and \
            answered the same each time. Every answer to a command carries its `position`; pass it as `min_position` \
            to a query to read what was written. Whatever is refused is a problem as RFC 9457 has it.",
        license(name = "MIT OR Apache-2.0", url = "https://spdx.org/licenses/MIT.html"),
    ),
    servers((url = "/", description = "This server")),
    security(("key" = [])),
    components(schemas(ProblemDetails, FieldProblem)),
    tags(
        (name = "organizations", description = "Whose all of it is, and who works there"),
        (name = "listings", description = "What can be booked"),
        (name = "resources", description = "What a booking occupies, how many there are, and its price"),
        (name = "sessions", description = "Concerts, departures and classes, and the places of each"),
        (name = "availability", description = "How many are free on which day"),
        (name = "bookings", description = "One customer's order, from the first hold to the end of the stay"),
        (name = "series", description = "Bookings that recur by a rule, made and changed together"),
        (name = "quotes", description = "What something would cost, kept to for a while"),
        (name = "add-ons", description = "What is sold beside what is booked, with a stock of its own"),
        (name = "vouchers", description = "A price or something off, so often and up to a budget, and places set aside"),
        (name = "tickets", description = "Who is let in: tickets with codes, and scans at gates"),
        (name = "waiting lists", description = "Who is served first when what is sold out becomes free"),
        (name = "payments", description = "Money asked for, taken and given back"),
        (name = "invoices", description = "Invoices and credit notes, numbered without a gap"),
        (name = "ledger", description = "What happened in money, in entries that sum to zero"),
        (name = "payouts", description = "What partners are owed, and what they were paid"),
        (name = "customers", description = "Who books, as the staff of an organization know them"),
        (name = "notices", description = "What customers are told, and whether it reached them"),
        (name = "analytics", description = "What happened, counted on the day it belongs to"),
        (name = "events", description = "The log, in order"),
        (name = "projections", description = "The read models"),
        (name = "api-keys", description = "Who may call"),
        (name = "operation", description = "Health and metrics"),
    ),
    modifiers(&Keys),
)]
struct Base;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key: `Authorization: Bearer dbk_…`"))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}

/// The document without routes.
pub fn base() -> openapi::OpenApi {
    Base::openapi()
}

/// The whole document, as it is served and kept in the repository.
pub fn document() -> openapi::OpenApi {
    finish::finish(app::api().into_openapi())
}

/// The document as text.
///
/// # Panics
/// Never: the document is plain JSON.
pub fn printed() -> String {
    let mut text = document().to_pretty_json().expect("the document is plain JSON");
    text.push('\n');
    text
}

/// The pages for people and the document for machines.
pub fn pages(document: openapi::OpenApi) -> Router<App> {
    let document = finish::finish(document);
    Router::new()
        .merge(SwaggerUi::new("/docs").url("/openapi.json", document))
        .route("/", get(index))
        .route("/problems/{code}", get(problem))
}

async fn index() -> Html<&'static str> {
    Html(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Daybook</title>\
         <h1>Daybook</h1><ul><li><a href=\"/docs/\">The API, to read and to try</a>\
         <li><a href=\"/openapi.json\">The API, for machines</a>\
         <li><a href=\"/health/ready\">Health</a><li><a href=\"/metrics\">Metrics</a></ul>",
    )
}

async fn problem(Path(code): Path<String>) -> Response {
    let known = Code::ALL.into_iter().find(|known| known.as_str() == code);
    match known {
        None => missing_problem().into_response(),
        Some(known) => {
            let retry = match known.retry_after() {
                Some(_) => "Trying again, after the time the answer names, can help.",
                None => "Sending the same request again will not help.",
            };
            let page = format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{code}</title>\
                 <h1>{}</h1><p lang=\"ar\" dir=\"rtl\">{}<p>Status {}. {retry}",
                known.title(Language::English),
                known.title(Language::Arabic),
                known.status().as_u16(),
            );
            Html(page).into_response()
        }
    }
}

fn missing_problem() -> Problem {
    missing("there is no such kind of problem", "problem_not_found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_in_the_repository_is_the_one_that_is_served() {
        let kept = include_str!("../openapi.json");
        assert!(
            kept == printed(),
            "api/openapi.json has drifted: `cargo run -p daybook -- openapi > api/openapi.json`, and review the change"
        );
    }

    #[test]
    fn a_body_whose_parts_stand_side_by_side_is_one_closed_object() {
        let document = serde_json::to_value(document()).unwrap();
        let schemas = &document["components"]["schemas"];
        let new = &schemas["NewListing"];
        assert_eq!(new["additionalProperties"], false);
        for member in ["organization_id", "name", "check_in", "occurred_at"] {
            assert!(new["properties"][member].is_object(), "{member}: {new}");
        }
        let patch = &schemas["ListingPatch"];
        assert!(patch["properties"]["summary"].is_object(), "{patch}");
        assert!(patch["required"].is_null(), "{patch}");
        assert!(!document.to_string().contains("\"allOf\""));
    }

    #[test]
    fn every_answer_is_described_and_every_parameter_named_once() {
        let document = serde_json::to_value(document()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let description = response["description"].as_str().unwrap_or_default();
                    assert!(!description.is_empty(), "{method} {path} {status}");
                }
                let names = operation["parameters"].as_array().into_iter().flatten();
                let mut names: Vec<_> = names.map(|parameter| parameter["name"].as_str()).collect();
                let all = names.len();
                names.dedup();
                assert_eq!(names.len(), all, "{method} {path}");
            }
        }
    }
}
