//! Rules of the listing.
