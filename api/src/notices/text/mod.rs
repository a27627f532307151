//! The text of a notice: made of what it tells, whenever somebody reads it. Pure.

mod catalogue;
#[cfg(test)]
mod tests;

use chrono::{Datelike, NaiveDate};
use daybook_domain::{
    notice::{Change, Letter, Message, Topic},
    values::{Money, Timestamp},
};
use fluent_bundle::{FluentArgs, FluentValue};

pub(crate) use catalogue::EDITION;
use catalogue::Templates;

use crate::problem::Language;

/// What a customer reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    /// What it is about, in one line.
    pub(crate) subject: String,
    /// All of it, as plain text.
    pub(crate) body: String,
}

/// Writes a notice in a language.
pub(crate) fn write(letter: &Letter, language: Language) -> Text {
    Writer { templates: Templates::of(letter.template, language), language, topic: &letter.topic }
        .write(&letter.message)
}

/// The language of ours that a tag means.
pub(crate) fn language_of(tag: &str) -> Option<Language> {
    Language::known(tag)
}

/// In which direction a language is written.
pub(crate) fn direction(language: Language) -> &'static str {
    match language {
        Language::English => "ltr",
        Language::Arabic => "rtl",
    }
}

struct Writer<'a> {
    templates: Templates,
    language: Language,
    topic: &'a Topic,
}

