//! A file attached to a finished PDF: appended as an incremental update (ISO 32000-1, 7.5.6), so that the paper's own
//! bytes stand unchanged at the beginning and its hash can still be checked.
//!
//! Only papers of this crate are attached to: one plain cross-reference table, a catalog without names. The result is
//! no PDF/A-2, which allows no attachments but papers of its own kind; the paper that is kept stays the one without.

use crate::error::PapersError;

/// What stands before the length of an attached file: looked for from the end, since it is appended last.
const LEAD: &[u8] = b"<</Type/EmbeddedFile/Subtype/text#2Fplain/Length ";
const STREAM: &[u8] = b">>stream\n";

fn unfit(why: &str) -> PapersError {
    PapersError::Pdf(format!("nothing can be attached: {why}"))
}

/// The last place of a word.
fn last(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|window| window == word)
}

fn number(text: &str) -> Option<(usize, &str)> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

/// The number after a key of a dictionary, and where key and number stand.
fn entry(dictionary: &str, key: &str) -> Option<(usize, std::ops::Range<usize>)> {
    let start = dictionary.find(key)?;
    let (value, rest) = number(&dictionary[start + key.len()..])?;
    Some((value, start..dictionary.len() - rest.len()))
}

/// The end of a PDF, as its readers begin.
struct Tail<'p> {
    trailer: &'p str,
    size: usize,
    root: usize,
    table: usize,
    catalog: &'p str,
}

fn tail(pdf: &[u8]) -> Option<Tail<'_>> {
    let at = last(pdf, b"trailer\n")?;
    let (trailer, after) = std::str::from_utf8(&pdf[at..]).ok()?.split_once("startxref")?;
    let trailer = trailer.strip_prefix("trailer")?.trim();
    let (table, _) = number(after)?;
    let (size, _) = entry(trailer, "/Size")?;
    let (root, _) = entry(trailer, "/Root")?;
    let head = format!("\n{root} 0 obj\n");
    let start = last(&pdf[..at], head.as_bytes())? + head.len();
    let end = start + pdf[start..at].windows(7).position(|window| window == b"\nendobj")?;
    let catalog = std::str::from_utf8(&pdf[start..end]).ok()?.trim();
    Some(Tail {
        trailer,
        size,
        root,
        table,
        catalog,
    })
}

/// The PDF with a text file attached, under a name of letters, digits, dots and hyphens.
///
/// # Errors
/// [`PapersError::Pdf`] for a PDF that is none of this crate's, or has an attachment already.
pub fn attach(pdf: &[u8], name: &str, text: &[u8]) -> Result<Vec<u8>, PapersError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(unfit("its name is not plain"));
    }
    let tail = tail(pdf).ok_or_else(|| unfit("the PDF is not of the form that is written here"))?;
    let catalog = tail.catalog.strip_suffix(">>").filter(|of| !of.contains("/Names"));
    let catalog = catalog.ok_or_else(|| unfit("the PDF has names already"))?;
    let (_, size_at) = entry(tail.trailer, "/Size").ok_or_else(|| unfit("the PDF has no size"))?;
    let (before, after) = (&tail.trailer[..size_at.start], &tail.trailer[size_at.end..]);
    let after = after
        .strip_suffix(">>")
        .ok_or_else(|| unfit("the PDF’s trailer is cut"))?;
    let (root, file, about) = (tail.root, tail.size, tail.size + 1);
    let mut out = pdf.to_vec();
    if out.last() != Some(&b'\n') {
        out.push(b'\n');
    }
    let file_at = out.len();
    out.extend_from_slice(format!("{file} 0 obj\n").as_bytes());
    out.extend_from_slice(LEAD);
    out.extend_from_slice(format!("{}", text.len()).as_bytes());
    out.extend_from_slice(STREAM);
    out.extend_from_slice(text);
    out.extend_from_slice(b"\nendstream\nendobj\n");
    let about_at = out.len();
    let filespec = format!(
        "{about} 0 obj\n<</Type/Filespec/F({name})/UF({name})/AFRelationship/Data/EF<</F {file} 0 R/UF {file} 0 R>>>>\nendobj\n"
    );
    out.extend_from_slice(filespec.as_bytes());
    let root_at = out.len();
    let names = format!("/Names<</EmbeddedFiles<</Names[({name}){about} 0 R]>>>>/AF[{about} 0 R]>>");
    out.extend_from_slice(format!("{root} 0 obj\n{catalog}{names}\nendobj\n").as_bytes());
    let table_at = out.len();
    // Each line of the table has 20 bytes.
    let line = |at: usize| format!("{at:010} 00000 n\r\n");
    let table = format!(
        "xref\n{root} 1\n{}{file} 2\n{}{}trailer\n{before}/Size {}{after}/Prev {}>>\nstartxref\n{table_at}\n%%EOF\n",
        line(root_at),
        line(file_at),
        line(about_at),
        about + 1,
        tail.table,
    );
    out.extend_from_slice(table.as_bytes());
    Ok(out)
}

