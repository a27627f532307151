//! How amounts, dates and times are written.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use daybook_domain::{
    invoice::{Service, Supplied},
    pricing::Rate,
    values::{Code, Money},
};

use crate::{Language, words::Words};

/// How amounts, dates and times are written in a language.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) language: Language,
}

impl Figures {
    /// An amount without its currency, with all its decimals: `12,914.00`.
    pub(crate) fn amount(money: Money) -> String {
        let decimals = money.currency().exponent();
        let unit = 10_u64.pow(decimals);
        let whole = grouped(money.minor() / unit);
        if decimals == 0 {
            return whole;
        }
        format!("{whole}.{:0width$}", money.minor() % unit, width = decimals as usize)
    }

    /// An amount with the code of its currency, in the order in which it is read.
    pub(crate) fn money(self, money: Money) -> String {
        let (amount, code) = (Self::amount(money), money.currency().code());
        match self.language {
            Language::English => format!("{code} {amount}"),
            Language::Arabic => format!("{amount} {code}"),
        }
    }

    /// A tax by its code and rate: `VAT 16%`.
    pub(crate) fn tax(code: &Code, rate: Option<Rate>) -> String {
        let code = code.as_str().to_uppercase();
        let Some(rate) = rate.map(Rate::get) else { return code };
        let (whole, parts) = (rate / 100, rate % 100);
        match parts {
            0 => format!("{code} {whole}%"),
            _ if parts % 10 == 0 => format!("{code} {whole}.{}%", parts / 10),
            _ => format!("{code} {whole}.{parts:02}%"),
        }
    }

    /// A date in words: `1 July 2027`.
    pub(crate) fn date(self, date: NaiveDate) -> String {
        let months = Words::of(self.language).months;
        format!("{} {} {}", date.day(), months[date.month0() as usize], date.year())
    }

    /// The first and the last day.
    pub(crate) fn supplied(self, Supplied { first, last }: Supplied) -> String {
        self.days(first, last)
    }

    /// When something takes place.
    pub(crate) fn service(self, service: Service) -> String {
        match service {
            Service::Nights(_) | Service::Days(_) => {
                let (first, last) = service.dates();
                self.days(first, last)
            }
            Service::Time { start, end } if start.date() == end.date() => {
                let date = self.date(start.date());
                format!("{date} {}–{}", clock(start), clock(end))
            }
            Service::Time { start, end } => {
                let [from, until] = [start, end].map(|at| (self.date(at.date()), clock(at)));
                format!("{} {} – {} {}", from.0, from.1, until.0, until.1)
            }
        }
    }

    fn days(self, first: NaiveDate, last: NaiveDate) -> String {
        if first == last {
            return self.date(first);
        }
        format!("{} – {}", self.date(first), self.date(last))
    }
}

fn clock(at: NaiveDateTime) -> String {
    at.format("%H:%M").to_string()
}

/// A number with a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use daybook_domain::values::Currency;

    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let amount = |minor, code| {
            Figures::amount(Money::try_new(minor, Currency::try_new(code).unwrap()).unwrap())
        };
        assert_eq!(amount(0, "EUR"), "0.00");
        assert_eq!(amount(1_291_400, "EUR"), "12,914.00");
        assert_eq!(amount(1_234_567, "JPY"), "1,234,567");
        assert_eq!(amount(99, "JOD"), "0.099");
        assert_eq!(amount(100_005, "JOD"), "100.005");
    }

    #[test]
    fn rates_have_no_more_decimals_than_they_need() {
        let tax = |points| {
            let rate = Rate::try_new(points).unwrap();
            Figures::tax(&Code::try_new("vat").unwrap(), Some(rate))
        };
        assert_eq!(
            [1_600, 550, 725, 5].map(tax),
            ["VAT 16%", "VAT 5.5%", "VAT 7.25%", "VAT 0.05%"]
        );
        assert_eq!(Figures::tax(&Code::try_new("city").unwrap(), None), "CITY");
    }
}
