-- A sum to which nothing contributes any more has no row, as if nothing ever had.
DELETE FROM analytics_daily AS old
 USING unnest($1::uuid[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS changed (listing_id, day, channel, segment, country, customer_type, currency)
 WHERE old.listing_id = changed.listing_id
   AND old.day = changed.day
   AND old.channel = changed.channel
   AND old.segment = changed.segment
   AND old.country = changed.country
   AND old.customer_type = changed.customer_type
   AND old.currency = changed.currency
   AND old.bookings = 0
   AND old.cancellations = 0
   AND old.no_shows = 0
   AND old.arrivals = 0
   AND old.departures = 0
   AND old.room_nights = 0
   AND old.revenue_minor = 0
   AND old.lead_days_sum = 0
