//! Asks providers to do what payments wait for, and records what came of it.
//!
//! Every call is written down before it is made and forgotten once its outcome is in the log, so that after a crash it is
//! known which calls may have been made. One that may have been is made again under the same key; and where doing it twice
//! would move money twice, the provider is asked first how things stand, since a key is remembered for hours only.

use std::{collections::HashSet, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use daybook_domain::{
    payment::{AttemptNumber, Payment, Step, Task, idempotency_key},
    values::PaymentId,
};
use daybook_event_store::{Role, Writer};
use daybook_gateways::{ChargeReference, GatewayError, Progress, Standing};
use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::{
    asking::{self, Asking, Outcome, provider_key},
    calls::{About, Begun, Call, State},
    facts,
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

    pub(super) async fn payment(&self, id: PaymentId) -> Result<Payment> {
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
                let return_url = self.app.cashier.gateways.return_url.as_ref();
                let gateway = &**gateway;
                let asking = Asking { gateway, id, payment, booking, return_url };
                let round = call.as_ref().map_or(1, |call| call.round);
                asking.ask(task, &provider_key(&about.key, round)?, call.is_some()).await?
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
}

impl Worker {
    /// Gives back at the provider what belongs to no attempt of a payment.
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
        let key = provider_key(&call.key, call.round)?;
        asking::give_back(&**gateway, id, reference, &key).await
    }
}

/// The step of giving back what belongs to no attempt.
pub(super) const RETURN: &str = "return";

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

pub(super) fn key_of(id: PaymentId, payment: &Payment, task: &Task) -> String {
    let attempt = payment.attempt().unwrap_or(AttemptNumber::FIRST);
    let step = match *task {
        Task::Start { .. } => Step::Start,
        Task::Capture { number, .. } => Step::Capture(number),
        Task::Void => Step::Void,
        Task::Refund { refund, .. } => Step::Refund(refund),
    };
    idempotency_key(id, attempt, step)
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
