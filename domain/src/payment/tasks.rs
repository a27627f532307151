//! What a provider has yet to be asked to do.

use super::{AttemptNumber, Payment, Pending, Phase, RefundStatus};
use crate::values::{Money, RefundId};

/// One thing that a provider was to do and has not said to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Let the customer pay.
    Start {
        /// In which attempt.
        attempt: AttemptNumber,
    },
    /// Take money that was promised.
    Capture {
        /// For the so-manieth time.
        number: u32,
        /// How much this time.
        amount: Money,
    },
    /// Let go what was promised.
    Void,
    /// Give money back.
    Refund {
        /// Which refund.
        refund: RefundId,
        /// How much.
        amount: Money,
    },
}

impl Payment {
    /// What its provider has yet to do, in the order in which it is to be asked: nothing of a payment that is recorded by
    /// hand.
    pub fn tasks(&self) -> Vec<Task> {
        let Some(account) = self.account.as_ref().filter(|account| account.provider.is_some())
        else {
            return Vec::new();
        };
        let mut tasks = Vec::new();
        match account.pending {
            Some(Pending::Capture { number, amount, .. }) => {
                tasks.push(Task::Capture { number, amount });
            }
            Some(Pending::Void) => tasks.push(Task::Void),
            None => {
                let fresh = account.attempt.phase == Phase::Open
                    && account.attempt.reference.is_none()
                    && account.end.is_none();
                if fresh {
                    tasks.push(Task::Start { attempt: account.number() });
                }
            }
        }
        let asked =
            account.refunds.iter().filter(|refund| refund.status == RefundStatus::Requested);
        tasks.extend(asked.filter_map(|refund| {
            refund.id.map(|id| Task::Refund { refund: id, amount: refund.amount })
        }));
        tasks
    }
}
