//! What a notice may say and when it may change, as pure functions; how its text is shown and what its fingerprint is of.

use serde::Serialize;

use super::error::NoticeError;
use super::model::{Attached, Block, Notice, NoticeState, Texts};

/// The longest title, in characters: a line on a phone, and of a case with its kind before it.
pub const TITLE_CHARS_MAX: usize = 80;
/// The longest body, in characters: some ten printed pages; what is longer is a file.
pub const BODY_CHARS_MAX: usize = 20_000;
/// The longest reason for a withdrawal, in characters.
pub const REASON_CHARS_MAX: usize = 500;
/// Files of one notice.
pub const FILES_MAX: usize = 10;
/// The longest name of a file, in characters.
pub const NAME_CHARS_MAX: usize = 80;

/// The weights of the first seventeen digits of a citizen's number (GB 11643), and what its last one is by the sum.
const ID_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const ID_CHECKS: &[u8; 11] = b"10X98765432";

type Checked = Result<(), NoticeError>;

fn demand(holds: bool, field: &'static str, why: &'static str) -> Checked {
    if holds {
        Ok(())
    } else {
        Err(NoticeError::Invalid { field, why })
    }
}

/// Letters that nobody sees and that turn other letters around or hide between them.
const fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// A text with its lines ended alike, nothing unseen, nothing at the ends of lines, and no more than one blank line in a
/// row: the same words pasted from anywhere become the same text.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let seen: String = text.chars().filter(|letter| !is_unseen(*letter)).collect();
    let mut lines: Vec<String> = Vec::new();
    for line in seen.replace('\t', " ").lines() {
        let line = line.trim_end();
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n").trim_end().to_owned()
}

/// The texts as they are kept.
pub fn cleaned(texts: &Texts) -> Texts {
    let line = |text: &str| clean(text).replace('\n', " ").trim().to_owned();
    Texts {
        title: line(&texts.title),
        body: clean(&texts.body),
        title_en: line(&texts.title_en),
        body_en: clean(&texts.body_en),
    }
}

/// Whether a text holds what a browser would take for a tag.
fn has_tags(text: &str) -> bool {
    let after = |letter: char| letter.is_ascii_alphabetic() || matches!(letter, '/' | '!' | '?');
    text.split('<').skip(1).any(|rest| rest.starts_with(after))
}

/// Whether a text holds a citizen's number: eighteen places, a day of birth, and a last place that fits the others.
fn has_citizens_number(text: &str) -> bool {
    let runs = text.split(|letter: char| !letter.is_ascii_digit() && !matches!(letter, 'X' | 'x'));
    runs.filter(|run| run.len() == 18).any(|run| {
        let (digits, last) = run.as_bytes().split_at(17);
        if !digits.iter().all(u8::is_ascii_digit) {
            return false;
        }
        let pair = |at: usize| (digits[at] - b'0') * 10 + digits[at + 1] - b'0';
        let born = matches!(pair(6), 19 | 20) && (1..=12).contains(&pair(10)) && (1..=31).contains(&pair(12));
        let sum: u32 = digits
            .iter()
            .zip(ID_WEIGHTS)
            .map(|(d, w)| u32::from(d - b'0') * w)
            .sum();
        born && ID_CHECKS.get(sum as usize % 11) == Some(&last[0].to_ascii_uppercase())
    })
}

fn check_text(text: &str, (field, chars_max, why): (&'static str, usize, &'static str)) -> Checked {
    demand((1..=chars_max).contains(&text.chars().count()), field, why)?;
    demand(
        !text.chars().any(|letter| letter.is_control() && letter != '\n'),
        field,
        "text without control characters",
    )?;
    demand(
        !has_tags(text),
        field,
        "plain text without HTML tags: headings begin with “## ”, items with “- ”",
    )?;
    demand(
        !has_citizens_number(text),
        field,
        "no citizen’s number (身份证号): mask it before it is published",
    )
}

