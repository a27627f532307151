//! The fold itself: events in, states out. It does no I/O and is the same whether a batch or the whole log is folded.

use std::collections::{BTreeMap, HashMap, HashSet};

use daybook_event_store::Recorded;
use uuid::Uuid;

use super::{Fact, MEASURES, Measures, Model, Poison, checkpoint::Parked, fact::Decoded};

/// States on their way.
pub(crate) struct Fold<M: Model> {
    /// What is known of each key; `None` where nothing is left.
    pub(crate) states: HashMap<M::Key, Option<M::State>>,
    /// What the events themselves contributed.
    pub(crate) sums: Sums<M>,
    /// The streams that were left aside on the way.
    pub(crate) parked: Vec<Parked>,
    aside: HashSet<String>,
    /// Which keys streams belong to that name theirs only once.
    roots: Roots<M>,
}

/// Keys of streams that name theirs only once.
pub(crate) type Roots<M> = HashMap<Uuid, <M as Model>::Key>;

impl<M: Model> Fold<M> {
    /// A fold that begins with these states, and leaves these streams aside.
    pub(crate) fn new(states: HashMap<M::Key, Option<M::State>>, aside: HashSet<String>) -> Self {
        Self { states, sums: Sums::new(), parked: Vec::new(), aside, roots: Roots::<M>::new() }
    }

    /// The same with what is known of streams that name their keys only once.
    pub(crate) fn with_roots(self, roots: Roots<M>) -> Self {
        Self { roots, ..self }
    }

    /// Folds one event in, or parks its stream.
    pub(crate) fn take(&mut self, recorded: &Recorded, decoded: &Decoded) {
        if !concerns::<M>(recorded) || self.is_aside(recorded) {
            return;
        }
        if let Err(poison) = self.evolve(decoded) {
            let stream = stream(recorded);
            self.aside.insert(stream.clone());
            let reason = poison.to_string();
            self.parked.push(Parked { stream, position: recorded.position, reason });
        }
    }

    fn evolve(&mut self, decoded: &Decoded) -> Result<(), Poison> {
        let event = decoded.as_ref().map_err(Clone::clone)?;
        let Some(key) = self.key(&event.fact)? else { return Ok(()) };
        let known = self.states.get_mut(&key);
        let mut emitted = Vec::new();
        M::emit(&key, known.as_deref().and_then(Option::as_ref), event, &mut |sum, measures| {
            emitted.push((sum, measures));
        });
        if let Some(state) = known {
            M::evolve(&key, state, event)?;
        } else {
            let mut state = None;
            M::evolve(&key, &mut state, event)?;
            if state.is_some() {
                self.states.insert(key, state);
            }
        }
        for (sum, measures) in emitted {
            self.sums.change(sum, measures.map(i128::from));
        }
        Ok(())
    }

    /// Whose state a fact changes, if any.
    fn key(&mut self, fact: &Fact) -> Result<Option<M::Key>, Poison> {
        match (M::key(fact), M::branch(fact)) {
            (Some(key), Some(branch)) => {
                self.roots.insert(branch, key.clone());
                Ok(Some(key))
            }
            (None, Some(branch)) => {
                let known = self.roots.get(&branch).cloned();
                known.map(Some).ok_or(Poison::beginning_is_missing())
            }
            (key, None) => Ok(key),
        }
    }

    fn is_aside(&self, recorded: &Recorded) -> bool {
        !self.aside.is_empty() && self.aside.contains(&stream(recorded))
    }
}

/// Whether a model folds events of this kind of aggregate.
pub(crate) fn concerns<M: Model>(recorded: &Recorded) -> bool {
    M::AGGREGATES.contains(&recorded.aggregate_type.as_str())
}

/// The stream of an event, as parked streams are named.
pub(crate) fn stream(recorded: &Recorded) -> String {
    format!("{}/{}", recorded.aggregate_type, recorded.aggregate_id)
}

/// Changes of sums, in the order of their keys: so two writers never wait for each other. Totals are wider than what a
/// column holds, so that adding and removing in any order cannot overflow on the way.
pub(crate) struct Sums<M: Model>(BTreeMap<M::Sum, Totals>);

type Totals = [i128; MEASURES];

/// A sum is more than its column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sum is out of range")]
struct OutOfRange;

impl<M: Model> Sums<M> {
    pub(crate) fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(crate) fn add(&mut self, key: &M::Key, state: &M::State) {
        M::contribute(key, state, &mut |sum, measures| self.change(sum, measures.map(i128::from)));
    }

    pub(crate) fn remove(&mut self, key: &M::Key, state: &M::State) {
        M::contribute(key, state, &mut |sum, measures| {
            self.change(sum, measures.map(|measure| -i128::from(measure)));
        });
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (sum, totals) in other.0 {
            self.change(sum, totals);
        }
    }

    /// The changes that change something. What no column can hold is refused as the database would.
    pub(crate) fn into_changes(self) -> Result<Vec<(M::Sum, Measures)>, sqlx::Error> {
        let changing = self.0.into_iter().filter(|(_, totals)| totals.iter().any(|t| *t != 0));
        changing.map(|(sum, totals)| Ok((sum, narrowed(totals)?))).collect()
    }

    fn change(&mut self, sum: M::Sum, by: Totals) {
        let totals = self.0.entry(sum).or_default();
        for (total, measure) in totals.iter_mut().zip(by) {
            *total += measure;
        }
    }
}

fn narrowed(totals: Totals) -> Result<Measures, sqlx::Error> {
    let mut measures = Measures::default();
    for (measure, total) in measures.iter_mut().zip(totals) {
        *measure = i64::try_from(total).map_err(|_| sqlx::Error::Encode(OutOfRange.into()))?;
    }
    Ok(measures)
}
