//! Names as search sees them.

/// A text in which letters that readers take for the same are the same: words of letters and digits in lower case, with
/// one space between them, without accents and vowel signs.
///
/// Of Arabic, the forms of alef become one, and so do those of ya; ta marbuta becomes ha, tatweel and the signs above and
/// below letters go. Folding what is folded changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Folded(String);

/// What becomes of a letter.
enum Fold {
    Nothing,
    Gap,
    Letter(char),
    Letters(&'static str),
}

/// Latin letters with what is written on and through them.
const LATIN: [(char, &str); 19] = [
    ('a', "àáâãäåāăąǎ"),
    ('c', "çćĉċč"),
    ('d', "ďđð"),
    ('e', "èéêëēĕėęě"),
    ('g', "ĝğġģǧ"),
    ('h', "ĥħḥ"),
    ('i', "ìíîïĩīĭįıǐ"),
    ('j', "ĵ"),
    ('k', "ķ"),
    ('l', "ĺļľŀł"),
    ('n', "ñńņňŉ"),
    ('o', "òóôõöøōŏőǒ"),
    ('r', "ŕŗř"),
    ('s', "śŝşšșṣ"),
    ('t', "ţťŧțṭ"),
    ('u', "ùúûüũūŭůűųǔ"),
    ('w', "ŵẁẃẅ"),
    ('y', "ýÿŷ"),
    ('z', "źżžẓ"),
];

impl Folded {
    /// The text as search sees it.
    pub fn of(text: &str) -> Self {
        let mut folded = String::with_capacity(text.len());
        for letter in text.chars().flat_map(char::to_lowercase) {
            match fold(letter) {
                Fold::Nothing => {}
                Fold::Gap if folded.is_empty() || folded.ends_with(' ') => {}
                Fold::Gap => folded.push(' '),
                Fold::Letter(letter) => folded.push(letter),
                Fold::Letters(letters) => folded.push_str(letters),
            }
        }
        folded.truncate(folded.trim_end().len());
        Self(folded)
    }

    /// The folded text: empty where there was no letter and no digit.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its words in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }

    /// All words it can be found by: Arabic ones with the article and without it.
    pub fn findable(&self) -> impl Iterator<Item = &str> {
        self.words().chain(self.words().filter_map(without_article))
    }
}

/// The word behind an Arabic article; short words merely begin like one.
fn without_article(word: &str) -> Option<&str> {
    word.strip_prefix("ال").filter(|rest| rest.chars().count() >= 3)
}

fn fold(letter: char) -> Fold {
    match letter {
        // signs on letters, tatweel, apostrophes, and what only directs writing
        '\u{300}'..='\u{36f}'
        | '\u{610}'..='\u{61a}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{6d6}'..='\u{6ed}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\''
        | '’'
        | '‘'
        | 'ʼ'
        | 'ʿ'
        | 'ʾ' => Fold::Nothing,
        'آ' | 'أ' | 'إ' | 'ٱ' => Fold::Letter('ا'),
        'ى' | 'ئ' | 'ی' => Fold::Letter('ي'),
        'ؤ' => Fold::Letter('و'),
        'ة' => Fold::Letter('ه'),
        'ک' => Fold::Letter('ك'),
        'ß' => Fold::Letters("ss"),
        'æ' => Fold::Letters("ae"),
        'œ' => Fold::Letters("oe"),
        'þ' => Fold::Letters("th"),
        '٠'..='٩' => digit(letter, '٠'),
        '۰'..='۹' => digit(letter, '۰'),
        letter if letter.is_ascii_alphanumeric() => Fold::Letter(letter),
        letter if letter.is_alphanumeric() => Fold::Letter(plain(letter)),
        _ => Fold::Gap,
    }
}

/// A digit of another script as everybody types it.
fn digit(digit: char, zero: char) -> Fold {
    let value = u32::from(digit) - u32::from(zero);
    char::from_digit(value, 10).map_or(Fold::Gap, Fold::Letter)
}

/// A letter without its accent.
fn plain(letter: char) -> char {
    let found = LATIN.iter().find(|(_, accented)| accented.contains(letter));
    found.map_or(letter, |(plain, _)| *plain)
}
