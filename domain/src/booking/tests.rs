//! Rules of the booking.
