//! Invoices and credit notes as clients see them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use daybook_domain::{
    invoice::{self, Buyer, Kind, Seller, Service, Subject, Supplied},
    pricing::Rate,
    values::{Code, Language, LocalizedText, Money, Reason},
};
use daybook_projections::InvoiceView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire;

/// An invoice or a credit note, as it was issued for good.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "019a0000-0000-7000-8000-000000000001",
    "kind": "invoice",
    "number": 42,
    "name": "BAY-INV-000042",
    "organization_id": "019a0000-0000-7000-8000-000000000002",
    "booking_id": "019a0000-0000-7000-8000-000000000003",
    "listing_id": "019a0000-0000-7000-8000-000000000004",
    "customer_id": "019a0000-0000-7000-8000-000000000005",
    "language": "ar",
    "issued_on": "2027-06-30",
    "supplied": {"first": "2027-07-01", "last": "2027-07-04"},
    "seller": {"name": "Bay Resorts Ltd.", "address": {"locality": "Aqaba", "country": "JO"}, "tax_number": "JO-1234567"},
    "buyer": {"name": "Rania Haddad"},
    "items": [{
        "subject": "resource",
        "listing_id": "019a0000-0000-7000-8000-000000000004",
        "resource_id": "019a0000-0000-7000-8000-000000000006",
        "description": {"en": "House by the Sea – Double room", "ar": "بيت على البحر – غرفة مزدوجة"},
        "service": {"arrival": "2027-07-01", "departure": "2027-07-04"},
        "quantity": 1,
        "net": {"minor": 90_000, "currency": "JOD"},
        "taxes": [{"code": "vat", "rate": 1600, "included": false, "amount": {"minor": 14_400, "currency": "JOD"}}],
        "total": {"minor": 104_400, "currency": "JOD"}
    }],
    "net": {"minor": 90_000, "currency": "JOD"},
    "taxes": [{"code": "vat", "rate": 1600, "included": false, "net": {"minor": 90_000, "currency": "JOD"},
        "amount": {"minor": 14_400, "currency": "JOD"}}],
    "total": {"minor": 104_400, "currency": "JOD"},
    "corrects": [],
    "issued_at": "2027-06-30T10:00:00Z",
    "sequence": 1
}))]
pub struct Invoice {
    id: Uuid,
    /// `invoice` or `credit_note`. All amounts are above zero; those of a credit note are given back.
    #[schema(value_type = String)]
    kind: Kind,
    /// The how-manieth invoice, or credit note, of the organization: 1, 2, 3, …, without a gap.
    number: u64,
    /// What it is called: the organization's prefix, the kind and the number.
    name: String,
    organization_id: Uuid,
    booking_id: Uuid,
    listing_id: Uuid,
    customer_id: Uuid,
    /// The language in which the customer reads it.
    #[schema(value_type = String)]
    language: Language,
    /// The date on the organization's wall clock when it was issued.
    issued_on: NaiveDate,
    supplied: InvoiceSupplied,
    #[schema(value_type = InvoiceSeller)]
    seller: Seller,
    #[schema(value_type = InvoiceBuyer)]
    buyer: Buyer,
    items: Vec<InvoiceItem>,
    /// What all items cost without any tax.
    #[schema(value_type = wire::Money)]
    net: Money,
    /// What all items come to of each tax, by rate.
    taxes: Vec<InvoiceTaxTotal>,
    /// With all taxes.
    #[schema(value_type = wire::Money)]
    total: Money,
    /// What had been paid for the booking by then and not given back, if that was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<wire::Money>)]
    paid: Option<Money>,
    /// The invoices that a credit note corrects.
    corrects: Vec<InvoiceReference>,
    /// Why it was issued, if somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
    issued_at: DateTime<Utc>,
    /// The sequence of its event in the invoices of the booking.
    sequence: i64,
}

/// When what is paid for takes place.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceSupplied {
    /// The first day.
    first: NaiveDate,
    /// The last day, which belongs to it.
    last: NaiveDate,
}

/// Who sells.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceSeller {
    /// The name under which they do business.
    #[schema(example = "Bay Resorts Ltd.")]
    name: String,
    address: wire::Address,
    /// Under which number they pay taxes.
    #[schema(example = "JO-1234567")]
    tax_number: Option<String>,
}

/// Who buys, as far as that is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceBuyer {
    /// Their name.
    #[schema(max_length = 200, example = "Rania Haddad")]
    name: Option<String>,
    address: Option<wire::Address>,
    /// Under which number they pay taxes.
    #[schema(max_length = 200)]
    tax_number: Option<String>,
}

/// One line.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceItem {
    /// What is paid for: nights or times of a `resource`, `places` of a session, an `add_on`, or `fee` for what is kept of
    /// what was called off or changed.
    subject: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    listing_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<Uuid>,
    /// The offer of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    offer: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add_on_id: Option<Uuid>,
    /// What it was called when it was invoiced, by language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    description: Option<LocalizedText>,
    /// When it takes place, on the wall clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<InvoiceService>,
    /// How many; 0 where only their price changed.
    quantity: u32,
    /// Without any tax.
    #[schema(value_type = wire::Money)]
    net: Money,
    taxes: Vec<InvoiceTax>,
    /// With all taxes.
    #[schema(value_type = wire::Money)]
    total: Money,
}

