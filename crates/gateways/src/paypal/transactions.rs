//! PayPal's books. A movement appears there within three hours.

use std::collections::HashMap;

use chrono::{Duration, SecondsFormat};
use daybook_domain::values::Timestamp;

use super::{
    PayPal, amounts, standing,
    wire::{TransactionInfo, Transactions},
};
use crate::{
    ChargeReference, Decline, Entry, FailureCode, GatewayError, Moved, Period, Progress,
    ProviderId, RefundProgress,
};

/// The longest time that can be asked for at once.
const LONGEST: i64 = 31;

/// The largest page.
const PAGE: u32 = 500;

/// The orders behind captures, as far as they are known: those of refunds are often among the charges.
type Orders = HashMap<String, Option<ChargeReference>>;

impl PayPal {
    /// All lines of a period that are about money from customers.
    pub(super) async fn books(&self, period: Period) -> Result<Vec<Entry>, GatewayError> {
        let mut lines = Vec::new();
        let mut from = period.from();
        while from < period.until() {
            let until = period.until().min(from + Duration::days(LONGEST));
            lines.append(&mut self.lines(from, until).await?);
            from = until;
        }
        // PayPal's ends belong to its periods, so that a line may come twice
        lines.retain(|line| period.contains(line.transaction_initiation_date));
        lines.sort_by(|a, b| a.transaction_id.cmp(&b.transaction_id));
        lines.dedup_by(|a, b| a.transaction_id == b.transaction_id);
        let mut orders: Orders = lines.iter().filter_map(order).collect();
        let mut entries = Vec::with_capacity(lines.len());
        for line in &lines {
            entries.extend(self.entry(line, &mut orders).await?);
        }
        Ok(entries)
    }

    async fn lines(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TransactionInfo>, GatewayError> {
        let written = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut lines = Vec::new();
        for page in 1.. {
            let query = [
                ("start_date", written(from)),
                ("end_date", written(until)),
                ("fields", "transaction_info".to_owned()),
                ("page_size", PAGE.to_string()),
                ("page", page.to_string()),
            ];
            let found: Transactions =
                self.account.get("/v1/reporting/transactions", &query).await?;
            lines.extend(found.transaction_details.into_iter().map(|it| it.transaction_info));
            if page >= found.total_pages {
                break;
            }
        }
        Ok(lines)
    }

    async fn entry(
        &self,
        line: &TransactionInfo,
        orders: &mut Orders,
    ) -> Result<Option<Entry>, GatewayError> {
        let Some(moved) = moved(line)? else { return Ok(None) };
        let custom = line.custom_field.as_ref();
        let (capture, ours) = match &moved {
            Moved::Charge(_) => (Some(&line.transaction_id), standing::payment(custom)),
            Moved::Refund(_) => (line.paypal_reference_id.as_ref(), standing::refund(custom)),
        };
        let charge = match capture {
            Some(capture) => self.order_behind(capture, orders).await?,
            None => None,
        };
        let id = ProviderId::try_new(line.transaction_id.as_str());
        Ok(Some(Entry {
            id: id.map_err(|_| standing::unknown("transaction", &line.transaction_id))?,
            at: line.transaction_initiation_date,
            moved,
            charge,
            ours,
            amount: amounts::from_paypal(&line.transaction_amount)?,
        }))
    }

    async fn order_behind(
        &self,
        capture: &str,
        orders: &mut Orders,
    ) -> Result<Option<ChargeReference>, GatewayError> {
        if let Some(order) = orders.get(capture) {
            return Ok(order.clone());
        }
        let order = self.capture_named(capture).await?.as_ref().and_then(standing::order_of);
        orders.insert(capture.to_owned(), order.clone());
        Ok(order)
    }
}

/// The order that a line names itself.
fn order(line: &TransactionInfo) -> Option<(String, Option<ChargeReference>)> {
    if line.paypal_reference_id_type.as_deref() != Some("ODR") {
        return None;
    }
    let order = ChargeReference::try_new(line.paypal_reference_id.as_deref()?).ok()?;
    Some((line.transaction_id.clone(), Some(order)))
}

/// What a line stands for: payments have codes T00.., what goes back to customers T1106 and T1107. Fees, currency
/// conversions and payouts are nobody's payment.
fn moved(line: &TransactionInfo) -> Result<Option<Moved>, GatewayError> {
    let amount = amounts::from_paypal(&line.transaction_amount)?;
    let paid_out = line.transaction_amount.value.starts_with('-');
    let status = line.transaction_status.as_deref();
    Ok(match line.transaction_event_code.as_str() {
        "T1106" | "T1107" => Some(Moved::Refund(match status {
            Some("P") => RefundProgress::Pending,
            Some("D") => RefundProgress::Failed { why: "denied".to_owned() },
            _ => RefundProgress::Succeeded,
        })),
        code if code.starts_with("T00") && !paid_out => Some(Moved::Charge(match status {
            Some("P") => Progress::Processing,
            Some("D") => Progress::Declined(Decline {
                code: FailureCode::CardDeclined,
                provider_code: Some("D".to_owned()),
                message: None,
            }),
            _ => Progress::Captured { amount },
        })),
        _ => None,
    })
}
