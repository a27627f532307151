//! Tells the stories to a server.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use chrono::NaiveDate;
use daybook_domain::values::Timestamp;
use futures::future::try_join_all;
use reqwest::StatusCode;
use serde::Deserialize;

use super::{
    ORGANIZATIONS, Organization, ids,
    story::{self, Request},
};
use crate::cli::client::{Client, Command};

/// `GET /v1/organizations/{id}`, as far as it matters here.
#[derive(Deserialize)]
struct Opened {
    created_at: Timestamp,
}

/// Opens all organizations that are not complete, side by side, as of a day: the one given, unless one of them has
/// opened before. Gives that day.
pub(super) async fn all(client: &Client, today: NaiveDate) -> Result<NaiveDate> {
    let head = client.head().await?;
    let mut found = None;
    for organization in &ORGANIZATIONS {
        found = found.or(day_of(client, organization, head).await?);
    }
    let (today, is_begun) = (found.unwrap_or(today), found.is_some());
    let filling = ORGANIZATIONS.iter().map(|organization| async move {
        let requests = (organization.requests)(today);
        if is_begun && is_told(client, &requests, head).await? {
            return Ok(());
        }
        let context = || format!("the demonstration of the {} is not complete", organization.name);
        send_all(client, requests, is_begun).await.with_context(context)
    });
    try_join_all(filling).await?;
    Ok(today)
}

/// The day as of which an organization opened, if it has.
async fn day_of(
    client: &Client,
    organization: &Organization,
    head: u64,
) -> Result<Option<NaiveDate>> {
    let id = ids::named(organization.name, "organization");
    let answer = client.get(&format!("/v1/organizations/{id}?min_position={head}")).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    let Opened { created_at } = answer.json()?;
    Ok(Some(story::day_of(created_at)))
}

/// Whether what the last command makes is there.
async fn is_told(client: &Client, requests: &[Request], head: u64) -> Result<bool> {
    let Some(last) = requests.last() else { return Ok(true) };
    let id = last.body["id"].as_str().unwrap_or_default();
    let answer = client.get(&format!("{}/{id}?min_position={head}", last.path)).await?;
    Ok(answer.status.is_success())
}

/// Sends commands in the order in which they happened.
///
/// When an interrupted filling is gone on with, those it sent before are answered as they were or, after some days,
/// refused as repeated: they are passed over.
async fn send_all(client: &Client, requests: Vec<Request>, is_begun: bool) -> Result<()> {
    for Request { path, key, body } in requests {
        let body = serde_json::to_vec(&body).context("a request is JSON")?;
        let command = Command { path, key, if_match: None, body: Bytes::from(body) };
        let answer = client.send(&command).await?;
        let is_there = answer.problem().is_some_and(|problem| problem.is_already_there());
        let is_repeated = is_begun && answer.status.is_client_error();
        if !answer.status.is_success() && !is_there && !is_repeated {
            bail!("{} {}: {}", command.key, command.path, answer.describe());
        }
    }
    Ok(())
}
