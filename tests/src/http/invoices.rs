//! Invoices and credit notes: what they say, when they come about by themselves, and how they are read.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::selling::{booked, euros, hotel_with, pay};
use crate::harness::{Client, Hotel, World, eventually, undocumented, with};

/// Far longer than it takes to issue a document.
const PATIENCE: Duration = Duration::from_secs(15);

/// In whose name the organization invoices.
fn invoicing(automatic: bool) -> Value {
    json!({
        "legal_name": "شركة منتجعات الخليج",
        "address": {"lines": ["Corniche 12"], "locality": "Aqaba", "country": "JO"},
        "tax_number": "JO-1234567",
        "prefix": "BAY",
        "language": "ar",
        "automatic": automatic,
    })
}

/// A hotel whose prices include a tax of 6 %, and which keeps half of what is called off.
pub(crate) async fn hotel(client: &Client, automatic: bool) -> Hotel {
    let selling = json!({
        "taxes": [{"code": "vat", "name": {"en": "VAT"}, "rate": 600, "included": true}],
        "policy": {"tiers": [{"fee": {"percent": 5_000}}]},
    });
    let hotel = hotel_with(client, &selling).await;
    register(client, &hotel, automatic).await;
    hotel
}

/// Registers the hotel's organization, which invoices.
pub(crate) async fn register(client: &Client, hotel: &Hotel, automatic: bool) {
    let organization = json!({
        "id": hotel.organization,
        "name": {"en": "Bay Resorts"},
        "zone": "Asia/Amman",
        "currency": "EUR",
        "weekend": "fri_sat",
        "invoicing": invoicing(automatic),
    });
    client.post("/v1/organizations", &organization).await.id(201);
}

/// Two stays of different lengths.
fn two_stays(hotel: &Hotel) -> Value {
    let lines = [hotel.line("2031-06-02", "2031-06-05"), hotel.line("2031-06-10", "2031-06-11")];
    json!({"listing_id": hotel.listing, "lines": lines})
}

async fn issue(client: &Client, booking: &str, body: &Value) -> Vec<Value> {
    let issued = client.post(&format!("/v1/bookings/{booking}/invoices"), body).await;
    issued.expect(201)["documents"].as_array().unwrap().clone()
}

fn names(documents: &[Value]) -> Vec<&str> {
    documents.iter().map(|document| document["name"].as_str().unwrap()).collect()
}

async fn of_booking(client: &Client, booking: &str) -> Vec<Value> {
    let path = format!("/v1/invoices?booking_id={booking}&min_position={}", client.head().await);
    client.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
}

/// The documents of a booking, as soon as there are so many.
async fn issued(client: &Client, booking: &str, count: usize) -> Vec<Value> {
    eventually("documents are issued by themselves", PATIENCE, || async {
        let found = of_booking(client, booking).await;
        (found.len() >= count).then_some(found)
    })
    .await
}

