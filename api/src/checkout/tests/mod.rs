//! Whatever a provider does, and wherever we break off: money is conserved, no booking is kept for good without money,
//! and nothing is given back twice.
//!
//! What is decided, asked, understood and recorded is the real thing; only the plumbing between is the test's: where the
//! engine writes to the log and to a table, the test keeps values, and it breaks off between any two steps.

mod chaos;
mod world;

use proptest::{collection::vec, prelude::*, sample::select};

use self::{
    chaos::Fate,
    world::{Op, Terms, World},
};

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Fine),
        1 => Just(Fate::NeverArrives),
        1 => Just(Fate::AnswerIsLost),
    ]
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let payment = 0_usize..3;
    let op = prop_oneof![
        4 => (payment.clone(), 0_usize..3, any::<u8>())
            .prop_map(|(payment, attempt, means)| Op::Pay { payment, attempt, means }),
        10 => (payment.clone(), fates(), prop::bool::weighted(0.2))
            .prop_map(|(payment, fate, crash)| Op::Work { payment, fate, crash }),
        6 => Just(Op::Settle),
        6 => (any::<usize>(), any::<bool>()).prop_map(|(which, again)| Op::Mail { which, again }),
        2 => (payment.clone(), fates()).prop_map(|(payment, fate)| Op::Look { payment, fate }),
        2 => (any::<usize>(), fates()).prop_map(|(which, fate)| Op::Return { which, fate }),
        2 => payment.prop_map(|payment| Op::Retry { payment }),
        2 => (1_i64..12).prop_map(|minutes| Op::Wait { minutes }),
        1 => Just(Op::Cancel),
        1 => any::<bool>().prop_map(|room| Op::Room { room }),
    ];
    vec(op, 1..60)
}

fn terms() -> impl Strategy<Value = Terms> {
    let currency = select(vec!["JPY", "EUR", "JOD"]);
    let deposit = prop::option::of(1_u64..10_000);
    (currency, 1_u64..200_000, deposit, 0_u64..=10_000, any::<bool>(), any::<bool>()).prop_map(
        |(currency, price, deposit, fee, remembers_keys, automatic)| Terms {
            currency,
            price,
            deposit,
            fee,
            remembers_keys,
            automatic,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn money_is_conserved_whatever_a_provider_does(terms in terms(), ops in ops()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(terms);
            for op in ops {
                world.act(op).await;
                world.check_always().await?;
            }
            world.come_to_rest().await;
            world.check_always().await?;
            world.check_at_rest().await
        })?;
    }
}
