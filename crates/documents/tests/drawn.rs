//! Documents as they are read back from their PDF.

use daybook_documents::{Language, pdf};
use daybook_domain::{invoice::Document, values::BookingId};
use lopdf::Object;
use serde_json::{Value, json};
use uuid::Uuid;

const BOTH: [Language; 2] = [Language::English, Language::Arabic];

fn money(minor: u64, code: &str) -> Value {
    json!({"minor": minor, "currency": code})
}

/// A line of two rooms for three nights, with two taxes.
fn rooms(code: &str, name: &Value) -> Value {
    json!({
        "subject": {"resource": {"listing": Uuid::from_u128(1), "resource": Uuid::from_u128(5)}},
        "description": name,
        "service": {"nights": {"arrival": "2027-07-01", "departure": "2027-07-04"}},
        "quantity": 2,
        "amounts": {
            "net": money(5_714, code),
            "taxes": [
                {"code": "city", "rate": 500, "included": true, "amount": money(286, code)},
                {"code": "vat", "rate": 1_600, "amount": money(914, code)},
            ],
            "total": money(6_914, code),
        },
    })
}

/// An evening without taxes.
fn places(code: &str) -> Value {
    json!({
        "subject": {"places": {"session": Uuid::from_u128(2), "offer": "adult"}},
        "description": {"en": "Dinner on the boat", "ar": "عشاء على متن القارب"},
        "service": {"time": {"start": "2027-07-02T19:00:00", "end": "2027-07-02T22:30:00"}},
        "quantity": 3,
        "amounts": {"net": money(1_206_000, code), "total": money(1_206_000, code)},
    })
}

fn document(kind: &str, code: &str, items: &[Value]) -> Document {
    let corrects = json!([{"id": Uuid::from_u128(8), "name": {"prefix": "BAY", "kind": "invoice", "number": 7}}]);
    let is_note = kind == "credit_note";
    let document = json!({
        "id": Uuid::from_u128(9),
        "name": {"prefix": "BAY", "kind": kind, "number": 42},
        "organization": Uuid::from_u128(3),
        "seller": {
            "name": "شركة منتجعات الخليج المحدودة",
            "address": {"lines": ["شارع الكورنيش 12"], "locality": "العقبة", "postcode": "77110", "country": "JO"},
            "tax_number": "JO-1234567",
        },
        "listing": Uuid::from_u128(1),
        "customer": Uuid::from_u128(4),
        "language": "ar",
        "issued_on": "2027-06-30",
        "supplied": {"first": "2027-07-01", "last": "2027-07-04"},
        "items": items,
        "totals": {
            "net": money(1_211_714, code),
            "taxes": [
                {"code": "city", "rate": 500, "included": true, "net": money(5_714, code), "amount": money(286, code)},
                {"code": "vat", "rate": 1_600, "net": money(5_714, code), "amount": money(914, code)},
            ],
            "total": money(1_212_914, code),
        },
        "paid": money(500_000, code),
        "corrects": if is_note { corrects } else { json!([]) },
        "reason": is_note.then_some("The guest fell ill"),
        "personal": {
            "name": "Rania Haddad & Daughters Ltd.",
            "address": {"lines": ["7 Rainbow Street", "Flat 3"], "locality": "Amman", "country": "JO"},
        },
        "at": "2027-06-30T10:02:00Z",
    });
    serde_json::from_value(document).expect("a document")
}

fn usual(code: &str) -> Vec<Value> {
    let name = json!({"en": "House by the Sea, room with a view", "ar": "بيت على البحر، غرفة مطلّة (مع شرفة)"});
    vec![rooms(code, &name), places(code)]
}

fn booking() -> BookingId {
    BookingId::from_uuid(Uuid::from_u128(0x0199_aa00_0000_7000_8000_0000_0000_0001))
}

fn drawn(document: &Document, language: Language) -> Vec<u8> {
    let bytes = pdf(document, booking(), language).expect("it can be drawn");
    if let Ok(folder) = std::env::var("DAYBOOK_DRAWN") {
        let name = format!("{}-{}-{}.pdf", document.name, document.items.len(), language.tag());
        std::fs::write(std::path::Path::new(&folder).join(name), &bytes)
            .expect("a file can be written");
    }
    bytes
}

