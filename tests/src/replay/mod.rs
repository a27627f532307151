//! The log tells everything: read by others, replayed, and rebuilt from, it gives what the server answers.

mod projections;
mod replayed;
mod strangers;
