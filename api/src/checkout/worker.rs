//! Asks providers to do what payments wait for, and records what came of it.
//!
//! Every call is written down before it is made and forgotten once its outcome is in the log, so that after a crash it is
//! known which calls may have been made. One that may have been is made again under the same key; and where doing it twice
//! would move money twice, the provider is asked first how things stand, since a key is remembered for hours only.

use std::{collections::HashSet, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use daybook_domain::{
    payment::{Fact, Failure, Payment, Step, Task, idempotency_key},
    values::{BookingId, Money, PaymentId, RefundId},
};
use daybook_event_store::{Role, Writer};
use daybook_gateways::{
    Charge, ChargeReference, Conflict, Gateway, GatewayError, OurId, Progress, ProviderKey, Refund,
    RefundProgress, Standing,
};
use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::{
    calls::{About, Begun, Call, State},
    facts::{self, Told},
    record::{self, Recorded},
    settling,
};
use crate::{app::App, extract::now};

/// How often the work is looked at.
const TICK: Duration = Duration::from_millis(250);
/// How many payments are worked on at the same time.
const AT_ONCE: usize = 16;
/// How much of what is due is looked at in one go: some of it may be being worked on.
const GLANCE: i64 = 64;
/// How often something is tried before it is left to people, and the pauses between.
const ATTEMPTS: i32 = 12;
const PAUSE: TimeDelta = TimeDelta::seconds(2);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// How long to wait after something went wrong here.
const PATIENCE: Duration = Duration::from_secs(1);

/// Works for as long as the task lives, while this process owns the log.
pub(super) async fn run(app: App) {
    let busy = Arc::new(Mutex::new(HashSet::new()));
    let mut owned = false;
    let mut work = JoinSet::new();
    loop {
        let news = app.cashier.news.notified();
        let _ = tokio::time::timeout(TICK, news).await;
        while work.try_join_next().is_some() {}
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => writer.clone(),
            Role::Follower(_) => {
                owned = false;
                continue;
            }
        };
        let worker = Worker { app: Arc::clone(&app), writer };
        let done = async {
            if !owned {
                worker.tidy_up().await?;
            }
            worker.begin(&busy, &mut work).await
        };
        match done.await {
            Ok(()) => owned = true,
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "payments could not be worked on");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

/// What is worked on at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Payment(PaymentId),
    Call(String),
}

#[derive(Clone)]
pub(super) struct Worker {
    pub(super) app: App,
    pub(super) writer: Writer,
}

/// What came of a call.
enum Outcome {
    /// This.
    Told(Told),
    /// The provider is at it, and will tell.
    Accepted,
    /// Nothing yet; it is worth another try.
    Later { error: String, after: Option<TimeDelta> },
    /// It will not work.
    Never(String),
}

impl Worker {
    /// Forgets calls that were made, and recorded, just before the last owner ended.
    async fn tidy_up(&self) -> Result<()> {
        for id in self.app.cashier.calls.payments().await? {
            let payment = self.payment(id).await?;
            self.prune(id, &payment).await?;
        }
        Ok(())
    }

    async fn prune(&self, id: PaymentId, payment: &Payment) -> Result<()> {
        let needed: Vec<String> =
            payment.tasks().iter().map(|task| key_of(id, payment, task)).collect();
        self.app.cashier.calls.prune(id, &needed).await?;
        Ok(())
    }

    /// Forgets calls that a payment no longer needs, since somebody else told what came of them: one that was accepted
    /// would keep the payment resting.
    pub(super) async fn forget_calls(&self, id: PaymentId) -> Result<()> {
        let payment = self.payment(id).await?;
        self.prune(id, &payment).await
    }

    async fn payment(&self, id: PaymentId) -> Result<Payment> {
        Ok(self.writer.peek(&id.to_string(), Payment::clone).await?)
    }

    /// Begins what is due and not being worked on.
    async fn begin(
        &self,
        busy: &Arc<Mutex<HashSet<Subject>>>,
        work: &mut JoinSet<()>,
    ) -> Result<()> {
        let calls = &self.app.cashier.calls;
        metrics::gauge!("daybook_provider_calls_failed").set(calls.failed().await? as f64);
        let resting = calls.resting().await?;
        let room = AT_ONCE.saturating_sub(work.len());
        if room == 0 {
            return Ok(());
        }
        let queries = self.app.projections.queries();
        let payments = queries.payments_with_tasks(&resting, GLANCE).await?;
        let due = calls.due(GLANCE).await?;
        let subjects = payments.into_iter().map(|id| (Subject::Payment(id), None));
        let subjects = subjects
            .chain(due.into_iter().map(|call| (Subject::Call(call.key.clone()), Some(call))));
        let free: Vec<_> = subjects
            .filter(|(subject, _)| busy.lock().insert(subject.clone()))
            .take(room)
            .collect();
        for (subject, call) in free {
            let (worker, busy) = (self.clone(), Arc::clone(busy));
            work.spawn(async move {
                let done = match (&subject, call) {
                    (Subject::Payment(id), _) => worker.work_on(*id).await,
                    (Subject::Call(_), Some(call)) => worker.make_good(&call).await,
                    (Subject::Call(_), None) => Ok(()),
                };
                if let Err(error) = done {
                    let error = format!("{error:#}");
                    tracing::warn!(?subject, error, "a payment could not be worked on");
                    tokio::time::sleep(PATIENCE).await;
                }
                busy.lock().remove(&subject);
            });
        }
        Ok(())
    }

    /// Does what one payment waits for, one thing after the other.
    async fn work_on(&self, id: PaymentId) -> Result<()> {
        let mut done = HashSet::new();
        loop {
            let payment = self.payment(id).await?;
            let task = payment.tasks().into_iter().next();
            let Some(task) = task else {
                self.prune(id, &payment).await?;
                return Ok(());
            };
            let key = key_of(id, &payment, &task);
            if !done.insert(key.clone()) || !self.carry_out(id, &payment, task, key).await? {
                return Ok(());
            }
        }
    }

    /// Makes one call. Whether the payment went on by it.
    async fn carry_out(
        &self,
        id: PaymentId,
        payment: &Payment,
        task: Task,
        key: String,
    ) -> Result<bool> {
        let booking = payment.booking().context("a payment is for a booking")?;
        let provider = payment.provider().context("only providers have tasks")?;
        let step = name_of(&task);
        let about = About { key, step, booking, payment: Some(id), reference: None };
        let call = match self.app.cashier.calls.begin(&about).await? {
            Begun::Now => None,
            Begun::Before(call) if is_resting(&call) => return Ok(false),
            Begun::Before(call) => Some(call),
        };
        let outcome = match self.app.cashier.gateways.get(provider) {
            None => Outcome::Never(format!("{} is not set up here", provider.as_str())),
            Some(gateway) => {
                let asking = Asking { worker: self, gateway: &**gateway, id, payment, booking };
                asking.ask(task, &about.key, call.as_ref()).await?
            }
        };
        let failures = call.as_ref().map_or(0, |call| call.failures);
        self.close(id, &about, failures, outcome).await
    }

    /// Records what came of a call. Whether the payment went on by it.
    async fn close(
        &self,
        id: PaymentId,
        about: &About,
        failures: i32,
        outcome: Outcome,
    ) -> Result<bool> {
        let calls = &self.app.cashier.calls;
        let outcome = match outcome {
            Outcome::Told(told) => match record::told(self, id, told, &about.key).await? {
                Recorded::News => {
                    count(about.step, "done");
                    calls.finish(&about.key).await?;
                    return Ok(true);
                }
                Recorded::NothingNew => later("the provider has not done it yet".to_owned()),
                Recorded::Refused(why) => Outcome::Never(why),
            },
            other => other,
        };
        let (state, error, pause) = match outcome {
            Outcome::Told(_) => return Ok(false),
            Outcome::Accepted => (State::Accepted, None, None),
            Outcome::Later { error, after } if failures + 1 < ATTEMPTS => {
                let pause = pause_after(failures + 1, after);
                (State::Waiting, Some(error), Some(pause))
            }
            Outcome::Later { error, .. } | Outcome::Never(error) => {
                (State::Failed, Some(error), None)
            }
        };
        if state == State::Failed {
            let (key, error) = (&about.key, error.as_deref());
            tracing::error!(key, error, "a provider was not brought to do something");
        }
        count(about.step, if state == State::Failed { "given_up" } else { "put_off" });
        calls.keep(&about.key, state, error.as_deref(), pause).await?;
        Ok(false)
    }

    /// Does what no payment tells of itself.
    async fn make_good(&self, call: &Call) -> Result<()> {
        let about = About {
            key: call.key.clone(),
            step: if call.step == "settle" { "settle" } else { RETURN },
            booking: call.booking_id,
            payment: call.payment_id,
            reference: call.reference.clone(),
        };
        let outcome = match (call.step.as_str(), call.payment_id, &call.reference) {
            ("settle", ..) => match settling::settle(self, call.booking_id).await {
                Ok(_) => None,
                Err(problem) => Some(later(format!("{problem:?}"))),
            },
            (_, Some(payment), Some(reference)) => self.give_back(payment, reference, call).await?,
            _ => Some(Outcome::Never("nothing tells what it is about".to_owned())),
        };
        match (outcome, call.payment_id) {
            (None, _) => {
                count(about.step, "done");
                self.app.cashier.calls.finish(&about.key).await?;
            }
            (Some(outcome), payment) => {
                let id = payment.unwrap_or(PaymentId::from_uuid(call.booking_id.as_uuid()));
                self.close(id, &about, call.failures, outcome).await?;
            }
        }
        Ok(())
    }

    /// Gives back at the provider what belongs to no attempt of ours. `None` once nothing of it is left there.
    async fn give_back(
        &self,
        id: PaymentId,
        reference: &str,
        call: &Call,
    ) -> Result<Option<Outcome>> {
        let payment = self.payment(id).await?;
        let gateway = payment.provider().and_then(|p| self.app.cashier.gateways.get(p));
        let (Some(gateway), Ok(reference)) = (gateway, ChargeReference::try_new(reference)) else {
            return Ok(Some(Outcome::Never("its provider is not set up here".to_owned())));
        };
        let standing = match gateway.look(&reference).await {
            Ok(standing) => standing,
            Err(error) => return Ok(Some(failed(&error))),
        };
        let key = provider_key(&call.key, call.round)?;
        let result = match standing.progress {
            Progress::Voided => return Ok(None),
            Progress::Captured { amount } => {
                let back = standing.refunded.unwrap_or(Money::zero(amount.currency()));
                let left = amount.try_sub(back)?;
                if left.is_zero() {
                    return Ok(None);
                }
                let refund = Refund {
                    charge: reference,
                    amount: left,
                    refund: OurId::try_new(format!("{}{id}", record::STRAY))?,
                };
                gateway.refund(&refund, &key).await.map(|_| ())
            }
            Progress::RequiresMethod
            | Progress::RequiresAction
            | Progress::Approved
            | Progress::Processing
            | Progress::Authorized { .. }
            | Progress::Declined(_) => gateway.void(&reference, &key).await.map(|_| ()),
        };
        Ok(match result {
            Ok(()) => None,
            Err(error) => Some(failed(&error)),
        })
    }
}

/// The step of giving back what belongs to no attempt.
pub(super) const RETURN: &str = "return";

/// Asks one provider about one payment.
struct Asking<'a> {
    worker: &'a Worker,
    gateway: &'a dyn Gateway,
    id: PaymentId,
    payment: &'a Payment,
    booking: BookingId,
}

