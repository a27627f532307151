//! Customers as they come in.

use daybook_domain::{
    customer::{Kind, Personal, Profile, Reachable, Way, Ways},
    values::{
        Codes, CustomerId, Email, Label, Language, OrganizationId, PhoneNumber, Phrase, Timestamp,
        Zone,
    },
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use utoipa::ToSchema;

use crate::{
    extract::CommandBody,
    patch::{MergePatch, Unchecked},
    wire::{NewId, chosen},
};

/// What is known of a customer; all of it can be changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerContent {
    /// `person` or `company`.
    #[schema(value_type = String, example = "person")]
    kind: Kind,
    /// The name, as the customer writes it.
    #[schema(value_type = String, max_length = 200, example = "رانيا حداد")]
    name: Phrase,
    /// The BCP 47 tag of the language of notices.
    #[schema(value_type = String, example = "ar")]
    language: Language,
    /// The IANA zone where their wall clock hangs, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "Asia/Amman")]
    zone: Option<Zone>,
    /// Where to write: up to 20, one of them the primary one; the first, unless another is said to be.
    #[serde(
        default,
        deserialize_with = "ways::<_, EmailWay, _>",
        serialize_with = "shown::<_, EmailWay, _>"
    )]
    #[schema(required = false, value_type = Vec<EmailWay>, max_items = 20)]
    emails: Ways<Email>,
    /// Where to call: up to 20, one of them the primary one; the first, unless another is said to be.
    #[serde(
        default,
        deserialize_with = "ways::<_, PhoneWay, _>",
        serialize_with = "shown::<_, PhoneWay, _>"
    )]
    #[schema(required = false, value_type = Vec<PhoneWay>, max_items = 20)]
    phones: Ways<PhoneNumber>,
    /// What staff sort customers by.
    #[serde(default)]
    #[schema(required = false, value_type = Vec<String>, max_items = 50, example = json!(["vip"]))]
    tags: Codes,
}

/// An email address.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailWay {
    #[schema(value_type = String, example = "rania@example.com")]
    address: Email,
    /// Which it is of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 64, example = "work")]
    label: Option<Label>,
    /// Whether it is tried first.
    #[serde(default)]
    primary: bool,
    /// Whether the customer proved that it is theirs. Only that can make it so: sent, it is `false`.
    #[serde(default)]
    #[schema(value_type = bool)]
    verified: Unverified,
}

/// A telephone number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneWay {
    /// With the country's prefix; it is kept as E.164 has it, without spaces.
    #[schema(value_type = String, example = "+962795550100")]
    number: PhoneNumber,
    /// Which it is of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 64, example = "mobile")]
    label: Option<Label>,
    /// Whether it is tried first.
    #[serde(default)]
    primary: bool,
    /// Whether the customer proved that it is theirs. Only that can make it so: sent, it is `false`.
    #[serde(default)]
    #[schema(value_type = bool)]
    verified: Unverified,
}

/// That nobody has proved anything yet: `false`, and nothing else.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
struct Unverified;

impl TryFrom<bool> for Unverified {
    type Error = &'static str;

    fn try_from(verified: bool) -> Result<Self, Self::Error> {
        if verified { Err("only the customer can prove that it is theirs") } else { Ok(Self) }
    }
}

impl From<Unverified> for bool {
    fn from(Unverified: Unverified) -> Self {
        false
    }
}

impl From<EmailWay> for Way<Email> {
    fn from(way: EmailWay) -> Self {
        let EmailWay { address, label, primary, verified: Unverified } = way;
        Self { value: address, label, primary }
    }
}

impl From<Way<Email>> for EmailWay {
    fn from(way: Way<Email>) -> Self {
        let Way { value, label, primary } = way;
        Self { address: value, label, primary, verified: Unverified }
    }
}

impl From<PhoneWay> for Way<PhoneNumber> {
    fn from(way: PhoneWay) -> Self {
        let PhoneWay { number, label, primary, verified: Unverified } = way;
        Self { value: number, label, primary }
    }
}

impl From<Way<PhoneNumber>> for PhoneWay {
    fn from(way: Way<PhoneNumber>) -> Self {
        let Way { value, label, primary } = way;
        Self { number: value, label, primary, verified: Unverified }
    }
}

/// Ways as they come in: checked one by one, then as a whole.
fn ways<'de, D, W, T>(deserializer: D) -> Result<Ways<T>, D::Error>
where
    D: Deserializer<'de>,
    W: Deserialize<'de> + Into<Way<T>>,
    T: Reachable,
{
    let ways = Vec::<W>::deserialize(deserializer)?;
    Ways::try_new(ways.into_iter().map(Into::into).collect()).map_err(D::Error::custom)
}

/// Ways as they go out.
fn shown<S, W, T>(ways: &Ways<T>, serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    W: Serialize + From<Way<T>>,
    T: Clone,
{
    serializer.collect_seq(ways.as_slice().iter().cloned().map(W::from))
}

/// A change of what is known of a customer.
pub type CustomerPatch = MergePatch<CustomerContent>;

impl From<CustomerContent> for Profile {
    fn from(content: CustomerContent) -> Self {
        let CustomerContent { kind, name, language, zone, emails, phones, tags } = content;
        let personal = Personal { name, emails, phones };
        Self { kind, language, zone, tags, personal }
    }
}

impl From<Profile> for CustomerContent {
    fn from(profile: Profile) -> Self {
        let Profile { kind, language, zone, tags, personal } = profile;
        let Personal { name, emails, phones } = personal;
        Self { kind, name, language, zone, emails, phones, tags }
    }
}

/// A customer to register.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewCustomer {
    /// The id it shall have: a UUID of version 7, perhaps one that was booked with before.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// Whose customer it is.
    #[schema(value_type = Uuid)]
    pub(super) organization_id: OrganizationId,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = CustomerContent)]
    pub(super) content: Unchecked<CustomerContent>,
}

impl NewCustomer {
    pub(super) fn id(&self) -> CustomerId {
        CustomerId::from_uuid(chosen(self.id))
    }
}

/// The record in which another one ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeCustomer {
    /// The customer whose record goes on: of the same organization.
    #[schema(value_type = Uuid)]
    pub(super) into: CustomerId,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewCustomer {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for MergeCustomer {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}
