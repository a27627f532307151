//! The typeface, with Latin and Arabic letters: Vazirmatn, under the SIL Open Font License (`fonts/OFL.txt`).
//!
//! Of each weight only the letters that a document uses go into it.

use krilla::text::Font;
use rustybuzz::Face;

static REGULAR: &[u8] = include_bytes!("../fonts/Vazirmatn-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/Vazirmatn-Bold.ttf");

/// One weight: what shapes text, and what is embedded.
pub(crate) struct Weight {
    pub(crate) face: Face<'static>,
    pub(crate) font: Font,
}

/// Both weights.
pub(crate) struct Fonts {
    pub(crate) regular: Weight,
    pub(crate) bold: Weight,
}

impl Weight {
    /// # Panics
    /// Never: the fonts are those that were compiled in, and the tests read them.
    fn of(file: &'static [u8]) -> Self {
        let face = Face::from_slice(file, 0).expect("the font was compiled in");
        let font = Font::new(file.to_vec().into(), 0).expect("the font was compiled in");
        Self { face, font }
    }
}

impl Fonts {
    pub(crate) fn load() -> Self {
        Self { regular: Weight::of(REGULAR), bold: Weight::of(BOLD) }
    }

    pub(crate) fn weight(&self, is_bold: bool) -> &Weight {
        if is_bold { &self.bold } else { &self.regular }
    }
}