impl Asking<'_> {
    async fn ask(&self, task: Task, key: &str, before: Option<&Call>) -> Result<Outcome> {
        let key = provider_key(key, before.map_or(1, |call| call.round))?;
        let in_doubt = before.is_some();
        match task {
            Task::Start { .. } => self.start(&key).await,
            Task::Capture { number, amount } => self.capture(number, amount, &key).await,
            Task::Void => self.void(&key).await,
            Task::Refund { refund, amount } => self.refund(refund, amount, &key, in_doubt).await,
        }
    }

    async fn start(&self, key: &ProviderKey) -> Result<Outcome> {
        if let Some(outcome) = self.end_earlier(key).await? {
            return Ok(outcome);
        }
        let (Some(amount), Some(method), Some(capture)) =
            (self.payment.requested(), self.payment.method(), self.payment.capture_mode())
        else {
            return Ok(Outcome::Never("nothing was asked for".to_owned()));
        };
        let return_url = self.worker.app.cashier.gateways.return_url.clone().map(|mut url| {
            url.query_pairs_mut().append_pair("payment_id", &self.id.to_string());
            url
        });
        let charge = Charge {
            amount,
            payment: OurId::try_new(self.id.to_string())?,
            booking: OurId::try_new(self.booking.to_string())?,
            method,
            capture,
            token: None,
            return_url,
        };
        Ok(match self.gateway.start(&charge, key).await {
            Ok(standing) => Outcome::Told(facts::of_charge(self.payment, &standing)),
            Err(GatewayError::Declined(decline)) => self.declined(facts::failure(&decline)),
            Err(error) => failed(&error),
        })
    }

    /// Calls off what the customer tried before, lest it be paid as well.
    async fn end_earlier(&self, key: &ProviderKey) -> Result<Option<Outcome>> {
        let attempts: Vec<_> = self.payment.attempts().collect();
        let earlier = attempts.len().checked_sub(2).and_then(|last| attempts.get(last));
        let Some(reference) = earlier.and_then(|attempt| attempt.reference.as_ref()) else {
            return Ok(None);
        };
        let reference = ChargeReference::try_new(reference.as_str())?;
        let key = ProviderKey::try_new(format!("{key}-end"))?;
        Ok(match self.gateway.void(&reference, &key).await {
            Ok(_) | Err(GatewayError::Conflict { conflict: Conflict::AlreadyVoided, .. }) => None,
            Err(GatewayError::Conflict { conflict: Conflict::AlreadyCaptured, .. }) => {
                record::stray(self.worker, self.id, &reference).await?;
                None
            }
            Err(error) if error.is_passing() => Some(failed(&error)),
            // some cannot be called off before somebody pays; what comes of it then is given back
            Err(error) => {
                tracing::debug!(%error, %reference, "an earlier attempt could not be called off");
                None
            }
        })
    }

    fn declined(&self, failure: Failure) -> Outcome {
        let attempt = self.payment.attempt();
        let fact = attempt.map(|attempt| Fact::Declined { attempt, failure });
        Outcome::Told(Told::Facts(fact.into_iter().collect()))
    }

    async fn capture(&self, number: u32, amount: Money, key: &ProviderKey) -> Result<Outcome> {
        let Some(reference) = self.reference()? else {
            return Ok(Outcome::Never("the provider does not know of it".to_owned()));
        };
        Ok(match self.gateway.capture(&reference, amount, key).await {
            Ok(standing) => Outcome::Told(facts::of_charge(self.payment, &standing)),
            Err(GatewayError::Declined(decline)) => {
                let failure = facts::failure(&decline);
                Outcome::Told(Told::Facts(vec![Fact::CaptureFailed { number, failure }]))
            }
            Err(GatewayError::Conflict { .. }) => self.look(&reference).await,
            Err(error) => failed(&error),
        })
    }

    async fn void(&self, key: &ProviderKey) -> Result<Outcome> {
        let Some(reference) = self.reference()? else {
            // no client was given anything to pay with, so nothing can come of whatever the provider may know
            let fact = self.payment.attempt().map(|attempt| Fact::Voided { attempt });
            return Ok(Outcome::Told(Told::Facts(fact.into_iter().collect())));
        };
        Ok(match self.gateway.void(&reference, key).await {
            Ok(standing) => Outcome::Told(facts::of_charge(self.payment, &standing)),
            Err(GatewayError::Conflict { .. } | GatewayError::Declined(_)) => {
                self.look(&reference).await
            }
            Err(error) => failed(&error),
        })
    }

    async fn refund(
        &self,
        refund: RefundId,
        amount: Money,
        key: &ProviderKey,
        in_doubt: bool,
    ) -> Result<Outcome> {
        let Some(charge) = self.reference()? else {
            return Ok(Outcome::Never("the provider does not know of it".to_owned()));
        };
        if in_doubt {
            match self.was_given_back(&charge, amount).await {
                Ok(true) => {
                    let fact = Fact::Refunded { refund, amount, reference: None };
                    return Ok(Outcome::Told(Told::Facts(vec![fact])));
                }
                Ok(false) => {}
                Err(error) => return Ok(failed(&error)),
            }
        }
        let asked = Refund { charge, amount, refund: OurId::try_new(refund.to_string())? };
        Ok(match self.gateway.refund(&asked, key).await {
            Ok(standing) if standing.progress == RefundProgress::Pending => Outcome::Accepted,
            Ok(standing) => Outcome::Told(Told::Facts(facts::of_refund(&standing))),
            Err(GatewayError::Declined(decline)) => {
                let failure = facts::failure(&decline);
                Outcome::Told(Told::Facts(vec![Fact::RefundFailed { refund, failure }]))
            }
            Err(error) => failed(&error),
        })
    }

    /// Whether a refund that may have been asked for was: the provider gave back more than is known here by as much.
    /// Refunds of one payment are asked for one after the other.
    async fn was_given_back(
        &self,
        charge: &ChargeReference,
        amount: Money,
    ) -> Result<bool, GatewayError> {
        let standing = self.gateway.look(charge).await?;
        let known = self.payment.refunded().and_then(|known| known.try_add(amount).ok());
        let told = standing.refunded;
        Ok(told.zip(known).is_some_and(|(told, known)| told.minor() >= known.minor()))
    }

    async fn look(&self, reference: &ChargeReference) -> Outcome {
        match self.gateway.look(reference).await {
            Ok(standing) => self.seen(&standing),
            Err(error) => failed(&error),
        }
    }

    fn seen(&self, standing: &Standing) -> Outcome {
        Outcome::Told(facts::of_charge(self.payment, standing))
    }

    fn reference(&self) -> Result<Option<ChargeReference>> {
        let reference = self.payment.reference();
        Ok(reference.map(|known| ChargeReference::try_new(known.as_str())).transpose()?)
    }
}

