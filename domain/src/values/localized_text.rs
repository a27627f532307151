//! Texts in several languages.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};

use super::TextError;
use super::text::{Lines, checked};

/// A language by its BCP 47 tag, in the recommended letter case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Box<str>);

/// The tag has not the form of a language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a BCP 47 language tag")]
pub struct UnknownLanguage(String);

impl Language {
    /// The longest tag: far beyond any in use, and short enough for a key.
    const MAX: usize = 64;

    /// The language behind a tag such as `ar` or `en-GB`.
    pub fn try_new(tag: &str) -> Result<Self, UnknownLanguage> {
        let refused = || UnknownLanguage(tag.chars().take(Self::MAX).collect());
        if tag.len() > Self::MAX {
            return Err(refused());
        }
        let tag = LanguageTag::parse_and_normalize(tag).map_err(|_| refused())?;
        Ok(Self(tag.into_inner().into()))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag without script, region and variants.
    fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Self::try_new(tag)
    }
}

super::stored_as_text!(Language, "a BCP 47 language tag");

/// One text in at least one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct LocalizedText(BTreeMap<Language, Box<str>>);

/// Why the texts cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalizedTextError {
    /// There is no language at all.
    #[error("a text is needed in at least one language")]
    Empty,
    /// There are more languages than anybody reads.
    #[error("a text can have at most {} languages", LocalizedText::MAX_LANGUAGES)]
    TooManyLanguages,
    /// A tag has not the form of a language.
    #[error(transparent)]
    Language(#[from] UnknownLanguage),
    /// A language is there twice, in different spellings.
    #[error("the language `{0}` is there twice")]
    Repeated(Language),
    /// The text of one language cannot be kept.
    #[error("in the language `{language}`: {error}")]
    Text {
        /// The language.
        language: Language,
        /// What is wrong with its text.
        error: TextError,
    },
}

impl LocalizedText {
    /// The most characters in one language.
    pub const MAX: usize = 500;
    /// The most languages.
    pub const MAX_LANGUAGES: usize = 64;

    /// The texts by language tag; tags are brought into their usual letter case, texts are trimmed.
    pub fn try_new<T, S>(
        texts: impl IntoIterator<Item = (T, S)>,
    ) -> Result<Self, LocalizedTextError>
    where
        T: AsRef<str>,
        S: AsRef<str>,
    {
        by_language(texts, Self::MAX).map(Self)
    }

    /// The text in a language, else in its primary language, else in English, else in the first there is.
    pub fn get(&self, language: &Language) -> &str {
        self.exact(language.as_str())
            .or_else(|| self.exact(language.primary()))
            .or_else(|| self.exact("en"))
            .or_else(|| self.0.values().next().map(|text| &**text))
            .unwrap_or_default() // never: there is at least one language
    }

    /// Every language with its text, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (&Language, &str)> {
        self.0.iter().map(|(language, text)| (language, &**text))
    }

    /// How many bytes the texts take, for a cache that counts them.
    pub(crate) fn weight(&self) -> usize {
        weight(&self.0)
    }

    fn exact(&self, tag: &str) -> Option<&str> {
        self.0.iter().find(|(language, _)| language.as_str() == tag).map(|(_, text)| &**text)
    }
}

impl TryFrom<BTreeMap<String, String>> for LocalizedText {
    type Error = LocalizedTextError;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, Self::Error> {
        Self::try_new(texts)
    }
}

/// A long text in at least one language, over several lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct Description(BTreeMap<Language, Box<str>>);

impl Description {
    /// The most characters in one language.
    pub const MAX: usize = 10_000;

    /// The texts by language tag; tags are brought into their usual letter case, texts are trimmed.
    pub fn try_new<T, S>(
        texts: impl IntoIterator<Item = (T, S)>,
    ) -> Result<Self, LocalizedTextError>
    where
        T: AsRef<str>,
        S: AsRef<str>,
    {
        by_language(texts, Self::MAX).map(Self)
    }

    /// How many bytes the texts take, for a cache that counts them.
    pub(crate) fn weight(&self) -> usize {
        weight(&self.0)
    }
}

impl TryFrom<BTreeMap<String, String>> for Description {
    type Error = LocalizedTextError;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, Self::Error> {
        Self::try_new(texts)
    }
}

/// Checks texts of at most `max` characters each.
fn by_language<T: AsRef<str>, S: AsRef<str>>(
    texts: impl IntoIterator<Item = (T, S)>,
    max: usize,
) -> Result<BTreeMap<Language, Box<str>>, LocalizedTextError> {
    let mut kept = BTreeMap::new();
    for (tag, text) in texts {
        let language = Language::try_new(tag.as_ref())?;
        match checked(text.as_ref(), max, Lines::Many) {
            Err(error) => return Err(LocalizedTextError::Text { language, error }),
            Ok(_) if kept.contains_key(&language) => {
                return Err(LocalizedTextError::Repeated(language));
            }
            Ok(_) if kept.len() == LocalizedText::MAX_LANGUAGES => {
                return Err(LocalizedTextError::TooManyLanguages);
            }
            Ok(text) => kept.insert(language, text.into()),
        };
    }
    if kept.is_empty() { Err(LocalizedTextError::Empty) } else { Ok(kept) }
}

fn weight(texts: &BTreeMap<Language, Box<str>>) -> usize {
    const NODE: usize = 64; // keys, pointers and slack of the map
    texts.iter().map(|(language, text)| NODE + language.0.len() + text.len()).sum()
}
