//! Rules of the calendar.
