//! A row that PostgreSQL refuses parks its own stream; all others go on, live and in a rebuild.

mod support;

use daybook_domain::booking::Status;
use daybook_projections::{BookingView, ModelName, View as _};
use support::{Order, World, at, busy, status};

/// As many euros as an amount can hold.
const FORTUNE: u64 = i64::MAX as u64 / 100;

/// Parked streams that are not parked at a cancellation of theirs.
const MISPLACED: &str = "
SELECT count(*)
  FROM parked_key
 WHERE NOT EXISTS (SELECT FROM events
                    WHERE events.position = parked_key.position
                      AND event_type = 'cancelled'
                      AND aggregate_type || '/' || aggregate_id = key)";

/// From now on every table of bookings, whoever makes it, refuses to have this one cancelled.
async fn refuse_cancelled(world: &World, order: &Order) {
    let booking = order.booking;
    for statement in [
        format!(
            "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $body$
             DECLARE made record;
             BEGIN
               FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
                 IF made.object_identity LIKE '%.bookings' THEN
                   EXECUTE format('ALTER TABLE %s ADD CONSTRAINT never_cancelled
                     CHECK (booking_id <> %L OR status <> %L)',
                     made.object_identity, '{booking}', 'cancelled');
                 END IF;
               END LOOP;
             END $body$"
        ),
        "CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
         EXECUTE FUNCTION public.refuse()"
            .to_owned(),
    ] {
        sqlx::query(&statement).execute(&world.pool).await.expect("the test may do anything");
    }
}

#[tokio::test]
async fn a_refused_row_parks_its_booking_alone() {
    let world = World::new().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 5, 6, 1);
    refuse_cancelled(&world, &order).await;
    let projections = world.projections().await;
    world.book(&order, None, at(1, 9)).await.unwrap();
    world.settle(&projections).await;
    projections.shutdown().await;

    // what is refused comes in the middle of a batch
    busy(&world, hotel, 1, 60).await;
    world.cancel(&order, at(2, 9)).await.unwrap();
    busy(&world, hotel, 2, 60).await;
    let other = Order::new(hotel, 5, 6, 1);
    world.book(&other, None, at(2, 10)).await.unwrap();
    let projections = world.projections().await;
    world.settle(&projections).await;

    let kept = BookingView::find(projections.queries(), order.booking).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.span.sequence), (Status::Confirmed, 1)); // as it was before
    assert!(BookingView::find(projections.queries(), other.booking).await.unwrap().is_some());
    let (key, reason): (String, String) =
        sqlx::query_as("SELECT key, reason FROM parked_key").fetch_one(&world.pool).await.unwrap();
    assert_eq!(key, format!("booking/{}", order.booking));
    assert!(reason.contains("never_cancelled"), "{reason}");
    assert_eq!(world.count(MISPLACED).await, 0);
    for model in ModelName::ALL {
        let parked = i64::from(model == ModelName::Bookings);
        assert_eq!(status(&projections, model).await.parked, parked, "{model}");
    }
    world.assert_verified(&projections).await;

    let report = projections.rebuild(ModelName::Bookings).await.unwrap();
    assert_eq!(report.parked, 1); // it is refused again, and ends again
    assert_eq!(world.count(MISPLACED).await, 0);
    world.assert_verified(&projections).await;

    sqlx::query("DROP EVENT TRIGGER refuse").execute(&world.pool).await.unwrap();
    assert_eq!(projections.rebuild(ModelName::Bookings).await.unwrap().parked, 0);
    let mended = BookingView::find(projections.queries(), order.booking).await.unwrap().unwrap();
    assert_eq!(mended.status, Status::Cancelled);
}

#[tokio::test]
async fn a_sum_beyond_its_column_keeps_what_it_held() {
    for at_once in [false, true] {
        let world = World::new().await;
        let mut projections = world.projections().await;
        let hotel = world.hotel("Asia/Tokyo", 4).await;
        let (mut first, mut second) = (Order::new(hotel, 10, 11, 1), Order::new(hotel, 10, 11, 1));
        (first.price, second.price) = (FORTUNE, FORTUNE);
        world.settle(&projections).await;
        if at_once {
            projections.shutdown().await;
        }
        world.book(&first, None, at(1, 9)).await.unwrap();
        world.book(&second, None, at(1, 10)).await.unwrap();
        world.check_in(&second, at(10, 9)).await.unwrap();
        busy(&world, hotel, 1, 30).await;
        if at_once {
            projections = world.projections().await;
        }
        world.settle(&projections).await;

        assert_eq!(status(&projections, ModelName::Bookings).await.parked, 0);
        assert_eq!(status(&projections, ModelName::Analytics).await.parked, 1);
        let (key, _): (String, i64) = sqlx::query_as("SELECT key, position FROM parked_key")
            .fetch_one(&world.pool)
            .await
            .unwrap();
        assert_eq!(key, format!("booking/{}", second.booking));
        let greatest = "SELECT max(revenue_minor) FROM live.analytics_daily";
        assert_eq!(world.count(greatest).await, i64::try_from(FORTUNE * 100).unwrap());
        world.assert_verified(&projections).await;
        assert_eq!(projections.rebuild(ModelName::Analytics).await.unwrap().parked, 1);
        world.assert_verified(&projections).await;

        world.cancel(&first, at(2, 9)).await.unwrap(); // then there is room for the other
        assert_eq!(projections.rebuild(ModelName::Analytics).await.unwrap().parked, 0);
        world.settle(&projections).await;
        world.assert_verified(&projections).await;
    }
}
