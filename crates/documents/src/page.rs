//! Pages on which lines are put one below the other, in distances from the side where reading begins.

use std::num::NonZeroU16;

use krilla::{
    Document as Pdf, SerializeSettings,
    color::luma,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup,
        TagKind, TagTree,
    },
};

use crate::{
    DrawError, Language,
    text::{Line, Setter},
};

/// A4, in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// What is left free on all sides.
const MARGIN: f32 = 48.0;
/// How wide what is printed can be.
pub(crate) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;
/// What is kept free above the margin for the foot of each page.
const FOOT: f32 = 28.0;
/// How far below the top of its line letters stand, in parts of their size.
const ASCENT: f32 = 1.0;
/// How far lines are apart, in parts of their size.
const LEADING: f32 = 1.55;
const PALE: u8 = 100;
const HAIRLINE: f32 = 0.6;

/// Where a line stands between two distances from the side where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Where reading begins.
    Start,
    /// Where reading ends.
    End,
    /// On the right, as figures are read from the left in every language: so that their last digits are in line.
    Figures,
}

/// What a part of the text is, for those who have it read to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Heading,
    Paragraph,
    Table,
    Row,
    Head,
    Cell,
}

/// Names a part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part(usize);

struct Node {
    role: Role,
    parts: Vec<Part>,
    /// The marked content on the pages.
    content: Vec<Identifier>,
}

/// Something on a page, as far from the left and the top as it is drawn.
enum Mark {
    Text { line: Line, left: f32, baseline: f32, part: Option<Part> },
    Rule { top: f32 },
}

/// The pages so far.
pub(crate) struct Pages {
    pub(crate) setter: Setter,
    language: Language,
    /// What is on each.
    marks: Vec<Vec<Mark>>,
    /// How far down the last page is filled.
    top: f32,
    nodes: Vec<Node>,
    roots: Vec<Part>,
}

/// How high lines of a size are.
pub(crate) fn line_height(size: f32) -> f32 {
    size * LEADING
}

impl Pages {
    pub(crate) fn new(language: Language) -> Self {
        Self {
            setter: Setter::new(),
            language,
            marks: vec![Vec::new()],
            top: MARGIN,
            nodes: Vec::new(),
            roots: Vec::new(),
        }
    }

    /// A new part of the text, within another or by itself.
    pub(crate) fn part(&mut self, role: Role, within: Option<Part>) -> Part {
        let part = Part(self.nodes.len());
        self.nodes.push(Node { role, parts: Vec::new(), content: Vec::new() });
        match within {
            Some(Part(whole)) => self.nodes[whole].parts.push(part),
            None => self.roots.push(part),
        }
        part
    }

    /// Whether so much is still free on the last page.
    pub(crate) fn has_room_for(&self, height: f32) -> bool {
        self.top + height <= HEIGHT - MARGIN - FOOT
    }

    /// Begins another page.
    pub(crate) fn break_page(&mut self) {
        self.marks.push(Vec::new());
        self.top = MARGIN;
    }

    /// Leaves something free.
    pub(crate) fn skip(&mut self, height: f32) {
        self.top += height;
    }

    /// Puts a line so far below the place where the last page is filled to, and fills nothing.
    pub(crate) fn put(
        &mut self,
        line: Line,
        (from, until, below): (f32, f32, f32),
        align: Align,
        part: Option<Part>,
    ) {
        let baseline = self.top + below + line.style.size * ASCENT;
        let left = self.left(&line, from, until, align);
        self.last().push(Mark::Text { line, left, baseline, part });
    }

    /// Draws a line across the page.
    pub(crate) fn rule(&mut self) {
        let top = self.top;
        self.last().push(Mark::Rule { top });
    }

    fn left(&self, line: &Line, from: f32, until: f32, align: Align) -> f32 {
        match (align, self.language.is_rtl()) {
            (Align::Start, false) => MARGIN + from,
            (Align::End | Align::Figures, false) => MARGIN + until - line.width,
            (Align::Start | Align::Figures, true) => WIDTH - MARGIN - from - line.width,
            (Align::End, true) => WIDTH - MARGIN - until,
        }
    }

