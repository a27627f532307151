//! Receipts expire by the day: three slots take turns, and the one that comes next is emptied in time.
//!
//! A receipt written on day D stands in slot D mod 3. When day D + 2 begins, the slot that day D + 3 will use is
//! emptied, which is D's: so a receipt is kept for at least 24 and less than 48 hours.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::StoreError;

const SECONDS_PER_DAY: i64 = 86_400;

/// Days since 1970-01-01 UTC.
pub(crate) fn day_of(now: DateTime<Utc>) -> i32 {
    i32::try_from(now.timestamp().div_euclid(SECONDS_PER_DAY)).unwrap_or(i32::MAX)
}

/// The slot of a day.
pub(crate) fn slot_of(day: i32) -> i16 {
    i16::try_from(day.rem_euclid(3)).unwrap_or_default()
}

/// Turns to a new day if it has come, and returns the day in force. Days never go back, whatever the clock says.
pub(crate) async fn rotate(pool: &PgPool, today: i32) -> Result<i32, StoreError> {
    let mut transaction = pool.begin().await?;
    let before: i32 = sqlx::query_scalar("SELECT day FROM receipts_day FOR UPDATE")
        .fetch_one(&mut *transaction)
        .await?;
    if today <= before {
        return Ok(before);
    }
    sqlx::query("UPDATE receipts_day SET day = $1").bind(today).execute(&mut *transaction).await?;
    for slot in expired_slots(before, today) {
        let statement = match slot {
            0 => "TRUNCATE receipts_0",
            1 => "TRUNCATE receipts_1",
            _ => "TRUNCATE receipts_2",
        };
        sqlx::query(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(today)
}

/// The slots that hold nothing younger than 24 hours when `today` begins, the last rotation having been on `before`.
fn expired_slots(before: i32, today: i32) -> Vec<i16> {
    let days = [before, before.saturating_sub(1), before.saturating_sub(2)];
    days.into_iter().filter(|day| today.saturating_sub(*day) >= 2).map(slot_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_before_is_kept() {
        assert_eq!(expired_slots(10, 11), [slot_of(9), slot_of(8)]);
    }

    #[test]
    fn after_a_day_without_the_engine_nothing_is_left_to_keep() {
        assert_eq!(expired_slots(10, 12), [slot_of(10), slot_of(9), slot_of(8)]);
    }

    #[test]
    fn the_slot_of_the_new_day_is_always_empty() {
        for (before, today) in [(10, 11), (10, 12), (10, 13), (10, 40)] {
            let expired = expired_slots(before, today);
            assert!(expired.contains(&slot_of(today)) || slot_of(today) == slot_of(before + 1));
            assert!(expired.contains(&slot_of(before - 2)));
        }
    }
}
