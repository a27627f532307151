//! What is booked now, and what a change makes of it before the inventory is asked.

use daybook_domain::{
    allotment::{Item, Seating},
    booking::{self, Booking, Line, Lines, Nights, Portion},
    resource::{Details, Resource},
    tickets::Tickets,
    values::{ListingId, Party, ResourceId, Timestamp, VoucherId},
};

use super::{Change, NewPlace, NewTimes, Place, When};
use crate::{
    bus::{
        Order, add_ons,
        lines::{self, Catalogue, NewLine, NewNights, NewPlaces, Plan, Planned, plan_line},
        prices::{Asked, Buyer},
        times::{self, Candidates, NewTime},
    },
    problem::Problem,
};

/// What is booked now.
pub(super) struct Present {
    listing: ListingId,
    pub(super) party: Party,
    pub(super) lines: Vec<Line>,
    pub(super) voucher: Option<VoucherId>,
    /// What of it is to be called off; all of it unless a change says so.
    pub(super) portion: Portion,
}

impl Present {
    pub(super) async fn find(
        order: &Order,
        stream: &str,
        change: &Change,
    ) -> Result<Self, Problem> {
        let present = order.writer.peek(stream, Self::of).await?;
        let mut present = present.ok_or(booking::Refusal::NotFound)?;
        if let Some(gone) = change.gone() {
            let portion = |tickets: &Tickets| gone.portion(|| tickets, &present.lines);
            present.portion = match gone.tickets() {
                Some(_) => order.writer.peek(stream, portion).await??,
                None => portion(&Tickets::default())?,
            };
        }
        Ok(present)
    }

    fn of(booking: &Booking) -> Option<Self> {
        let (listing, party) = (booking.listing()?, booking.party()?);
        let voucher = booking.voucher().map(|grant| grant.voucher);
        let (lines, portion) = (booking.lines().to_vec(), Portion::All);
        Some(Self { listing, party, lines, voucher, portion })
    }

    async fn catalogue<'a>(
        &self,
        order: &'a Order,
        party: Party,
        at: Timestamp,
    ) -> Result<Catalogue<'a>, Problem> {
        let buyer = Buyer::has(party, &self.lines, at);
        Catalogue::open(&order.writer, self.listing, buyer).await
    }

    /// What is to be booked from now on.
    pub(super) async fn planned(
        &self,
        order: &Order,
        change: &Change,
        at: Timestamp,
    ) -> Result<Plan, Problem> {
        let mut plan = Plan::fixed(&self.lines);
        match change {
            Change::Amend { lines: None, add_ons: None, party: None, .. } => {}
            Change::Amend { lines: None, add_ons, party, .. } => {
                let party = party.unwrap_or(self.party);
                let mut catalogue = self.catalogue(order, party, at).await?;
                let others = self.lines.iter().enumerate().filter(|_| party != self.party);
                for (number, line) in others {
                    if let Some(line) = for_another_party(line) {
                        plan.lines[number] = plan_line(&mut catalogue, number, &line, at).await?;
                    }
                }
                if let Some(add_ons) = add_ons {
                    add_ons::replace(&mut catalogue, &mut plan, add_ons).await?;
                }
            }
            Change::Amend { lines: Some(lines), add_ons, party, .. } => {
                let lines = &add_ons::beside(lines, add_ons.as_deref(), &self.lines);
                let buyer = Buyer::of(party.unwrap_or(self.party), lines, at);
                let mut catalogue = Catalogue::open(&order.writer, self.listing, buyer).await?;
                plan = lines::plan(&mut catalogue, lines, at).await?;
            }
            Change::Reschedule(changes) => {
                let mut catalogue = self.catalogue(order, self.party, at).await?;
                for (index, new) in changes.iter().enumerate() {
                    let line = rescheduled(self.line(new.number, index)?, new, index)?;
                    plan.lines[new.number] = plan_line(&mut catalogue, index, &line, at).await?;
                }
            }
            Change::Move(changes) => {
                let mut catalogue = self.catalogue(order, self.party, at).await?;
                for (index, new) in changes.iter().enumerate() {
                    let line = self.line(new.number, index)?;
                    plan.lines[new.number] = self.moved(&mut catalogue, line, new, index).await?;
                }
            }
            Change::Cancel { .. } => {
                let lines = Lines::try_new(self.lines.clone());
                let lines = lines.map_err(|error| Problem::internal(&error))?;
                plan = Plan::fixed(&self.portion.cut(&lines)?.kept);
            }
        }
        Ok(plan)
    }

    fn line(&self, number: usize, index: usize) -> Result<&Line, Problem> {
        self.lines.get(number).ok_or_else(|| {
            let detail = booking::Refusal::UnknownLine { number }.to_string();
            Problem::bad_value(format!("/lines/{index}/line"), detail)
        })
    }

    /// The same elsewhere, at the price it had.
    async fn moved(
        &self,
        catalogue: &mut Catalogue<'_>,
        line: &Line,
        new: &NewPlace,
        index: usize,
    ) -> Result<Planned, Problem> {
        match (line, &new.place) {
            (Line::Nights(nights), Place::Resource(resource)) => {
                let nights = self.in_other_room(catalogue, nights, *resource, index).await?;
                Ok(Planned::Fixed(Line::Nights(nights)))
            }
            (Line::Time(time), Place::Resource(resource)) => {
                let moved = times::moved(catalogue, index, time, *resource).await?;
                Ok(Planned::Choice(moved))
            }
            (Line::Places(places), Place::Seats(seats)) => {
                let (offer, quantity) = (places.offer().clone(), places.quantity());
                let seating = Seating::Chosen(seats.clone());
                let unseated = places.clone().seated(Vec::new());
                Ok(Planned::Seating(unseated, Item { offer, quantity, seating }))
            }
            (Line::Nights(_) | Line::Time(_) | Line::Places(_) | Line::AddOn(_), _) => {
                Err(other_kind(index))
            }
        }
    }

    /// The same nights in a room type of the same listing. What is asked of new stays is not asked of who is moved.
    async fn in_other_room(
        &self,
        catalogue: &Catalogue<'_>,
        nights: &Nights,
        resource: ResourceId,
        index: usize,
    ) -> Result<Nights, Problem> {
        let listing = |resource: &Resource| {
            let nights = |details: &Details| details.terms.nights().map(|nights| nights.listing);
            resource.details().and_then(nights)
        };
        let found = catalogue.writer().peek(&resource.to_string(), listing).await?;
        if found == Some(nights.listing().unwrap_or(self.listing)) {
            return Ok(nights.clone().moved(resource));
        }
        let detail = "guests are moved to a room type of the same listing";
        Err(Problem::bad_value(format!("/lines/{index}/resource_id"), detail))
    }
}