/// What a notice says, cleaned before: Chinese always, English whole or not at all.
///
/// # Errors
/// [`NoticeError::Invalid`].
pub fn check_texts(texts: &Texts) -> Checked {
    let title = (TITLE_CHARS_MAX, "one line of 1 to 80 characters");
    let body = (BODY_CHARS_MAX, "1 to 20,000 characters; what is longer is a file");
    check_text(&texts.title, ("title", title.0, title.1))?;
    check_text(&texts.body, ("body", body.0, body.1))?;
    if texts.title_en.is_empty() && texts.body_en.is_empty() {
        return Ok(());
    }
    check_text(
        &texts.title_en,
        ("title_en", title.0, "1 to 80 characters, beside the English body"),
    )?;
    check_text(
        &texts.body_en,
        ("body_en", body.0, "1 to 20,000 characters, beside the English title"),
    )
}

/// Why a notice is withdrawn.
///
/// # Errors
/// [`NoticeError::Invalid`].
pub fn check_reason(reason: &str) -> Result<String, NoticeError> {
    let reason = clean(reason);
    check_text(
        &reason,
        ("reason", REASON_CHARS_MAX, "1 to 500 characters, for the public"),
    )?;
    Ok(reason)
}

/// What a file is called.
///
/// # Errors
/// [`NoticeError::Invalid`].
pub fn check_name(name: &str) -> Result<String, NoticeError> {
    let name = clean(name).replace(['\n', '/', '\\', '"'], " ").trim().to_owned();
    check_text(&name, ("name", NAME_CHARS_MAX, "a file name of 1 to 80 characters"))?;
    Ok(name)
}

/// Whether a draft may change: only while no case decides about it, or has approved it.
///
/// # Errors
/// [`NoticeError::State`], [`NoticeError::Asked`].
pub fn may_change(notice: &Notice, is_asked: bool) -> Checked {
    if notice.state != NoticeState::Draft {
        return Err(NoticeError::State(notice.state.word()));
    }
    if is_asked {
        return Err(NoticeError::Asked);
    }
    Ok(())
}

/// Whether a version may be corrected or withdrawn: while it is the one that stands.
///
/// # Errors
/// [`NoticeError::State`].
pub fn stands(notice: &Notice) -> Checked {
    match notice.state {
        NoticeState::Published(_) => Ok(()),
        _ => Err(NoticeError::State(notice.state.word())),
    }
}

/// A body in the parts it is shown in. Nothing in it is markup of a page: every part is text.
pub fn blocks(body: &str) -> Vec<Block> {
    let mut all: Vec<Block> = Vec::new();
    let mut is_apart = true;
    for line in body.lines() {
        if line.trim().is_empty() {
            is_apart = true;
            continue;
        }
        if let Some(text) = line.strip_prefix("## ") {
            let text = text.trim().to_owned();
            all.push(Block::Heading { text });
            is_apart = true;
            continue;
        }
        match (line.strip_prefix("- "), all.last_mut()) {
            (Some(item), Some(Block::Items { items })) if !is_apart => items.push(item.trim().to_owned()),
            (Some(item), _) => all.push(Block::Items {
                items: vec![item.trim().to_owned()],
            }),
            (None, Some(Block::Paragraph { lines })) if !is_apart => lines.push(line.trim().to_owned()),
            (None, _) => all.push(Block::Paragraph {
                lines: vec![line.trim().to_owned()],
            }),
        }
        is_apart = false;
    }
    all
}

/// The public ids of a notice and of what it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Of the notice.
    pub notice: String,
    /// Of its unit.
    pub unit: String,
    /// Of its campaign.
    pub campaign: Option<String>,
    /// Of its project.
    pub project: Option<String>,
    /// Of the version it corrects.
    pub corrects: Option<String>,
}

#[derive(Serialize)]
struct Text<'n> {
    v: u8,
    notice: &'n str,
    unit: &'n str,
    kind: &'static str,
    campaign: Option<&'n str>,
    project: Option<&'n str>,
    version: i64,
    corrects: Option<&'n str>,
    #[serde(flatten)]
    texts: &'n Texts,
    files: Vec<File<'n>>,
}

#[derive(Serialize)]
struct File<'n> {
    name: &'n str,
    sha256: String,
}

