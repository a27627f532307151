//! What Stripe's refusals mean.

use reqwest::StatusCode;

use super::wire::{Failure, Refusal};
use crate::{Conflict, Decline, FailureCode, GatewayError, http::Answer};

/// The error behind an answer that is no success.
pub(super) fn error(answer: &Answer) -> GatewayError {
    if let Some(error) = answer.unavailable() {
        return error;
    }
    let Refusal { error } = answer.read_refusal();
    let message = error.message.clone().unwrap_or_default();
    let code = error.code.as_deref().or(error.kind.as_deref()).unwrap_or("unknown");
    // a call under this key is still running, or somebody else has the object in hand
    if answer.status == StatusCode::CONFLICT {
        return answer.later(format!("{code}: {message}"));
    }
    if answer.status == StatusCode::PAYMENT_REQUIRED {
        return GatewayError::Declined(decline(&error));
    }
    if let Some(conflict) = conflict(&error) {
        return GatewayError::Conflict { conflict, message };
    }
    if error.param.as_deref() == Some("currency") {
        let decline = Decline { code: FailureCode::CurrencyNotSupported, ..decline(&error) };
        return GatewayError::Declined(decline);
    }
    if answer.status == StatusCode::UNAUTHORIZED {
        return GatewayError::refused("unauthorized", message);
    }
    GatewayError::refused(code, message)
}

/// What a decline comes down to.
pub(super) fn decline(failure: &Failure) -> Decline {
    let own = failure.decline_code.as_deref().or(failure.code.as_deref());
    Decline {
        code: own.map_or(FailureCode::CardDeclined, decline_code),
        provider_code: own.map(str::to_owned),
        message: failure.message.clone(),
    }
}

fn decline_code(own: &str) -> FailureCode {
    match own {
        "insufficient_funds" => FailureCode::InsufficientFunds,
        "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => FailureCode::ExpiredCard,
        "incorrect_cvc" | "invalid_cvc" => FailureCode::IncorrectCvc,
        "authentication_required"
        | "authentication_not_handled"
        | "mobile_device_authentication_required"
        | "payment_intent_authentication_failure" => FailureCode::AuthenticationFailed,
        "fraudulent" | "lost_card" | "merchant_blacklist" | "pickup_card" | "restricted_card"
        | "security_violation" | "stolen_card" => FailureCode::FraudSuspected,
        "processing_error" | "try_again_later" | "issuer_not_available" | "reenter_transaction" => {
            FailureCode::ProcessingError
        }
        "currency_not_supported" => FailureCode::CurrencyNotSupported,
        "card_not_supported" | "service_not_allowed" | "transaction_not_allowed" => {
            FailureCode::MethodNotSupported
        }
        "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => FailureCode::LimitExceeded,
        _ => FailureCode::CardDeclined,
    }
}

fn conflict(failure: &Failure) -> Option<Conflict> {
    match failure.code.as_deref()? {
        "charge_already_captured" => Some(Conflict::AlreadyCaptured),
        "charge_already_refunded" => Some(Conflict::AlreadyRefunded),
        "charge_expired_for_capture" => Some(Conflict::AlreadyVoided),
        "payment_intent_unexpected_state" => {
            let status = failure.payment_intent.as_ref().map(|intent| intent.status.as_str());
            Some(match status {
                Some("succeeded") => Conflict::AlreadyCaptured,
                Some("canceled") => Conflict::AlreadyVoided,
                _ => Conflict::NotReady,
            })
        }
        _ => None,
    }
}
