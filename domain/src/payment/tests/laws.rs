//! Laws of payments, with generated lives: whatever staff asks for and a provider says, money is conserved.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// One thing that staff asks for or a provider says: what kind, about which attempt, refund or dispute, how much, and
/// whether the rest is kept.
type Step = (u8, u8, u64, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec((0_u8..22, 1_u8..4, 0_u64..130, any::<bool>()), 1..70)
}

/// A life: its currency, whether it is paid online, and what happens; some of it again at the end, as late facts do.
fn lives() -> impl Strategy<Value = (&'static str, bool, Vec<Step>)> {
    (select(vec!["JPY", "EUR", "JOD"]), any::<bool>(), steps(), vec(any::<u8>(), 0..30)).prop_map(
        |(code, online, mut steps, again)| {
            for place in again {
                steps.push(steps[usize::from(place) % steps.len()]);
            }
            (code, online, steps)
        },
    )
}

fn command((kind, n, minor, keep): Step, code: &str) -> Command {
    let amount = Money::try_new(minor, currency(code)).unwrap();
    let attempt = number(u32::from(n).min(2));
    let rest = if keep { Rest::Kept } else { Rest::Released };
    let (refund, dispute) = (refund_id(n.into()), reference(&format!("dp_{n}")));
    let why = failure(FailureCode::CardDeclined);
    let asked = Some(amount).filter(|_| minor < 110);
    let (now, reference) = (at(n.into()), None);
    let fact = match kind {
        0 => return Command::Retry { attempt, at: now },
        1 => return Command::Authorize { at: now },
        2 | 3 => return Command::Capture { amount: asked, rest, at: now },
        4 => return Command::Expire { at: at(i64::from(n) * 30) },
        5 | 6 => return Command::Refund { refund, amount: asked, reason: None, at: now },
        7 => return Command::Void { at: now },
        8 if keep => return Command::Fail { failure: why, at: now },
        8 => Fact::Declined { attempt, failure: why },
        9 | 10 => Fact::Authorized { attempt, amount, reference, expires_at: Some(at(60)) },
        11 => Fact::Expired { attempt },
        12..=14 => Fact::Captured { attempt, total: amount, rest, reference },
        15 => Fact::CaptureFailed { number: n.into(), failure: why },
        16 if keep => Fact::Voided { attempt },
        16 | 17 => Fact::Refunded { refund, amount, reference },
        18 => Fact::RefundFailed { refund, failure: why },
        19 => Fact::DisputeOpened { dispute, amount },
        21 => Fact::Fee { total: amount },
        _ if minor % 4 == 0 => Fact::DisputeWon { dispute },
        _ => Fact::DisputeLost { dispute, amount },
    };
    Command::Record { fact, at: now }
}

/// A plain model: the money alone, straight from the events.
#[derive(Default)]
struct Purse {
    requested: u64,
    promised: Option<u64>,
    captured: u64,
    /// What each refund is of, and whether it was given back.
    refunds: BTreeMap<Option<RefundId>, (u64, bool)>,
    lost: BTreeMap<ProviderReference, u64>,
}

impl Purse {
    fn of(events: &[Event]) -> Self {
        let mut purse = Self::default();
        for event in events {
            purse.see(event);
        }
        purse
    }

    fn see(&mut self, event: &Event) {
        match event {
            Event::Requested { amount, .. } => self.requested = amount.minor(),
            Event::Retried { .. } => self.promised = None,
            Event::Authorized { amount, .. } => {
                self.promised = Some(amount.map_or(self.requested, Money::minor));
            }
            Event::Captured { amount, .. } => self.captured += amount.minor(),
            Event::RefundRequested { refund, amount, .. } => {
                let known = self.refunds.insert(Some(*refund), (amount.minor(), false));
                assert_eq!(known, None, "a refund is asked for once");
            }
            Event::Refunded { refund, amount, .. } => {
                let known = self.refunds.insert(*refund, (amount.minor(), true));
                let same = known.is_none_or(|known| known == (amount.minor(), false));
                assert!(same, "a refund is completed once, and with what was asked for");
            }
            Event::RefundFailed { refund, .. } => {
                let known = self.refunds.insert(Some(*refund), (0, false));
                assert!(known.is_some_and(|(amount, _)| amount > 0), "a refund fails once");
            }
            Event::DisputeLost { dispute, amount, .. } => {
                let known = self.lost.insert(dispute.clone(), amount.minor());
                assert_eq!(known, None, "a dispute is lost once");
            }
            _ => {}
        }
    }

