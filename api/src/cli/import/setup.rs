//! What has to be there before the first booking, and what is there from an earlier run.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use daybook_domain::values::{BookingId, ResourceId, Timestamp};
use reqwest::StatusCode;
use serde::Serialize;

use super::hotel::{self, Hotel, on_the_hour};
use super::ids;
use super::plan::{HotelPlan, Room};
use super::wire::{
    self, BookingPage, NewLimits, NewListing, NewResource, Resource, Status, WallTime,
};
use crate::cli::client::{Answer, Client, Command};

/// Which capacities of an earlier run may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resize {
    /// Only those too small for this file: it may be a part of what was imported before.
    OnlyUp,
    /// All that differ, as a capacity was asked for.
    Exactly,
}

/// Looks at a server and makes ready what is missing.
pub(super) struct Setup<'a> {
    client: &'a Client,
    /// The end of the log when the import began. Every query waits for it: what the last run did
    /// and no query showed yet would be taken for missing.
    head: u64,
}

impl<'a> Setup<'a> {
    /// Finds the end of the log.
    pub(super) async fn begin(client: &'a Client) -> Result<Self> {
        Ok(Self { client, head: client.head().await? })
    }

    /// Makes sure that a hotel has its listing and its resources.
    pub(super) async fn ensure(&self, plan: &HotelPlan, resize: Resize) -> Result<()> {
        let name = plan.hotel.name();
        self.ensure_listing(plan)
            .await
            .with_context(|| format!("cannot set up the listing of {name}"))?;
        for (resource, room) in &plan.rooms {
            self.ensure_resource(plan, *resource, room, resize)
                .await
                .with_context(|| format!("cannot set up room type {} of {name}", room.kind))?;
        }
        Ok(())
    }

    /// The bookings of a hotel that exist already, whoever made them.
    pub(super) async fn existing(&self, hotel: Hotel) -> Result<HashMap<BookingId, Status>> {
        let first = format!("/v1/bookings?listing_id={}&limit=1000", ids::listing(hotel));
        let mut found = HashMap::new();
        let mut path = first.clone();
        loop {
            let page: BookingPage = self.query(&path).await?.json()?;
            found.extend(page.items.into_iter().map(|booking| (booking.id, booking.status)));
            match page.next_cursor {
                Some(cursor) => path = format!("{first}&cursor={cursor}"),
                None => return Ok(found),
            }
        }
    }

    async fn ensure_listing(&self, plan: &HotelPlan) -> Result<()> {
        let id = ids::listing(plan.hotel);
        if is_there(&self.query(&format!("/v1/listings/{id}")).await?)? {
            return Ok(());
        }
        let listing = NewListing {
            id,
            organization_id: ids::organization(),
            kind: "stay",
            name: plan.hotel.localized_name(),
            zone: hotel::zone(),
            currency: hotel::currency(),
            check_in: WallTime(Hotel::CHECK_IN),
            check_out: WallTime(Hotel::CHECK_OUT),
            occurred_at: opened_at(plan),
        };
        self.create("/v1/listings", format!("hotel-bookings/{id}/create"), &listing).await
    }

    async fn ensure_resource(
        &self,
        plan: &HotelPlan,
        id: ResourceId,
        room: &Room,
        resize: Resize,
    ) -> Result<()> {
        let present = self.query(&format!("/v1/resources/{id}")).await?;
        if is_there(&present)? {
            return self.ensure_capacity(id, room, &present, resize).await;
        }
        let resource = NewResource {
            id,
            listing_id: ids::listing(plan.hotel),
            name: hotel::room_name(room.kind.as_str()),
            capacity: room.capacity,
            price_per_night: room.price_per_night,
            occurred_at: opened_at(plan),
        };
        self.create("/v1/resources", format!("hotel-bookings/{id}/create"), &resource).await
    }

    async fn ensure_capacity(
        &self,
        id: ResourceId,
        room: &Room,
        present: &Answer,
        resize: Resize,
    ) -> Result<()> {
        let Resource { capacity } = present.json()?;
        let keep = match resize {
            Resize::OnlyUp => capacity >= room.capacity,
            Resize::Exactly => capacity == room.capacity,
        };
        if keep {
            return Ok(());
        }
        let sequence =
            present.etag.clone().context("the server named no version of the resource")?;
        let version = sequence.to_str().unwrap_or_default().replace('"', "");
        let command = Command {
            path: format!("/v1/resources/{id}/limits"),
            // the version is part of the key: a capacity may well be set, changed and set again
            key: format!("hotel-bookings/{id}/limits/{version}/{}", room.capacity),
            if_match: Some(sequence),
            body: wire::json(&NewLimits { capacity: room.capacity }),
        };
        expect_success(&self.client.send(&command).await?)
    }

    async fn create(&self, path: &str, key: String, body: &impl Serialize) -> Result<()> {
        let command = Command { path: path.into(), key, if_match: None, body: wire::json(body) };
        let answer = self.client.send(&command).await?;
        if answer.problem().is_some_and(|problem| problem.is_already_there()) {
            return Ok(());
        }
        expect_success(&answer)
    }

    async fn query(&self, path: &str) -> Result<Answer> {
        let joint = if path.contains('?') { '&' } else { '?' };
        self.client.get(&format!("{path}{joint}min_position={}", self.head)).await
    }
}

/// Before anything else happens in a hotel.
fn opened_at(plan: &HotelPlan) -> Timestamp {
    hotel::zone().instant(plan.first_day(), on_the_hour(0))
}

/// Whether what was asked for exists.
fn is_there(answer: &Answer) -> Result<bool> {
    match answer.status {
        StatusCode::NOT_FOUND => Ok(false),
        _ => expect_success(answer).map(|()| true),
    }
}

fn expect_success(answer: &Answer) -> Result<()> {
    if !answer.status.is_success() {
        bail!("the server answered {}", answer.describe());
    }
    Ok(())
}
