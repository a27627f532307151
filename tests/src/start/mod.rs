//! From nothing to a server that answers: the demonstration.

mod demonstration;
