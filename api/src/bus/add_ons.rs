//! Add-ons beside the lines of a booking, and commands on them.

use daybook_domain::{
    add_on::{AddOn, Command, Details, Refusal, Status, Terms},
    booking::{self, Addition, Line, LineError},
    organization::Organization,
    values::{AddOnId, OrganizationId, Party, Quantity, Timestamp, Zone},
};
use daybook_event_store::{Answer, Stream};

use super::{
    Order, Told, kept_changing,
    lines::{self, Catalogue, NewLine, Plan, Planned},
    told::told,
};
use crate::problem::{Code, Problem};

/// So many of an add-on, beside the lines before it.
#[derive(Clone, Debug)]
pub struct NewAddOn {
    id: AddOnId,
    quantity: Quantity,
    /// As it was agreed before, if it was.
    agreed: Option<Box<Addition>>,
}

impl NewAddOn {
    /// So many at today's price.
    pub fn new(id: AddOnId, quantity: Quantity) -> Self {
        Self { id, quantity, agreed: None }
    }

    /// As many as were agreed, at the price that was.
    pub(super) fn agreed(addition: &Addition) -> Self {
        let (id, quantity) = (addition.add_on(), addition.quantity());
        Self { id, quantity, agreed: Some(Box::new(addition.clone())) }
    }
}

/// An add-on at its price, beside other lines.
pub(super) async fn planned(
    catalogue: &Catalogue<'_>,
    index: usize,
    wanted: &NewAddOn,
    others: &[Line],
) -> Result<Line, Problem> {
    let field = format!("/add_ons/{index}/add_on_id");
    let (zone, party) = (catalogue.main().zone, catalogue.buyer().party());
    let misfit = |error: LineError| Problem::bad_value(&*field, error.to_string());
    if let Some(agreed) = &wanted.agreed {
        return agreed.beside(others, party, zone).map(Line::AddOn).map_err(misfit);
    }
    let stream = wanted.id.to_string();
    let details = |add_on: &AddOn| add_on.details().cloned();
    let found = catalogue.writer().peek(&stream, details).await?.ok_or_else(|| {
        Problem::about(Code::NotFound, &*field, "there is no such add-on")
            .because("add_on_not_found")
    })?;
    let main = catalogue.main();
    let Details { organization, terms, status } = found;
    if organization != main.organization {
        let detail = "the add-on belongs to another organization than the listing of the booking";
        return Err(Problem::bad_value(field, detail));
    }
    if status == Status::Withdrawn {
        return Err(Problem::from(Refusal::Withdrawn).in_field(field));
    }
    let listings = others.iter().map(|line| line.listing().unwrap_or(catalogue.main_id()));
    if !listings.into_iter().any(|listing| terms.is_offered_with(listing)) {
        return Err(Problem::bad_value(field, "the add-on is not offered with what is booked"));
    }
    let price = catalogue.check_currency(terms.price, field.clone())?;
    let nothing = daybook_domain::values::Money::zero(price.currency());
    let taxes = main.content.selling.taxes.by_rate(nothing);
    let wanted = (wanted.id, wanted.quantity);
    let priced = Addition::priced(wanted, (terms.charged, price), taxes, (others, party, zone));
    priced.map(Line::AddOn).map_err(misfit)
}

/// Lets the add-ons among lines follow from the others.
pub(super) fn follow(lines: &mut [Line], party: Party, zone: Zone) -> Result<(), Problem> {
    let followed = booking::follow(lines, party, zone);
    followed.map_err(|error| Problem::bad_value("/add_ons", error.to_string()))
}

/// New lines with the add-ons that are asked for, or else those that are booked.
pub(super) fn beside(
    lines: &[NewLine],
    asked: Option<&[NewLine]>,
    booked: &[Line],
) -> Vec<NewLine> {
    let agreed = |line: &Line| match line {
        Line::AddOn(addition) => Some(NewLine::AddOn(NewAddOn::agreed(addition))),
        Line::Nights(_) | Line::Time(_) | Line::Places(_) => None,
    };
    let mut all = lines.to_vec();
    match asked {
        Some(asked) => all.extend_from_slice(asked),
        None => all.extend(booked.iter().filter_map(agreed)),
    }
    all
}

/// Has these add-ons in a plan instead of those that are there.
pub(super) async fn replace(
    catalogue: &mut Catalogue<'_>,
    plan: &mut Plan,
    add_ons: &[NewLine],
) -> Result<(), Problem> {
    plan.lines.retain(|planned| !matches!(planned, Planned::Fixed(Line::AddOn(_))));
    let others = lines::told(&plan.lines);
    for (index, line) in add_ons.iter().enumerate() {
        if let NewLine::AddOn(wanted) = line {
            let line = planned(catalogue, index, wanted, &others).await?;
            plan.lines.push(Planned::Fixed(line));
        }
    }
    Ok(())
}

/// Offers an add-on.
pub(crate) async fn create(
    order: &Order,
    id: AddOnId,
    organization: OrganizationId,
    terms: Terms,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let known = |o: &Organization| o.details().is_some();
    if !order.writer.peek(&organization.to_string(), known).await? {
        let detail = "there is no such organization";
        return Err(Problem::about(Code::NotFound, "/organization_id", detail)
            .because("organization_not_found"));
    }
    lines::check_own(&order.writer, organization, &terms.listings).await?;
    let command = Command::Create { organization, terms: Box::new(terms), at };
    order.make::<AddOn>(id, command, Status::Active.as_str()).await
}

/// Offers an add-on otherwise.
pub(crate) async fn revise(
    order: &Order,
    id: AddOnId,
    patched: impl Fn(&Terms) -> Result<Terms, Problem> + Send + Sync,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    let present = order.writer.peek(&stream, |add_on: &AddOn| add_on.details().cloned()).await?;
    let present = present.ok_or(Refusal::NotFound)?;
    let wanted = patched(&present.terms)?.listings;
    lines::check_own(&order.writer, present.organization, &wanted).await?;
    let streams = [Stream::of::<AddOn>(&stream)];
    let answer = order.run(&streams, |unit| {
        if let Some(expected) = order.expected {
            expected.check(unit.state::<AddOn>(&stream).terms_version())?;
        }
        let present = unit.state::<AddOn>(&stream).details().ok_or(Refusal::NotFound)?;
        let command = Command::Revise { terms: Box::new(patched(&present.terms)?), at };
        unit.decide(&stream, |add_on: &AddOn| add_on.decide(command))?;
        Ok(told(200, id, unit.state::<AddOn>(&stream).standing()))
    });
    answer.await?.ok_or_else(kept_changing)
}