#[tokio::test]
async fn a_booking_is_invoiced_once_and_credited_as_it_is_called_off() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel(&client, false).await;
    let booking = booked(&client, &two_stays(&hotel)).await;
    let id = booking["id"].as_str().unwrap();
    pay(&client, id, 50_200).await;
    let buyer = json!({
        "name": "Haddad & Daughters", "address": {"locality": "Amman", "country": "JO"},
        "tax_number": "JO-77",
    });
    let wishes = json!({"buyer": buyer, "reason": "for the tax office"});
    let first = issue(&client, id, &wishes).await;
    assert_eq!(names(&first), ["BAY-INV-000001"]);
    let path = format!("/v1/bookings/{id}/invoices");
    let again = client.post(&path, &json!({})).await.problem(422, "policy-refusal");
    assert_eq!(again["reason"], "nothing_to_invoice");

    let found = of_booking(&client, id).await.remove(0);
    assert_eq!((&found["kind"], &found["number"]), (&json!("invoice"), &json!(1)));
    assert_eq!(found["total"], euros(50_200));
    assert_eq!(found["paid"], euros(50_200));
    assert_eq!(found["buyer"], buyer);
    assert_eq!(found["seller"]["name"], "شركة منتجعات الخليج");
    assert_eq!(found["supplied"], json!({"first": "2031-06-02", "last": "2031-06-11"}));
    let item = &found["items"][0];
    assert_eq!(item["service"], json!({"arrival": "2031-06-02", "departure": "2031-06-05"}));
    let named = json!({"en": "House by the Sea – Double room", "ar": "بيت البحر – Double room"});
    assert_eq!(item["description"], named);
    // 376.50 with 6 % in it
    assert_eq!((&item["net"], &item["total"]), (&euros(35_519), &euros(37_650)));
    assert_eq!(found["taxes"][0]["rate"], 600);

    let cancel = json!({"lines": [1]});
    client.post(&format!("/v1/bookings/{id}/cancel"), &cancel).await.expect(200);
    let second = issue(&client, id, &json!({})).await;
    assert_eq!(names(&second), ["BAY-CN-000001", "BAY-INV-000002"]);
    let all = of_booking(&client, id).await;
    assert_eq!(all[1]["total"], euros(12_550));
    assert_eq!(all[1]["corrects"][0]["name"], "BAY-INV-000001");
    assert_eq!((&all[2]["items"][0]["subject"], &all[2]["total"]), (&json!("fee"), &euros(6_275)));
    assert_eq!(all[2]["buyer"], buyer, "later documents are for the same buyer");
    let organization = &hotel.organization;
    for (query, count) in [
        ("kind=credit_note", 1),
        ("kind=invoice", 2),
        ("from=2020-01-01", 3),
        ("from=2020-01-01&to=2020-01-02", 0),
    ] {
        let path = format!("/v1/invoices?organization_id={organization}&{query}");
        let found = client.get(&path).await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
    }
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn documents_are_issued_by_themselves_where_the_organization_says_so() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel(&client, true).await;
    let held = with(two_stays(&hotel), "hold_minutes", 60);
    let held = booked(&client, &held).await["id"].as_str().unwrap().to_owned();
    let id = booked(&client, &two_stays(&hotel)).await["id"].as_str().unwrap().to_owned();
    assert_eq!(names(&issued(&client, &id, 1).await), ["BAY-INV-000001"]);
    assert!(of_booking(&client, &held).await.is_empty(), "nothing is confirmed");
    client.post(&format!("/v1/bookings/{held}/confirm"), &json!({})).await.expect(200);
    assert_eq!(names(&issued(&client, &held, 1).await), ["BAY-INV-000002"]);

    let put_off =
        json!({"lines": [{"line": 1, "arrival": "2031-06-20", "departure": "2031-06-22"}]});
    client.post(&format!("/v1/bookings/{id}/reschedule"), &put_off).await.expect(200);
    let found = issued(&client, &id, 3).await;
    assert_eq!(names(&found), ["BAY-INV-000001", "BAY-CN-000001", "BAY-INV-000003"]);
    assert_eq!((&found[1]["total"], &found[2]["total"]), (&euros(12_550), &euros(25_100)));
    client.post(&format!("/v1/bookings/{id}/cancel"), &json!({"lines": [1]})).await.expect(200);
    let found = issued(&client, &id, 4).await;
    assert_eq!((&found[3]["name"], &found[3]["total"]), (&json!("BAY-CN-000002"), &euros(25_100)));
    client.post(&format!("/v1/bookings/{id}/cancel"), &json!({})).await.expect(200);
    let found = issued(&client, &id, 5).await;
    assert_eq!((&found[4]["name"], &found[4]["total"]), (&json!("BAY-CN-000003"), &euros(37_650)));
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn an_organization_that_did_not_say_in_whose_name_issues_nothing() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel_with(&client, &json!({})).await;
    let id = booked(&client, &two_stays(&hotel)).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/bookings/{id}/invoices");
    let refused = client.post(&path, &json!({})).await.problem(422, "policy-refusal");
    assert_eq!(refused["reason"], "no_seller");
    let unknown = format!("/v1/bookings/{}/invoices", Uuid::now_v7());
    client.post(&unknown, &json!({})).await.problem(404, "not-found");
    client.get(&format!("/v1/invoices/{}", Uuid::now_v7())).await.problem(404, "not-found");
    client.get("/v1/invoices/nothing.pdf").await.problem(404, "not-found");
    client.get("/v1/invoices?kind=receipt").await.problem(400, "bad-query");
    let french = client.post(&path, &json!({"language": "fr"})).await.problem(422, "bad-value");
    assert_eq!(french["errors"][0]["field"], "/language");
}

#[tokio::test]
async fn nothing_is_invoiced_before_it_is_confirmed_and_a_retry_issues_nothing() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel(&client, false).await;
    let held = with(two_stays(&hotel), "hold_minutes", 60);
    let id = booked(&client, &held).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/bookings/{id}/invoices");
    let refused = client.post(&path, &json!({})).await.problem(422, "policy-refusal");
    assert_eq!(refused["reason"], "not_confirmed");
    client.post(&format!("/v1/bookings/{id}/confirm"), &json!({})).await.expect(200);
    let key = Uuid::now_v7().to_string();
    let first = client.post_keyed(&path, &json!({}), &key).await;
    let again = client.post_keyed(&path, &json!({}), &key).await;
    assert_eq!((first.status, first.body), (201, again.body));
    assert_eq!(of_booking(&client, &id).await.len(), 1);
}

