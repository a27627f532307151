//! The rooms that rows can name.

use std::collections::BTreeMap;

use anyhow::Result;
use daybook_domain::values::{ListingId, ResourceId, Zone};

use super::{
    Owner,
    wire::{RoomItem, RoomPage},
};
use crate::cli::client::Client;

/// A room, as far as its rows need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) id: ResourceId,
    pub(super) listing: Option<ListingId>,
    pub(super) zone: Zone,
    /// How many can sit in it, if it says.
    pub(super) seats: Option<u64>,
}

/// All rooms of a listing or an organization.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    by_id: BTreeMap<ResourceId, Room>,
    by_name: BTreeMap<String, Vec<ResourceId>>,
}

impl Rooms {
    /// Asks the server for the rooms.
    pub(super) async fn load(client: &Client, owner: Owner, head: u64) -> Result<Self> {
        let whose = match (owner.organization, owner.listing) {
            (Some(organization), _) => format!("organization_id={organization}"),
            (None, listing) => {
                format!("listing_id={}", listing.map(ListingId::as_uuid).unwrap_or_default())
            }
        };
        let first = format!("/v1/resources?kind=room&{whose}&limit=1000&min_position={head}");
        let (mut rooms, mut path) = (Self::default(), first.clone());
        loop {
            let page: RoomPage = client.get(&path).await?.json()?;
            page.items.into_iter().for_each(|item| rooms.add(item));
            match page.next_cursor {
                Some(cursor) => path = format!("{first}&cursor={cursor}"),
                None => return Ok(rooms),
            }
        }
    }

    /// Knows one more room, by its id and its names in all languages.
    pub(super) fn add(&mut self, item: RoomItem) {
        let RoomItem { id, listing_id: listing, name, attributes, zone } = item;
        let seats = attributes.get("seats").and_then(serde_json::Value::as_u64);
        self.by_id.insert(id, Room { id, listing, zone, seats });
        for name in name.into_values() {
            let called = self.by_name.entry(name).or_default();
            if !called.contains(&id) {
                called.push(id);
            }
        }
    }

    /// The room that a text names, or why it names none.
    pub(super) fn named(&self, text: &str) -> Result<Room, String> {
        let by_id = text.parse().ok().and_then(|id: ResourceId| self.by_id.get(&id));
        let named = self.by_name.get(text).map_or(&[][..], Vec::as_slice);
        match (by_id, named) {
            (Some(room), _) => Ok(*room),
            (None, [id]) => Ok(self.by_id[id]),
            (None, []) => Err("there is no such room".to_owned()),
            (None, several) => {
                Err(format!("{} rooms are called so; give the id of one", several.len()))
            }
        }
    }
}
