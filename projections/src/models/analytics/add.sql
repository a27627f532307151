INSERT INTO analytics_daily AS old
       (listing_id, day, channel, segment, country, customer_type, currency,
        bookings, cancellations, no_shows, arrivals, departures,
        room_nights, revenue_minor, lead_days_sum)
SELECT *
  FROM unnest($1::uuid[], $2::date[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
              $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
              $13::bigint[], $14::bigint[], $15::bigint[])
    ON CONFLICT (listing_id, day, channel, segment, country, customer_type, currency) DO UPDATE
   SET bookings      = old.bookings      + EXCLUDED.bookings,
       cancellations = old.cancellations + EXCLUDED.cancellations,
       no_shows      = old.no_shows      + EXCLUDED.no_shows,
       arrivals      = old.arrivals      + EXCLUDED.arrivals,
       departures    = old.departures    + EXCLUDED.departures,
       room_nights   = old.room_nights   + EXCLUDED.room_nights,
       revenue_minor = old.revenue_minor + EXCLUDED.revenue_minor,
       lead_days_sum = old.lead_days_sum + EXCLUDED.lead_days_sum