#[tokio::test]
async fn an_organization_changes_how_it_invoices_and_stops() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel(&client, false).await;
    let path = format!("/v1/organizations/{}", hotel.organization);
    let other = json!({"invoicing": {"prefix": null, "legal_name": "Bay Ltd."}});
    client.patch(&path, &other).await.expect(200);
    let id = booked(&client, &two_stays(&hotel)).await["id"].as_str().unwrap().to_owned();
    assert_eq!(names(&issue(&client, &id, &json!({})).await), ["INV-000001"]);
    let wrong = json!({"invoicing": {"prefix": "b y"}});
    let wrong = client.patch(&path, &wrong).await.problem(422, "bad-value");
    assert_eq!(wrong["errors"][0]["field"], "/invoicing/prefix");
    let stopped = client.patch(&path, &json!({"invoicing": null})).await;
    let shown = client.get(&format!("{path}?min_position={}", stopped.position())).await;
    assert!(shown.expect(200).get("invoicing").is_none());
    let other = booked(&client, &two_stays(&hotel)).await["id"].as_str().unwrap().to_owned();
    let refused = client.post(&format!("/v1/bookings/{other}/invoices"), &json!({})).await;
    assert_eq!(refused.problem(422, "policy-refusal")["reason"], "no_seller");
}

/// The text of a PDF without white space.
fn read(bytes: &[u8]) -> String {
    let file = lopdf::Document::load_mem(bytes).expect("it is a PDF");
    let pages: Vec<u32> = file.get_pages().into_keys().collect();
    let text = file.extract_text(&pages).expect("it has text");
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[tokio::test]
async fn a_document_is_a_pdf_in_both_languages_with_the_same_bytes_each_time() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel(&client, false).await;
    let id = booked(&client, &two_stays(&hotel)).await["id"].as_str().unwrap().to_owned();
    issue(&client, &id, &json!({"buyer": {"name": "رانيا حداد"}})).await;
    let invoice = of_booking(&client, &id).await.remove(0);
    let path = format!("/v1/invoices/{}", invoice["id"].as_str().unwrap());
    let pdf = async |query: &str| {
        let answer = client.get(&format!("{path}.pdf{query}")).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.header("content-type"), "application/pdf");
        let name = "inline; filename=\"BAY-INV-000001.pdf\"";
        assert_eq!(answer.header("content-disposition"), name);
        answer.body
    };
    for language in ["en", "ar"] {
        let query = format!("?language={language}");
        let bytes = pdf(&query).await;
        let text = read(&bytes);
        for told in ["BAY-INV-000001", "502.00", "VAT6%", "473.59"] {
            assert!(text.contains(told), "{told} is missing in {text}");
        }
        assert_eq!(bytes, pdf(&query).await);
    }
    // of the customer nothing is known: the organization's language is taken
    assert_eq!(pdf("").await, pdf("?language=ar").await);
    let accepted = client.get_with(&path, &[("accept", "application/pdf")]).await;
    assert_eq!(accepted.body, pdf("").await);
    client.get(&format!("{path}.pdf?language=fr")).await.problem(400, "bad-query");
    assert_eq!(client.get(&path).await.expect(200)["name"], "BAY-INV-000001");
}

#[tokio::test]
async fn an_auditor_would_notice_what_is_wrong_with_a_document() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel(&client, false).await;
    let id = booked(&client, &two_stays(&hotel)).await["id"].as_str().unwrap().to_owned();
    issue(&client, &id, &json!({})).await;
    let audit = world.audit().await;
    let registers = audit.events("invoice_register").await;
    let documents = audit.events("invoices").await;
    assert_eq!(undocumented(&registers, &documents), [""; 0]);
    assert_eq!(undocumented(&registers, &[]).len(), 1, "a number without a document");
    assert_eq!(undocumented(&[], &documents).len(), 1, "a document without a number");
    let mut forged = documents.clone();
    forged[0].payload["issued"]["totals"]["total"]["minor"] = 50_201.into();
    assert_eq!(undocumented(&registers, &forged).len(), 1, "a sum that is none");
    forged.clone_from(&documents);
    forged[0].payload["issued"]["name"]["kind"] = "credit_note".into();
    assert!(undocumented(&registers, &forged).len() > 1, "another kind");
}
