-- A month that nobody has booked yet has no calendar: then the resource's own capacity counts.
SELECT CASE WHEN $1 THEN resources.listing_id END AS listing_id,
       CASE WHEN $2 THEN days.day END AS day,
       CASE WHEN $3 THEN date_trunc('month', days.day::timestamp)::date END AS month,
       CASE WHEN $4 THEN extract(year FROM days.day)::integer END AS year,
       resources.currency,
       sum(coalesce(availability.capacity, resources.capacity))::bigint AS capacity_nights
  FROM resources
 CROSS JOIN (SELECT $5::date + offsets.n AS day
               FROM generate_series(0, $6::date - $5::date - 1) AS offsets (n)) AS days
  LEFT JOIN availability
    ON availability.resource_id = resources.resource_id
   AND availability.day = days.day
 WHERE resources.kind = 'room_type'
   AND ($7::uuid IS NULL OR resources.listing_id = $7)
 GROUP BY 1, 2, 3, 4, 5
