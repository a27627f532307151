//! The table of what is paid for, over as many pages as it needs.

use daybook_domain::invoice::Item;

use crate::{
    figures::Figures,
    page::{Align, MEASURE, Pages, Part, Role, line_height},
    sheet::{BODY, BOLD, PALE, Sheet},
    text::{Base, Line, Style},
};

/// Where each column begins and ends, and which way it leans.
const COLUMNS: [(f32, f32, Align); 5] = [
    (0.0, 212.0, Align::Start),
    (216.0, 262.0, Align::Figures),
    (266.0, 336.0, Align::Figures),
    (340.0, 425.0, Align::Figures),
    (429.0, MEASURE, Align::Figures),
];
/// Above and below what stands in a row.
const PADDING: f32 = 4.0;

/// The lines of each cell of a row.
type Row = [Vec<Line>; 5];

/// Draws the table, its head once more on each page.
pub(crate) fn draw(sheet: &Sheet<'_>, pages: &mut Pages) {
    let table = pages.part(Role::Table, None);
    let head = head(sheet, pages);
    let rows: Vec<Row> = sheet.document.items.iter().map(|item| row(sheet, pages, item)).collect();
    let first = rows.first().map_or(0.0, height);
    if !pages.has_room_for(height(&head) + first) {
        pages.break_page();
    }
    let part = pages.part(Role::Row, Some(table));
    put(pages, head.clone(), Some((part, Role::Head)));
    for row in rows {
        if !pages.has_room_for(height(&row)) {
            pages.break_page();
            put(pages, head.clone(), None);
        }
        let part = pages.part(Role::Row, Some(table));
        put(pages, row, Some((part, Role::Cell)));
    }
}

fn head(sheet: &Sheet<'_>, pages: &Pages) -> Row {
    let (words, code) = (sheet.words, sheet.document.totals.total.currency().code());
    let total = format!("{} ({code})", words.total);
    let titles = [words.description, words.quantity, words.net, words.tax, &*total];
    let mut row = Row::default();
    for ((cell, title), (from, until, _)) in row.iter_mut().zip(titles).zip(COLUMNS) {
        cell.push(pages.setter.fitted(title, BOLD, sheet.base(), until - from));
    }
    row
}

fn row(sheet: &Sheet<'_>, pages: &Pages, item: &Item) -> Row {
    let quantity = if item.quantity == 0 { "–".to_owned() } else { item.quantity.to_string() };
    let taxes = item.amounts.taxes.iter().map(|tax| {
        format!("{}: {}", Figures::tax(&tax.code, tax.rate), Figures::amount(tax.amount))
    });
    let cell = |column: usize, text: &str| {
        let (from, until, _) = COLUMNS[column];
        pages.setter.fitted(text, BODY, sheet.base(), until - from)
    };
    [
        description(sheet, pages, item),
        vec![cell(1, &quantity)],
        vec![cell(2, &Figures::amount(item.amounts.net))],
        taxes.map(|tax| cell(3, &tax)).collect(),
        vec![cell(4, &Figures::amount(item.amounts.total))],
    ]
}

/// What it is called, and when it takes place.
fn description(sheet: &Sheet<'_>, pages: &Pages, item: &Item) -> Vec<Line> {
    let (from, until, _) = COLUMNS[0];
    let wrapped = |text: &str, style: Style, base: Base| {
        pages.setter.wrapped(text, style, base, until - from)
    };
    let mut lines = match &item.description {
        Some(description) => wrapped(sheet.localized(description), BODY, Base::Own),
        None => wrapped(sheet.words.fee, BODY, sheet.base()),
    };
    if let Some(service) = item.service {
        lines.extend(wrapped(&sheet.figures.service(service), PALE, sheet.base()));
    }
    if item.quantity == 0 && item.service.is_some() {
        lines.extend(wrapped(sheet.words.price_changed, PALE, sheet.base()));
    }
    lines
}

fn height(row: &Row) -> f32 {
    let lines = row.iter().map(Vec::len).max().unwrap_or_default();
    let each = line_height(BODY.size);
    (0..lines).fold(2.0 * PADDING, |height, _| height + each)
}

/// Puts a row with a rule below it; without a part it is only for the eye.
fn put(pages: &mut Pages, row: Row, part: Option<(Part, Role)>) {
    let height = height(&row);
    for (cell, (from, until, align)) in row.into_iter().zip(COLUMNS) {
        let part = part.map(|(row, role)| pages.part(role, Some(row)));
        let mut below = PADDING;
        for line in cell {
            pages.put(line, (from, until, below), align, part);
            below += line_height(BODY.size);
        }
    }
    pages.skip(height);
    pages.rule();
}
