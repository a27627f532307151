//! A session and its waiting list, served as the command bus does it: the list says whose turn it is, and what happens
//! is decided by the allotment.

use std::convert::Infallible;

use super::super::{Deed, Entry, Selling, Stock, Turn, in_session, seating};
use super::*;
use crate::allotment::{
    Admission, Allotment, Change, Command as Ask, Details, Draw, Item, Offer, OrderLimits, Pool,
    Refusal as No, Seating, Session,
};
use crate::testing::{booking, eur, limits, range, text, zone};
use crate::values::{BookingId, SalesWindow};

/// When the session begins: ten hours after `at(0)`.
pub(super) const BEGINS: i64 = 600;

/// A session with one pool of places, and those who wait for it.
#[derive(Clone)]
pub(super) struct World {
    pub(super) allotment: Allotment,
    pub(super) list: WaitingList,
    /// All that was told of the list.
    pub(super) told: Vec<Event>,
}

/// What came of somebody's turn.
pub(super) enum Came {
    /// Something was offered to them.
    Offer(WaitingEntryId),
    /// Their waiting or their offer ended.
    End,
}

/// The allotment as it is asked.
struct Asked<'a>(&'a Allotment);

impl Stock for Asked<'_> {
    type Fault = Infallible;

    fn concerns(&self, _: &Wanted) -> bool {
        true
    }

    fn selling(&mut self, wanted: &Wanted, at: Timestamp) -> Result<Selling, Infallible> {
        Ok(wanted.selling(Some(self.0), at))
    }

    fn vacancy(
        &mut self,
        entry: &Entry,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<Vacancy, Infallible> {
        let who = (entry.id.into(), entry.customer);
        Ok(in_session(self.0, who, &entry.wanted, until, at).unwrap_or(Vacancy::Never))
    }
}

pub(super) fn pool(places: u32) -> Pool {
    Pool { code: code("hall"), name: None, limits: limits(places, 0), sections: Vec::new() }
}

pub(super) fn offer(name: &str, each: u32) -> Offer {
    Offer {
        code: code(name),
        name: text(name),
        price: eur(1_000),
        draws: vec![Draw { pool: code("hall"), places: quantity(each) }],
        least: quantity(1),
        most: None,
        sales: SalesWindow::UNSAID,
    }
}

impl World {
    pub(super) fn of(places: u32) -> Self {
        let details = Details {
            listing: listing(),
            time: range(at(BEGINS), at(BEGINS + 120)),
            zone: zone("Asia/Amman"),
            title: None,
            pools: vec![pool(places)],
            offers: vec![offer("any", 1), offer("box", 4)],
            seat_map: None,
            sales: SalesWindow::UNSAID,
            order_limits: OrderLimits::default(),
            admission: Admission::default(),
        };
        let session = Box::new(Session::try_new(details).expect("a session that goes together"));
        let (allotment, list, told) = (Allotment::default(), WaitingList::default(), Vec::new());
        let mut world = Self { allotment, list, told };
        world.ask(Ask::Open { session, at: at(-9) }).expect("a new session opens");
        world
    }

    /// A session that is sold out, to the booking 1.
    pub(super) fn sold_out(places: u32) -> Self {
        let mut world = Self::of(places);
        world.sell(1, places, None, 0).expect("there is room");
        world
    }

    pub(super) fn ask(&mut self, command: Ask) -> Result<(), No> {
        for event in self.allotment.decide(command)? {
            self.allotment.evolve(&event);
        }
        Ok(())
    }

    pub(super) fn decide(&mut self, command: Command) -> Result<(), Refusal> {
        for event in self.list.decide(command)? {
            self.tell(event);
        }
        Ok(())
    }

    fn tell(&mut self, event: Event) {
        self.list.evolve(&event);
        self.told.push(event);
    }

    /// Serves those who wait; gives whom something was offered, in this order.
    pub(super) fn serve(&mut self, minute: i64) -> Vec<WaitingEntryId> {
        std::iter::from_fn(|| self.step(minute))
            .filter_map(|came| match came {
                Came::Offer(entry) => Some(entry),
                Came::End => None,
            })
            .collect()
    }

