//! Which language a person reads.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};

/// A language that problems are told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, unless asked for otherwise.
    #[default]
    English,
    /// Arabic.
    Arabic,
}

impl Language {
    /// The language a request prefers among ours.
    pub fn of(headers: &HeaderMap) -> Self {
        let ranges = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        ranges.map_or(Self::English, Self::preferred)
    }

    /// The best of an `Accept-Language` list; of two equally good, the one named first.
    fn preferred(ranges: &str) -> Self {
        let mut best = (Self::English, 0.0);
        for range in ranges.split(',') {
            let (tag, quality) = match range.split_once(';') {
                None => (range.trim(), 1.0),
                Some((tag, parameter)) => {
                    let quality = parameter.trim().strip_prefix("q=").and_then(|q| q.parse().ok());
                    (tag.trim(), quality.unwrap_or(0.0))
                }
            };
            let primary = tag.split('-').next().unwrap_or(tag);
            let language = if primary.eq_ignore_ascii_case("ar") {
                Self::Arabic
            } else if primary.eq_ignore_ascii_case("en") || primary == "*" {
                Self::English
            } else {
                continue;
            };
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }

    /// The language of ours that a tag means.
    pub fn known(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or(tag);
        let ours = [Self::English, Self::Arabic];
        ours.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The language's tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_quality_wins() {
        for (ranges, expected) in [
            ("ar", Language::Arabic),
            ("ar-EG, en;q=0.5", Language::Arabic),
            ("en;q=0.4, ar;q=0.9", Language::Arabic),
            ("en, ar", Language::English),
            ("fr, de;q=0.9", Language::English),
            ("fr, ar;q=0.1", Language::Arabic),
            ("ar;q=0", Language::English),
            ("*", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::preferred(ranges), expected, "{ranges}");
        }
    }
}
