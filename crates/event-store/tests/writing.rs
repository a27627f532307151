//! Commands through the writer: atomic, ordered, readable by others, and answered once.

mod support;

use cqrs_es::persist::PersistedEventRepository;
use daybook_event_store::{
    CommandContext, CommandError, Filter, Log, LogRepository, LogSettings, Position, Response,
    Stream, Verdict, WriteError, WriterSettings,
};
use futures::{TryStreamExt, future::join_all};
use postgres_es::PostgresEventRepository;
use support::{
    Fact, Order, Stock, TooFew, World, accepted, assert_dense, keyed, keyed_for, stocked,
};

#[tokio::test]
async fn unmodified_postgres_es_reads_every_stream() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 5).await;
    let context = keyed("a");
    writer
        .run(&[Stream::of::<Stock>(&id)], &context, |unit| {
            unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Take(2)))?;
            Ok::<_, TooFew>(accepted("taken"))
        })
        .await
        .unwrap();

    let repository = PostgresEventRepository::new(world.pool().await);
    let events = repository.get_events::<Stock>(&id).await.unwrap();
    let types: Vec<_> = events.iter().map(|event| (event.sequence, &*event.event_type)).collect();
    assert_eq!(types, [(1, "stocked"), (2, "taken")]);
    assert_eq!(events[1].metadata["principal"], "tester");
    let mut replay = repository.stream_all_events::<Stock>().await.unwrap();
    let mut state = Stock::default();
    while let Some(event) = replay.next::<Stock>(&[]).await {
        cqrs_es::Aggregate::apply(&mut state, event.unwrap().payload);
    }
    assert_eq!(state, Stock { left: 3, taken: 2 });
}

#[tokio::test]
async fn a_repository_of_cqrs_es_persists_through_the_committer() {
    let world = World::new().await;
    let writer = world.writer().await;
    let store = cqrs_es::persist::PersistedEventStore::<_, Stock>::new_event_store(
        LogRepository::new(&writer),
    );
    let framework = cqrs_es::CqrsFramework::new(store, vec![], ());
    framework.execute("one", Order::Stock(3)).await.unwrap();
    framework.execute("one", Order::Take(1)).await.unwrap();
    assert_eq!(world.log.load::<Stock>("one").await.unwrap().0.left, 2);
    assert_dense(&world.pool().await).await;
}

#[tokio::test]
async fn a_unit_writes_all_of_its_streams_or_none() {
    let world = World::new().await;
    let writer = world.writer().await;
    let (rich, poor) = (stocked(&writer, 10).await, stocked(&writer, 1).await);
    let streams = [Stream::of::<Stock>(&rich), Stream::of::<Stock>(&poor)];
    let head = world.log.head().await.unwrap();
    let refused = writer
        .run(&streams, &CommandContext::default(), |unit| {
            unit.decide::<Stock, _>(&rich, |stock| stock.decide(Order::Take(2)))?;
            unit.decide::<Stock, _>(&poor, |stock| stock.decide(Order::Take(2)))?;
            Ok(accepted(""))
        })
        .await;
    assert!(matches!(refused, Err(CommandError::Refused(TooFew(1)))));
    assert_eq!(world.log.head().await.unwrap(), head);

    let both = writer
        .run(&streams, &CommandContext::default(), |unit| {
            unit.decide::<Stock, _>(&rich, |stock| stock.decide(Order::Take(9)))?;
            unit.decide::<Stock, _>(&rich, |stock| stock.decide(Order::Take(1)))?;
            unit.decide::<Stock, _>(&poor, |stock| stock.decide(Order::Take(1)))?;
            Ok::<_, TooFew>(accepted(""))
        })
        .await
        .unwrap();
    assert_eq!(both.position.get(), head.get() + 3);
    assert_dense(&world.pool().await).await;
}

#[tokio::test]
async fn a_refused_second_decision_leaves_no_trace_of_the_first() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 10).await;
    for _ in 0..3 {
        let refused = writer
            .run(&[Stream::of::<Stock>(&id)], &CommandContext::default(), |unit| {
                unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Take(6)))?;
                unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Take(6)))?;
                Ok(accepted(""))
            })
            .await;
        assert!(matches!(refused, Err(CommandError::Refused(TooFew(4)))));
    }
    assert_eq!(writer.peek::<Stock, _>(&id, |stock| stock.left).await.unwrap(), 10);
}

