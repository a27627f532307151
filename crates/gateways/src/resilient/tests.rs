use std::{collections::VecDeque, time::Duration};

use daybook_domain::values::Timestamp;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::*;
use crate::{FailureCode, OurId, Progress};

/// Answers as it was told, and remembers under which keys it was asked and when.
#[derive(Debug)]
struct Scripted {
    answers: Mutex<VecDeque<Scene>>,
    asked: Mutex<Vec<(String, Instant)>>,
}

#[derive(Debug)]
enum Scene {
    Answer(Box<Result<Standing, GatewayError>>),
    Silence,
}

impl Scripted {
    fn new(scenes: impl IntoIterator<Item = Scene>) -> Arc<Self> {
        let answers = Mutex::new(scenes.into_iter().collect());
        Arc::new(Self { answers, asked: Mutex::default() })
    }

    async fn next(&self, key: &str) -> Result<Standing, GatewayError> {
        self.asked.lock().push((key.to_owned(), Instant::now()));
        let scene = self.answers.lock().pop_front().expect("more calls than scenes");
        match scene {
            Scene::Answer(answer) => *answer,
            Scene::Silence => std::future::pending().await,
        }
    }

    fn asked(&self) -> usize {
        self.asked.lock().len()
    }

    /// The pauses between the calls, in milliseconds.
    fn pauses(&self) -> Vec<u128> {
        let asked = self.asked.lock();
        asked.windows(2).map(|pair| (pair[1].1 - pair[0].1).as_millis()).collect()
    }
}

#[async_trait]
impl Gateway for Scripted {
    fn provider(&self) -> Provider {
        Provider::Simulated
    }

    fn takes(&self, _: Method, _: Currency) -> bool {
        true
    }

    async fn start(&self, _: &Charge, key: &ProviderKey) -> Result<Standing, GatewayError> {
        self.next(key.as_str()).await
    }

    async fn resume(
        &self,
        _: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        self.next(key.as_str()).await
    }

    async fn capture(
        &self,
        _: &ChargeReference,
        _: Money,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        self.next(key.as_str()).await
    }

    async fn void(&self, _: &ChargeReference, key: &ProviderKey) -> Result<Standing, GatewayError> {
        self.next(key.as_str()).await
    }

    async fn refund(&self, _: &Refund, key: &ProviderKey) -> Result<RefundStanding, GatewayError> {
        self.next(key.as_str()).await.map(|_| panic!("no refunds are scripted"))
    }

    async fn look(&self, _: &ChargeReference) -> Result<Standing, GatewayError> {
        self.next("look").await
    }

    async fn list(&self, _: Period) -> Result<Vec<Entry>, GatewayError> {
        self.next("list").await.map(|_| Vec::new())
    }

    async fn read_webhook(
        &self,
        _: &HeaderMap,
        _: &[u8],
        _: Timestamp,
    ) -> Result<Notification, WebhookError> {
        Err(WebhookError::Unavailable(self.next("webhook").await.unwrap_err()))
    }
}

const PATIENCE: Patience = Patience {
    attempt: Duration::from_secs(10),
    list: Duration::from_mins(1),
    attempts: 4,
    pause: Duration::from_secs(1),
    longest_pause: Duration::from_secs(3),
    failures: 5,
    rest: Duration::from_secs(30),
};

/// The longest pauses there can be, so that they can be told.
fn patient(scripted: &Arc<Scripted>) -> Resilient {
    Resilient::with_draw(scripted.clone(), PATIENCE, Draw::by(|longest| longest))
}

fn reference() -> ChargeReference {
    ChargeReference::try_new("pi_1").unwrap()
}

fn key() -> ProviderKey {
    ProviderKey::try_new("payment-1-void").unwrap()
}

fn answer(answer: Result<Standing, GatewayError>) -> Scene {
    Scene::Answer(Box::new(answer))
}

fn voided() -> Scene {
    answer(Ok(Standing {
        reference: reference(),
        payment: OurId::try_new("payment-1").ok(),
        amount: Money::zero(Currency::try_new("EUR").unwrap()),
        progress: Progress::Voided,
        refunded: None,
        fee: None,
        for_client: None,
    }))
}

