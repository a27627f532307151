//! Commands on customers: on the notes of one record, or on the two records of a merge.

use daybook_domain::{
    customer::{Command, Customer, Merge, Refusal, Status},
    values::{CustomerId, NoteId, Timestamp},
};
use daybook_event_store::{Answer, Stream, Unit, Writer};

use super::{Order, Stop, kept_changing, told::told};
use crate::problem::Problem;

/// What becomes of a note.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoteStep {
    /// It is written.
    Add,
    /// It is taken back.
    Withdraw,
}

/// Writes a note, or takes one back.
pub(crate) async fn note(
    order: &Order,
    id: CustomerId,
    (note, step): (NoteId, NoteStep),
    command: Command,
) -> Result<Answer, Problem> {
    let (status, name) = match step {
        NoteStep::Add => (201, "added"),
        NoteStep::Withdraw => (200, "withdrawn"),
    };
    let stream = id.to_string();
    let streams = [Stream::of::<Customer>(&stream)];
    let answer = order.run(&streams, |unit| {
        order.check::<Customer>(unit, &stream)?;
        unit.decide(&stream, |customer: &Customer| customer.decide(command.clone()))?;
        Ok(told(status, note, name))
    });
    answer.await?.ok_or_else(kept_changing)
}

/// Merges one record into another, in one unit of work: of two merges that cross, one is first and the other refused.
pub(crate) async fn merge(order: &Order, merge: Merge, at: Timestamp) -> Result<Answer, Problem> {
    let streams = [merge.merged(), merge.survivor()].map(Stream::of::<Customer>);
    let merged = merge.merged().to_string();
    let answer = order.run(&streams, |unit| {
        order.check::<Customer>(unit, &merged)?;
        decide_merge(unit, merge, at)?;
        Ok(told(200, merge.merged(), Status::Merged.as_str()))
    });
    answer.await?.ok_or_else(kept_changing)
}

fn decide_merge(unit: &mut Unit, merge: Merge, at: Timestamp) -> Result<(), Stop> {
    let (merged, survivor) = (merge.merged(), merge.survivor());
    let (before, record) =
        (unit.sequence::<Customer>(merged), unit.state::<Customer>(merged).details().cloned());
    let end = Command::MergeInto { merge, at };
    unit.decide(merged, |customer: &Customer| customer.decide(end))?;
    if unit.sequence::<Customer>(merged) == before {
        return Ok(()); // it was merged before
    }
    let record = Box::new(record.ok_or(Refusal::NotFound)?);
    let take_over = Command::TakeOver { merge, record, at };
    let taken = unit.decide(survivor, |customer: &Customer| customer.decide(take_over));
    Ok(taken.map_err(|refusal| Problem::from(refusal).in_field("/into"))?)
}

/// Refuses an order of a customer whose record ended in another; who has no record may order. Like a listing it is what
/// is known when the command comes in: an order that is on its way while records are merged shows up under the survivor.
pub(super) async fn may_order(writer: &Writer, customer: CustomerId) -> Result<(), Problem> {
    let mut last = customer;
    // A record ends once, and in one that went on at that time, so this leads to an end.
    while let Some(into) = writer.peek(&last.to_string(), Customer::merged_into).await? {
        last = into;
    }
    if last == customer {
        return Ok(());
    }
    Err(Problem::from(Refusal::Merged { into: last }).in_field("/customer_id"))
}