#[tokio::test]
async fn a_crowd_on_one_stream_takes_exactly_what_is_there() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 100).await;
    let takes = (0..400).map(|_| {
        let (writer, id) = (writer.clone(), id.clone());
        tokio::spawn(async move {
            let context = CommandContext::default();
            writer.execute::<Stock>(&id, Order::Take(1), &context, Response::default()).await
        })
    });
    let answers = join_all(takes).await;
    let taken = answers.iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count();
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Err(CommandError::Refused(TooFew(0))))))
        .count();
    assert_eq!((taken, refused), (100, 300));
    assert_eq!(world.log.load::<Stock>(&id).await.unwrap(), (Stock { left: 0, taken: 100 }, 101));
    assert_dense(&world.pool().await).await;
}

#[tokio::test]
async fn a_fresh_stream_that_exists_is_decided_on_what_is_there() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 1).await;
    drop(writer);
    let writer = world.writer().await; // with an empty cache
    let mut seen = Vec::new();
    let answer = writer
        .run(&[Stream::fresh::<Stock>(&id)], &CommandContext::default(), |unit| {
            seen.push(unit.state::<Stock>(&id).left);
            unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Stock(7)))?;
            Ok::<_, TooFew>(accepted(""))
        })
        .await;
    assert!(answer.is_ok());
    assert_eq!(seen, [0, 1]);
    assert_eq!(world.log.load::<Stock>(&id).await.unwrap().0.left, 8);
}

#[tokio::test]
async fn the_same_request_under_the_same_key_is_answered_the_same() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 10).await;
    let take = |body: &'static str, context: CommandContext| {
        let (writer, id) = (writer.clone(), id.clone());
        async move {
            writer
                .run(&[Stream::of::<Stock>(&id)], &context, |unit| {
                    unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Take(1)))?;
                    Ok::<_, TooFew>(accepted(body))
                })
                .await
        }
    };
    let first = take("first", keyed("k")).await.unwrap();
    let second = take("second", keyed("k")).await.unwrap();
    assert_eq!((&first.response, first.position), (&second.response, second.position));
    assert!(second.replayed && !first.replayed);
    assert!(matches!(take("", keyed_for("k", 2)).await, Err(CommandError::KeyReused)));

    // Another process finds the receipt as well.
    let writer = world.writer().await;
    let third = writer
        .run(&[Stream::of::<Stock>(&id)], &keyed("k"), |_| Ok::<_, TooFew>(accepted("third")))
        .await
        .unwrap();
    assert_eq!(third.response.body, "first");
    assert_eq!(world.log.load::<Stock>(&id).await.unwrap().0.taken, 1);
}

#[tokio::test]
async fn a_crowd_with_one_key_is_one_command() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 100).await;
    let attempts = (0..50).map(|_| {
        let (writer, id) = (writer.clone(), id.clone());
        tokio::spawn(async move {
            writer
                .run(&[Stream::of::<Stock>(&id)], &keyed("same"), |unit| {
                    unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Take(1)))?;
                    Ok::<_, TooFew>(accepted("done"))
                })
                .await
        })
    });
    for answer in join_all(attempts).await {
        match answer.unwrap() {
            Ok(answer) => assert_eq!(answer.response.body, "done"),
            Err(error) => assert!(matches!(error, CommandError::InProgress)),
        }
    }
    assert_eq!(world.log.load::<Stock>(&id).await.unwrap().0.taken, 1);
}

#[tokio::test]
async fn a_final_refusal_is_kept_and_changes_nothing() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 10).await;
    let (streams, context) = ([Stream::of::<Stock>(&id)], keyed("no"));
    let refuse = || {
        writer.run(&streams, &context, |unit| {
            unit.decide::<Stock, _>(&id, |stock| stock.decide(Order::Take(1)))?;
            let response = Response { status: 422, body: "no".to_owned() };
            Ok::<_, TooFew>(Verdict::Refuse(response))
        })
    };
    let first = refuse().await.unwrap();
    let second = refuse().await.unwrap();
    assert_eq!((first.response.status, first.replayed), (422, false));
    assert_eq!((second.response.status, second.replayed), (422, true));
    assert_eq!(writer.peek::<Stock, _>(&id, |stock| stock.left).await.unwrap(), 10);
}

