SELECT *
  FROM ledger_payouts
 WHERE organization_id = $1
   AND first_day < $3
   AND end_day > $2
 ORDER BY position
