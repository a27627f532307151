//! Rules of the payment.