fn is_resting(call: &Call) -> bool {
    match call.state {
        State::Failed | State::Accepted => true,
        State::Waiting => call.next_at.is_some_and(|at| at > now()),
        State::Underway => false,
    }
}

fn name_of(task: &Task) -> &'static str {
    match task {
        Task::Start { .. } => "start",
        Task::Capture { .. } => "capture",
        Task::Void => "void",
        Task::Refund { .. } => "refund",
    }
}

fn key_of(id: PaymentId, payment: &Payment, task: &Task) -> String {
    let attempt = payment.attempt().unwrap_or(daybook_domain::payment::AttemptNumber::FIRST);
    let step = match *task {
        Task::Start { .. } => Step::Start,
        Task::Capture { number, .. } => Step::Capture(number),
        Task::Void => Step::Void,
        Task::Refund { refund, .. } => Step::Refund(refund),
    };
    idempotency_key(id, attempt, step)
}

/// The key as the provider gets it: another one each time somebody saw to a call that had been given up, since providers
/// repeat what they answered to a key.
fn provider_key(key: &str, round: i32) -> Result<ProviderKey> {
    let key = if round > 1 { format!("{key}-r{round}") } else { key.to_owned() };
    Ok(ProviderKey::try_new(key)?)
}

fn failed(error: &GatewayError) -> Outcome {
    let after = error.retry_after().and_then(|after| TimeDelta::from_std(after).ok());
    match error {
        GatewayError::Unavailable { .. }
        | GatewayError::InDoubt { .. }
        | GatewayError::BreakerOpen { .. }
        | GatewayError::Conflict { .. } => Outcome::Later { error: error.to_string(), after },
        GatewayError::Refused { .. } | GatewayError::Declined(_) => {
            Outcome::Never(error.to_string())
        }
    }
}

