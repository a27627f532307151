//! `daybook payments`: what providers say of payments, asked of a running server, since only that may record it.

use std::{io::Write as _, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use daybook_domain::values::Money;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::{Client, Command, Patience};

/// How often it is seen whether the provider has answered.
const GLANCE: Duration = Duration::from_millis(250);
/// The days that are compared unless said otherwise.
const DAYS: TimeDelta = TimeDelta::days(3);

/// What to do with payments.
#[derive(Debug, Subcommand)]
pub(super) enum Payments {
    /// Compare payments with the books of their providers; fails if differences are left
    Reconcile(Reconcile),
}

/// What to compare with what.
#[derive(Debug, Args)]
pub(super) struct Reconcile {
    /// Where the server answers
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The file with an API key
    #[arg(long, default_value = ".daybook/admin.key")]
    key_file: PathBuf,
    /// Only with the books of this provider: `stripe`, `paypal` or `simulated`
    #[arg(long)]
    provider: Option<String>,
    /// The first day, or instant, in UTC; three days ago, if not given
    #[arg(long, value_parser = instant)]
    from: Option<DateTime<Utc>>,
    /// The first day, or instant, that is not meant; now, if not given
    #[arg(long, value_parser = instant)]
    until: Option<DateTime<Utc>>,
    /// Record what the provider is entitled to tell: what was paid, given back, or was not
    #[arg(long)]
    record: bool,
    /// Print what the server says, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Begun {
    items: Vec<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    id: i64,
}

/// A comparison, as far as it is printed.
#[derive(Deserialize)]
struct Compared {
    provider: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    state: String,
    charges: u32,
    refunds: u32,
    payments: u32,
    open: u32,
    recorded: u32,
    error: Option<String>,
    differences: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    code: String,
    payment_id: Option<Uuid>,
    reference: String,
    here: Option<Money>,
    there: Option<Money>,
    recorded: bool,
    detail: Option<String>,
}

impl Payments {
    pub(super) async fn run(self) -> Result<()> {
        match self {
            Self::Reconcile(arguments) => arguments.run().await,
        }
    }
}

impl Reconcile {
    async fn run(self) -> Result<()> {
        let client = Client::from_key_file(&self.url, &self.key_file, Patience::default())?;
        let until = self.until.unwrap_or_else(Utc::now);
        let body = json!({
            "provider": self.provider,
            "from": self.from.unwrap_or(until - DAYS),
            "until": until,
            "record": self.record,
        });
        let command = Command {
            path: "/v1/reconciliations".to_owned(),
            key: format!("reconcile-{}", Uuid::now_v7()),
            if_match: None,
            body: Bytes::from(serde_json::to_vec(&body)?),
        };
        let begun: Begun = client.send(&command).await?.json()?;
        let mut answers = Vec::new();
        for Numbered { id } in begun.items {
            answers.push(finished(&client, id).await?);
        }
        if self.json {
            let items = json!({ "items": answers });
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&items)?)?;
        }
        let mut wrong = Vec::new();
        for answer in answers {
            let compared: Compared = serde_json::from_value(answer)?;
            if !self.json {
                print(&compared)?;
            }
            if compared.state != "done" {
                let why = compared.error.as_deref().unwrap_or("it did not say why");
                wrong.push(format!("{}: {why}", compared.provider));
            } else if compared.open > 0 {
                wrong
                    .push(format!("{}: {} differences are left", compared.provider, compared.open));
            }
        }
        if !wrong.is_empty() {
            bail!("{}", wrong.join("; "));
        }
        Ok(())
    }
}

/// A comparison, once it is no longer under way.
async fn finished(client: &Client, id: i64) -> Result<Value> {
    loop {
        let answer = client.get(&format!("/v1/reconciliations/{id}")).await?;
        let answer: Value = answer.json().context("the comparison cannot be looked at")?;
        if answer["state"] != "running" {
            return Ok(answer);
        }
        tokio::time::sleep(GLANCE).await;
    }
}

fn print(compared: &Compared) -> Result<()> {
    let Compared { provider, from, until, charges, refunds, payments, open, recorded, .. } =
        compared;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{provider}, {from} to {until}: {charges} charges and {refunds} refunds there, {payments} payments here; \
         {open} differences left, {recorded} recorded"
    )?;
    for difference in &compared.differences {
        let Difference { code, payment_id, reference, here, there, recorded, detail } = difference;
        let payment = payment_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let amount =
            |money: &Option<Money>| money.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let done = if *recorded { "recorded" } else { detail.as_deref().unwrap_or("left") };
        writeln!(
            out,
            "  {code:<24}{payment:<38}{reference:<30}{:>16}{:>16}  {done}",
            amount(here),
            amount(there)
        )?;
    }
    Ok(())
}

/// An instant, or the first one of a day.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    text.parse().map_err(|_| {
        "a day such as 2026-11-20, or an instant such as 2026-11-20T12:00:00Z".to_owned()
    })
}
