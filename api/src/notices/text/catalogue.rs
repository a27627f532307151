//! The templates, embedded: one file for each edition and language.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::{LanguageIdentifier, langid};

use crate::problem::Language;

/// The edition by which new notices are written.
pub(crate) const EDITION: u16 = 1;

type Bundle = FluentBundle<FluentResource>;

/// The templates of one edition.
struct Edition {
    english: Bundle,
    arabic: Bundle,
}

/// All editions, from the first to [`EDITION`].
static EDITIONS: [LazyLock<Edition>; 1] = [LazyLock::new(|| Edition {
    english: bundle(langid!("en"), include_str!("../../../templates/notices/1/en.ftl")),
    arabic: bundle(langid!("ar"), include_str!("../../../templates/notices/1/ar.ftl")),
})];

/// Templates of one edition in one language.
#[derive(Clone, Copy)]
pub(super) struct Templates(&'static Bundle);

impl Templates {
    /// Those of an edition; of the latest, if nobody knows it.
    pub(super) fn of(edition: u16, language: Language) -> Self {
        let edition = &EDITIONS[usize::from(edition.clamp(1, EDITION) - 1)];
        Self(match language {
            Language::English => &edition.english,
            Language::Arabic => &edition.arabic,
        })
    }

    /// A text without figures.
    pub(super) fn plain(self, id: &str) -> String {
        self.write(id, &FluentArgs::new())
    }

    /// A text with its figures. One that a template lacks stands under its own name: the tests write every kind in every
    /// language, so that none does.
    pub(super) fn write(self, id: &str, figures: &FluentArgs<'_>) -> String {
        let pattern = self.0.get_message(id).and_then(|message| message.value());
        let Some(pattern) = pattern else { return id.to_owned() };
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(figures), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(template = id, ?errors, "a template lacks figures");
        }
        text
    }
}

fn bundle(language: LanguageIdentifier, source: &str) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // what comes from elsewhere is isolated where it is put in, and dates are of the language itself
    bundle.set_use_isolating(false);
    // what of a file cannot be read is left out, and a test reads all of them
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read_and_is_there_in_both_languages() {
        assert_eq!(EDITIONS.len(), usize::from(EDITION));
        let ids = |source: &str| {
            let resource = FluentResource::try_new(source.to_owned()).expect("no line is broken");
            assert!(resource.entries().count() > 50);
            let lines = source.lines().filter_map(|line| line.split_once(" =").map(|(id, _)| id));
            lines.filter(|id| !id.starts_with([' ', '#'])).map(str::to_owned).collect::<Vec<_>>()
        };
        let english = ids(include_str!("../../../templates/notices/1/en.ftl"));
        assert_eq!(english, ids(include_str!("../../../templates/notices/1/ar.ftl")));
    }
}
