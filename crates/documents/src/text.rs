//! Text as it is set: broken into lines, put into the order in which it is seen, and shaped letter by letter.

use std::ops::Range;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, GlyphInfo, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};

use crate::{Language, fonts::Fonts};

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    /// In points.
    pub(crate) size: f32,
    pub(crate) is_bold: bool,
    /// Whether it stands back.
    pub(crate) is_pale: bool,
}

/// On which side a text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// As the language of the document does.
    Of(Language),
    /// As its own first letter does: what people wrote keeps its own punctuation where they put it.
    Own,
}

/// One line, from left to right as it is seen.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) runs: Vec<Run>,
    pub(crate) style: Style,
    /// In points.
    pub(crate) width: f32,
}

/// Letters that run in one direction.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// In points.
    pub(crate) width: f32,
}

/// Sets text.
pub(crate) struct Setter {
    pub(crate) fonts: Fonts,
}

impl Setter {
    pub(crate) fn new() -> Self {
        Self { fonts: Fonts::load() }
    }

    /// A text on one line, made smaller if it would be wider than its place.
    pub(crate) fn fitted(&self, text: &str, style: Style, base: Base, width: f32) -> Line {
        let line = self.line(text, style, level(text, base));
        if line.width <= width {
            return line;
        }
        let size = style.size * width / line.width;
        self.line(text, Style { size, ..style }, level(text, base))
    }

    /// A text in as many lines as it needs, broken between words, or within one that is longer than a line.
    pub(crate) fn wrapped(&self, text: &str, style: Style, base: Base, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let level = level(paragraph, base);
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer =
                    if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.line(&longer, style, level).width <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(self.line(&line, style, level));
                }
                let (full, rest) = self.broken(word, style, level, width);
                lines.extend(full);
                line = rest;
            }
            if !line.is_empty() {
                lines.push(self.line(&line, style, level));
            }
        }
        lines
    }

    /// The full lines of a word that may be longer than a line, and what is left of it.
    fn broken(&self, word: &str, style: Style, level: Level, width: f32) -> (Vec<Line>, String) {
        let (mut full, mut rest) = (Vec::new(), word);
        while self.line(rest, style, level).width > width {
            let places: Vec<usize> = rest.char_indices().map(|(place, _)| place).skip(1).collect();
            let fits = |place: &usize| self.line(&rest[..*place], style, level).width <= width;
            let most = places.partition_point(fits).saturating_sub(1);
            // a letter that is wider than the line has it for itself
            let Some(place) = places.get(most) else { break };
            full.push(self.line(&rest[..*place], style, level));
            rest = &rest[*place..];
        }
        (full, rest.to_owned())
    }

    fn line(&self, text: &str, style: Style, level: Level) -> Line {
        let bidi = BidiInfo::new(text, Some(level));
        let mut line = Line { runs: Vec::new(), style, width: 0.0 };
        for paragraph in &bidi.paragraphs {
            let (levels, ranges) = bidi.visual_runs(paragraph, paragraph.range.clone());
            for range in ranges {
                let run = self.run(&text[range.clone()], levels[range.start].is_rtl(), style);
                line.width += run.width;
                line.runs.push(run);
            }
        }
        line
    }

    fn run(&self, text: &str, is_rtl: bool, style: Style) -> Run {
        let face = &self.fonts.weight(style.is_bold).face;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(face, &[], buffer);
        let em = f32::from(u16::try_from(face.units_per_em()).unwrap_or(1_000));
        let mut run = Run { text: text.to_owned(), glyphs: Vec::new(), width: 0.0 };
        let infos = shaped.glyph_infos();
        for (place, (info, position)) in infos.iter().zip(shaped.glyph_positions()).enumerate() {
            let [x_advance, x_offset, y_offset, y_advance] =
                [position.x_advance, position.x_offset, position.y_offset, position.y_advance]
                    .map(|units| units as f32 / em);
            run.width += x_advance * style.size;
            run.glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                x_advance,
                x_offset,
                y_offset,
                y_advance,
                cluster(infos, place, text.len()),
                None,
            ));
        }
        run
    }
}

/// The bytes that a glyph stands for: from where its cluster begins to where the next one does.
fn cluster(infos: &[GlyphInfo], place: usize, end: usize) -> Range<usize> {
    let start = infos[place].cluster;
    let next = infos.iter().map(|info| info.cluster).filter(|other| *other > start).min();
    let bytes = |cluster: u32| usize::try_from(cluster).unwrap_or(end);
    bytes(start)..next.map_or(end, bytes)
}

/// In which direction a text runs as a whole.
fn level(text: &str, base: Base) -> Level {
    match base {
        Base::Of(language) if language.is_rtl() => Level::rtl(),
        Base::Of(_) => Level::ltr(),
        Base::Own => {
            let own = BidiInfo::new(text, None);
            own.paragraphs.first().map_or(Level::ltr(), |paragraph| paragraph.level)
        }
    }
}
