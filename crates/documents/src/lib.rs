//! Invoices and credit notes as PDF, in English and in Arabic.
//!
//! A document is drawn from what was frozen when it was issued and from nothing else, so that it has the same bytes whenever
//! it is asked for. Text is shaped and ordered as its letters want (`text`), laid out once in distances from where reading
//! begins (`page`, `sheet`), and mirrored as a whole where reading begins on the right.

mod figures;
mod fonts;
mod page;
mod sheet;
mod table;
mod text;
mod words;

use daybook_domain::{invoice::Document, values::BookingId};

/// A language that documents can be read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// From left to right.
    English,
    /// From right to left.
    Arabic,
}

impl Language {
    /// Its tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
        }
    }

    const fn is_rtl(self) -> bool {
        matches!(self, Self::Arabic)
    }
}

/// A document could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document cannot be drawn: {0}")]
pub struct DrawError(String);

/// Draws the document of a booking as a PDF of A4 pages, with tags for those who have it read to them.
///
/// # Errors
/// [`DrawError`] if what was drawn cannot be written as a PDF.
pub fn pdf(
    document: &Document,
    booking: BookingId,
    language: Language,
) -> Result<Vec<u8>, DrawError> {
    sheet::draw(document, booking, language)
}
