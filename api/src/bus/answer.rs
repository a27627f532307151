//! The answer to a command as it goes out.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use daybook_event_store::Answer;

use crate::problem::PROBLEM_JSON;

/// A command's answer, fresh or from a receipt: both are written the same way, so both are the same bytes.
#[derive(Clone, Debug)]
pub struct Answered(pub Answer);

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let Answer { response, position, replayed } = self.0;
        let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::OK);
        let refused = !status.is_success();
        let body =
            if refused { response.body } else { with_position(response.body, position.get()) };
        let mut answer = Response::new(Body::from(body));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, if refused { PROBLEM_JSON } else { json });
        headers.insert("daybook-position", HeaderValue::from(position.get()));
        if replayed {
            headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        answer
    }
}

/// Adds the position to a JSON object; only the log knows it, so it cannot be in the stored body.
fn with_position(mut body: String, position: i64) -> String {
    if body.pop() == Some('}') {
        let comma = if body.ends_with('{') { "" } else { "," };
        write!(body, "{comma}\"position\":{position}}}").expect("a text takes any text");
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_becomes_the_last_field() {
        assert_eq!(with_position("{}".to_owned(), 7), r#"{"position":7}"#);
        assert_eq!(with_position(r#"{"id":"a"}"#.to_owned(), 7), r#"{"id":"a","position":7}"#);
    }
}
