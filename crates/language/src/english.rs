//! Is a paragraph English? Others get no findings rather than wrong ones (domain.md 2.4).

/// How much of a paragraph is looked at, in words.
const SAMPLE: usize = 120;

/// Small words that English prose cannot do without and its neighbours do not have, or rarely.
const ENGLISH: [&str; 62] = [
    "the", "and", "of", "to", "that", "was", "with", "for", "on", "this", "it", "is", "are", "were", "we",
    "our", "by", "from", "not", "have", "had", "has", "be", "been", "at", "which", "but", "they", "their",
    "as", "when", "after", "before", "should", "could", "would", "will", "there", "who", "what", "did", "do",
    "you", "if", "or", "than", "then", "all", "more", "i", "he", "she", "how", "why", "because", "into",
    "out", "no", "only", "so", "an", "its",
];

/// Small words of other languages written with the same letters.
const OTHER: [&str; 84] = [
    "der", "das", "und", "nicht", "ist", "wurde", "ein", "eine", "den", "dem", "mit", "von", "für", "auf",
    "wir", "sich", "hätte", "haben", "werden", "zu", "le", "les", "des", "et", "est", "une", "du", "dans",
    "pour", "pas", "qui", "que", "nous", "sur", "aurait", "été", "el", "los", "las", "una", "por", "con",
    "para", "del", "se", "fue", "il", "che", "di", "della", "è", "sono", "stato", "non", "per", "o", "os",
    "não", "foi", "uma", "com", "em", "het", "een", "van", "niet", "werd", "zijn", "och", "att", "det",
    "som", "inte", "på", "og", "ikke", "til", "w", "nie", "jest", "że", "y", "la", "die",
];

/// Whether a text is English enough for rules that know English.
pub fn is_english(text: &str) -> bool {
    let (mut english, mut other, mut letters, mut foreign, mut words) =
        (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    let mut buffer = String::new();
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).take(SAMPLE) {
        words += 1;
        letters += word.chars().count();
        foreign += word.chars().filter(|c| !c.is_ascii()).count();
        if word.len() <= 8 {
            buffer.clear();
            buffer.extend(word.chars().flat_map(char::to_lowercase));
            english += usize::from(ENGLISH.contains(&buffer.as_str()));
            other += usize::from(OTHER.contains(&buffer.as_str()));
        }
    }
    // Letters beyond ASCII in more than one of ten places: another language, whatever its small words are.
    if foreign * 10 > letters {
        return false;
    }
    if other > english {
        return false;
    }
    // Long texts without English small words are lists of names, logs or another language.
    words < 10 || english * 14 >= words
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn english_and_others() {
        for (text, english) in [
            ("The night shift restarted the queue because it was full.", true),
            ("Improve monitoring", true),
            ("Human error.", true),
            ("Der Ingenieur hätte das Zertifikat erneuern sollen.", false),
            ("L'équipe aurait dû vérifier la configuration avant le déploiement.", false),
            ("El operador no comprobó la alarma y por eso se perdió una hora.", false),
            ("Инженер должен был проверить конфигурацию.", false),
            ("エンジニアは確認すべきだった。", false),
            ("De beheerder had het alarm niet gezien en werd te laat gewaarschuwd.", false),
        ] {
            assert_eq!(is_english(text), english, "{text}");
        }
    }
}
