//! Counts against a plain list with one number for every place.

use proptest::prelude::*;

use crate::calendar::counts::{Counts, Window};
use crate::calendar::span::{Span, Spans, cut, merged, summed, without};

const PLACES: u16 = 130;

fn a_span() -> impl Strategy<Value = Span> {
    (0..PLACES, 0..PLACES, 1..4_u32)
        .prop_map(|(a, b, count)| Span::new(a.min(b), a.max(b) + 1, count))
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec(a_span(), 0..12)
}

/// What the spans take, place by place.
fn plain(spans: &[Span]) -> Vec<u32> {
    let on = |place| spans.iter().filter(move |span| (span.first..span.end).contains(&place));
    (0..=PLACES).map(|place| on(place).map(|span| span.count).sum()).collect()
}

fn all(window: &Window) -> Vec<u32> {
    window.iter().collect()
}

proptest! {
    #[test]
    fn counts_are_what_is_taken_on_each_place(taken in spans(), some in a_span()) {
        let mut counts = Counts::default();
        counts.add(&taken);
        let plain = plain(&taken);
        let (first, end) = (usize::from(some.first), usize::from(some.end));
        prop_assert_eq!(all(&counts.window(0..PLACES + 1)), &plain[..]);
        prop_assert_eq!(all(&counts.window(some.first..some.end)), &plain[first..end]);
        prop_assert_eq!(Some(counts.peak(some.first..some.end)), plain[first..end].iter().copied().max());
    }

    #[test]
    fn there_is_room_where_the_highest_count_allows_it(taken in spans(), some in a_span(), limit in 0..9_u32) {
        let mut counts = Counts::default();
        counts.add(&taken);
        let places = some.first..some.end;
        let room = counts.peak(places.clone()) + some.count <= limit;
        prop_assert_eq!(counts.has_room(places, some.count, limit), room);
    }

    /// Whatever came between: so a state that was replayed, or read, is the same state.
    #[test]
    fn equal_counts_are_written_alike(taken in spans(), other in spans()) {
        let (mut counts, mut again) = (Counts::default(), Counts::default());
        counts.add(&taken);
        again.add(&other);
        again.add(&summed(&taken));
        again.subtract(&other);
        prop_assert_eq!(&counts, &again);
        counts.subtract(&taken);
        prop_assert_eq!(counts, Counts::default());
    }

    #[test]
    fn a_window_changes_like_the_counts_behind_it(taken in spans(), more in spans(), some in a_span()) {
        let places = some.first..some.end;
        let mut counts = Counts::default();
        counts.add(&taken);
        let mut window = counts.window(places.clone());
        window.add(&more);
        counts.add(&more);
        prop_assert_eq!(all(&window), all(&counts.window(places.clone())));
        prop_assert_eq!(window.peak(), counts.peak(places.clone()));
        window.subtract(&taken);
        counts.subtract(&taken);
        prop_assert_eq!(all(&window), all(&counts.window(places.clone())));
        let mut alone = Window::empty(&places);
        alone.add(&more);
        prop_assert_eq!(all(&alone), all(&window));
    }

    #[test]
    fn a_sum_takes_the_same_places_in_order_and_as_few_runs_as_can_be(taken in spans()) {
        let sum = summed(&taken);
        prop_assert_eq!(plain(&sum), plain(&taken));
        let touching = |pair: &[Span]| pair[0].end == pair[1].first && pair[0].count == pair[1].count;
        prop_assert!(sum.windows(2).all(|pair| pair[0].end <= pair[1].first && !touching(pair)));
        prop_assert!(without(&sum, &taken).is_empty());
        prop_assert_eq!(plain(&merged(taken.iter().copied().collect())), plain(&taken));
    }

    /// Who gives up everything from a place on keeps what was before it, and nothing else.
    #[test]
    fn cutting_leaves_the_part_before(taken in spans(), from in 0..PLACES) {
        let later = |span: &Span| (span.end > from).then_some(Span { first: span.first.max(from), ..*span });
        let freed: Spans = taken.iter().filter_map(later).collect();
        let left = cut(&merged(taken.iter().copied().collect()), &freed);
        let mut before = plain(&taken);
        before[from.into()..].fill(0);
        prop_assert_eq!(plain(&left), before);
    }
}

/// However many are taken, a question about an hour looks at the half hours it overlaps.
#[test]
fn what_is_kept_depends_on_the_length_of_a_month_and_not_on_how_much_is_taken() {
    const MINUTES: u32 = 31 * 24 * 60;
    let mut counts = Counts::default();
    for n in 0..100_000 {
        let first = u16::try_from(n * 7_919 % (MINUTES - 90)).unwrap();
        counts.add(&[Span::new(first, first + 7 + u16::try_from(n % 83).unwrap(), 1)]);
    }
    assert_eq!(counts.stretches(0..u16::try_from(MINUTES).unwrap()), MINUTES as usize / 30);
    assert_eq!(counts.stretches(600..660), 2);
    assert_eq!(counts.stretches(610..670), 3);
    assert!(counts.weight() < 300_000, "{}", counts.weight());
}
