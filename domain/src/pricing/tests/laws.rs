//! Laws of prices, with generated tariffs.

use chrono::Weekday;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::pricing::{Effect, Minor, Percent, Rule, Shift};
use crate::values::{Code, Weekdays};

fn currencies() -> impl Strategy<Value = Money> {
    let code = select(vec!["JPY", "EUR", "JOD"]);
    (0_u64..200_000, code).prop_map(|(minor, code)| Money::try_new(minor, currency(code)).unwrap())
}

fn effects() -> impl Strategy<Value = Effect> {
    prop_oneof![
        (0_u64..50_000).prop_map(|minor| Effect::Set(Minor::try_new(minor).unwrap())),
        (-10_000_i64..20_000).prop_map(|points| Effect::Percent(Percent::try_new(points).unwrap())),
        (-5_000_i64..5_000).prop_map(|minor| Effect::Amount(Shift::new(minor))),
    ]
}

fn some_rules() -> impl Strategy<Value = Vec<Rule>> {
    let days = select(vec![Weekday::Mon, Weekday::Fri, Weekday::Sat]);
    let rule = (effects(), vec(days, 0..2), select(vec![None, Some("child"), Some("adult")]));
    vec(rule, 0..6).prop_map(|rules| {
        let rule =
            |(number, (effect, days, guest)): (usize, (Effect, Vec<Weekday>, Option<&str>))| Rule {
                code: Code::try_new(&format!("rule-{number}")).unwrap(),
                dates: None,
                weekdays: Weekdays::new(days),
                length: None,
                party: None,
                booked_days_before: None,
                guest: guest.map(|guest| Code::try_new(guest).unwrap()),
                effect,
            };
        rules.into_iter().enumerate().map(rule).collect()
    })
}

fn with(rules: &[Rule], child: u32) -> Tariff {
    tariff(json!({
        "rules": rules,
        "guests": {
            "included": 2,
            "categories": {"adult": {"amount": 1_234}, "child": {"percent": child}},
        },
    }))
}

/// A fraction in lowest terms.
#[derive(Clone, Copy)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(numerator: i128, denominator: i128) -> Self {
        let (mut a, mut b) = (numerator.abs().max(1), denominator);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self(numerator / a, denominator / a)
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn times(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }

    fn half_up(self) -> i128 {
        (2 * self.0 + self.1).div_euclid(2 * self.1)
    }
}

/// What one costs, straight from the words of the rules.
fn one(rules: &[Rule], base: Fraction, day: Weekday, room: bool, guest: Option<&str>) -> Fraction {
    let holds = |rule: &&Rule| {
        let on_day = rule.weekdays == Weekdays::default() || rule.weekdays.contains(day);
        let named = rule.guest.as_ref().map(Code::as_str);
        on_day && if room { named.is_none() } else { named == guest }
    };
    let rules: Vec<_> = rules.iter().filter(holds).collect();
    let set = rules.iter().find_map(|rule| match rule.effect {
        Effect::Set(minor) => Some(Fraction::new(minor.get().into(), 1)),
        Effect::Percent(_) | Effect::Amount(_) => None,
    });
    let mut percent = 10_000;
    let mut shift = 0;
    for rule in rules {
        match rule.effect {
            Effect::Set(_) => {}
            Effect::Percent(points) => percent += i128::from(points.get()),
            Effect::Amount(minor) => shift += i128::from(minor.get()),
        }
    }
    let price = set.unwrap_or(base).times(Fraction::new(percent.max(0), 10_000));
    let price = price.plus(Fraction::new(shift, 1));
    if price.0 < 0 { Fraction::new(0, 1) } else { price }
}