    fn last(&mut self) -> &mut Vec<Mark> {
        if self.marks.is_empty() {
            self.marks.push(Vec::new());
        }
        let last = self.marks.len() - 1;
        &mut self.marks[last]
    }

    /// Writes all pages, each with a foot that is told which of how many it is.
    pub(crate) fn write(
        mut self,
        metadata: Metadata,
        foot: impl Fn(&Setter, usize, usize) -> [Line; 2],
    ) -> Result<Vec<u8>, DrawError> {
        let mut pdf = Pdf::new_with(SerializeSettings::default());
        pdf.set_metadata(metadata);
        let pages = std::mem::take(&mut self.marks);
        let count = pages.len();
        for (number, marks) in (1..).zip(pages) {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT);
            let settings = settings.ok_or_else(|| DrawError("a page has no size".to_owned()))?;
            let mut page = pdf.start_page_with(settings);
            let mut surface = page.surface();
            for mark in marks {
                self.draw(&mut surface, &mark, ArtifactType::Layout);
            }
            let [start, end] = foot(&self.setter, number, count);
            let baseline = HEIGHT - MARGIN;
            for (line, align) in [(start, Align::Start), (end, Align::End)] {
                let left = self.left(&line, 0.0, MEASURE, align);
                let mark = Mark::Text { line, left, baseline, part: None };
                self.draw(&mut surface, &mark, ArtifactType::Footer);
            }
            surface.finish();
            page.finish();
        }
        let mut tree = TagTree::new().with_lang(Some(self.language.tag().to_owned()));
        let roots = std::mem::take(&mut self.roots);
        for root in roots {
            tree.push(self.group(root));
        }
        pdf.set_tag_tree(tree);
        pdf.finish().map_err(|error| DrawError(format!("{error:?}")))
    }

    fn draw(&mut self, surface: &mut Surface<'_>, mark: &Mark, artifact: ArtifactType) {
        let is_part = matches!(mark, Mark::Text { part: Some(_), .. });
        let tag = if is_part {
            ContentTag::Span(SpanTag::empty())
        } else {
            ContentTag::Artifact(Artifact::with_kind(artifact))
        };
        let content = surface.start_tagged(tag);
        match mark {
            Mark::Rule { top } => rule(surface, *top),
            Mark::Text { line, left, baseline, part } => {
                self.text(surface, line, *left, *baseline);
                if let Some(Part(number)) = part {
                    self.nodes[*number].content.push(content);
                }
            }
        }
        surface.end_tagged();
    }

    fn text(&self, surface: &mut Surface<'_>, line: &Line, left: f32, baseline: f32) {
        let shade = if line.style.is_pale { PALE } else { 0 };
        surface.set_fill(Some(fill(shade)));
        let font = &self.setter.fonts.weight(line.style.is_bold).font;
        let mut left = left;
        for run in &line.runs {
            let (start, size) = (Point::from_xy(left, baseline), line.style.size);
            surface.draw_glyphs(start, &run.glyphs, font.clone(), &run.text, size, false);
            left += run.width;
        }
    }

    fn group(&mut self, Part(number): Part) -> TagGroup {
        let node = &mut self.nodes[number];
        let (parts, content) = (std::mem::take(&mut node.parts), std::mem::take(&mut node.content));
        let tag: TagKind = match node.role {
            Role::Heading => Tag::Hn(NonZeroU16::MIN, None).into(),
            Role::Paragraph => Tag::P.into(),
            Role::Table => Tag::Table.into(),
            Role::Row => Tag::TR.into(),
            Role::Head => Tag::TH(TableHeaderScope::Column).into(),
            Role::Cell => Tag::TD.into(),
        };
        let mut group = TagGroup::new(tag);
        for content in content {
            group.push(content);
        }
        for part in parts {
            group.push(self.group(part));
        }
        group
    }
}

fn fill(shade: u8) -> Fill {
    Fill {
        paint: luma::Color::new(shade).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

fn rule(surface: &mut Surface<'_>, top: f32) {
    let mut path = PathBuilder::new();
    if let Some(line) = Rect::from_xywh(MARGIN, top, MEASURE, HAIRLINE) {
        path.push_rect(line);
    }
    surface.set_fill(Some(fill(PALE)));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
