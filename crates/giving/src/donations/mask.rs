//! Masked names: what stands in clear beside a sealed name, on lists and in reports.

/// The form of a name that may be shown to anyone: `张*`, `欧**`, `W****`; firms and societies keep their name.
pub fn name(full: &str) -> String {
    let trimmed = full.trim();
    let is_body = trimmed.chars().count() > 5
        && [
            "公司",
            "学校",
            "医院",
            "协会",
            "商会",
            "基金会",
            "委员会",
            "集团",
            "大学",
            "中学",
            "小学",
            "银行",
            "合作社",
        ]
        .iter()
        .any(|word| trimmed.contains(word));
    if is_body {
        return trimmed.to_owned();
    }
    let mut chars = trimmed.chars();
    match chars.next() {
        None => String::new(),
        // Already masked by the sender, as bank and wallet files do.
        Some('*') => trimmed.to_owned().masked_tail(),
        Some(first) => {
            let rest = chars.count().clamp(1, 4);
            format!("{first}{}", "*".repeat(rest))
        }
    }
}

trait MaskedTail {
    fn masked_tail(self) -> String;
}
impl MaskedTail for String {
    /// `*小明` becomes `**明`: only the last character of a half-masked name stays.
    fn masked_tail(self) -> String {
        let count = self.chars().count();
        match self.chars().next_back() {
            Some(last) if count > 1 => format!("{}{last}", "*".repeat((count - 1).min(4))),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn persons_are_masked_and_bodies_keep_their_name() {
        assert_eq!(name("张三"), "张*");
        assert_eq!(name(" 欧阳小明 "), "欧***");
        assert_eq!(name("Wang Xiaoming"), "W****");
        assert_eq!(name("*小明"), "**明");
        assert_eq!(name("王"), "王*");
        assert_eq!(name(""), "");
        assert_eq!(name("示例市第一人民医院"), "示例市第一人民医院");
    }
}