/// When something takes place: a stay, days, or a time.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct InvoiceService {
    /// Of a stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<NaiveDate>,
    /// Of a stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    departure: Option<NaiveDate>,
    /// Of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<NaiveDate>,
    /// Of days: the last, which belongs to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<NaiveDate>,
    /// Of a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<NaiveDateTime>,
    /// Of a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<NaiveDateTime>,
}

/// One tax of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceTax {
    #[schema(value_type = String, example = "vat")]
    code: Code,
    /// Its rate in basis points, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, example = 1_600)]
    rate: Option<Rate>,
    /// Whether the price included it.
    included: bool,
    #[schema(value_type = wire::Money)]
    amount: Money,
}

/// One tax of all lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceTaxTotal {
    #[schema(value_type = String, example = "vat")]
    code: Code,
    /// Its rate in basis points, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u32>, example = 1_600)]
    rate: Option<Rate>,
    /// Whether prices included it.
    included: bool,
    /// The net amount of the lines that are taxed so.
    #[schema(value_type = wire::Money)]
    net: Money,
    #[schema(value_type = wire::Money)]
    amount: Money,
}

/// Another document.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceReference {
    id: Uuid,
    /// What it is called.
    #[schema(example = "BAY-INV-000042")]
    name: String,
}

impl From<InvoiceView> for Invoice {
    fn from(InvoiceView { booking, document, span }: InvoiceView) -> Self {
        let Supplied { first, last } = document.supplied;
        let reference = |of: invoice::Reference| InvoiceReference {
            id: of.id.as_uuid(),
            name: of.name.to_string(),
        };
        Self {
            id: document.id.as_uuid(),
            kind: document.kind(),
            number: document.name.number.get(),
            name: document.name.to_string(),
            organization_id: document.organization.as_uuid(),
            booking_id: booking.as_uuid(),
            listing_id: document.listing.as_uuid(),
            customer_id: document.customer.as_uuid(),
            language: document.language,
            issued_on: document.issued_on,
            supplied: InvoiceSupplied { first, last },
            seller: document.seller,
            buyer: document.personal,
            items: document.items.into_iter().map(InvoiceItem::from).collect(),
            net: document.totals.net,
            taxes: document.totals.taxes.into_iter().map(InvoiceTaxTotal::from).collect(),
            total: document.totals.total,
            paid: document.paid,
            corrects: document.corrects.into_iter().map(reference).collect(),
            reason: document.reason,
            issued_at: document.at,
            sequence: span.sequence,
        }
    }
}

impl From<invoice::Item> for InvoiceItem {
    fn from(item: invoice::Item) -> Self {
        let (net, total) = (item.amounts.net, item.amounts.total);
        let mut shown = Self {
            subject: "fee",
            listing_id: None,
            resource_id: None,
            session_id: None,
            offer: None,
            add_on_id: None,
            description: item.description,
            service: item.service.map(InvoiceService::from),
            quantity: item.quantity,
            net,
            taxes: item.amounts.taxes.into_iter().map(InvoiceTax::from).collect(),
            total,
        };
        match item.subject {
            Subject::Resource { listing, resource } => {
                (shown.subject, shown.listing_id) = ("resource", Some(listing.as_uuid()));
                shown.resource_id = Some(resource.as_uuid());
            }
            Subject::Places { session, offer } => {
                (shown.subject, shown.session_id) = ("places", Some(session.as_uuid()));
                shown.offer = Some(offer);
            }
            Subject::AddOn(add_on) => {
                (shown.subject, shown.add_on_id) = ("add_on", Some(add_on.as_uuid()));
            }
            Subject::Fee => {}
        }
        shown
    }
}

impl From<Service> for InvoiceService {
    fn from(service: Service) -> Self {
        let (first, last) = service.dates();
        let (first, last) = (Some(first), Some(last));
        match service {
            Service::Nights(_) => Self { arrival: first, departure: last, ..Self::default() },
            Service::Days(_) => Self { first, last, ..Self::default() },
            Service::Time { start, end } => {
                Self { start: Some(start), end: Some(end), ..Self::default() }
            }
        }
    }
}

impl From<invoice::TaxAmount> for InvoiceTax {
    fn from(tax: invoice::TaxAmount) -> Self {
        let invoice::TaxAmount { code, rate, included, amount } = tax;
        Self { code, rate, included, amount }
    }
}

impl From<invoice::TaxTotal> for InvoiceTaxTotal {
    fn from(tax: invoice::TaxTotal) -> Self {
        let invoice::TaxTotal { code, rate, included, net, amount } = tax;
        Self { code, rate, included, net, amount }
    }
}