fn later(error: String) -> Outcome {
    Outcome::Later { error, after: None }
}

/// Twice as long after each failure, never the same for all that failed together, and never shorter than was asked.
pub(super) fn pause_after(failures: i32, at_least: Option<TimeDelta>) -> TimeDelta {
    let doublings = failures.clamp(1, 20) - 1;
    let longest = PAUSE.num_milliseconds().saturating_mul(1 << doublings);
    let longest = longest.min(LONGEST_PAUSE.num_milliseconds());
    let drawn = TimeDelta::milliseconds(longest / 2 + rand::random_range(0..=longest / 2));
    at_least.map_or(drawn, |least| drawn.max(least))
}

fn count(step: &'static str, outcome: &'static str) {
    metrics::counter!("daybook_provider_calls_total", "step" => step, "outcome" => outcome)
        .increment(1);
}

/// How a payment stands at its provider, seen now and recorded.
pub(super) async fn sync(worker: &Worker, id: PaymentId) -> Result<Option<Standing>, SyncError> {
    let payment = worker.payment(id).await.map_err(SyncError::Here)?;
    let gateway = payment.provider().and_then(|p| worker.app.cashier.gateways.get(p));
    let reference = payment.reference().map(|known| ChargeReference::try_new(known.as_str()));
    let (Some(gateway), Some(Ok(reference))) = (gateway, reference) else { return Ok(None) };
    let mut standing = gateway.look(&reference).await?;
    if standing.progress == Progress::Approved
        && payment.pending().is_none()
        && let Some(attempt) = payment.attempt()
    {
        let key = idempotency_key(id, attempt, Step::Resume);
        let key = provider_key(&key, 1).map_err(SyncError::Here)?;
        standing = match gateway.resume(&reference, &key).await {
            Ok(standing) => standing,
            Err(GatewayError::Declined(decline)) => {
                Standing { progress: Progress::Declined(decline), ..standing }
            }
            Err(error) => return Err(error.into()),
        };
    }
    let told = facts::of_charge(&payment, &standing);
    record::told(worker, id, told, "a look at the provider").await.map_err(SyncError::Here)?;
    Ok(Some(standing))
}

/// Why a payment could not be looked at.
#[derive(Debug, thiserror::Error)]
pub(super) enum SyncError {
    /// The provider.
    #[error(transparent)]
    There(#[from] GatewayError),
    /// Something here.
    #[error("{0:#}")]
    Here(anyhow::Error),
}