fn unavailable(after: Option<u64>) -> Scene {
    let after = after.map(Duration::from_secs);
    answer(Err(GatewayError::Unavailable { why: "503".to_owned(), after }))
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_under_the_same_key() {
    let lost = answer(Err(GatewayError::in_doubt("reset")));
    let scripted = Scripted::new([unavailable(None), lost, voided()]);
    let standing = patient(&scripted).void(&reference(), &key()).await.unwrap();
    assert_eq!(standing.progress, Progress::Voided);
    let asked = scripted.asked.lock();
    assert!(asked.iter().all(|(used, _)| used == key().as_str()));
    assert_eq!(asked.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn pauses_double_up_to_the_longest() {
    let scripted = Scripted::new((0..4).map(|_| unavailable(None)));
    let error = patient(&scripted).void(&reference(), &key()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unavailable { .. }));
    assert_eq!(scripted.pauses(), [1000, 2000, 3000]);
}

#[tokio::test(start_paused = true)]
async fn pauses_are_drawn_from_nothing_on() {
    let scripted = Scripted::new((0..4).map(|_| unavailable(None)));
    let draw = Draw::by(|longest| longest / 4);
    let patient = Resilient::with_draw(scripted.clone(), PATIENCE, draw);
    patient.void(&reference(), &key()).await.unwrap_err();
    assert_eq!(scripted.pauses(), [250, 500, 750]);
    let (random, second) = (Draw::random(), Duration::from_secs(1));
    assert!((0..1000).all(|_| random.draw(second) <= second));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_says_how_long_to_wait_is_heard() {
    let scripted = Scripted::new([unavailable(Some(2)), voided()]);
    patient(&scripted).void(&reference(), &key()).await.unwrap();
    assert_eq!(scripted.pauses(), [2000]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_too_long_is_left_to_the_caller() {
    let scripted = Scripted::new([unavailable(Some(60))]);
    let error = patient(&scripted).void(&reference(), &key()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_mins(1)));
    assert_eq!(scripted.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_not_tried_again() {
    let errors = [
        GatewayError::declined(FailureCode::CardDeclined, "no"),
        GatewayError::refused("parameter_missing", "amount"),
        GatewayError::conflict(crate::Conflict::AlreadyCaptured, "too late"),
    ];
    for error in errors {
        let scripted = Scripted::new([answer(Err(error.clone()))]);
        assert_eq!(patient(&scripted).void(&reference(), &key()).await, Err(error));
        assert_eq!(scripted.asked(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn silence_is_given_up_and_asked_again() {
    let scripted = Scripted::new([Scene::Silence, voided()]);
    let began = Instant::now();
    patient(&scripted).void(&reference(), &key()).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(11), "ten for the attempt, one to pause");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_keeps_failing_is_left_alone_and_tried_once_after_a_while() {
    let scripted = Scripted::new((0..6).map(|_| unavailable(None)).chain([voided(), voided()]));
    let patient = patient(&scripted);
    patient.void(&reference(), &key()).await.unwrap_err();
    let error = patient.void(&reference(), &key()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unavailable { .. }), "asked once, and then no more");
    assert_eq!(scripted.asked(), 5, "the fifth failure opened the breaker");
    let error = patient.void(&reference(), &key()).await.unwrap_err();
    assert!(matches!(error, GatewayError::BreakerOpen { .. }), "not asked at all");
    assert_eq!(scripted.asked(), 5);

    tokio::time::advance(Duration::from_secs(31)).await;
    let error = patient.look(&reference()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Unavailable { .. }), "the probe failed");
    assert_eq!(scripted.asked(), 6);

    tokio::time::advance(Duration::from_secs(31)).await;
    patient.look(&reference()).await.unwrap();
    patient.look(&reference()).await.unwrap();
    assert_eq!(scripted.asked(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_decline_is_no_failure_of_the_provider() {
    let decline = || answer(Err(GatewayError::declined(FailureCode::CardDeclined, "no")));
    let scripted = Scripted::new((0..20).map(|_| decline()));
    let patient = patient(&scripted);
    for _ in 0..20 {
        let error = patient.void(&reference(), &key()).await.unwrap_err();
        assert!(matches!(error, GatewayError::Declined(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_given_up_holds_nobody_up_for_ever() {
    let failures = (0..5).map(|_| unavailable(None));
    let scripted = Scripted::new(failures.chain([Scene::Silence, voided()]));
    let patient = patient(&scripted);
    for _ in 0..2 {
        patient.void(&reference(), &key()).await.unwrap_err();
    }
    tokio::time::advance(Duration::from_secs(31)).await;
    let hurried = Duration::from_secs(1);
    assert!(tokio::time::timeout(hurried, patient.look(&reference())).await.is_err());
    assert!(patient.look(&reference()).await.is_err(), "one probe at a time");
    tokio::time::advance(Duration::from_secs(31)).await;
    patient.look(&reference()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_webhook_is_read_once_and_within_the_limit() {
    let scripted = Scripted::new([Scene::Silence]);
    let now = Timestamp::UNIX_EPOCH;
    let read = patient(&scripted).read_webhook(&HeaderMap::new(), b"{}", now).await;
    assert!(matches!(read, Err(WebhookError::Unavailable(GatewayError::InDoubt { .. }))));
    assert_eq!(scripted.asked(), 1, "whoever sent it will send it again");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_may_have_happened_stays_in_doubt() {
    let lost = answer(Err(GatewayError::in_doubt("reset")));
    let scripted = Scripted::new([lost].into_iter().chain((0..3).map(|_| unavailable(None))));
    let error = patient(&scripted).void(&reference(), &key()).await.unwrap_err();
    assert_eq!(error, GatewayError::in_doubt("reset"));
    let lost = answer(Err(GatewayError::in_doubt("reset")));
    let refused = GatewayError::refused("resource_missing", "pi_1");
    let scripted = Scripted::new([lost, answer(Err(refused.clone()))]);
    let error = patient(&scripted).void(&reference(), &key()).await.unwrap_err();
    assert_eq!(error, refused, "an answer under the same key ends the doubt");
}
