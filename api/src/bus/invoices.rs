//! Issuing invoices and credit notes: what was booked, what was invoiced of it, and the organization's numbers, in one
//! unit of work. So a number exists exactly when its document does, and who issues at the same moment takes the next one.

use daybook_domain::{
    add_on::AddOn,
    allotment::Allotment,
    booking::{self, Booking, Line, Status},
    customer::Customer,
    invoice::{
        Buyer, Command, Document, Event, Invoices, Issue, Refusal, Settings, Statement,
        register::{self, Register},
    },
    listing::Listing,
    organization::Organization,
    resource::Resource,
    values::{
        BookingId, CustomerId, InvoiceId, Language as Tag, ListingId, LocalizedText, Money,
        OrganizationId, Reason, ResourceId, Timestamp, Zone,
    },
};
use daybook_event_store::{Answer, Response, StoreError, Stream, Unit, Writer};
use serde::Serialize;
use uuid::Uuid;

use super::{ATTEMPTS, Order, Stop, bookings::json, kept_changing, paid};
use crate::{
    app::AppState,
    problem::{Language, Problem},
};

/// What whoever asks for an invoice says about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct InvoiceWishes {
    /// Who buys, if that is not what the customer's record says.
    pub(crate) buyer: Option<Buyer>,
    /// The language in which the customer reads it, if not that of the record.
    pub(crate) language: Option<Language>,
    /// Why it is issued.
    pub(crate) reason: Option<Reason>,
}

/// What an answer tells of what was issued.
#[derive(Serialize)]
struct Issued {
    id: BookingId,
    status: &'static str,
    documents: Vec<IssuedDocument>,
}

#[derive(Serialize)]
struct IssuedDocument {
    id: InvoiceId,
    kind: &'static str,
    name: String,
}