    /// Lets happen what is next, if anything is; gives whom something was offered.
    pub(super) fn step(&mut self, minute: i64) -> Option<Came> {
        let Turn { entry, event, deed } = self.turn(minute)?;
        self.tell(event);
        match deed {
            Deed::Hold { until } => {
                let items = seating(&self.allotment, &entry.wanted).into_iter().collect();
                let (booking, customer) = (entry.id.into(), entry.customer);
                let (until, at) = (Some(until), at(minute));
                let hold = Ask::Allocate { booking, customer, items, until, at };
                self.ask(hold).expect("whose turn it is has room");
                return Some(Came::Offer(entry.id));
            }
            Deed::Release => self.release(entry.id.into(), minute),
            Deed::Nothing => {}
        }
        Some(Came::End)
    }

    fn turn(&self, minute: i64) -> Option<Turn> {
        let Ok(turn) = self.list.queue().next(&mut Asked(&self.allotment), at(minute));
        turn
    }

    /// What the public does: those who wait are served first.
    pub(super) fn sell(
        &mut self,
        n: u128,
        q: u32,
        until: Option<i64>,
        minute: i64,
    ) -> Result<(), No> {
        self.serve(minute);
        let item = Item { offer: code("any"), quantity: quantity(q), seating: Seating::Unseated };
        let (booking, customer) = (booking(n), CustomerId::from_uuid(uuid(n)));
        let (until, at) = (until.map(at), at(minute));
        self.ask(Ask::Allocate { booking, customer, items: vec![item], until, at })
    }

    pub(super) fn release(&mut self, booking: BookingId, minute: i64) {
        let release = Ask::Release { booking, parts: None, at: at(minute) };
        self.ask(release).expect("anybody may give up what they have");
    }

    /// Gives up so many places of a booking.
    pub(super) fn give_up(&mut self, n: u128, q: u32, minute: i64) {
        let part =
            crate::allotment::Part { offer: code("any"), quantity: quantity(q), seats: Vec::new() };
        let release = Ask::Release { booking: booking(n), parts: Some(vec![part]), at: at(minute) };
        self.ask(release).expect("it has as many");
    }

    pub(super) fn join(&mut self, new: NewEntry, minute: i64) -> Result<(), Refusal> {
        self.serve(minute);
        let who = (new.id.into(), new.customer);
        let closes = at(BEGINS);
        let vacancy = in_session(&self.allotment, who, &new.wanted, closes, at(minute));
        let vacancy = vacancy.unwrap_or(Vacancy::Never);
        self.decide(Command::Join { entry: new, vacancy, at: at(minute) })
    }

    /// A booking is made of an offer, for good.
    pub(super) fn accept(&mut self, n: u128, minute: i64) -> Result<(), Refusal> {
        let Some(waiting) = self.list.queue().entry(entry(n)).cloned() else {
            return self.decide(accept(n, minute));
        };
        let (booking, customer) = (waiting.id.into(), waiting.customer);
        let items = seating(&self.allotment, &waiting.wanted).into_iter().collect();
        let wanted = Some(waiting.wanted);
        let instant = at(minute);
        self.decide(Command::Accept { entry: waiting.id, customer, wanted, at: instant })?;
        let take = Ask::Reallocate { booking, customer, items, until: None, at: instant };
        self.ask(take).expect("what was offered is theirs");
        Ok(())
    }

    pub(super) fn decline(&mut self, n: u128, minute: i64) -> Result<(), Refusal> {
        self.decide(decline(n, minute))?;
        self.release(entry(n).into(), minute);
        Ok(())
    }

    pub(super) fn resize(&mut self, places: u32, minute: i64) {
        let changes = vec![Change::Pool(pool(places))];
        self.ask(Ask::Revise { changes, at: at(minute) }).expect("a pool may be of any size");
    }

    pub(super) fn free(&self, minute: i64) -> u32 {
        self.allotment.free(&code("hall"), at(minute))
    }

    pub(super) fn status(&self, n: u128) -> Option<Status> {
        self.list.status(entry(n))
    }
}

/// The n-th customer, who wants so many places at once.
pub(super) fn group(n: u128, size: u32) -> NewEntry {
    NewEntry { wanted: places("any", size), ..new(n) }
}
