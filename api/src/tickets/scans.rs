//! `/v1/scans`: tickets shown at gates, one by one or after the fact.

use axum::extract::State;
use chrono::SubsecRound;
use daybook_domain::{
    tickets::{Direction, Mode, Reading},
    values::{
        BookingId, Code, FIRST_DAY, Generation, Nonce, Phrase, Seat, SessionId, TicketId,
        TicketNumber, Timestamp,
    },
};
use daybook_projections::ModelName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TicketCode, payload, view::written};
use crate::{
    app::App,
    bus::{self, Answered, NoTicket, ScanTold, Shown},
    extract::{CLOCK_TOLERANCE, Command, CommandBody},
    keys::Right,
    problem::Problem,
    wire::CommandProblems,
};

/// A ticket shown at a gate.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScan {
    /// What its QR code says. Give this or the code.
    #[serde(default)]
    #[schema(example = "DBT1.eyJ….Qm9…")]
    payload: Option<String>,
    /// The code as somebody typed it.
    #[serde(default)]
    #[schema(example = "7Q4K-M0XE-9TBA-2HCD")]
    code: Option<String>,
    /// The gate: `a-z`, `0-9`, `-` and `_`, up to 40 characters.
    #[schema(value_type = String, example = "north")]
    gate: Code,
    /// `entry` or `exit`.
    #[schema(value_type = String, example = "entry")]
    direction: Direction,
    /// When, by the clock of the gate; now, unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    scanned_at: Option<Timestamp>,
    /// What the gate calls this scan: the same again is answered the same, and nothing is written. Up to 64 letters,
    /// digits, `-`, `_` and `.`.
    #[schema(value_type = String, example = "north-000017")]
    nonce: Nonce,
    /// The only session that the gate lets people in to.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
}

/// Scans that a gate made while it could ask nobody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScans {
    /// They, in any order. Each says when it was made.
    #[schema(min_items = 1, max_items = 500)]
    scans: Vec<NewScan>,
}

impl NewScans {
    /// The most scans at once.
    const MAX: usize = 500;
}

impl CommandBody for NewScan {
    const RIGHT: Right = Right::Scan;

    fn occurred_at(&self) -> Option<Timestamp> {
        None
    }
}

impl CommandBody for NewScans {
    const RIGHT: Right = Right::Scan;

    fn occurred_at(&self) -> Option<Timestamp> {
        None
    }
}

/// What a scan came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScanAnswer {
    /// What the gate calls it.
    #[schema(value_type = String)]
    nonce: Nonce,
    /// `admitted`: let them through. `refused`: do not. Of what a gate did offline it also says `duplicate` (somebody came
    /// in with a ticket that had let somebody in) and `unmatched` (somebody left whom no gate had let in).
    #[schema(example = "admitted")]
    result: &'static str,
    /// Why it was refused: `unknown`, `forged` (only in a batch), `void`, `superseded`, `called_off`, `other_session`, `other_gate`,
    /// `too_early`, `too_late`, `already_inside`, `already_used`, `not_inside`, `nonce_reused` or `too_many_scans`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "already_inside")]
    reason: Option<&'static str>,
    /// The ticket, if it is one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<ScannedTicket>,
}

/// A ticket as a gate sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScannedTicket {
    #[schema(value_type = Uuid)]
    booking_id: BookingId,
    #[schema(value_type = u32)]
    number: TicketNumber,
    #[schema(value_type = Uuid)]
    session_id: SessionId,
    #[schema(value_type = String, example = "stalls")]
    offer: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "stalls/A-12")]
    seat: Option<Seat>,
    /// Who holds it, if that is not who booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    holder: Option<Phrase>,
    /// Where its holder is by now: `expected`, `inside` or `left`.
    #[schema(example = "inside")]
    standing: &'static str,
}

/// One scan answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScanReceipt {
    #[serde(flatten)]
    answer: ScanAnswer,
    /// The position of the command's last event: pass it as `min_position` to read what you wrote.
    position: i64,
}

/// Several scans answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScansReceipt {
    /// What each came to, in the order in which they were sent.
    items: Vec<ScanAnswer>,
    /// The position of the command's last event: pass it as `min_position` to read what you wrote.
    position: i64,
}

#[derive(Serialize)]
struct Items {
    items: Vec<ScanAnswer>,
}

/// Let somebody in or out with a ticket
///
/// The answer tells the gate whether to open. A ticket that is refused is kept in the ticket's history as well. A payload
/// that no key of ours signed is no ticket: it gets a problem with the reason `forged`. Needs the right `scan`.
#[utoipa::path(post, path = "/v1/scans", tag = "tickets", request_body = NewScan,
    responses((status = 200, description = "Whether they may pass", body = ScanReceipt), CommandProblems))]