impl Writer<'_> {
    fn write(&self, message: &Message) -> Text {
        let (opening, deadline) = opening(message);
        let mut figures = FluentArgs::new();
        figures.set("title", self.title());
        if let Some(until) = deadline {
            figures.set("until", self.instant(until));
        }
        let subject = message.kind().as_str().replace('_', "-") + "-subject";
        let subject = self.templates.write(&subject, &figures);
        let mut lines = vec![self.templates.write(opening, &figures), String::new()];
        lines.extend([self.what(), self.when(), self.zone()]);
        lines.extend(self.sums(message));
        let from = self.topic.organization_name.as_ref();
        let from = from.map(|name| self.foreign(name.get(&self.tag())));
        let booking = self.topic.booking.map(|booking| booking.to_string());
        let booking = booking.map(|booking| self.with("reference", "booking", &booking));
        if from.is_some() || booking.is_some() {
            lines.push(String::new());
        }
        lines.extend(booking.into_iter().chain(from));
        Text { subject: self.line(&subject), body: self.lines(&lines) }
    }

    fn what(&self) -> String {
        let more = self.topic.lines.get().saturating_sub(1);
        let mut figures = FluentArgs::new();
        figures.set("title", self.title());
        figures.set("more", more);
        self.templates.write(if more == 0 { "what" } else { "what-more" }, &figures)
    }

    fn when(&self) -> String {
        let Topic { starts_at, ends_at, zone, nights, .. } = self.topic;
        let (start, end) = (zone.wall_clock(*starts_at), zone.wall_clock(*ends_at));
        let mut figures = FluentArgs::new();
        let id = if let Some(nights) = nights {
            figures.set("start", self.date(start.date()));
            figures.set("end", self.date(end.date()));
            figures.set("nights", *nights);
            "nights"
        } else if start.date() == end.date() {
            figures.set("date", self.date(start.date()));
            figures.set("from", start.format("%H:%M").to_string());
            figures.set("to", end.format("%H:%M").to_string());
            "times-of-a-day"
        } else {
            figures.set("start", self.instant(*starts_at));
            figures.set("end", self.instant(*ends_at));
            "times"
        };
        self.templates.write(id, &figures)
    }

    fn zone(&self) -> String {
        self.with("zone", "zone", self.topic.zone.name())
    }

    /// What it costs, and what is charged and given back.
    fn sums(&self, message: &Message) -> Vec<String> {
        let total = self.topic.total;
        match *message {
            Message::Requested { .. }
            | Message::Held { .. }
            | Message::Confirmed {}
            | Message::WaitingListOffer { .. }
            | Message::Reminder {} => total.map(|total| self.amount("total", total)),
            Message::Changed { before, .. } => total.map(|total| self.difference(total, before)),
            Message::Declined {}
            | Message::Cancelled { .. }
            | Message::Lapsed {}
            | Message::NoShow { .. } => None,
            Message::Refunded { amount } => Some(self.amount("refund", amount)),
        }
        .into_iter()
        .chain(self.settlement(message))
        .collect()
    }

    fn settlement(&self, message: &Message) -> Vec<String> {
        let (Message::Changed { fee, refund, .. }
        | Message::Cancelled { fee, refund }
        | Message::NoShow { fee, refund }) = *message
        else {
            return Vec::new();
        };
        let fee = fee.map(|fee| {
            if fee.is_zero() { self.templates.plain("no-fee") } else { self.amount("fee", fee) }
        });
        let refund = refund.filter(|refund| !refund.is_zero());
        fee.into_iter().chain(refund.map(|refund| self.amount("refund", refund))).collect()
    }

    fn difference(&self, total: Money, before: Money) -> String {
        let (id, difference) = match (total.try_sub(before), before.try_sub(total)) {
            (Ok(more), _) if !more.is_zero() => ("total-more", more),
            (_, Ok(less)) if !less.is_zero() => ("total-less", less),
            _ => return self.amount("total", total),
        };
        let mut figures = FluentArgs::new();
        figures.set("amount", self.foreign(&total.to_string()));
        figures.set("difference", self.foreign(&difference.to_string()));
        self.templates.write(id, &figures)
    }

    fn amount(&self, id: &str, amount: Money) -> String {
        self.with(id, "amount", &amount.to_string())
    }

    /// A text with one figure from elsewhere.
    fn with(&self, id: &str, name: &str, value: &str) -> String {
        let mut figures = FluentArgs::new();
        figures.set(name, self.foreign(value));
        self.templates.write(id, &figures)
    }

    fn instant(&self, at: Timestamp) -> String {
        let wall = self.topic.zone.wall_clock(at);
        let mut figures = FluentArgs::new();
        figures.set("date", self.date(wall.date()));
        figures.set("time", wall.format("%H:%M").to_string());
        self.templates.write("instant", &figures)
    }

    fn date(&self, date: NaiveDate) -> String {
        let mut figures = FluentArgs::new();
        let weekday = format!("weekday-{}", date.weekday().number_from_monday());
        figures.set("weekday", self.templates.plain(&weekday));
        figures.set("month", self.templates.plain(&format!("month-{}", date.month())));
        figures.set("day", FluentValue::from(date.day()));
        figures.set("year", date.year().to_string());
        self.templates.write("date", &figures)
    }

    fn title(&self) -> String {
        self.foreign(self.topic.title.get(&self.tag()))
    }

    fn tag(&self) -> daybook_domain::values::Language {
        tag(self.language)
    }

    /// A text from elsewhere, isolated unless all of it is written like what surrounds it: neither may turn the other
    /// around.
    fn foreign(&self, text: &str) -> String {
        match self.language {
            Language::English if text.is_ascii() => text.to_owned(),
            Language::English | Language::Arabic => format!("\u{2068}{text}\u{2069}"),
        }
    }

    fn lines(&self, lines: &[String]) -> String {
        let mut text: Vec<_> = lines.iter().map(|line| self.line(line)).collect();
        text.push(String::new());
        text.join("\n")
    }

    /// A line that reads in the right direction even if it begins with something foreign.
    fn line(&self, line: &str) -> String {
        match self.language {
            Language::Arabic if !line.is_empty() => format!("\u{200f}{line}"),
            Language::Arabic | Language::English => line.to_owned(),
        }
    }
}

/// A language of ours as records have it.
pub(crate) fn tag(language: Language) -> daybook_domain::values::Language {
    daybook_domain::values::Language::try_new(language.tag()).expect("our languages have tags")
}

/// The first sentence, and the deadline in it.
fn opening(message: &Message) -> (&'static str, Option<Timestamp>) {
    match *message {
        Message::Requested { until } => ("requested", Some(until)),
        Message::Held { until } => ("held", Some(until)),
        Message::Confirmed {} => ("confirmed", None),
        Message::Declined {} => ("declined", None),
        Message::Changed { change, .. } => {
            let id = match change {
                Change::Amended => "changed-amended",
                Change::Rescheduled => "changed-rescheduled",
                Change::Moved => "changed-moved",
                Change::LinesCancelled => "changed-lines-cancelled",
            };
            (id, None)
        }
        Message::Cancelled { .. } => ("cancelled", None),
        Message::Lapsed {} => ("lapsed", None),
        Message::WaitingListOffer { until } => ("waiting-list-offer", Some(until)),
        Message::Reminder {} => ("reminder", None),
        Message::NoShow { .. } => ("no-show", None),
        Message::Refunded { .. } => ("refunded", None),
    }
}
