//! Who books in the stories: names as people of the place have them, each with an address and a telephone number.
//!
//! The numbers are those that countries keep for films and plays, as far as they do.

use serde_json::{Value, json};

/// The people of one place.
struct People {
    language: &'static str,
    given: [&'static str; 10],
    family: [&'static str; 10],
    /// A telephone number but for its last three digits.
    phone: &'static str,
}

const CABO: People = People {
    language: "en",
    given: [
        "Emily", "Jorge", "Hannah", "Ximena", "Noah", "Lucía", "Grace", "Mateo", "Zoë", "Ethan",
    ],
    family: [
        "Carter",
        "Núñez",
        "Okafor",
        "Ramírez",
        "Lindqvist",
        "O'Brien",
        "Peña",
        "Nguyen",
        "Schröder",
        "Castillo",
    ],
    phone: "+12025550",
};

const AMMAN: People = People {
    language: "ar",
    given: ["رانيا", "أحمد", "سلمى", "إياد", "ديمة", "مؤيد", "هدى", "آية", "كريم", "فاطمة"],
    family: [
        "حداد",
        "الخطيب",
        "النابلسي",
        "عودة",
        "الزعبي",
        "شاهين",
        "القضاة",
        "مراد",
        "الطراونة",
        "بدران",
    ],
    phone: "+962795550",
};

const LONDON: People = People {
    language: "en",
    given: [
        "Amelia", "Oliver", "Priya", "Harry", "Aoife", "Kwame", "Megan", "Yusuf", "Isla", "Rhys",
    ],
    family: [
        "Bennett", "Patel", "Clarke", "Hughes", "Adeyemi", "Murphy", "Khan", "Wright", "Davies",
        "Fraser",
    ],
    phone: "+447700900",
};

const CASABLANCA: People = People {
    language: "fr",
    given: [
        "Salma", "Meryem", "Inès", "Zineb", "Hélène", "Ghita", "Nadia", "Aïcha", "Kenza", "Leïla",
    ],
    family: [
        "Benali", "El Fassi", "Tazi", "Berrada", "Chraïbi", "Lahlou", "Bennani", "Idrissi",
        "Alaoui", "Sebti",
    ],
    phone: "+212600555",
};

const RED_SEA: People = People {
    language: "ar",
    given: ["محمود", "منى", "يوسف", "نورهان", "طارق", "ياسمين", "عمرو", "شيماء", "خالد", "دينا"],
    family: [
        "المصري",
        "عبد الرحمن",
        "الشناوي",
        "فؤاد",
        "زكي",
        "البدري",
        "حسن",
        "رشدي",
        "الجندي",
        "صبري",
    ],
    phone: "+201005550",
};

/// What an organization knows of one of its customers.
pub(super) fn customer(organization: &str, number: u64) -> Value {
    let people = of(organization);
    let pick = |names: &[&'static str; 10], number: u64| {
        names[usize::try_from(number % 10).unwrap_or_default()]
    };
    let name =
        format!("{} {}", pick(&people.given, number), pick(&people.family, number / 10 + number));
    json!({
        "kind": "person", "name": name, "language": people.language,
        "emails": [{"address": format!("guest{number}@{organization}.example.com")}],
        "phones": [{"number": format!("{}{:03}", people.phone, 100 + number % 900), "label": "mobile"}],
        "tags": if number.is_multiple_of(9) { json!(["regular"]) } else { json!([]) },
    })
}

fn of(organization: &str) -> &'static People {
    match organization {
        "events" => &AMMAN,
        "campus" => &LONDON,
        "salon" => &CASABLANCA,
        "tours" => &RED_SEA,
        _ => &CABO,
    }
}
