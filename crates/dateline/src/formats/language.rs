//! Which language a text is in.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Bytes looked at; more does not change the answer.
const SAMPLE_BYTES: usize = 20_000;
/// Letters below which a text is too short to tell.
const MIN_LETTERS: usize = 40;
/// Share of English function words above which a text is English whatever its names look like. Running English has
/// 0.3 to 0.5, other languages below 0.08.
const ENGLISH_SHARE: f64 = 0.15;

static FUNCTION_WORDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../../data/lang/en/function_words.txt").split_whitespace().collect());

/// The language of `text` as an ISO 639-1 code; `None` where it is too short or mixed to tell.
///
/// # Example
/// ```
/// use dateline::formats::language;
/// assert_eq!(language::of("Police said on Tuesday that they had arrested five people in the town."), Some("en"));
/// assert_eq!(language::of("Raid in Ankara"), None);
/// ```
pub fn of(text: &str) -> Option<&'static str> {
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = text.get(..end)?;
    if sample.chars().filter(|c| c.is_alphabetic()).count() < MIN_LETTERS {
        return None;
    }
    let words: Vec<String> = sample
        .split(|c: char| !c.is_alphabetic() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let english = words.iter().filter(|word| FUNCTION_WORDS.contains(word.as_str())).count();
    if words.len() >= 8 && english as f64 >= ENGLISH_SHARE * words.len() as f64 {
        return Some("en");
    }
    let found = whatlang::detect(sample)?;
    // Headlines and lists of names have no function words, and are no proof of another language.
    if !found.is_reliable() || (found.lang() == whatlang::Lang::Eng && english == 0) {
        return None;
    }
    code(found.lang())
}

/// The ISO 639-1 code of a language; `None` for the few that have none.
fn code(lang: whatlang::Lang) -> Option<&'static str> {
    LANGUAGES.iter().find(|(three, ..)| *three == lang.code()).map(|(_, two, _)| *two)
}

/// The English name of an ISO 639-1 code, or the code itself.
pub fn name(code: &str) -> &str {
    LANGUAGES.iter().find(|(_, two, _)| *two == code).map_or(code, |(.., name)| *name)
}

/// The languages told apart: ISO 639-3, ISO 639-1, name.
const LANGUAGES: &[(&str, &str, &str)] = &[
    ("afr", "af", "Afrikaans"),
    ("aka", "ak", "Akan"),
    ("amh", "am", "Amharic"),
    ("ara", "ar", "Arabic"),
    ("aze", "az", "Azerbaijani"),
    ("bel", "be", "Belarusian"),
    ("ben", "bn", "Bengali"),
    ("bul", "bg", "Bulgarian"),
    ("cat", "ca", "Catalan"),
    ("ces", "cs", "Czech"),
    ("cmn", "zh", "Chinese"),
    ("cym", "cy", "Welsh"),
    ("dan", "da", "Danish"),
    ("deu", "de", "German"),
    ("ell", "el", "Greek"),
    ("eng", "en", "English"),
    ("epo", "eo", "Esperanto"),
    ("est", "et", "Estonian"),
    ("fin", "fi", "Finnish"),
    ("fra", "fr", "French"),
    ("guj", "gu", "Gujarati"),
    ("heb", "he", "Hebrew"),
    ("hin", "hi", "Hindi"),
    ("hrv", "hr", "Croatian"),
    ("hun", "hu", "Hungarian"),
    ("hye", "hy", "Armenian"),
    ("ind", "id", "Indonesian"),
    ("ita", "it", "Italian"),
    ("jav", "jv", "Javanese"),
    ("jpn", "ja", "Japanese"),
    ("kan", "kn", "Kannada"),
    ("kat", "ka", "Georgian"),
    ("khm", "km", "Khmer"),
    ("kor", "ko", "Korean"),
    ("lat", "la", "Latin"),
    ("lav", "lv", "Latvian"),
    ("lit", "lt", "Lithuanian"),
    ("mal", "ml", "Malayalam"),
    ("mar", "mr", "Marathi"),
    ("mkd", "mk", "Macedonian"),
    ("mya", "my", "Burmese"),
    ("nep", "ne", "Nepali"),
    ("nld", "nl", "Dutch"),
    ("nob", "nb", "Norwegian"),
    ("ori", "or", "Odia"),
    ("pan", "pa", "Punjabi"),
    ("pes", "fa", "Persian"),
    ("pol", "pl", "Polish"),
    ("por", "pt", "Portuguese"),
    ("ron", "ro", "Romanian"),
    ("rus", "ru", "Russian"),
    ("sin", "si", "Sinhala"),
    ("slk", "sk", "Slovak"),
    ("slv", "sl", "Slovene"),
    ("sna", "sn", "Shona"),
    ("spa", "es", "Spanish"),
    ("srp", "sr", "Serbian"),
    ("swe", "sv", "Swedish"),
    ("tam", "ta", "Tamil"),
    ("tel", "te", "Telugu"),
    ("tgl", "tl", "Tagalog"),
    ("tha", "th", "Thai"),
    ("tuk", "tk", "Turkmen"),
    ("tur", "tr", "Turkish"),
    ("ukr", "uk", "Ukrainian"),
    ("urd", "ur", "Urdu"),
    ("uzb", "uz", "Uzbek"),
    ("vie", "vi", "Vietnamese"),
    ("yid", "yi", "Yiddish"),
    ("zul", "zu", "Zulu"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_languages_are_told_apart() {
        for (text, language) in [
            ("The army said it had taken the village after two days of fighting with the rebels.", "en"),
            ("Die Polizei hat am Montag in der Stadt fünf Männer festgenommen, wie ein Sprecher mitteilte.", "de"),
            ("La police a arrêté lundi cinq hommes dans la ville, a déclaré un porte-parole du ministère.", "fr"),
            ("La policía detuvo el lunes a cinco hombres en la ciudad, según dijo un portavoz del gobierno.", "es"),
            ("Polis pazartesi günü şehirde beş kişiyi gözaltına aldı, dedi bakanlık sözcüsü gazetecilere.", "tr"),
            ("قالت الشرطة إنها اعتقلت خمسة رجال في المدينة يوم الاثنين بعد اشتباكات عنيفة", "ar"),
        ] {
            assert_eq!(of(text), Some(language), "{text}");
        }
    }

    #[test]
    fn english_full_of_foreign_names_is_english() {
        let text =
            "Recep Tayyip Erdogan, Abdullah Ocalan and Selahattin Demirtas met in Diyarbakir with Ahmet Davutoglu.";
        assert!(matches!(of(text), Some("en") | None));
    }

    #[test]
    fn short_text_is_not_guessed() {
        assert_eq!(of("Raid"), None);
        assert_eq!(of("12 34 56 78 90 ".repeat(50).as_str()), None);
    }
}
