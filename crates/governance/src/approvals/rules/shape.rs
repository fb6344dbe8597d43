//! The shape of what people write.

use super::{Done, demand, invalid};
use crate::approvals::model::{Change, Paper, TITLE_CHARS_MAX, WORDS_CHARS_MAX};
use crate::approvals::policy::is_key;

pub(super) fn check_words(words: &str) -> Done {
    demand(
        words.chars().count() <= WORDS_CHARS_MAX,
        invalid("words", "at most 4,000 characters"),
    )
}

pub(super) fn check_change(content: &Change) -> Done {
    let title = content.title.as_deref().unwrap_or("-");
    let fits = title.chars().count() <= TITLE_CHARS_MAX && !title.chars().any(char::is_control);
    demand(fits, invalid("title", "one line of 1 to 100 characters"))?;
    let summary = content.summary.as_deref().unwrap_or_default();
    demand(
        summary.chars().count() <= WORDS_CHARS_MAX,
        invalid("summary", "at most 4,000 characters"),
    )?;
    content.papers.iter().try_for_each(check_paper)
}

pub(super) fn check_paper(paper: &Paper) -> Done {
    let name = (1..=TITLE_CHARS_MAX).contains(&paper.name.trim().chars().count());
    demand(is_key(&paper.kind), invalid("papers.kind", "a word of a-z, 0-9 and _"))?;
    demand(name, invalid("papers.name", "1 to 100 characters"))?;
    let is_hash = paper.sha256.len() == 64 && paper.sha256.bytes().all(|b| b.is_ascii_hexdigit());
    let is_there = is_hash || (paper.sha256.is_empty() && !paper.words.trim().is_empty());
    demand(
        is_there,
        invalid("papers.sha256", "64 hexadecimal digits, or words instead"),
    )?;
    check_words(&paper.words)
}

/// The media type of bytes that are taken as a paper, by how they begin: what a name says is nobody's proof.
pub fn file_kind(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 3] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
    ];
    let found = kinds.into_iter().find(|(begins, _)| bytes.starts_with(begins));
    found.map(|(_, kind)| kind)
}
