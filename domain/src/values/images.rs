//! Pictures of what is offered: where they are, and what they show.

use serde::{Deserialize, Serialize};

use super::{LocalizedText, WebAddress};

/// One picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Where it is.
    pub url: WebAddress,
    /// What it shows, for those who do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<LocalizedText>,
    /// How large it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<Pixels>,
    /// How high it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Pixels>,
}

/// A number of pixels: 1 to 100,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Pixels(u32);

/// The picture would be nothing, or larger than any screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a side of a picture has 1 to 100,000 pixels")]
pub struct ImpossibleSize;

impl TryFrom<u32> for Pixels {
    type Error = ImpossibleSize;

    fn try_from(pixels: u32) -> Result<Self, ImpossibleSize> {
        if (1..=100_000).contains(&pixels) { Ok(Self(pixels)) } else { Err(ImpossibleSize) }
    }
}

/// Up to 30 pictures in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Image>")]
pub struct Images(Vec<Image>);

/// Why the pictures cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImagesError {
    /// There are more than anybody looks at.
    #[error("there are at most {} images", Images::MAX)]
    TooMany,
    /// One is there twice.
    #[error("the image {0} is there twice")]
    Repeated(WebAddress),
}

impl Images {
    /// The most pictures.
    pub const MAX: usize = 30;

    /// The pictures, each once.
    pub fn try_new(images: Vec<Image>) -> Result<Self, ImagesError> {
        if images.len() > Self::MAX {
            return Err(ImagesError::TooMany);
        }
        for (index, image) in images.iter().enumerate() {
            if images[..index].iter().any(|other| other.url == image.url) {
                return Err(ImagesError::Repeated(image.url.clone()));
            }
        }
        Ok(Self(images))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pictures in the order in which they are shown.
    pub fn as_slice(&self) -> &[Image] {
        &self.0
    }

    /// About how many bytes they take.
    pub(crate) fn weight(&self) -> usize {
        let alt = |image: &Image| image.alt.as_ref().map_or(0, LocalizedText::weight);
        self.0.iter().map(|image| size_of::<Image>() + image.url.as_str().len() + alt(image)).sum()
    }
}

impl TryFrom<Vec<Image>> for Images {
    type Error = ImagesError;

    fn try_from(images: Vec<Image>) -> Result<Self, Self::Error> {
        Self::try_new(images)
    }
}