/// Issues what is missing, so that what was invoiced is what the booking costs.
pub(crate) async fn issue(
    app: &AppState,
    order: &Order,
    booking: BookingId,
    wishes: &InvoiceWishes,
    at: Timestamp,
) -> Result<Answer, Problem> {
    for _ in 0..ATTEMPTS {
        let known = match Known::find(&order.writer, booking).await {
            Ok(known) => known,
            Err(problem) => return order.tell(problem).await,
        };
        let paid = paid(app, &order.writer, booking).await?;
        let paid = paid.and_then(|paid| paid.taken.try_sub(paid.returned).ok());
        let streams = [
            Stream::of::<Booking>(booking),
            Stream::of::<Invoices>(booking),
            Stream::of::<Register>(known.organization),
        ];
        let answer = order.run(&streams, |unit| {
            let documents = known.decide(unit, booking, wishes, paid, at)?;
            Ok(told(booking, &documents))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn told(id: BookingId, documents: &[Document]) -> Response {
    let one = |document: &Document| IssuedDocument {
        id: document.id,
        kind: document.kind().as_str(),
        name: document.name.to_string(),
    };
    let documents = documents.iter().map(one).collect();
    Response { status: 201, body: json(&Issued { id, status: "invoiced", documents }) }
}

/// What is looked up before the unit of work: what was booked, where, by whom, and how all of it is called.
struct Known {
    organization: OrganizationId,
    settings: Settings,
    zone: Zone,
    listing: ListingId,
    title: LocalizedText,
    customer: CustomerId,
    record: Record,
    lines: Vec<Line>,
    /// How the lines are called, in their order.
    descriptions: Vec<LocalizedText>,
}

impl Known {
    async fn find(writer: &Writer, booking: BookingId) -> Result<Self, Problem> {
        let look = |booking: &Booking| {
            let who = booking.listing().zip(booking.customer());
            (booking.status(), who, booking.lines_to_pay().to_vec())
        };
        let (status, who, lines) = writer.peek(&booking.to_string(), look).await?;
        let (listing, customer) = who.ok_or(booking::Refusal::NotFound)?;
        if matches!(status, Status::Requested | Status::Held | Status::Declined | Status::Lapsed) {
            return Err(Refusal::NotConfirmed.into());
        }
        let (organization, title) =
            listed(writer, listing).await?.ok_or(booking::Refusal::NotFound)?;
        let look = |found: &Organization| {
            let profile = found.details().map(|found| &found.profile)?;
            Some((profile.invoicing.clone()?, profile.zone))
        };
        let found = writer.peek(&organization.to_string(), look).await?;
        let (settings, zone) = found.ok_or(Refusal::NoSeller)?;
        let record = Record::of(writer, customer).await?;
        let mut descriptions = Vec::with_capacity(lines.len());
        for line in &lines {
            descriptions.push(described(writer, line, &title).await?);
        }
        Ok(Self {
            organization,
            settings,
            zone,
            listing,
            title,
            customer,
            record,
            lines,
            descriptions,
        })
    }

    fn decide(
        &self,
        unit: &mut Unit,
        id: BookingId,
        wishes: &InvoiceWishes,
        paid: Option<Money>,
        at: Timestamp,
    ) -> Result<Vec<Document>, Stop> {
        let issue = self.issue(unit, id, wishes, paid, at)?;
        let mut issued = Vec::new();
        unit.decide(id, |invoices: &Invoices| {
            let events = invoices.decide(Command::Issue(Box::new(issue)))?;
            issued.extend(events.iter().map(|Event::Issued(document)| (**document).clone()));
            Ok::<_, Refusal>(events)
        })?;
        for document in &issued {
            let number = register::Command::Number {
                kind: document.kind(),
                number: document.name.number,
                document: document.id,
                booking: id,
                at,
            };
            unit.decide(self.organization, |register: &Register| register.decide(number))?;
        }
        Ok(issued)
    }

    /// All that goes into the documents, if what was looked up is still what is booked.
    fn issue(
        &self,
        unit: &mut Unit,
        id: BookingId,
        wishes: &InvoiceWishes,
        paid: Option<Money>,
        at: Timestamp,
    ) -> Result<Issue, Stop> {
        let booking = unit.state::<Booking>(id);
        if booking.lines_to_pay() != self.lines {
            return Err(Stop::Again);
        }
        let statement = Statement::of(booking, |line| self.description_of(line))?;
        let is_first = unit.state::<Invoices>(id).count() == 0;
        Ok(Issue {
            statement,
            numbers: unit.state::<Register>(self.organization).next(),
            ids: [Uuid::now_v7(), Uuid::now_v7()].map(InvoiceId::from_uuid),
            organization: self.organization,
            seller: self.settings.seller(),
            prefix: self.settings.prefix.clone(),
            listing: self.listing,
            customer: self.customer,
            // later documents are for whoever the first one was for
            buyer: wishes.buyer.clone().or_else(|| is_first.then(|| self.record.buyer.clone())),
            language: self.language(wishes.language),
            issued_on: self.zone.local_date(at),
            paid,
            reason: wishes.reason.clone(),
            at,
        })
    }

    fn description_of(&self, line: &Line) -> LocalizedText {
        let place = self.lines.iter().position(|known| known == line);
        place.and_then(|place| self.descriptions.get(place)).unwrap_or(&self.title).clone()
    }

    /// What was asked for, else the language of the customer's record, else that of the organization, else English.
    fn language(&self, wished: Option<Language>) -> Tag {
        if let Some(known) = wished.and_then(|language| Tag::try_new(language.tag()).ok()) {
            return known;
        }
        let ours = |tag: &&Tag| Language::known(tag.as_str()).is_some();
        let own = self.record.language.as_ref().filter(ours);
        let usual = || self.settings.language.as_ref().filter(ours);
        own.or_else(usual).cloned().unwrap_or_else(english)
    }
}

/// What the customer's record says, and if it ended in another one, that one.
struct Record {
    buyer: Buyer,
    language: Option<Tag>,
}

impl Record {
    async fn of(writer: &Writer, customer: CustomerId) -> Result<Self, StoreError> {
        let look = |found: &Customer| {
            let known = found
                .details()
                .map(|found| (found.profile.personal.name.clone(), found.profile.language.clone()));
            (found.merged_into(), known)
        };
        let (mut into, mut known) = writer.peek(&customer.to_string(), look).await?;
        // a record ends once, and in one that went on at that time, so this leads to an end
        while let Some(survivor) = into {
            (into, known) = writer.peek(&survivor.to_string(), look).await?;
        }
        let (name, language) = known.unzip();
        Ok(Self { buyer: Buyer { name, ..Buyer::default() }, language })
    }
}

/// Whose listing it is, and how it is called.
pub(crate) async fn listed(
    writer: &Writer,
    listing: ListingId,
) -> Result<Option<(OrganizationId, LocalizedText)>, StoreError> {
    let look = |found: &Listing| {
        found.details().map(|found| (found.organization, found.content.name.clone()))
    };
    writer.peek(&listing.to_string(), look).await
}

/// How a line is called: what is sold, and what of it.
async fn described(
    writer: &Writer,
    line: &Line,
    title: &LocalizedText,
) -> Result<LocalizedText, StoreError> {
    let own = match line.listing() {
        Some(listing) => listed(writer, listing).await?.map(|(_, name)| name),
        None => None,
    };
    let whole = own.unwrap_or_else(|| title.clone());
    Ok(match line {
        Line::Nights(nights) => joined(&whole, named(writer, nights.resource()).await?.as_ref()),
        Line::Time(time) => joined(&whole, named(writer, time.resource()).await?.as_ref()),
        Line::Places(places) => {
            let look = |found: &Allotment| {
                let session = found.session()?;
                let offer = session.offer(places.offer()).map(|offer| offer.name.clone());
                Some((session.details().title.clone(), offer))
            };
            let found = writer.peek(&places.session().to_string(), look).await?;
            let (title, offer) = found.unwrap_or_default();
            joined(&title.unwrap_or(whole), offer.as_ref())
        }
        Line::AddOn(addition) => {
            let look = |found: &AddOn| found.details().map(|details| details.terms.name.clone());
            let found = writer.peek(&addition.add_on().to_string(), look).await?;
            found.map_or(whole, |name| joined(&name, None))
        }
    })
}

async fn named(writer: &Writer, resource: ResourceId) -> Result<Option<LocalizedText>, StoreError> {
    let look = |found: &Resource| found.details().map(|details| details.content.name.clone());
    writer.peek(&resource.to_string(), look).await
}

/// What is sold and what of it, in those of our languages in which one of them is called anything.
fn joined(whole: &LocalizedText, part: Option<&LocalizedText>) -> LocalizedText {
    let texts = [Language::English, Language::Arabic].into_iter().filter_map(|language| {
        let says = |text: &LocalizedText| {
            text.iter().any(|(tag, _)| Language::known(tag.as_str()) == Some(language))
        };
        if !says(whole) && !part.is_some_and(says) {
            return None;
        }
        let tag = Tag::try_new(language.tag()).ok()?;
        let text = match part.map(|part| part.get(&tag)).filter(|part| *part != whole.get(&tag)) {
            Some(part) => format!("{} – {part}", whole.get(&tag)),
            None => whole.get(&tag).to_owned(),
        };
        Some((language.tag(), text.chars().take(LocalizedText::MAX).collect::<String>()))
    });
    LocalizedText::try_new(texts).unwrap_or_else(|_| whole.clone())
}

/// # Panics
/// Never: the tag is one.
fn english() -> Tag {
    Tag::try_new(Language::English.tag()).expect("`en` is a language")
}
