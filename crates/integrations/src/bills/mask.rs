//! Names as they may be shown.

/// The name with all but its first character hidden: `张三` → `张*`, `欧阳修` → `欧**`. A name that the file itself
/// masked (`*瑛`, `x4***6`) stays as it is; at most four stars, so that the length of a long name does not show.
pub fn mask(name: &str) -> String {
    const MOST_STARS: usize = 4;
    if name.contains(['*', '＊']) {
        return name.to_owned();
    }
    let mut characters = name.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let stars = characters.count().clamp(1, MOST_STARS);
    let mut masked = String::with_capacity(first.len_utf8() + stars);
    masked.push(first);
    masked.extend(std::iter::repeat_n('*', stars));
    masked
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn only_the_first_character_of_a_name_is_shown() {
        for (name, shown) in [
            ("张三", "张*"),
            ("欧阳修", "欧**"),
            ("李", "李*"),
            ("某某市某某实业有限公司", "某****"),
            ("*瑛", "*瑛"),
            ("x4***6", "x4***6"),
            ("", ""),
        ] {
            assert_eq!(mask(name), shown);
        }
    }
}
