//! How long to wait before the next attempt.

use std::{fmt, sync::Arc, time::Duration};

use super::Patience;

/// Draws a pause between nothing and the longest. A place for chance, so that tests can do without.
#[derive(Clone)]
pub struct Draw(Arc<dyn Fn(Duration) -> Duration + Send + Sync>);

impl Draw {
    /// Draws by chance, evenly.
    pub fn random() -> Self {
        Self::by(|longest| longest.mul_f64(rand::random::<f64>()))
    }

    /// Draws as a function says.
    pub fn by(draw: impl Fn(Duration) -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(draw))
    }

    /// A pause up to the longest.
    pub(super) fn draw(&self, longest: Duration) -> Duration {
        (self.0)(longest)
    }
}

impl fmt::Debug for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draw(..)")
    }
}

/// The pauses of one call: one less than there are attempts.
pub(super) struct FullJitter {
    left: u32,
    pause: Duration,
    longest: Duration,
    draw: Draw,
}

impl FullJitter {
    pub(super) fn new(patience: &Patience, draw: &Draw) -> Self {
        Self {
            left: patience.attempts.saturating_sub(1),
            pause: patience.pause,
            longest: patience.longest_pause,
            draw: draw.clone(),
        }
    }
}

impl Iterator for FullJitter {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let pause = self.pause.min(self.longest);
        self.pause = pause.saturating_mul(2);
        Some(self.draw.draw(pause))
    }
}
