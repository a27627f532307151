//! What PayPal's refusals mean.

use reqwest::StatusCode;

use super::wire::Refusal;
use crate::{Conflict, Decline, FailureCode, GatewayError, http::Answer};

/// The error behind an answer that is no success.
pub(super) fn error(answer: &Answer) -> GatewayError {
    if let Some(error) = answer.unavailable() {
        return error;
    }
    let refusal: Refusal = answer.read_refusal();
    let first = refusal.details.into_iter().next();
    let (issue, description) = first.map_or((None, None), |it| (it.issue, it.description));
    let code = issue.or(refusal.name).or(refusal.error).unwrap_or_else(|| "unknown".to_owned());
    let message = description.or(refusal.message).or(refusal.error_description).unwrap_or_default();
    // a call under this key is still running
    if answer.status == StatusCode::CONFLICT || code == "PREVIOUS_REQUEST_IN_PROGRESS" {
        return answer.later(format!("{code}: {message}"));
    }
    if let Some(conflict) = conflict(&code) {
        return GatewayError::Conflict { conflict, message };
    }
    match decline_code(&code) {
        Some(decline) => GatewayError::Declined(Decline {
            code: decline,
            provider_code: Some(code),
            message: Some(message),
        }),
        None => GatewayError::Refused { code, message },
    }
}

fn conflict(issue: &str) -> Option<Conflict> {
    match issue {
        "ORDER_ALREADY_CAPTURED"
        | "AUTHORIZATION_ALREADY_CAPTURED"
        | "PREVIOUSLY_CAPTURED"
        | "MAX_CAPTURE_AMOUNT_EXCEEDED"
        | "MAX_CAPTURE_COUNT_EXCEEDED" => Some(Conflict::AlreadyCaptured),
        "AUTHORIZATION_VOIDED"
        | "PREVIOUSLY_VOIDED"
        | "ORDER_VOIDED"
        | "ORDER_EXPIRED"
        | "AUTHORIZATION_EXPIRED" => Some(Conflict::AlreadyVoided),
        "CAPTURE_FULLY_REFUNDED" => Some(Conflict::AlreadyRefunded),
        "ORDER_NOT_APPROVED" | "ORDER_ALREADY_AUTHORIZED" | "PENDING_CAPTURE" => {
            Some(Conflict::NotReady)
        }
        _ => None,
    }
}

/// What an issue comes down to, if it is the customer's and not ours. Also the reasons of what was denied.
pub(super) fn decline_code(issue: &str) -> Option<FailureCode> {
    Some(match issue {
        "INSTRUMENT_DECLINED"
        | "TRANSACTION_REFUSED"
        | "PAYER_CANNOT_PAY"
        | "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING"
        | "DECLINED_BY_PROCESSOR"
        | "PAYMENT_DENIED" => FailureCode::CardDeclined,
        "INSUFFICIENT_FUNDS" => FailureCode::InsufficientFunds,
        "CARD_EXPIRED" => FailureCode::ExpiredCard,
        "CVV_FAILURE" | "CARD_CVV_FAILURE" => FailureCode::IncorrectCvc,
        "PAYER_ACTION_REQUIRED" => FailureCode::AuthenticationFailed,
        "TRANSACTION_BLOCKED_BY_PAYEE"
        | "PAYER_ACCOUNT_LOCKED_OR_CLOSED"
        | "PAYER_ACCOUNT_RESTRICTED"
        | "DECLINED_BY_RISK_FRAUD_FILTERS" => FailureCode::FraudSuspected,
        "CURRENCY_NOT_SUPPORTED"
        | "CURRENCY_NOT_SUPPORTED_FOR_COUNTRY"
        | "CURRENCY_NOT_SUPPORTED_FOR_RECEIVER" => FailureCode::CurrencyNotSupported,
        "TRANSACTION_LIMIT_EXCEEDED" | "TRANSACTION_AMOUNT_EXCEEDS_MONTHLY_MAX_LIMIT" => {
            FailureCode::LimitExceeded
        }
        _ => return None,
    })
}
