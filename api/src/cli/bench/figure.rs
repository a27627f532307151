//! One measurement, and the median of several.

use serde::Serialize;

/// What one measurement came to.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Figure {
    /// How many were done in a second.
    pub(super) per_second: f64,
    /// Half of them took no longer.
    pub(super) p50_ms: f64,
    /// All but one in a hundred took no longer.
    pub(super) p99_ms: f64,
    /// How many were refused.
    pub(super) refused: u64,
    /// What the server held in memory at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server_mib: Option<f64>,
    /// Processor time of the server for each, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server_cpu_us: Option<f64>,
    /// Processor time of PostgreSQL for each, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postgres_cpu_us: Option<f64>,
    /// Processor time of this process for each, in microseconds: the load it generates, or the engine itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) own_cpu_us: Option<f64>,
}

/// One contender in one discipline: every round, and the median.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) contender: Contender,
    pub(super) shape: Shape,
    /// Connections, or commands in flight.
    pub(super) at_once: u16,
    pub(super) median: Figure,
    pub(super) rounds: Vec<Figure>,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Contender {
    /// `daybook serve`, over HTTP.
    Http,
    /// A transaction of two statements.
    SqlTransaction,
    /// Both in one statement, which commits by itself.
    SqlStatement,
    /// cqrs-es over postgres-es, as they come.
    CqrsEs,
    /// The same framework over our store.
    Engine,
    /// A booking and its calendar in one unit of work, with a receipt.
    UnitOfWork,
}

impl Contender {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Http => "daybook over HTTP",
            Self::SqlTransaction => "plain SQL, transaction",
            Self::SqlStatement => "plain SQL, one statement",
            Self::CqrsEs => "cqrs-es over postgres-es",
            Self::Engine => "cqrs-es over our store",
            Self::UnitOfWork => "unit of work + receipt",
        }
    }
}

/// What the bookings want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    /// All the same night of one resource.
    Hot,
    /// The same night of many resources.
    Spread,
    /// Nothing but a new booking.
    Fresh,
}

impl Shape {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Spread => "spread",
            Self::Fresh => "fresh ids",
        }
    }
}

impl Row {
    pub(super) fn new(contender: Contender, shape: Shape, at_once: u16) -> Self {
        Self { contender, shape, at_once, median: Figure::default(), rounds: Vec::new() }
    }

    /// Adds a round.
    pub(super) fn push(&mut self, figure: Figure) {
        self.rounds.push(figure);
        self.median = Figure::median_of(&self.rounds);
    }
}

/// Adds a round to its row, which is new if it is the first.
pub(super) fn record(
    rows: &mut Vec<Row>,
    (contender, shape, at_once): (Contender, Shape, u16),
    figure: Figure,
) {
    if let Some(row) = find_mut(rows, contender, shape, at_once) {
        row.push(figure);
        return;
    }
    let mut row = Row::new(contender, shape, at_once);
    row.push(figure);
    rows.push(row);
}

fn find_mut(
    rows: &mut [Row],
    contender: Contender,
    shape: Shape,
    at_once: u16,
) -> Option<&mut Row> {
    rows.iter_mut()
        .find(|row| row.contender == contender && row.shape == shape && row.at_once == at_once)
}

impl Figure {
    /// The median of each number by itself; refusals are summed.
    fn median_of(rounds: &[Self]) -> Self {
        let of = |number: fn(&Self) -> f64| median(rounds.iter().map(number));
        let known = |number: fn(&Self) -> Option<f64>| {
            let known: Vec<f64> = rounds.iter().filter_map(number).collect();
            (!known.is_empty()).then(|| median(known))
        };
        Self {
            per_second: of(|round| round.per_second),
            p50_ms: of(|round| round.p50_ms),
            p99_ms: of(|round| round.p99_ms),
            refused: rounds.iter().map(|round| round.refused).sum(),
            server_mib: known(|round| round.server_mib),
            server_cpu_us: known(|round| round.server_cpu_us),
            postgres_cpu_us: known(|round| round.postgres_cpu_us),
            own_cpu_us: known(|round| round.own_cpu_us),
        }
    }
}

/// The middle of some numbers; of an even number of them, the mean of the two in the middle. 0 of none.
pub(super) fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    if numbers.len() % 2 == 1 {
        at(half)
    } else {
        f64::midpoint(at(half.saturating_sub(1)), at(half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median([]).abs() < 1e-9);
    }

    #[test]
    fn rounds_of_one_discipline_share_a_row() {
        let mut rows = Vec::new();
        for per_second in [10.0, 30.0, 20.0] {
            let figure = Figure { per_second, ..Figure::default() };
            record(&mut rows, (Contender::Http, Shape::Hot, 8), figure.clone());
            record(&mut rows, (Contender::Http, Shape::Hot, 32), figure);
        }
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| (row.median.per_second - 20.0).abs() < 1e-9));
    }
}
