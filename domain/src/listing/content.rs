//! What a listing says of itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Selling;
use crate::values::{
    Address, Attributes, Codes, Contact, Description, Images, LocalizedText, Location,
};

/// What a listing says of itself; all of it can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its name.
    pub name: LocalizedText,
    /// What it is, in a sentence or two.
    pub summary: Option<LocalizedText>,
    /// What it is, at length.
    pub description: Option<Description>,
    /// Under which headings it is found.
    pub categories: Codes,
    /// What else it is found by.
    pub tags: Codes,
    /// What distinguishes it.
    pub attributes: Attributes,
    /// Its postal address.
    pub address: Option<Address>,
    /// Where it is on the globe.
    pub location: Option<Location>,
    /// How to reach whoever looks after it.
    pub contact: Contact,
    /// Pictures of it.
    pub images: Images,
    /// What it is sold under, besides its price.
    pub selling: Arc<Selling>,
}

impl Content {
    /// A name and nothing else.
    pub fn new(name: LocalizedText) -> Self {
        Self {
            name,
            summary: None,
            description: None,
            categories: Codes::default(),
            tags: Codes::default(),
            attributes: Attributes::default(),
            address: None,
            location: None,
            contact: Contact::default(),
            images: Images::default(),
            selling: Arc::default(),
        }
    }

    /// About how many bytes it takes beyond its own size.
    pub(super) fn weight(&self) -> usize {
        self.name.weight()
            + self.summary.as_ref().map_or(0, LocalizedText::weight)
            + self.description.as_ref().map_or(0, Description::weight)
            + self.categories.weight()
            + self.tags.weight()
            + self.attributes.weight()
            + self.images.weight()
            + self.selling.weight()
    }
}
