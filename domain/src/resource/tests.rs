//! Rules of the resource.
