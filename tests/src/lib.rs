//! Whole-system tests: real servers as child processes on real databases, spoken to over HTTP.
//!
//! They need the binary: `make test` builds it, as does `cargo build -p daybook`.

#[cfg(test)]
mod business;
#[cfg(test)]
mod checkout;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod guides;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod http;
#[cfg(test)]
mod import;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod races;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod start;