    /// What was given back, and what is set aside for that.
    fn given_back(&self) -> [u64; 2] {
        let sum = |done: bool| {
            let some = self.refunds.values().filter(|refund| refund.1 == done);
            some.map(|refund| refund.0).sum()
        };
        [sum(true), sum(false)]
    }

    fn lost(&self) -> u64 {
        self.lost.values().sum()
    }
}

/// A payment of a hundred, and all that came of the steps; each is seen as it happens.
fn live(
    (code, online, steps): (&str, bool, Vec<Step>),
    mut see: impl FnMut(&Payment, &[Event], &Command) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let (method, provider) = if online {
        (Method::Card, Some(Provider::Simulated))
    } else {
        (Method::BankTransfer, None)
    };
    let amount = Money::try_new(100, currency(code)).unwrap();
    let mut payment = Payment::default();
    let mut events = payment.decide(request_by(method, provider, amount)).unwrap();
    payment.evolve(&events[0]);
    for step in steps {
        let command = command(step, code);
        let Ok(new) = payment.decide(command.clone()) else { continue };
        for event in new {
            payment.evolve(&event);
            events.push(event);
        }
        see(&payment, &events, &command)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn money_is_conserved(life in lives()) {
        live(life, |payment, events, _| {
            let purse = Purse::of(events);
            let [refunded, reserved] = purse.given_back();
            let gone = refunded + reserved + purse.lost();
            prop_assert!(purse.captured <= purse.promised.unwrap_or(purse.requested));
            prop_assert!(purse.promised.unwrap_or(0) <= purse.requested);
            prop_assert!(gone <= purse.captured, "{} of {}", gone, purse.captured);
            let minor = |amount: Option<Money>| amount.unwrap().minor();
            prop_assert_eq!(minor(payment.authorized()), purse.promised.unwrap_or(purse.captured));
            prop_assert_eq!(minor(payment.captured()), purse.captured);
            prop_assert_eq!(minor(payment.refunded()), refunded);
            prop_assert_eq!(minor(payment.reserved()), reserved);
            prop_assert_eq!(minor(payment.lost()), purse.lost());
            prop_assert_eq!(minor(payment.left()), purse.captured - gone);
            prop_assert!(purse.captured + minor(payment.capturable()) <= purse.requested);
            Ok(())
        })?;
    }

    #[test]
    fn what_was_said_once_is_no_news_the_second_time(life in lives()) {
        let mut told: Vec<Command> = Vec::new();
        live(life, |payment, _, command| {
            if !matches!(command, Command::Record { .. }) {
                return Ok(());
            }
            prop_assert_eq!(payment.decide(command.clone()), Ok(Vec::new()), "{:?}", command);
            told.push(command.clone());
            for old in &told {
                // what was true once is old news, or contradicts what came after; it moves no total back
                for event in payment.decide(old.clone()).unwrap_or_default() {
                    let mut after = payment.clone();
                    after.evolve(&event);
                    prop_assert!(after.captured().unwrap().minor() >= payment.captured().unwrap().minor());
                    prop_assert!(after.lost().unwrap().minor() >= payment.lost().unwrap().minor());
                    prop_assert!(after.fees().unwrap().minor() >= payment.fees().unwrap().minor());
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_payment_read_back_or_replayed_is_the_same(life in lives()) {
        live(life, |payment, events, _| {
            let stored = serde_json::to_string(payment).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Payment>(&stored).unwrap(), payment);
            let stored = serde_json::to_string(events).unwrap();
            let read: Vec<Event> = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(&state(&read), payment);
            Ok(())
        })?;
    }
}