/// What a stay costs, night by night and guest by guest: rooms, and who comes beyond the two that each includes.
fn slowly(item: &Item<'_>, rules: &[Rule], child: u32, (adults, children): (u32, u32)) -> i128 {
    let When::Nights(stay) = item.when else { unreachable!("only stays are asked for") };
    let base = Fraction::new(item.base.minor().into(), 1);
    let included = 2 * item.quantity.get();
    let extra_adults = adults.saturating_sub(included);
    let extra_children = children.saturating_sub(included.saturating_sub(adults));
    let extra = Fraction::new(1_234, 1);
    let childs = extra.times(Fraction::new(child.into(), 10_000));
    let mut sum = Fraction::new(0, 1);
    for day in stay.days().iter() {
        let day = chrono::Datelike::weekday(&day);
        for _ in 0..item.quantity.get() {
            sum = sum.plus(one(rules, base, day, true, None));
        }
        for _ in 0..extra_adults {
            sum = sum.plus(one(rules, extra, day, false, Some("adult")));
        }
        for _ in 0..extra_children {
            sum = sum.plus(one(rules, childs, day, false, Some("child")));
        }
    }
    sum.half_up()
}

proptest! {
    #[test]
    fn a_stay_costs_what_a_slow_reckoning_says(
        base in currencies(), rules in some_rules(), child in 0_u32..=9_999,
        last in 2_u32..9, rooms in 1_u32..4, adults in 1_u16..7, children in 0_u16..4,
    ) {
        let party = party(adults, children);
        let item = Item { quantity: quantity(rooms), party, ..nights(1, last, base) };
        let charge = charge(&item, &with(&rules, child));
        let expected = slowly(&item, &rules, child, (adults.into(), children.into()));
        prop_assert_eq!(i128::from(charge.amount.minor()), expected);
        let parts: u64 = charge.parts.iter().map(|part| part.amount.minor()).sum();
        prop_assert_eq!(charge.amount.minor(), parts);
    }

    #[test]
    fn the_order_of_rules_matters_only_where_prices_are_set(
        base in currencies(), rules in some_rules(), last in 2_u32..9,
    ) {
        let mut rules = rules;
        rules.retain(|rule| !matches!(rule.effect, Effect::Set(_)));
        let mut turned = rules.clone();
        turned.reverse();
        let item = Item { party: party(3, 2), ..nights(1, last, base) };
        prop_assert_eq!(amount(&item, &with(&rules, 5_000)), amount(&item, &with(&turned, 5_000)));
    }

    #[test]
    fn taxes_and_what_is_left_make_up_the_price(
        base in currencies(), included in vec(0_u64..=10_000, 0..5), added in vec(0_u64..=10_000, 0..5),
    ) {
        let tax = |(number, rate, included): (usize, u64, bool)| {
            json!({"code": format!("{included}-{number}"), "name": {"en": "Tax"}, "rate": rate, "included": included})
        };
        let within = included.iter().enumerate().map(|(number, rate)| tax((number, *rate, true)));
        let beside = added.iter().enumerate().map(|(number, rate)| tax((number, *rate, false)));
        let taxes: Taxes = serde_json::from_value(within.chain(beside).collect()).unwrap();
        let charge = nights(1, 2, base).charge(None, &taxes).unwrap();
        prop_assert_eq!(charge.amount, base);
        let sum = |included| -> u64 {
            let taxes = charge.taxes.iter().filter(|tax| tax.included == included);
            taxes.map(|tax| tax.amount.minor()).sum()
        };
        prop_assert!(sum(true) <= base.minor());
        prop_assert_eq!(charge.total().unwrap().minor(), base.minor() + sum(false));
    }

    #[test]
    fn shares_add_up(whole in currencies(), weights in vec(0_u64..1_000_000, 1..40)) {
        let shares = whole.split(&weights);
        prop_assert_eq!(shares.iter().map(|share| share.minor()).sum::<u64>(), whole.minor());
        let all = weights.iter().sum::<u64>();
        for (share, weight) in shares.iter().zip(&weights).filter(|_| all > 0) {
            let fair = u128::from(whole.minor()) * u128::from(*weight) / u128::from(all);
            prop_assert!(u128::from(share.minor()).abs_diff(fair) <= 1);
        }
    }
}
