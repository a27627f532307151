//! What a scan of a ticket comes to, given all that is known of the ticket.

use chrono::TimeDelta;

use super::{Doors, Mode, Outcome, Reading, Reason, Rejudged, Scan, Standing, Ticket};
use crate::values::Timestamp;

impl Ticket {
    /// A new scan and what it comes to; none of an issue that there never was.
    pub(super) fn judged(&self, reading: Reading, mode: Mode, doors: &Doors) -> Option<Scan> {
        let (issue, superseded) = self.read(&reading)?;
        let session = issue.entitlement.session;
        let reentry = doors.admission.reentry;
        let counted_at = self.counted_at(&reading, mode);
        let allowed = self
            .check_in_force(&reading, mode, superseded)
            .and_then(|()| doors.check(&issue.entitlement.offer, &reading));
        let mut scan = Scan {
            outcome: Outcome::Admitted,
            answered: Outcome::Admitted,
            reading,
            mode,
            session,
            reentry,
            counted_at,
        };
        scan.outcome = match (allowed, mode) {
            (Err(reason), _) => Outcome::Refused(reason),
            (Ok(()), Mode::Offline) => self.as_it_counts(&scan),
            (Ok(()), Mode::Online) => {
                let refusal = self.standing(session).refusal(scan.reading.direction, reentry);
                refusal.map_or(Outcome::Admitted, Outcome::Refused)
            }
        };
        scan.answered = scan.outcome;
        Some(scan)
    }

    /// What was said of scans before that a passage makes untrue.
    pub(super) fn rejudged_by(&self, scan: &Scan) -> Vec<Rejudged> {
        let (before, after): (Vec<_>, Vec<_>) =
            self.passages(scan.session).partition(|known| known.place() < scan.place());
        let mut standing = Standing::default();
        for known in before.into_iter().chain([scan]) {
            standing.pass(known.reading.direction, known.reentry);
        }
        let anew = after.into_iter().filter_map(|known| {
            let outcome = standing.pass(known.reading.direction, known.reentry);
            let nonce = known.reading.nonce.clone();
            (outcome != known.outcome).then_some(Rejudged { nonce, outcome })
        });
        anew.collect()
    }

    /// Puts a scan in its place.
    pub(super) fn keep(&mut self, scan: &Scan) {
        let place = self.scans.partition_point(|known| known.place() <= scan.place());
        self.scans.insert(place, scan.clone());
    }

    pub(super) fn rejudge(&mut self, rejudged: &[Rejudged]) {
        for Rejudged { nonce, outcome } in rejudged {
            if let Some(scan) = self.scans.iter_mut().find(|scan| scan.reading.nonce == *nonce) {
                scan.outcome = *outcome;
            }
        }
    }

    /// A scan made offline counts when it was made. One that is answered now is decided on all that is known, so it
    /// counts behind all of that, whatever the clock of the gate says.
    fn counted_at(&self, reading: &Reading, mode: Mode) -> Timestamp {
        match (mode, self.scans.last()) {
            (Mode::Online, Some(last)) if last.counted_at >= reading.scanned_at => {
                last.counted_at + TimeDelta::microseconds(1)
            }
            (Mode::Online | Mode::Offline, _) => reading.scanned_at,
        }
    }

    /// Refuses what was no longer in force: now, or when somebody went through.
    fn check_in_force(
        &self,
        reading: &Reading,
        mode: Mode,
        superseded: Option<Timestamp>,
    ) -> Result<(), Reason> {
        let over = |ended: Option<Timestamp>| match mode {
            Mode::Online => ended.is_some(),
            Mode::Offline => ended.is_some_and(|ended| ended <= reading.scanned_at),
        };
        if over(self.voided_at) {
            return Err(Reason::Void);
        }
        if over(superseded) { Err(Reason::Superseded) } else { Ok(()) }
    }

    /// What a passage counts as among those before it.
    fn as_it_counts(&self, scan: &Scan) -> Outcome {
        let mut standing = Standing::default();
        for known in self.passages(scan.session).filter(|known| known.place() < scan.place()) {
            standing.pass(known.reading.direction, known.reentry);
        }
        standing.pass(scan.reading.direction, scan.reentry)
    }
}
