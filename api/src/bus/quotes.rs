//! Commands on quotes, and how a quote becomes what is to be booked.

use std::collections::BTreeMap;

use daybook_domain::{
    allotment::Seating,
    booking::{Line, Lines},
    quote::{Choice as Several, Command, Quote, Refusal, Terms},
    values::{ListingId, Party, QuoteId, Timestamp, VoucherCode},
};
use daybook_event_store::{Answer, Response, Writer};

use super::{
    Asked, Candidates, NamedBy, NewAddOn, NewLine, NewNights, NewPlaces, NewTime, Order, Stop,
    kept_changing,
    lines::{Catalogue, Conditions, Plan, Planned, plan},
    prices::Buyer,
    vouchers::Redeeming,
};
use crate::{problem::Problem, quotes::view};

/// Something to be priced.
#[derive(Clone, Debug)]
pub struct NewQuote {
    /// Its id.
    pub id: QuoteId,
    /// Who chose the id.
    pub named_by: NamedBy,
    /// What listing would be booked.
    pub listing: ListingId,
    /// What would be booked.
    pub lines: Vec<NewLine>,
    /// Who would come along.
    pub party: Party,
    /// The code of the voucher that would be used.
    pub voucher: Option<VoucherCode>,
    /// From when on it is no longer kept to.
    pub expires_at: Timestamp,
    /// When it is made.
    pub at: Timestamp,
}

/// Tells what something would cost, by the very functions that price a booking.
pub(crate) async fn make(order: &Order, new: &NewQuote) -> Result<Answer, Problem> {
    let terms = match prepare(order, new).await {
        Ok(terms) => terms,
        Err(problem) => return order.tell(problem).await,
    };
    let NewQuote { id, named_by, expires_at, at, .. } = *new;
    let streams = [named_by.stream::<Quote>(id)];
    let answer = order.run(&streams, |unit| {
        let terms = Box::new(terms.clone());
        let command = Command::Make { terms, expires_at, at };
        unit.decide(id, |quote: &Quote| quote.decide(command))?;
        let details = unit.state::<Quote>(id).details().ok_or(Refusal::NotFound)?;
        let shown = view::Quote::of(id, details, at)?;
        let body = serde_json::to_string(&shown).expect("an answer is plain JSON");
        Ok::<_, Stop>(Response { status: 201, body })
    });
    answer.await?.ok_or_else(kept_changing)
}

async fn prepare(order: &Order, new: &NewQuote) -> Result<Terms, Problem> {
    let buyer = Buyer::of(new.party, &new.lines, new.at);
    let mut catalogue = Catalogue::open(&order.writer, new.listing, buyer).await?;
    catalogue.main().bookable()?;
    let (mut lines, choices) = plan(&mut catalogue, &new.lines, new.at).await?.told();
    let voucher = match &new.voucher {
        None => None,
        Some(code) => {
            let writer = &order.writer;
            let found = Redeeming::find(writer, catalogue.main().organization, code).await?;
            Some(found.tell(writer, &mut lines, new.listing, new.at).await?)
        }
    };
    let lines = Lines::try_new(lines);
    let lines = lines.map_err(|error| Problem::bad_value("/lines", error.to_string()))?;
    let Conditions { zone, policy, deposit, voucher: _ } = Conditions::of(catalogue.main());
    let (listing, party) = (new.listing, new.party);
    Ok(Terms { listing, zone, lines, choices, party, policy, deposit, voucher })
}

impl Plan {
    /// The lines as they can be told before the inventory is asked, and where one of several resources would be taken.
    fn told(self) -> (Vec<Line>, BTreeMap<usize, Several>) {
        let (mut lines, mut choices) = (Vec::with_capacity(self.lines.len()), BTreeMap::new());
        for (number, planned) in self.lines.into_iter().enumerate() {
            lines.push(match planned {
                Planned::Fixed(line) => line,
                Planned::Seating(places, item) => Line::Places(match item.seating {
                    Seating::Chosen(seats) => places.seated(seats),
                    Seating::BestAvailable | Seating::Unseated => places,
                }),
                Planned::Choice(choice) => {
                    let resources = choice.candidates.iter().map(|one| one.line.resource());
                    let several = Several {
                        resources: resources.collect(),
                        fewest_bookings: choice.by_bookings,
                    };
                    if several.resources.len() > 1 {
                        choices.insert(number, several);
                    }
                    // a choice has at least one candidate
                    let Some(first) = choice.candidates.into_iter().next() else { continue };
                    Line::Time(first.line)
                }
            });
        }
        (lines, choices)
    }
}

/// What a quote is for, whether or not it can still be booked: that is decided with the booking.
pub(crate) async fn quoted(writer: &Writer, id: QuoteId) -> Result<Terms, Problem> {
    let look = |quote: &Quote| quote.details().map(|details| details.terms.clone());
    let terms = writer.peek(&id.to_string(), look).await?;
    terms.ok_or_else(|| Problem::from(Refusal::NotFound).in_field("/quote_id"))
}

/// What is to be booked, at the price that was told.
pub(crate) fn lines_of(terms: &Terms) -> Vec<NewLine> {
    let lines = terms.lines.as_slice().iter().enumerate();
    lines.map(|(number, line)| as_told(line, terms.choices.get(&number))).collect()
}

fn as_told(line: &Line, several: Option<&Several>) -> NewLine {
    let price = Asked::As(Box::new(line.clone()));
    match line {
        Line::Nights(nights) => NewLine::Nights(NewNights {
            resource: nights.resource(),
            stay: nights.stay(),
            quantity: nights.quantity(),
            price,
            guests: None,
        }),
        Line::Time(time) => NewLine::Time(NewTime {
            candidates: match several {
                None => Candidates::AsBefore(time.clone()),
                Some(Several { resources, fewest_bookings: false }) => {
                    Candidates::InOrder(resources.clone())
                }
                Some(Several { resources, fewest_bookings: true }) => {
                    Candidates::FewestBookings(resources.clone())
                }
            },
            service: time.listing(),
            start: time.plain().start(),
            end: Some(time.plain().end()),
            quantity: time.quantity(),
            price,
            guests: None,
        }),
        Line::AddOn(addition) => NewLine::AddOn(NewAddOn::agreed(addition)),
        Line::Places(places) => NewLine::Places(NewPlaces {
            session: places.session(),
            offer: places.offer().clone(),
            quantity: places.quantity(),
            seats: Some(places.seats().to_vec()).filter(|seats| !seats.is_empty()),
            price,
            guests: None,
        }),
    }
}
