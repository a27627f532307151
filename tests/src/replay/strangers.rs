//! Readers that know nothing of this engine: unmodified postgres-es and cqrs-es over the same table.

use std::collections::BTreeSet;

use cqrs_es::{
    Aggregate, AggregateContext, EventEnvelope, EventStore,
    persist::{PersistedEventRepository, PersistedEventStore},
};
use daybook_domain::{
    booking::Booking, calendar::Calendar, listing::Listing, payment::Payment, resource::Resource,
};
use postgres_es::PostgresEventRepository;
use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Hotel, Load, World};

/// Reads every stream of one kind through unmodified postgres-es, and gives how many events it read.
async fn read_all<A>(pool: &PgPool) -> usize
where
    A: Aggregate<Services = ()> + std::fmt::Debug + PartialEq + 'static,
{
    let ids: Vec<(String, i64)> = sqlx::query_as(
        "SELECT aggregate_id, count(*) FROM events WHERE aggregate_type = $1 GROUP BY aggregate_id",
    )
    .bind(A::TYPE)
    .fetch_all(pool)
    .await
    .expect("the log can be read");
    let mut seen = 0;
    for (id, count) in ids {
        let repository = PostgresEventRepository::new(pool.clone());
        let stored = repository.get_events::<A>(&id).await.expect("postgres-es reads the stream");
        assert_eq!(i64::try_from(stored.len()), Ok(count));
        let mut state = A::default();
        for (expected, event) in (1..).zip(stored) {
            assert_eq!(event.sequence, expected);
            let envelope = EventEnvelope::<A>::try_from(event).expect("the payload is the event");
            state.apply(envelope.payload);
            seen += 1;
        }
        let store = PersistedEventStore::<_, A>::new_event_store(repository);
        let mut loaded = store.load_aggregate(&id).await.expect("cqrs-es loads the aggregate");
        assert_eq!(*loaded.aggregate(), state);
    }
    seen
}

#[tokio::test]
async fn unmodified_postgres_es_reads_every_stream_the_server_wrote() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::with_rooms(&client, &[30, 30]).await;
    let load = Load::start(&world.clients(), &hotel, 8);
    load.go_on_for(150).await;
    let ledger = load.finish().await;
    let booking = ledger.made.keys().next().expect("something was booked");
    let payment = json!({
        "booking_id": booking,
        "amount": {"minor": 500, "currency": "EUR"},
        "method": "cash",
    });
    client.post("/v1/payments", &payment).await.expect(201);

    let pool = world.pool().await;
    let seen = [
        read_all::<Listing>(&pool).await,
        read_all::<Resource>(&pool).await,
        read_all::<Calendar>(&pool).await,
        read_all::<Booking>(&pool).await,
        read_all::<Payment>(&pool).await,
    ];
    assert!(seen.iter().all(|events| *events > 0), "{seen:?}");
    assert_eq!(i64::try_from(seen.iter().sum::<usize>()), Ok(client.head().await));
    let kinds: Vec<(String,)> = sqlx::query_as("SELECT DISTINCT aggregate_type FROM events")
        .fetch_all(&pool)
        .await
        .expect("the log can be read");
    let kinds: BTreeSet<_> = kinds.into_iter().map(|(kind,)| kind).collect();
    assert_eq!(kinds.len(), seen.len(), "{kinds:?}");
}
