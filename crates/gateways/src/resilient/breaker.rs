//! Leaves a provider alone that keeps failing.
//!
//! Ours, and small: the breakers to be had read the machine's clock, which tests cannot move.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::GatewayError;

/// Lets calls pass until too many have failed in a row; then none for a while; then one, to see.
#[derive(Debug)]
pub(super) struct Breaker {
    failures: u32,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failed: u32 },
    Open { until: Instant },
    Probing { until: Instant },
}

impl Breaker {
    /// Opens after so many failures in a row, for so long.
    pub(super) fn new(failures: u32, rest: Duration) -> Self {
        Self { failures: failures.max(1), rest, state: Mutex::new(State::Closed { failed: 0 }) }
    }

    /// Asks whether a call may be made.
    pub(super) fn pass(&self) -> Result<(), GatewayError> {
        let now = Instant::now();
        let mut state = self.state.lock();
        match *state {
            State::Closed { .. } => {}
            // a probe that never came back must not hold everybody up for ever
            State::Open { until } | State::Probing { until } if until <= now => {
                *state = State::Probing { until: now + self.rest };
            }
            State::Open { until } | State::Probing { until } => {
                return Err(GatewayError::BreakerOpen { after: until - now });
            }
        }
        Ok(())
    }

    /// Says how a call went. A call that its caller gave up says nothing of the provider.
    pub(super) fn record(&self, failed: bool) {
        let mut state = self.state.lock();
        *state = match (*state, failed) {
            (_, false) => State::Closed { failed: 0 },
            (State::Closed { failed }, true) if failed + 1 < self.failures => {
                State::Closed { failed: failed + 1 }
            }
            (State::Closed { .. } | State::Probing { .. }, true) => {
                tracing::warn!(rest = ?self.rest, "the provider is left alone for a while");
                State::Open { until: Instant::now() + self.rest }
            }
            (State::Open { until }, true) => State::Open { until },
        };
    }
}