/// The same for another time, to be priced anew.
fn rescheduled(line: &Line, new: &NewTimes, index: usize) -> Result<NewLine, Problem> {
    Ok(match (line, &new.when) {
        (Line::Nights(nights), When::Stay(stay)) => NewLine::Nights(NewNights {
            resource: nights.resource(),
            stay: *stay,
            quantity: nights.quantity(),
            price: new.price.into(),
            guests: line.guests().cloned(),
        }),
        (Line::Time(time), When::From(start, end)) => {
            let lasted = time.plain().end() - time.plain().start();
            NewLine::Time(NewTime {
                candidates: Candidates::AsBefore(time.clone()),
                service: time.listing(),
                start: *start,
                end: Some(end.unwrap_or(*start + lasted)),
                quantity: time.quantity(),
                price: new.price.into(),
                guests: line.guests().cloned(),
            })
        }
        (Line::Places(places), When::Session(session, seats)) => NewLine::Places(NewPlaces {
            session: *session,
            offer: places.offer().clone(),
            quantity: places.quantity(),
            seats: seats.clone(),
            price: new.price.into(),
            guests: line.guests().cloned(),
        }),
        (Line::Nights(_) | Line::Time(_) | Line::Places(_) | Line::AddOn(_), _) => {
            return Err(other_kind(index));
        }
    })
}

/// The same for another party, to be priced anew: if what it costs depended on who comes, and the line did not say who.
fn for_another_party(line: &Line) -> Option<NewLine> {
    let nights = line.nights()?;
    let charge = nights.charge().filter(|charge| charge.guests.is_none())?;
    let agreed = charge.parts.is_empty();
    Some(NewLine::Nights(NewNights {
        resource: nights.resource(),
        stay: nights.stay(),
        quantity: nights.quantity(),
        price: if agreed { Asked::Agreed(nights.price_per_night()) } else { Asked::Listed },
        guests: None,
    }))
}

fn other_kind(index: usize) -> Problem {
    let detail = "the line is of another kind: nights have dates and rooms, times have instants and resources, \
                  places have sessions and seats";
    Problem::bad_value(format!("/lines/{index}"), detail)
}