/// The text of which a notice's fingerprint is: JSON with its keys in this order, the same bytes for ever. It holds all
/// that the notice says, and not its number or day, which are given later and stand in the log beside the fingerprint.
pub fn text_of(notice: &Notice, files: &[Attached], named: &Named) -> String {
    let text = Text {
        v: 1,
        notice: &named.notice,
        unit: &named.unit,
        kind: notice.kind.as_str(),
        campaign: named.campaign.as_deref(),
        project: named.project.as_deref(),
        version: notice.version,
        corrects: named.corrects.as_deref(),
        texts: &notice.texts,
        files: files
            .iter()
            .map(|file| File {
                name: &file.name,
                sha256: data_encoding::HEXLOWER.encode(&file.sha256),
            })
            .collect(),
    };
    // Texts and small numbers are always JSON.
    serde_json::to_string(&text).unwrap_or_default()
}

/// The fingerprint of a text.
pub fn fingerprint(text: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(body: &str) -> Texts {
        Texts {
            title: "救在身边项目进展".into(),
            body: body.into(),
            ..Texts::default()
        }
    }

    fn refused(texts: &Texts) -> &'static str {
        match check_texts(texts) {
            Err(NoticeError::Invalid { field, .. }) => field,
            Ok(()) => "",
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_pasted_from_anywhere_becomes_one_text() {
        let pasted = Texts {
            title: " 进展\u{200b}\r\n公示 ".into(),
            body: "\r\n\r\n第一段 \r\n\t续\r\n\r\n\r\n\u{202e}第二段\u{feff}\n\n".into(),
            ..Texts::default()
        };
        let clean = cleaned(&pasted);
        assert_eq!(clean.title, "进展 公示");
        assert_eq!(clean.body, "第一段\n 续\n\n第二段");
        assert_eq!(cleaned(&clean), clean, "cleaning again changes nothing");
    }

    #[test]
    fn no_markup_of_pages_and_no_citizens_number_gets_in() {
        assert_eq!(refused(&texts("本月支出 < 上月，1<2")), "");
        for body in ["<b>粗</b>", "a<script>x", "<!--", "</p>", "<IMG src=x>"] {
            assert_eq!(refused(&texts(body)), "body", "{body}");
        }
        // A made-up number with a right last place, and its neighbours.
        let number = format!("{}{}", "11010519491231", "002X");
        assert_eq!(refused(&texts(&format!("联系人 {number} 。"))), "body");
        let other = format!("{}{}", "11010519491231", "0021");
        assert_eq!(
            refused(&texts(&format!("账号 {other}"))),
            "",
            "another last place is no citizen’s number"
        );
        assert_eq!(refused(&texts("统一代码 52371300MJE0000022")), "");
        assert_eq!(refused(&texts("编号 533713002026110000")), "");
    }

    #[test]
    fn english_is_whole_or_absent() {
        let mut both = texts("正文");
        both.title_en = "Progress".into();
        assert_eq!(refused(&both), "body_en");
        both.body_en = "Text".into();
        assert_eq!(refused(&both), "");
        both.title_en.clear();
        assert_eq!(refused(&both), "title_en");
        let mut long = texts(&"字".repeat(BODY_CHARS_MAX));
        assert_eq!(refused(&long), "");
        long.body.push('字');
        assert_eq!(refused(&long), "body");
        long.title.clear();
        assert_eq!(refused(&long), "title");
    }

    #[test]
    fn a_body_is_shown_in_headings_paragraphs_and_lists() {
        let shown = blocks("开头\n第二行\n\n## 支出\n- 设备 <12> 台\n- 培训\n\n- 另一组\n结尾\n##不是标题");
        let text = |text: &str| text.to_owned();
        assert_eq!(
            shown,
            [
                Block::Paragraph {
                    lines: vec![text("开头"), text("第二行")]
                },
                Block::Heading { text: text("支出") },
                Block::Items {
                    items: vec![text("设备 <12> 台"), text("培训")]
                },
                Block::Items {
                    items: vec![text("另一组")]
                },
                Block::Paragraph {
                    lines: vec![text("结尾"), text("##不是标题")]
                },
            ]
        );
        assert!(blocks("").is_empty());
    }

    #[test]
    fn a_files_name_is_one_harmless_line() {
        assert_eq!(check_name(" 报告\"1/2\".pdf ").ok().as_deref(), Some("报告 1 2 .pdf"));
        assert!(check_name(" \u{200b} ").is_err());
        assert!(check_name(&"长".repeat(81)).is_err());
    }
}
