//! Real bookings through the front door: `daybook import`, and `daybook bench` for a moment.

mod bench;
mod figures;
mod hotel_bookings;
mod timetable;
