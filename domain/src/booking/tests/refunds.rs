//! Whatever is called off or changed, in whatever order: no more is given back than was paid.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::booking::Paid;
use crate::testing::utc;

/// What somebody does about a booking.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Calls off one of the lines that are left.
    Drop(usize),
    /// Puts all of them off, at another price.
    PutOff(u64),
    /// Calls off what is left.
    Cancel,
}

fn steps() -> impl Strategy<Value = Vec<(Step, bool)>> {
    let step = prop_oneof![
        4 => (0_usize..5).prop_map(Step::Drop),
        2 => (0_u64..4_000).prop_map(Step::PutOff),
        1 => Just(Step::Cancel),
    ];
    vec((step, any::<bool>()), 1..8)
}

fn command(booking: &Booking, step: Step, paid: Paid, at: Timestamp) -> Command {
    let (paid, lines) = (Some(paid), booking.lines());
    let terms = CancelTerms { paid, quote: None };
    match step {
        Step::Drop(number) => cancel_lines(vec![number % lines.len().max(1)], terms, at),
        Step::Cancel => Command::Cancel { reason: None, terms, at },
        Step::PutOff(minor) => {
            let money = |line: &Line| Money::try_new(minor, line.total().currency()).unwrap();
            let later = (20..).zip(lines).map(|(day, old)| line(day, day + 1, money(old)));
            let lines = Lines::try_new(later.collect()).unwrap();
            Command::Reschedule { lines, terms: ChangeTerms { paid, waived: false }, at }
        }
    }
}

fn refund_of(event: &Event) -> Option<Money> {
    match event {
        Event::LinesCancelled { refund, .. }
        | Event::Rescheduled { refund, .. }
        | Event::Cancelled { refund, .. } => *refund,
        _ => None,
    }
}

proptest! {
    #[test]
    fn no_more_is_given_back_than_was_paid(
        code in prop::sample::select(vec!["JPY", "EUR", "JOD"]),
        prices in vec(0_u64..5_000, 1..5),
        (percent, least, change) in (0_u64..=10_000, 0_u64..3_000, 0_u64..1_000),
        taken in 0_u64..40_000,
        is_late in any::<bool>(),
        steps in steps(),
    ) {
        let money = |minor| Money::try_new(minor, currency(code)).unwrap();
        let lines = (1..).zip(&prices).map(|(day, price)| line(day, day + 1, money(*price)));
        let policy = serde_json::from_value(json!({
            "tiers": [{"until": {"hours_before": 48}}, {"fee": {"percent": percent, "least": least}}],
            "changes": {"until": {"hours_before": 1}, "fee": {"amount": change}},
        }));
        let terms = terms_of(lines.collect()).unwrap().under(policy.unwrap(), None);
        let at = utc(if is_late { "2016-06-30T20:00:00Z" } else { "2016-06-20T20:00:00Z" });
        let mut events = vec![Event::Booked { terms, at: utc("2016-06-01T00:00:00Z") }];
        let (mut owed, mut returned) = (0, 0);
        for (step, is_sent_back) in steps {
            let booking = state(&events);
            let paid = Paid { taken: money(taken), returned: money(returned) };
            let Ok(decided) = booking.decide(command(&booking, step, paid, at)) else { continue };
            owed += decided.iter().filter_map(refund_of).map(Money::minor).sum::<u64>();
            prop_assert!(owed <= taken, "{owed} of {taken} after {step:?}");
            // what is to be given back may be on its way when the next thing is called off
            returned = if is_sent_back { owed } else { returned };
            events.extend(decided);
        }
    }
}
