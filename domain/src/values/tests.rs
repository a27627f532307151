//! Laws of the values.
