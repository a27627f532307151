//! Standing for ownership: one process appends, the others watch it and take over when it is gone.
//!
//! Watching only decides *when* to take over. That two owners never both write is the epoch's doing, so a wrong guess
//! here costs a short pause, never an event.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};

use crate::{
    Log, StoreError,
    ownership::{self, Node, Owner, Sighting},
    settings::WriterSettings,
    writer::Writer,
};

/// How often a standby looks, and an owner shows its pulse.
const BEAT: Duration = Duration::from_millis(200);
/// An owner whose connection is gone for so long is taken for dead.
const DISCONNECTED: Duration = Duration::from_secs(1);
/// An owner whose pulse stands still for so long is taken for dead, connected or not.
const PULSELESS: Duration = Duration::from_secs(3);

/// What this process is to the log.
#[derive(Clone)]
pub enum Role {
    /// It appends.
    Owner(Writer),
    /// It forwards commands to the owner, if there is one.
    Follower(Option<Owner>),
}

/// A process that stands for ownership.
pub struct Candidate {
    log: Log,
    node: Node,
    settings: WriterSettings,
    role: watch::Sender<Role>,
}

/// The owner as last seen, and since when it looks lifeless.
struct Watch {
    pulse: i64,
    epoch: i64,
    moved: Instant,
    connected: Instant,
}

impl Candidate {
    /// A candidate that has not looked yet.
    pub fn new(log: Log, node: Node, settings: WriterSettings) -> Self {
        Self { log, node, settings, role: watch::Sender::new(Role::Follower(None)) }
    }

    /// The role of this process as it changes.
    pub fn role(&self) -> watch::Receiver<Role> {
        self.role.subscribe()
    }

    /// Watches, takes over, and shows the pulse, until the task is dropped. Then the writer's last clones end it.
    pub async fn run(self) {
        let mut watch: Option<Watch> = None;
        loop {
            let role = self.role.borrow().clone();
            let step = match role {
                Role::Owner(writer) => {
                    watch = None;
                    self.keep(&writer).await
                }
                Role::Follower(_) => self.follow(&mut watch).await,
            };
            if let Err(error) = step {
                tracing::warn!(%error, "the log's owner cannot be seen");
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// One beat of an owner.
    async fn keep(&self, writer: &Writer) -> Result<(), StoreError> {
        if writer.is_fenced() || !writer.pulse().await? {
            self.log.core.tail.clear();
            self.role.send_replace(Role::Follower(None));
        }
        Ok(())
    }

    /// One beat of a standby.
    async fn follow(&self, watch: &mut Option<Watch>) -> Result<(), StoreError> {
        let sighting = ownership::look(&self.log.core.pool).await?;
        self.log.core.tail.advance(self.log.head().await?);
        if self.is_vacant(&sighting, watch) {
            let taken =
                Writer::try_take_over(&self.log, &self.node, self.settings, sighting.epoch).await?;
            if let Some(writer) = taken {
                self.role.send_replace(Role::Owner(writer));
            }
            return Ok(());
        }
        self.role.send_if_modified(|role| match role {
            Role::Follower(known) if *known == sighting.owner => false,
            _ => {
                *role = Role::Follower(sighting.owner);
                true
            }
        });
        Ok(())
    }

    fn is_vacant(&self, sighting: &Sighting, watch: &mut Option<Watch>) -> bool {
        let Some(owner) = &sighting.owner else { return true };
        // Nobody else serves our address: that owner was this process before it was restarted.
        if owner.node.address == self.node.address && !sighting.connected {
            return true;
        }
        let now = Instant::now();
        let fresh =
            Watch { pulse: sighting.pulse, epoch: sighting.epoch, moved: now, connected: now };
        let seen = watch.get_or_insert(fresh);
        if (seen.pulse, seen.epoch) != (sighting.pulse, sighting.epoch) {
            (seen.pulse, seen.epoch, seen.moved) = (sighting.pulse, sighting.epoch, now);
        }
        if sighting.connected {
            seen.connected = now;
        }
        now - seen.moved >= PULSELESS || now - seen.connected >= DISCONNECTED
    }
}

impl Log {
    /// Follows the head of a log that another process owns, until the task is dropped.
    pub async fn follow_head(self) {
        let tail = Arc::clone(&self.core.tail);
        loop {
            match self.head().await {
                Ok(head) => tail.advance(head),
                Err(error) => tracing::debug!(%error, "the log's head cannot be read"),
            }
            tokio::time::sleep(BEAT / 4).await;
        }
    }
}