/// The text of each page, without white space, as it is copied out.
fn read(bytes: &[u8]) -> Vec<String> {
    let file = lopdf::Document::load_mem(bytes).expect("it is a PDF");
    let numbers: Vec<u32> = file.get_pages().into_keys().collect();
    let text = |number: &u32| file.extract_text(&[*number]).expect("it has text");
    let texts = numbers.iter().map(text);
    texts.map(|text| text.chars().filter(|letter| !letter.is_whitespace()).collect()).collect()
}

#[test]
fn both_languages_tell_the_number_and_the_sums() {
    for language in BOTH {
        for kind in ["invoice", "credit_note"] {
            let pages = read(&drawn(&document(kind, "EUR", &usual("EUR")), language));
            let name = if kind == "invoice" { "BAY-INV-000042" } else { "BAY-CN-000042" };
            assert_eq!(pages.len(), 1);
            for told in [name, "12,129.14", "12,117.14", "5,000.00", "VAT16%", "JO-1234567"] {
                assert!(pages[0].contains(told), "{told} is missing in {language:?}: {}", pages[0]);
            }
            assert_eq!(pages[0].contains("BAY-INV-000007"), kind == "credit_note");
        }
    }
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    for (code, total) in [("JPY", "1,212,914"), ("JOD", "1,212.914")] {
        let pages = read(&drawn(&document("invoice", code, &usual(code)), Language::Arabic));
        assert!(pages[0].contains(total), "{}", pages[0]);
    }
}

#[test]
fn the_same_document_has_the_same_bytes() {
    let document = document("invoice", "EUR", &usual("EUR"));
    for language in BOTH {
        assert_eq!(drawn(&document, language), drawn(&document, language));
    }
}

#[test]
fn many_lines_take_several_pages_that_are_counted() {
    let items: Vec<Value> = usual("EUR").into_iter().cycle().take(50).collect();
    let pages = read(&drawn(&document("invoice", "EUR", &items), Language::English));
    assert!(pages.len() > 2);
    for (number, page) in (1..).zip(&pages) {
        assert!(page.contains(&format!("Page{number}of{}", pages.len())), "{page}");
        assert!(page.contains("BAY-INV-000042"));
    }
}

#[test]
fn whatever_people_write_finds_a_place() {
    let long = "Grand Panoramic Presidential Residence ".repeat(12);
    let unbroken = "W".repeat(480);
    for name in [&*long, &*unbroken, "海の家", "بيت‏\u{202e}", "👨‍👩‍👧 Family"]
    {
        let name = json!({"en": name});
        let huge: Vec<Value> = (0..3).map(|_| rooms("JPY", &name)).collect();
        let mut document = document("credit_note", "JPY", &huge);
        let most = serde_json::from_value(money(u64::try_from(i64::MAX).unwrap(), "JPY")).unwrap();
        (document.totals.total, document.items[0].amounts.total) = (most, most);
        document.items[0].quantity = 0;
        document.corrects = (0..40).map(|_| document.corrects[0].clone()).collect();
        for language in BOTH {
            assert!(!read(&drawn(&document, language)).is_empty());
        }
    }
}

#[test]
fn a_document_is_named_and_tagged_in_its_language() {
    for (language, title) in [(Language::English, "Invoice"), (Language::Arabic, "فاتورة")] {
        let bytes = drawn(&document("invoice", "EUR", &usual("EUR")), language);
        let file = lopdf::Document::load_mem(&bytes).unwrap();
        let catalog = file.catalog().unwrap();
        let text = |object: &Object| lopdf::decode_text_string(object).unwrap();
        assert_eq!(text(catalog.get(b"Lang").unwrap()), language.tag());
        assert!(catalog.has(b"StructTreeRoot"));
        let info = file.trailer.get(b"Info").and_then(Object::as_reference).unwrap();
        let info = file.get_dictionary(info).unwrap();
        assert_eq!(text(info.get(b"Title").unwrap()), format!("{title} BAY-INV-000042"));
    }
}