#[tokio::test]
async fn only_the_guilty_command_of_a_batch_fails() {
    let world = World::new().await;
    let pool = world.pool().await;
    sqlx::raw_sql(
        "CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF NEW.payload::text LIKE '%poison%' THEN
                 RAISE EXCEPTION 'poison' USING ERRCODE = 'check_violation';
             END IF;
             RETURN NEW;
         END $$;
         CREATE TRIGGER no_poison BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse_poison()",
    )
    .execute(&pool)
    .await
    .unwrap();
    let writer = world.writer().await;
    let hot = stocked(&writer, 1000).await;
    let takes = (0..300).map(|number| {
        let (writer, hot) = (writer.clone(), hot.clone());
        tokio::spawn(async move {
            let note = if number % 10 == 0 { "poison" } else { "" };
            writer
                .run(&[Stream::of::<Stock>(&hot)], &CommandContext::default(), |unit| {
                    unit.decide::<Stock, _>(&hot, |stock| stock.take(1, note))?;
                    Ok::<_, TooFew>(accepted(""))
                })
                .await
        })
    });
    let mut taken = 0;
    for (number, answer) in join_all(takes).await.into_iter().enumerate() {
        match answer.unwrap() {
            Ok(_) => taken += 1,
            Err(CommandError::Write(WriteError::Rejected(_))) => assert_eq!(number % 10, 0),
            Err(error) => unreachable!("{error}"),
        }
    }
    assert_eq!(taken, 270);
    let (stock, _) = world.log.load::<Stock>(&hot).await.unwrap();
    assert_eq!(stock.taken, taken);
    assert_dense(&pool).await;
}

