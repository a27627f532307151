//! How many requests a key may send: a bucket of tokens per key that fills with time.

use std::{collections::HashMap, time::Instant};

use parking_lot::Mutex;
use uuid::Uuid;

use crate::problem::{Code, Problem};

/// The buckets of all keys. A rate of 0 lets everything pass.
#[derive(Debug)]
pub struct Rates {
    per_second: u32,
    buckets: Mutex<HashMap<Uuid, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Rates {
    /// At most so many requests a second for each key; a second's worth may come at once.
    pub fn new(per_second: u32) -> Self {
        Self { per_second, buckets: Mutex::default() }
    }

    /// Takes a token, or refuses the request.
    pub fn take(&self, key: Uuid) -> Result<(), Problem> {
        if self.per_second == 0 || self.take_at(key, Instant::now()) {
            return Ok(());
        }
        let detail = format!("the API key may send {} requests a second", self.per_second);
        Err(Problem::new(Code::TooManyRequests, detail))
    }

    fn take_at(&self, key: Uuid, now: Instant) -> bool {
        let full = f64::from(self.per_second);
        let mut buckets = self.buckets.lock();
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: full, filled: now });
        let gained = now.saturating_duration_since(bucket.filled).as_secs_f64() * full;
        bucket.tokens = (bucket.tokens + gained).min(full);
        bucket.filled = now;
        let enough = bucket.tokens >= 1.0;
        if enough {
            bucket.tokens -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_key_that_used_its_second_waits_for_the_next_token() {
        let (rates, key, start) = (Rates::new(2), Uuid::nil(), Instant::now());
        assert!(rates.take_at(key, start));
        assert!(rates.take_at(key, start));
        assert!(!rates.take_at(key, start));
        assert!(rates.take_at(key, start + Duration::from_millis(500)));
        assert!(!rates.take_at(key, start + Duration::from_millis(500)));
    }

    #[test]
    fn keys_do_not_share_tokens() {
        let (rates, start) = (Rates::new(1), Instant::now());
        assert!(rates.take_at(Uuid::nil(), start));
        assert!(rates.take_at(Uuid::max(), start));
    }
}
