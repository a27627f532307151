CREATE TABLE analytics_daily (
    listing_id     uuid   NOT NULL,
    day            date   NOT NULL,
    channel        text   COLLATE "C" NOT NULL,
    segment        text   COLLATE "C" NOT NULL,
    country        text   COLLATE "C" NOT NULL,
    customer_type  text   COLLATE "C" NOT NULL,
    currency       text   COLLATE "C" NOT NULL,
    bookings       bigint NOT NULL,
    cancellations  bigint NOT NULL,
    no_shows       bigint NOT NULL,
    arrivals       bigint NOT NULL,
    departures     bigint NOT NULL,
    room_nights    bigint NOT NULL,
    revenue_minor  bigint NOT NULL,
    lead_days_sum  bigint NOT NULL
);