/// The file that [`attach`] attached to a PDF; `None` where there is none.
pub fn attached(pdf: &[u8]) -> Option<&[u8]> {
    let start = last(pdf, LEAD)? + LEAD.len();
    let digits = pdf[start..].iter().take_while(|b| b.is_ascii_digit()).count();
    let length: usize = std::str::from_utf8(&pdf[start..start + digits]).ok()?.parse().ok()?;
    let text = pdf[start + digits..].strip_prefix(STREAM)?;
    text.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PDF as this crate's engine ends them: the catalog last, one table.
    fn paper() -> Vec<u8> {
        let head = "%PDF-1.7\n1 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n";
        let catalog = "2 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n";
        let table = head.len() + catalog.len();
        let lines = format!(
            "0000000000 65535 f\r\n0000000009 00000 n\r\n{:010} 00000 n\r\n",
            head.len()
        );
        let end = format!("xref\n0 3\n{lines}trailer\n<</Size 3/Root 2 0 R/ID[(a)(b)]>>\nstartxref\n{table}\n%%EOF");
        [head, catalog, &end].concat().into_bytes()
    }

    #[test]
    fn a_file_is_attached_after_the_paper_and_found_again() {
        let (paper, text) = (paper(), "zwei Zeilen —\nendstream\n".as_bytes());
        let with = attach(&paper, "a.tlog-proof", text).expect("attached");
        assert!(with.starts_with(&paper), "the paper’s own bytes stand");
        assert_eq!(attached(&with), Some(text));
        let words = String::from_utf8_lossy(&with).into_owned();
        let at = |what: &str| words.rfind(what).unwrap_or_else(|| panic!("{what}"));
        let line = |place: usize| format!("{place:010} 00000 n");
        assert!(
            words.contains(&line(at("\n2 0 obj") + 1)) && words.contains(&line(at("\n4 0 obj") + 1)),
            "{words}"
        );
        assert!(words.contains("/Size 5/Root 2 0 R/ID[(a)(b)]/Prev "), "{words}");
    }

    #[test]
    fn what_is_no_paper_or_has_a_file_already_gets_none() {
        let paper = paper();
        let with = attach(&paper, "a", b"x").expect("attached");
        assert!(attach(&with, "b", b"y").is_err(), "twice");
        assert!(attach(&paper, "a)b", b"x").is_err(), "a name that would end its text");
        assert!(attach(b"%PDF-1.7", "a", b"x").is_err());
        assert_eq!(attached(&paper), None);
        // Cut anywhere, it gives the whole file or none.
        for end in 0..with.len() {
            assert!(attached(&with[..end]).is_none_or(|text| text == b"x"));
            let _ = attach(&with[..end], "a", b"x");
        }
    }
}
