//! What is wrong with a request is told, and where.

use axum::http::HeaderValue;

use super::*;
use crate::wire::NewId;

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is only parsed")]
struct Body {
    lines: Vec<Line>,
    id: Option<NewId>,
    mode: Option<Mode>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Fast,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it is only parsed")]
struct Line {
    arrival: chrono::NaiveDate,
}

fn refused(body: &str) -> (Code, String) {
    let problem = parse::<Body>(body.as_bytes()).unwrap_err();
    let code = problem.code();
    let written: serde_json::Value =
        serde_json::from_str(&problem.write(Language::English, None)).unwrap();
    (code, written["errors"][0]["field"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn what_is_wrong_with_a_body_is_told_with_its_place() {
    for (body, code, place) in [
        ("", Code::MalformedJson, ""),
        ("{\"lines\": [", Code::MalformedJson, ""),
        ("{\"lines\": []} trailing", Code::MalformedJson, ""),
        ("{\"lines\": [], \"x\": 1}", Code::UnknownField, "/x"),
        (
            "{\"lines\": [{\"arrival\": \"2027-05-30\", \"a/b\": 1}]}",
            Code::UnknownField,
            "/lines/0/a~1b",
        ),
        ("{\"lines\": [{\"arrival\": \"2027-02-30\"}]}", Code::BadValue, "/lines/0/arrival"),
        ("{\"lines\": 7}", Code::BadValue, "/lines"),
        ("{\"lines\": [], \"mode\": 7}", Code::BadValue, "/mode"),
        ("{\"lines\": [], \"mode\": [\"fast\"]}", Code::BadValue, "/mode"),
        ("{\"lines\": [], \"mode\": \"slow\"}", Code::BadValue, "/mode"),
        ("{\"lines\": [], \"mode\": ]}", Code::MalformedJson, ""),
        ("{}", Code::BadValue, ""),
        (
            "{\"lines\": [], \"id\": \"6b4b1a7e-9d55-4c5f-8a4b-0d9a3c1f2e11\"}",
            Code::BadValue,
            "/id",
        ),
    ] {
        assert_eq!(refused(body), (code, place.to_owned()), "{body}");
    }
}

#[test]
fn an_idempotency_key_is_1_to_255_visible_characters() {
    let key = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", HeaderValue::from_str(value).unwrap());
        idempotency_key(&headers).map(|key| key.map(str::to_owned))
    };
    assert_eq!(key("order-1").unwrap().as_deref(), Some("order-1"));
    assert!(key(&"k".repeat(255)).is_ok());
    for wrong in ["", "two words", &"k".repeat(256)] {
        assert_eq!(key(wrong).unwrap_err().code(), Code::BadValue, "{wrong}");
    }
    assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
}

#[test]
fn if_match_takes_a_tag_or_a_star() {
    let tag = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_static(value));
        expected(&headers).unwrap()
    };
    assert!(tag("\"3\"").check(3).is_ok());
    assert!(tag("\"3\"").check(4).is_err());
    assert!(tag("*").check(1).is_ok());
    assert!(tag("*").check(0).is_err());
    for never in ["W/\"3\"", "3", "\"x\"", ""] {
        assert!(tag(never).check(3).is_err(), "{never}");
    }
}

#[test]
fn a_body_must_say_that_it_is_json() {
    for (kind, good) in [
        ("application/json", true),
        ("application/json; charset=utf-8", true),
        ("Application/JSON", true),
        ("text/plain", false),
        ("application/jsonp", false),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        assert_eq!(require(&headers, "application/json").is_ok(), good, "{kind}");
    }
    assert!(require(&HeaderMap::new(), "application/json").is_err());
}

#[tokio::test]
async fn a_body_larger_than_the_limit_is_refused() {
    let body = axum::body::Body::from(vec![b' '; BODY_LIMIT]);
    assert!(read_body(body).await.is_ok());
    let body = axum::body::Body::from(vec![b' '; BODY_LIMIT + 1]);
    assert_eq!(read_body(body).await.unwrap_err().code(), Code::PayloadTooLarge);
}
