//! What stands where on a document: who and when, the table, the sums.

use chrono::{Datelike, Timelike};
use daybook_domain::{
    invoice::{Buyer, Document, Kind, Seller},
    values::{
        Address, BookingId, Language as TextLanguage, LocalizedText, Money, Phrase, Timestamp,
    },
};
use krilla::metadata::{DateTime, Metadata, TextDirection};

use crate::{
    DrawError, Language,
    figures::Figures,
    page::{Align, MEASURE, Pages, Part, Role, line_height},
    table,
    text::{Base, Line, Setter, Style},
    words::Words,
};

pub(crate) const BODY: Style = Style { size: 9.0, is_bold: false, is_pale: false };
pub(crate) const BOLD: Style = Style { is_bold: true, ..BODY };
pub(crate) const PALE: Style = Style { is_pale: true, ..BODY };
const TITLE: Style = Style { size: 20.0, is_bold: true, is_pale: false };
const SMALL: Style = Style { size: 8.0, is_bold: false, is_pale: true };
/// Between blocks.
const GAP: f32 = 18.0;
/// Where the facts begin, and where what they are.
const FACTS: f32 = 262.0;
const VALUES: f32 = 348.0;

/// What is drawn, and how it is written.
pub(crate) struct Sheet<'a> {
    pub(crate) document: &'a Document,
    pub(crate) booking: BookingId,
    pub(crate) words: &'static Words,
    pub(crate) figures: Figures,
}

/// A text with its look, for one column.
struct Entry {
    text: String,
    style: Style,
    base: Base,
}

/// Three columns beside each other, row by row.
#[derive(Default)]
struct Columns(Vec<[Option<(Line, Part)>; 3]>);

impl Columns {
    /// Puts lines into a column from a row on; gives the row after them.
    fn put(&mut self, row: usize, column: usize, lines: Vec<Line>, part: Part) -> usize {
        let end = row + lines.len();
        if self.0.len() < end {
            self.0.resize_with(end, Default::default);
        }
        for (row, line) in self.0[row..end].iter_mut().zip(lines) {
            row[column] = Some((line, part));
        }
        end
    }

    fn draw(self, pages: &mut Pages) {
        let places = [(0.0, FACTS - GAP), (FACTS, VALUES), (VALUES, MEASURE)];
        for row in self.0 {
            if !pages.has_room_for(line_height(BODY.size)) {
                pages.break_page();
            }
            for (line, (from, until)) in row.into_iter().zip(places) {
                if let Some((line, part)) = line {
                    pages.put(line, (from, until, 0.0), Align::Start, Some(part));
                }
            }
            pages.skip(line_height(BODY.size));
        }
    }
}

/// Draws a document.
pub(crate) fn draw(
    document: &Document,
    booking: BookingId,
    language: Language,
) -> Result<Vec<u8>, DrawError> {
    let (words, figures) = (Words::of(language), Figures { language });
    let sheet = Sheet { document, booking, words, figures };
    let mut pages = Pages::new(language);
    sheet.head(&mut pages);
    pages.skip(GAP);
    sheet.parties(&mut pages);
    pages.skip(GAP);
    table::draw(&sheet, &mut pages);
    sheet.sums(&mut pages);
    pages.write(sheet.metadata(), |setter, number, count| sheet.foot(setter, number, count))
}

