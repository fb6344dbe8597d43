//! Which lines say the same. Pure.

use std::collections::HashMap;

use crate::catalogue::rules::{alias_key, grade_marks};

/// What a line says that it is: its name, and the grade that only its specification says. Two grades stay two texts.
pub fn words(item: &str, spec: &str) -> String {
    let item = item.trim();
    let said = grade_marks(item);
    let more: Vec<&str> = grade_marks(spec)
        .into_iter()
        .filter(|mark| !said.contains(mark))
        .collect();
    if more.is_empty() {
        item.to_owned()
    } else {
        format!("{item} {}", more.join(" "))
    }
}

/// Brings lines together that say the same: text, how it is looked up, lines; the most lines first, then by text.
pub fn alike(lines: impl IntoIterator<Item = (String, i64)>) -> Vec<(String, String, i64)> {
    let mut groups: HashMap<String, (i64, i64, String)> = HashMap::new();
    for (words, lines) in lines {
        let key = alias_key(&words);
        if key.is_empty() {
            continue;
        }
        let (all, most, shown) = groups.entry(key).or_default();
        *all = all.saturating_add(lines);
        // Of two ways to write it, the usual one; of two usual ones, always the same.
        if lines > *most || (lines == *most && words < *shown) {
            (*most, *shown) = (lines, words);
        }
    }
    let mut found: Vec<_> = groups
        .into_iter()
        .map(|(key, (lines, _, words))| (words, key, lines))
        .collect();
    found.sort_unstable_by(|one, other| (other.2, &one.0).cmp(&(one.2, &other.0)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grade_that_only_the_specification_says_belongs_to_the_text() {
        assert_eq!(words("口罩", "9501 N95"), "口罩 N95");
        assert_eq!(words("N95口罩", "N95 蝶形"), "N95口罩");
        assert_eq!(words("口罩", "KN95"), "口罩 KN95");
        assert_eq!(words(" 防护服 ", "L"), "防护服");
    }

    #[test]
    fn white_space_and_small_letters_make_no_other_text() {
        let lines = [
            ("n95 口罩", 2),
            ("N95口罩", 5),
            ("84 消毒液", 7),
            ("", 3),
            ("N95 口罩", 5),
        ];
        let found = alike(lines.map(|(words, lines)| (words.to_owned(), lines)));
        let shown: Vec<(&str, i64)> = found.iter().map(|(words, _, lines)| (words.as_str(), *lines)).collect();
        assert_eq!(shown, [("N95 口罩", 12), ("84 消毒液", 7)]);
        assert_eq!(found[0].1, "N95口罩");
    }
}