pub(super) async fn scan(
    State(app): State<App>,
    command: Command<NewScan>,
) -> Result<Answered, Problem> {
    let (order, scan, at) = app.order(command)?;
    let shown = [scan.read(&app, "", at).await?];
    if shown[0].ticket == Err(NoTicket::Forged) {
        let forged = Problem::bad_value("/payload", "no key of ours signed this");
        return Err(forged.because(NoTicket::Forged.as_str()));
    }
    let work = async move {
        bus::scan(&order, &shown, Mode::Online, at, |told| {
            let answer = told.first().map(|told| ScanAnswer::of(&shown[0], told));
            serde_json::to_string(&answer).expect("an answer is plain JSON")
        })
        .await
    };
    app.carry_out(work).await
}

/// Tell what gates did while they could ask nobody
///
/// Whoever was let in is in: each scan is kept, in the order in which they were made and whenever they come in. Of two
/// gates that let the same ticket in, the second scan is a `duplicate`. What is no ticket of ours is refused by itself, and
/// the others are kept. Needs the right `scan`.
#[utoipa::path(post, path = "/v1/scans/batch", tag = "tickets", request_body = NewScans,
    responses((status = 200, description = "What each scan came to", body = ScansReceipt), CommandProblems))]
pub(super) async fn batch(
    State(app): State<App>,
    command: Command<NewScans>,
) -> Result<Answered, Problem> {
    let (order, NewScans { scans }, at) = app.order(command)?;
    if scans.is_empty() || scans.len() > NewScans::MAX {
        let detail = format!("there are 1 to {} scans in a batch", NewScans::MAX);
        return Err(Problem::bad_value("/scans", detail));
    }
    let mut shown = Vec::with_capacity(scans.len());
    for (index, scan) in scans.into_iter().enumerate() {
        let place = format!("/scans/{index}");
        if scan.scanned_at.is_none() {
            let field = format!("{place}/scanned_at");
            return Err(Problem::bad_value(field, "say when the scan was made"));
        }
        shown.push(scan.read(&app, &place, at).await?);
    }
    let work = async move {
        bus::scan(&order, &shown, Mode::Offline, at, |told| {
            let items = shown.iter().zip(told).map(|(shown, told)| ScanAnswer::of(shown, told));
            let items = Items { items: items.collect() };
            serde_json::to_string(&items).expect("an answer is plain JSON")
        })
        .await
    };
    app.carry_out(work).await
}

impl NewScan {
    /// Finds the ticket; `place` is where the scan stands in the body.
    async fn read(self, app: &App, place: &str, now: Timestamp) -> Result<Shown, Problem> {
        let scanned_at = self.scanned_at(place, now)?;
        let ticket = match (&self.payload, &self.code) {
            (Some(payload), None) => {
                payload::read(&app.ticket_keys, payload).map_err(|_| NoTicket::Forged)
            }
            (None, Some(code)) => find(app, code).await?.ok_or(NoTicket::Unknown),
            (Some(_), Some(_)) | (None, None) => {
                let field = format!("{place}/payload");
                return Err(Problem::bad_value(field, "give a payload or a code"));
            }
        };
        let Self { nonce, gate, direction, session_id: only, .. } = self;
        let generation = ticket.map_or(Generation::FIRST, |ticket| ticket.generation);
        let reading = Reading { nonce, gate, direction, generation, scanned_at };
        Ok(Shown { ticket, reading, only })
    }

    fn scanned_at(&self, place: &str, now: Timestamp) -> Result<Timestamp, Problem> {
        let at = self.scanned_at.unwrap_or(now);
        let wrong = |detail: String| Problem::bad_value(format!("{place}/scanned_at"), detail);
        if at > now + CLOCK_TOLERANCE {
            return Err(wrong("this is in the future".to_owned()));
        }
        if at.date_naive() < FIRST_DAY {
            return Err(wrong(format!("nothing is kept from before {FIRST_DAY}")));
        }
        Ok(at.trunc_subsecs(6))
    }
}

/// The ticket that has a code. Only if none is known yet, whoever asks waits for what was written a moment ago.
async fn find(app: &App, code: &str) -> Result<Option<TicketId>, Problem> {
    let Ok(code) = code.parse::<TicketCode>() else { return Ok(None) };
    let queries = app.projections.queries();
    if let Some(found) = queries.ticket_by_code(code.hash()).await? {
        return Ok(Some(found));
    }
    let head = app.log.committed().borrow().get();
    app.wait(ModelName::Tickets, Some(head)).await?;
    Ok(queries.ticket_by_code(code.hash()).await?)
}

impl ScanAnswer {
    fn of(shown: &Shown, told: &ScanTold) -> Self {
        let nonce = shown.reading.nonce.clone();
        match told {
            ScanTold::Nothing(why) => {
                Self { nonce, result: "refused", reason: Some(why.as_str()), ticket: None }
            }
            ScanTold::Kept(kept) => {
                let (result, reason) = written(kept.answered);
                let ticket = ScannedTicket {
                    booking_id: kept.booking,
                    number: kept.number,
                    session_id: kept.session,
                    offer: kept.offer.clone(),
                    seat: kept.seat.clone(),
                    holder: kept.holder.clone(),
                    standing: kept.standing.as_str(),
                };
                Self { nonce, result, reason, ticket: Some(ticket) }
            }
        }
    }
}