impl Sheet<'_> {
    /// What the words of the document itself are based on.
    pub(crate) fn base(&self) -> Base {
        Base::Of(self.figures.language)
    }

    /// A text of people in the language of the document, as far as they gave it.
    pub(crate) fn localized<'t>(&self, text: &'t LocalizedText) -> &'t str {
        match TextLanguage::try_new(self.figures.language.tag()) {
            Ok(language) => text.get(&language),
            Err(_) => text.iter().next().map_or("", |(_, text)| text),
        }
    }

    fn title(&self) -> &'static str {
        match self.document.kind() {
            Kind::Invoice => self.words.invoice,
            Kind::CreditNote => self.words.credit_note,
        }
    }

    fn head(&self, pages: &mut Pages) {
        let heading = pages.part(Role::Heading, None);
        let (title, name) = (self.title(), self.document.name.to_string());
        let half = MEASURE / 2.0;
        let title = pages.setter.fitted(title, TITLE, self.base(), half);
        let named = Style { size: 14.0, ..TITLE };
        let name = pages.setter.fitted(&name, named, self.base(), half);
        pages.put(title, (0.0, half, 0.0), Align::Start, Some(heading));
        pages.put(name, (half, MEASURE, 5.0), Align::End, Some(heading));
        pages.skip(line_height(TITLE.size));
        pages.rule();
    }

    /// Who sells and who buys on one side, and the facts on the other.
    fn parties(&self, pages: &mut Pages) {
        let mut columns = Columns::default();
        let mut row = 0;
        for people in [self.seller(&self.document.seller), self.buyer(&self.document.personal)] {
            for Entry { text, style, base } in people {
                let part = pages.part(Role::Paragraph, None);
                let lines = pages.setter.wrapped(&text, style, base, FACTS - GAP);
                row = columns.put(row, 0, lines, part);
            }
            row += 1; // one free between them
        }
        let mut row = 0;
        for (label, value, base) in self.facts() {
            let part = pages.part(Role::Paragraph, None);
            let label = pages.setter.fitted(label, PALE, self.base(), VALUES - FACTS - 6.0);
            columns.put(row, 1, vec![label], part);
            // a name of one word is made smaller rather than broken
            let lines = if value.contains(' ') {
                pages.setter.wrapped(&value, BODY, base, MEASURE - VALUES)
            } else {
                vec![pages.setter.fitted(&value, BODY, base, MEASURE - VALUES)]
            };
            row = columns.put(row, 2, lines, part);
        }
        columns.draw(pages);
    }

    fn own(text: &str, style: Style) -> Entry {
        Entry { text: text.to_owned(), style, base: Base::Own }
    }

    fn label(&self, text: &str) -> Entry {
        Entry { text: text.to_owned(), style: PALE, base: self.base() }
    }

    fn seller(&self, seller: &Seller) -> Vec<Entry> {
        let mut lines = vec![self.label(self.words.seller)];
        lines.push(Self::own(seller.name.as_str(), BOLD));
        lines.extend(address(&seller.address));
        lines.extend(self.tax_number(seller.tax_number.as_ref()));
        lines
    }

    fn buyer(&self, buyer: &Buyer) -> Vec<Entry> {
        if buyer.is_unknown() {
            return Vec::new();
        }
        let mut lines = vec![self.label(self.words.buyer)];
        lines.extend(buyer.name.iter().map(|name| Self::own(name.as_str(), BOLD)));
        lines.extend(buyer.address.iter().flat_map(address));
        lines.extend(self.tax_number(buyer.tax_number.as_ref()));
        lines
    }

    fn tax_number(&self, number: Option<&Phrase>) -> Option<Entry> {
        let text = format!("{}: {}", self.words.tax_number, number?);
        Some(Entry { text, style: BODY, base: self.base() })
    }

    fn facts(&self) -> Vec<(&'static str, String, Base)> {
        let (document, words, figures) = (self.document, self.words, self.figures);
        let base = self.base();
        let mut facts = vec![
            (words.number, document.name.to_string(), base),
            (words.issued_on, figures.date(document.issued_on), base),
            (words.supplied, figures.supplied(document.supplied), base),
            (words.booking, self.booking.to_string(), Base::Own),
        ];
        if !document.corrects.is_empty() {
            let names: Vec<_> = document.corrects.iter().map(|of| of.name.to_string()).collect();
            facts.push((words.corrects, names.join(", "), Base::Own));
        }
        if let Some(reason) = &document.reason {
            facts.push((words.reason, reason.to_string(), Base::Own));
        }
        facts
    }

    /// The sums, all of them on one page.
    fn sums(&self, pages: &mut Pages) {
        let (document, words) = (self.document, self.words);
        let totals = &document.totals;
        let mut sums = vec![(words.net_total.to_owned(), totals.net, BODY)];
        for tax in &totals.taxes {
            let name = Figures::tax(&tax.code, tax.rate);
            let text = format!("{name} {} {}", words.on, Figures::amount(tax.net));
            sums.push((text, tax.amount, BODY));
        }
        let total = match document.kind() {
            Kind::Invoice => words.total_to_pay,
            Kind::CreditNote => words.total_credited,
        };
        sums.push((total.to_owned(), totals.total, Style { size: 11.0, ..BOLD }));
        sums.extend(document.paid.map(|paid| (words.paid.to_owned(), paid, BODY)));
        let height: f32 = sums.iter().map(|(_, _, style)| line_height(style.size)).sum();
        if !pages.has_room_for(height + GAP) {
            pages.break_page();
        }
        pages.skip(GAP / 2.0);
        for (label, amount, style) in sums {
            self.sum(pages, &label, amount, style);
        }
    }

    fn sum(&self, pages: &mut Pages, label: &str, amount: Money, style: Style) {
        let middle = MEASURE - 130.0;
        let part = pages.part(Role::Paragraph, None);
        let label = pages.setter.fitted(label, style, self.base(), middle - 150.0);
        let amount = self.figures.money(amount);
        let amount = pages.setter.fitted(&amount, style, self.base(), MEASURE - middle - 6.0);
        pages.put(label, (150.0, middle, 0.0), Align::End, Some(part));
        pages.put(amount, (middle + 6.0, MEASURE, 0.0), Align::Figures, Some(part));
        pages.skip(line_height(style.size));
    }

    fn foot(&self, setter: &Setter, number: usize, count: usize) -> [Line; 2] {
        let Words { page, of, .. } = self.words;
        let name = format!("{} {}", self.title(), self.document.name);
        let page = format!("{page} {number} {of} {count}");
        [name, page].map(|text| setter.fitted(&text, SMALL, self.base(), MEASURE / 2.0))
    }

    fn metadata(&self) -> Metadata {
        let document = self.document;
        let direction = match self.figures.language {
            Language::English => TextDirection::LeftToRight,
            Language::Arabic => TextDirection::RightToLeft,
        };
        Metadata::new()
            .title(format!("{} {}", self.title(), document.name))
            .authors(vec![document.seller.name.to_string()])
            .language(self.figures.language.tag().to_owned())
            .text_direction(direction)
            .document_id(document.id.to_string())
            .creation_date(instant(document.at))
    }
}

/// The lines of an address, from the smallest to the largest.
fn address(address: &Address) -> Vec<Entry> {
    let mut lines: Vec<String> = address.lines.as_slice().iter().map(Phrase::to_string).collect();
    let town = [&address.postcode, &address.locality].into_iter().flatten();
    let town: Vec<_> = town.map(Phrase::as_str).collect();
    if !town.is_empty() {
        lines.push(town.join(" "));
    }
    lines.extend(address.region.iter().map(Phrase::to_string));
    lines.push(address.country.to_string());
    lines.iter().map(|line| Sheet::own(line, BODY)).collect()
}

/// The instant as the metadata have it; the year and so on are in their ranges.
fn instant(at: Timestamp) -> DateTime {
    let small = |number: u32| u8::try_from(number).unwrap_or_default();
    DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
