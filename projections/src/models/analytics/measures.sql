SELECT CASE WHEN $1 THEN listing_id END AS listing_id,
       CASE WHEN $2 THEN day END AS day,
       CASE WHEN $3 THEN date_trunc('month', day::timestamp)::date END AS month,
       CASE WHEN $4 THEN extract(year FROM day)::integer END AS year,
       CASE WHEN $5 THEN channel END AS channel,
       CASE WHEN $6 THEN segment END AS segment,
       CASE WHEN $7 THEN country END AS country,
       CASE WHEN $8 THEN customer_type END AS customer_type,
       currency,
       sum(bookings)::bigint AS bookings,
       sum(cancellations)::bigint AS cancellations,
       sum(no_shows)::bigint AS no_shows,
       sum(arrivals)::bigint AS arrivals,
       sum(departures)::bigint AS departures,
       sum(room_nights)::bigint AS room_nights,
       sum(revenue_minor)::bigint AS revenue_minor,
       sum(lead_days_sum)::bigint AS lead_days_sum
  FROM analytics_daily
 WHERE ($9::date IS NULL OR day >= $9)
   AND ($10::date IS NULL OR day < $10)
   AND ($11::uuid IS NULL OR listing_id = $11)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
 LIMIT $12
