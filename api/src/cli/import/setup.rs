//! What has to be there before the first booking, and what is there from an earlier run.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use daybook_domain::values::{BookingId, ListingId, ResourceId, Timestamp};
use reqwest::StatusCode;

use super::client::{Answer, Client, Command};
use super::hotel::{self, Hotel, on_the_hour};
use super::ids;
use super::plan::{HotelPlan, Room};
use super::wire::{
    self, BookingPage, Head, NewLimits, NewListing, NewResource, Resource, Status, WallTime,
};

/// Which capacities of an earlier run may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resize {
    /// Only those too small for this file: it may be a part of what was imported before.
    OnlyUp,
    /// All that differ, as a capacity was asked for.
    Exactly,
}

/// Makes sure that a hotel has its listing and its resources.
pub(super) async fn prepare(client: &Client, plan: &HotelPlan, resize: Resize) -> Result<()> {
    let opened_at = hotel::zone().instant(plan.first_day(), on_the_hour(0));
    let listing = ids::listing(plan.hotel);
    ensure_listing(client, plan.hotel, listing, opened_at)
        .await
        .with_context(|| format!("cannot set up the listing of {}", plan.hotel.name()))?;
    for (resource, room) in &plan.rooms {
        ensure_resource(client, listing, *resource, room, opened_at, resize).await.with_context(
            || format!("cannot set up room type {} of {}", room.kind, plan.hotel.name()),
        )?;
    }
    Ok(())
}

/// The bookings of a hotel that exist already, whoever made them.
pub(super) async fn existing(client: &Client, hotel: Hotel) -> Result<HashMap<BookingId, Status>> {
    // a step of the last run that no query shows yet would be taken for missing
    let head: Head = client.get("/v1/events?limit=1").await?.json()?;
    let first = format!(
        "/v1/bookings?listing_id={}&limit=1000&min_position={}",
        ids::listing(hotel),
        head.head
    );
    let mut found = HashMap::new();
    let mut path = first.clone();
    loop {
        let page: BookingPage = client.get(&path).await?.json()?;
        found.extend(page.items.into_iter().map(|booking| (booking.id, booking.status)));
        match page.next_cursor {
            Some(cursor) => path = format!("{first}&cursor={cursor}"),
            None => return Ok(found),
        }
    }
}

async fn ensure_listing(client: &Client, hotel: Hotel, id: ListingId, at: Timestamp) -> Result<()> {
    if client.get(&format!("/v1/listings/{id}")).await?.is_there()? {
        return Ok(());
    }
    let listing = NewListing {
        id,
        organization_id: ids::organization(),
        kind: "stay",
        name: hotel.localized_name(),
        zone: hotel::zone(),
        currency: hotel::currency(),
        check_in: WallTime(Hotel::CHECK_IN),
        check_out: WallTime(Hotel::CHECK_OUT),
        occurred_at: at,
    };
    create(client, "/v1/listings", format!("hotel-bookings/{id}/create"), &listing).await
}

async fn ensure_resource(
    client: &Client,
    listing: ListingId,
    id: ResourceId,
    room: &Room,
    at: Timestamp,
    resize: Resize,
) -> Result<()> {
    let present = client.get(&format!("/v1/resources/{id}")).await?;
    if present.is_there()? {
        return ensure_capacity(client, id, room, &present, resize).await;
    }
    let resource = NewResource {
        id,
        listing_id: listing,
        name: hotel::room_name(room.kind.as_str()),
        capacity: room.capacity,
        price_per_night: room.price_per_night,
        occurred_at: at,
    };
    create(client, "/v1/resources", format!("hotel-bookings/{id}/create"), &resource).await
}

async fn ensure_capacity(
    client: &Client,
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
    let sequence = present.etag.clone().context("the server named no version of the resource")?;
    let version = sequence.to_str().unwrap_or_default().replace('"', "");
    let command = Command {
        path: format!("/v1/resources/{id}/limits"),
        // the version is part of the key: a capacity may well be set, changed and set again
        key: format!("hotel-bookings/{id}/limits/{version}/{}", room.capacity),
        if_match: Some(sequence),
        body: wire::json(&NewLimits { capacity: room.capacity }),
    };
    expect_success(&client.send(&command).await?)
}

async fn create(
    client: &Client,
    path: &str,
    key: String,
    body: &impl serde::Serialize,
) -> Result<()> {
    let command = Command { path: path.to_owned(), key, if_match: None, body: wire::json(body) };
    let answer = client.send(&command).await?;
    if answer.problem().is_some_and(|problem| problem.is_already_there()) {
        return Ok(());
    }
    expect_success(&answer)
}

fn expect_success(answer: &Answer) -> Result<()> {
    if !answer.status.is_success() {
        bail!("the server answered {}", answer.describe());
    }
    Ok(())
}

impl Answer {
    /// Whether what was asked for exists.
    fn is_there(&self) -> Result<bool> {
        match self.status {
            StatusCode::NOT_FOUND => Ok(false),
            _ => expect_success(self).map(|()| true),
        }
    }
}
