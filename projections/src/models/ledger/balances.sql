SELECT ledger_entries.currency,
       ledger_entries.account,
       sum(ledger_entries.amount_minor)::bigint AS minor
  FROM ledger_entries
  LEFT JOIN listings ON listings.listing_id = ledger_entries.listing_id
 WHERE (ledger_entries.organization_id = $1 OR listings.organization_id = $1)
   AND ledger_entries.day <= $2
 GROUP BY 1, 2
HAVING sum(ledger_entries.amount_minor) <> 0
