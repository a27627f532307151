//! Clients that book, hold, confirm and cancel without pause, and insist on an answer to each command.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rand::RngExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Answer, Audit, Client, Hotel, Troubles, insist, with};

/// How long one command may take through kills, restarts and takeovers.
const PATIENCE: Duration = Duration::from_mins(1);

/// Running clients.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    clients: JoinSet<Ledger>,
}

/// What the clients were told, command by command.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Bookings that were made, with the answer's position.
    pub(crate) made: BTreeMap<String, i64>,
    /// Bookings that were confirmed after a hold.
    pub(crate) confirmed: Vec<String>,
    /// Bookings that were cancelled.
    pub(crate) cancelled: Vec<String>,
    /// Requests for places that were gone.
    pub(crate) sold_out: usize,
    /// What went wrong on the way.
    pub(crate) troubles: Troubles,
}

impl Load {
    /// Sets clients to work on these servers in turn.
    pub(crate) fn start(servers: &[Client], hotel: &Hotel, clients: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        for number in 0..clients {
            let mut servers = servers.to_vec();
            let count = servers.len();
            servers.rotate_left(number % count);
            let guest = Guest {
                servers,
                hotel: hotel.clone(),
                ledger: Ledger::default(),
                acknowledged: Arc::clone(&acknowledged),
            };
            running.spawn(guest.work(Arc::clone(&stop)));
        }
        Self { stop, acknowledged, clients: running }
    }

    /// Commands answered so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Waits until this many more commands have been answered.
    pub(crate) async fn go_on_for(&self, more: usize) {
        let goal = self.acknowledged() + more;
        super::eventually("the clients are served", PATIENCE, || async {
            (self.acknowledged() >= goal).then_some(())
        })
        .await;
    }

    /// Lets each client finish the command it is at, and collects what all were told.
    pub(crate) async fn finish(mut self) -> Ledger {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Ledger::default();
        while let Some(ledger) = self.clients.join_next().await {
            all.merge(ledger.expect("no client gives up"));
        }
        all
    }
}

impl Ledger {
    fn merge(&mut self, mut other: Self) {
        for (booking, position) in other.made {
            assert!(self.made.insert(booking.clone(), position).is_none(), "{booking} twice");
        }
        self.confirmed.append(&mut other.confirmed);
        self.cancelled.append(&mut other.cancelled);
        self.sold_out += other.sold_out;
        self.troubles.lost += other.troubles.lost;
        self.troubles.later += other.troubles.later;
        self.troubles.wrong.append(&mut other.troubles.wrong);
    }

    /// What the log has must be what the clients were told: all of it, once, and nothing else.
    pub(crate) async fn assert_kept(&self, audit: &Audit) {
        audit.assert_sound().await;
        assert_eq!(self.troubles.wrong, Vec::<String>::new());
        let made = audit.bookings_made().await;
        for booking in self.made.keys() {
            assert!(made.contains_key(booking), "{booking} was acknowledged and is lost");
        }
        for (booking, times) in &made {
            assert_eq!(*times, 1, "{booking} was made more than once");
            let known = self.made.contains_key(booking);
            assert!(known, "{booking} was made though every client was told of another");
        }
        let confirmed = audit.bookings_with("confirmed").await;
        assert!(confirmed.values().all(|times| *times == 1));
        assert_eq!(sorted(&self.confirmed), confirmed.into_keys().collect::<Vec<_>>());
        let cancelled = audit.bookings_with("cancelled").await;
        assert!(cancelled.values().all(|times| *times == 1));
        assert_eq!(sorted(&self.cancelled), cancelled.into_keys().collect::<Vec<_>>());
    }
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

/// One client.
struct Guest {
    servers: Vec<Client>,
    hotel: Hotel,
    ledger: Ledger,
    acknowledged: Arc<AtomicUsize>,
}

impl Guest {
    async fn work(mut self, stop: Arc<AtomicBool>) -> Ledger {
        while !stop.load(Ordering::Relaxed) {
            let (kind, request) = self.wish();
            let made = self.insist("/v1/bookings", &request).await;
            if made.status == 409 {
                made.problem(409, "sold-out");
                self.ledger.sold_out += 1;
                continue;
            }
            let (id, position) = (made.id(201), made.position());
            let known = self.ledger.made.insert(id.clone(), position);
            assert_eq!(known, None, "two commands were answered with {id}");
            match kind {
                0..=5 => {}
                6 | 7 => self.follow_up(&id, "cancel").await,
                _ => self.follow_up(&id, "confirm").await,
            }
        }
        self.ledger
    }

    /// A stay in one of two months, or over their border; now and then as a hold.
    fn wish(&self) -> (u32, Value) {
        let mut chance = rand::rng();
        let arrival = chrono::NaiveDate::from_ymd_opt(2031, 5, 3).expect("a date")
            + chrono::Days::new(chance.random_range(0..50));
        let departure = arrival + chrono::Days::new(chance.random_range(1..5));
        let room = chance.random_range(0..self.hotel.rooms.len());
        let line = self.hotel.line_in(room, &arrival.to_string(), &departure.to_string());
        let request = self.hotel.order(&[line]);
        match chance.random_range(0..10) {
            kind @ (8 | 9) => (kind, with(request, "hold_minutes", 60)),
            kind => (kind, request),
        }
    }

    async fn follow_up(&mut self, booking: &str, command: &str) {
        let path = format!("/v1/bookings/{booking}/{command}");
        let answer = self.insist(&path, &json!({})).await;
        answer.expect(200);
        match command {
            "cancel" => self.ledger.cancelled.push(booking.to_owned()),
            _ => self.ledger.confirmed.push(booking.to_owned()),
        }
    }

    async fn insist(&mut self, path: &str, request: &Value) -> Answer {
        let key = Uuid::now_v7().to_string();
        self.servers.rotate_left(1);
        let (answer, troubles) = insist(&self.servers, path, request, &key, PATIENCE).await;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        self.ledger.troubles.lost += troubles.lost;
        self.ledger.troubles.later += troubles.later;
        self.ledger.troubles.wrong.extend(troubles.wrong);
        answer
    }
}