#[tokio::test]
async fn a_full_queue_refuses_instead_of_waiting() {
    let world = World::new().await;
    let settings = WriterSettings { queue_capacity: 2, batch_jobs: 1, ..WriterSettings::default() };
    let writer = world.writer_with(settings).await;
    let id = stocked(&writer, 1000).await;
    let pool = world.pool().await;
    let mut blocker = pool.begin().await.unwrap();
    sqlx::query("SELECT FROM log_head FOR UPDATE").execute(&mut *blocker).await.unwrap();
    let takes: Vec<_> = (0..20)
        .map(|_| {
            let (writer, id) = (writer.clone(), id.clone());
            tokio::spawn(async move {
                let context = CommandContext::default();
                writer.execute::<Stock>(&id, Order::Take(1), &context, Response::default()).await
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    blocker.rollback().await.unwrap();
    let answers = join_all(takes).await;
    let overloaded = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Err(CommandError::Write(WriteError::Overloaded)))))
        .count();
    let done = answers.iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count();
    assert!(overloaded >= 15, "{overloaded}");
    assert_eq!(overloaded + done, 20);
    let (stock, _) = world.log.load::<Stock>(&id).await.unwrap();
    assert_eq!(usize::try_from(stock.taken).unwrap(), done);
}

#[tokio::test]
async fn a_small_cache_forgets_states_but_never_facts() {
    let world = World::new().await;
    let settings = WriterSettings { cache_bytes: 4096, ..WriterSettings::default() };
    let writer = world.writer_with(settings).await;
    let mut ids = Vec::new();
    for _ in 0..40 {
        ids.push(stocked(&writer, 5).await);
    }
    for _ in 0..3 {
        for id in &ids {
            let context = CommandContext::default();
            writer
                .execute::<Stock>(id, Order::Take(1), &context, Response::default())
                .await
                .unwrap();
        }
    }
    for id in &ids {
        assert_eq!(world.log.load::<Stock>(id).await.unwrap().0, Stock { left: 2, taken: 3 });
    }
}

#[tokio::test]
async fn a_long_stream_is_loaded_from_its_snapshot() {
    let world = World::new().await;
    let log = support::open(&world.database.url(), 50).await;
    let writer =
        daybook_event_store::Writer::take_over(&log, &support::node(), WriterSettings::default())
            .await
            .unwrap();
    let id = stocked(&writer, 1000).await;
    let context = CommandContext::default();
    for _ in 0..300 {
        writer.execute::<Stock>(&id, Order::Take(1), &context, Response::default()).await.unwrap();
    }
    let pool = world.pool().await;
    let mut snapshot = 0_i64;
    for _ in 0..500 {
        snapshot = sqlx::query_scalar("SELECT coalesce(max(sequence), 0) FROM snapshots")
            .fetch_one(&pool)
            .await
            .unwrap();
        if snapshot >= 199 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(snapshot >= 199, "taken at 50, 100 and 199, or a little later: {snapshot}");
    assert_eq!(log.load::<Stock>(&id).await.unwrap(), (Stock { left: 700, taken: 300 }, 301));

    // It is used: a wrong one shows, and one of another version does not. The last snapshots asked for may still come and
    // put a wrong one right, but not for ever.
    let mut is_used = false;
    for _ in 0..10 {
        sqlx::query("UPDATE snapshots SET state = '{\"left\": 5000, \"taken\": 0}'")
            .execute(&pool)
            .await
            .unwrap();
        is_used |= log.load::<Stock>(&id).await.unwrap().0.left > 4000;
    }
    assert!(is_used, "a load begins from the snapshot");
    sqlx::query("UPDATE snapshots SET schema_version = 7").execute(&pool).await.unwrap();
    assert_eq!(log.load::<Stock>(&id).await.unwrap().0.left, 700);
}

#[tokio::test]
async fn old_shapes_are_read_in_todays() {
    let world = World::new().await;
    let writer = world.writer().await;
    let id = stocked(&writer, 3).await;
    let upcaster = cqrs_es::persist::SemanticVersionEventUpcaster::new(
        "stocked",
        "2.0",
        Box::new(|mut payload| {
            payload["stocked"]["amount"] = 30.into();
            payload
        }),
    );
    let upcasters = daybook_event_store::Upcasters::new(vec![("stock", Box::new(upcaster))]);
    let settings = LogSettings::new(2).upcasters(upcasters);
    let log = Log::connect(&world.database.url(), settings).await.unwrap();
    assert_eq!(log.load::<Stock>(&id).await.unwrap().0.left, 30);
    let page = log.read_after(Position::START, 10, &Filter::default()).await.unwrap();
    let mut recorded = (*page.events[0]).clone();
    assert_eq!(recorded.payload, r#"{"stocked":{"amount":3}}"#);
    log.upcast(&mut recorded).unwrap();
    let fact: Fact = serde_json::from_str(&recorded.payload).unwrap();
    assert_eq!(fact, Fact::Stocked { amount: 30 });
}

#[tokio::test]
async fn the_reader_gives_all_events_in_order_from_memory_and_from_disk() {
    let world = World::new().await;
    let writer = world.writer().await;
    for amount in 0..250 {
        stocked(&writer, amount).await;
    }
    let cold = support::open(&world.database.url(), 0).await;
    let head = cold.head().await.unwrap();
    let filter = Filter { event_types: vec!["stocked".to_owned()], ..Filter::default() };
    let mut pages = Vec::new();
    for (log, filter) in
        [(&world.log, Filter::default()), (&cold, Filter::default()), (&cold, filter)]
    {
        let events: Vec<_> =
            log.stream_after(Position::new(40), head, filter).try_collect().await.unwrap();
        assert_eq!(events.len(), 210);
        assert_eq!(events[0].position.get(), 41);
        pages.push(events);
    }
    let stored: Vec<_> = pages[1].iter().map(|event| (event.position, &event.payload)).collect();
    for page in &pages {
        assert_eq!(
            page.iter().map(|event| (event.position, &event.payload)).collect::<Vec<_>>(),
            stored
        );
    }
    let none = Filter { aggregate_types: vec!["nothing".to_owned()], ..Filter::default() };
    let page = cold.read_after(Position::START, 10, &none).await.unwrap();
    assert_eq!((page.events.len(), page.searched_to), (0, head));
}

#[tokio::test]
async fn what_is_announced_before_it_is_in_memory_is_read_from_the_database() {
    let world = World::new().await;
    let writer = world.writer().await;
    stocked(&writer, 5).await;
    let pool = world.pool().await;
    for statement in [
        "UPDATE log_head SET position = 2",
        "INSERT INTO events
         SELECT aggregate_type, aggregate_id, 2, event_type, event_version, payload, metadata, 2,
                gen_random_uuid(), now()
           FROM events",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let follower = tokio::spawn(world.log.clone().follow_head());
    let mut committed = world.log.committed();
    committed.wait_for(|head| head.get() == 2).await.unwrap();
    follower.abort();
    let page = world.log.read_after(Position::new(1), 10, &Filter::default()).await.unwrap();
    assert_eq!(page.searched_to, Position::new(2));
    assert_eq!(page.events.len(), 1);
}

#[tokio::test]
async fn the_log_cannot_be_changed_or_bypassed() {
    let world = World::new().await;
    let writer = world.writer().await;
    stocked(&writer, 1).await;
    let pool = world.pool().await;
    for statement in ["UPDATE events SET payload = '{}'", "DELETE FROM events", "TRUNCATE events"] {
        assert!(sqlx::query(statement).execute(&pool).await.is_err(), "{statement}");
    }
    // A writer that does not take positions from the head fails loudly.
    let repository = PostgresEventRepository::new(pool);
    let store = cqrs_es::persist::PersistedEventStore::<_, Stock>::new_event_store(repository);
    let framework = cqrs_es::CqrsFramework::new(store, vec![], ());
    assert!(framework.execute("bypass", Order::Stock(3)).await.is_err());
}
