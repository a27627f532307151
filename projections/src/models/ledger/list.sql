SELECT ledger_entries.*,
       coalesce(ledger_entries.organization_id, listings.organization_id) AS owner_id
  FROM ledger_entries
  LEFT JOIN listings ON listings.listing_id = ledger_entries.listing_id
 WHERE ($1::uuid IS NULL OR ledger_entries.organization_id = $1 OR listings.organization_id = $1)
   AND ($2::uuid IS NULL OR ledger_entries.booking_id = $2)
   AND ($3::text IS NULL OR ledger_entries.account = $3)
   AND ($4::date IS NULL OR ledger_entries.day >= $4)
   AND ($5::date IS NULL OR ledger_entries.day < $5)
   AND ($6::bigint IS NULL OR ledger_entries.entry > $6)
 ORDER BY ledger_entries.entry
 LIMIT $7
