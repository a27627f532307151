//! Processes that die, freeze, or are told to stop while clients go on: nothing that was acknowledged is lost, nothing
//! is done twice.

mod full_queue;
mod invoices;
mod killed_database;
mod killed_server;
mod notices;
mod orderly_stop;
mod takeover;
mod time_limit;

use crate::harness::{World, run, said};

/// Each read model of the world's database must equal its rebuild from the log.
pub(crate) async fn assert_projections_hold(world: &World) {
    let mut verify = run(&["projections", "verify"]);
    verify.env("DATABASE_URL", world.database_url());
    let output = verify.output().await.expect("the command runs");
    assert!(output.status.success(), "{}", said(&output));
}
