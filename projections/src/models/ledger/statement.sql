-- Of sales that are settled with the organization. What it was paid counts for its period, whenever it was sent.
WITH entries AS (
    SELECT ledger_entries.*, ledger_entries.day >= $2 AS within
      FROM ledger_entries
      JOIN listings ON listings.listing_id = ledger_entries.listing_id
      JOIN ledger_books ON ledger_books.booking_id = ledger_entries.booking_id
     WHERE listings.organization_id = $1
       AND ledger_books.settled
       AND ledger_entries.day < $3
), earned AS (
    SELECT currency,
           sum(CASE WHEN within AND account IN ('revenue', 'tax_payable', 'cancellation_fees')
                    THEN -amount_minor ELSE 0 END) AS earned,
           sum(CASE WHEN within AND account = 'cancellation_fees' THEN -amount_minor ELSE 0 END) AS fees,
           sum(CASE WHEN within AND account = 'partner_share' THEN amount_minor ELSE 0 END) AS collected,
           sum(CASE WHEN within AND account = 'commission' THEN -amount_minor ELSE 0 END) AS commission,
           sum(CASE WHEN within AND cause IN ('payment.refunded', 'payment.refund_failed')
                     AND account IN ('cash:stripe', 'cash:paypal', 'cash:simulated')
                    THEN -amount_minor ELSE 0 END) AS refunds,
           sum(CASE WHEN NOT within AND account = 'partner_payable' THEN -amount_minor ELSE 0 END) AS before
      FROM entries
     GROUP BY 1
), paid AS (
    SELECT currency,
           sum(CASE WHEN end_day <= $2 THEN amount_minor ELSE 0 END) AS before,
           sum(CASE WHEN end_day > $2 THEN amount_minor ELSE 0 END) AS within
      FROM ledger_payouts
     WHERE organization_id = $1
       AND end_day <= $3
       AND withdrawn_on IS NULL
     GROUP BY 1
)
SELECT currency,
       (coalesce(earned.before, 0) - coalesce(paid.before, 0))::bigint AS brought_forward_minor,
       coalesce(earned.earned, 0)::bigint AS earned_minor,
       coalesce(earned.fees, 0)::bigint AS fees_minor,
       coalesce(earned.collected, 0)::bigint AS collected_minor,
       coalesce(earned.commission, 0)::bigint AS commission_minor,
       coalesce(earned.refunds, 0)::bigint AS refunds_minor,
       coalesce(paid.within, 0)::bigint AS paid_out_minor
  FROM earned
  FULL JOIN paid USING (currency)
 ORDER BY 1
