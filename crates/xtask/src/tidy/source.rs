//! A Rust file as the laws see it: code without comments and strings, the strings apart, and which lines are tests.

/// The rooms of a slice (ARCHITECTURE.md), and the two of the hot path.
const ROOMS: [&str; 11] = [
    "model", "rules", "error", "store", "queries", "actions", "api", "pages", "jobs", "wide", "intake",
];

/// One file of the repository, its path relative to the root.
#[derive(Debug, Clone)]
pub struct File {
    /// `crates/giving/src/donations/store.rs`.
    pub path: String,
    /// As it stands.
    pub text: String,
}

/// A Rust file taken apart.
#[derive(Debug)]
pub struct Rust {
    /// Where it is.
    pub path: String,
    /// Each line's code, comments and the insides of strings blanked.
    pub code: Vec<String>,
    /// Every string literal with the line it begins on (from 1).
    pub strings: Vec<(usize, String)>,
    test_lines: Vec<bool>,
}

impl Rust {
    /// Takes the file apart.
    pub fn parse(file: &File) -> Self {
        let (code, strings) = split(&file.text);
        let code: Vec<String> = code.lines().map(str::to_owned).collect();
        let whole = is_test_path(&file.path);
        let test_lines = if whole {
            vec![true; code.len()]
        } else {
            test_lines(&code)
        };
        Self {
            path: file.path.clone(),
            code,
            strings,
            test_lines,
        }
    }
    /// Whether a line (from 1) belongs to a test.
    pub fn is_test(&self, line: usize) -> bool {
        self.test_lines.get(line.saturating_sub(1)).copied().unwrap_or(false)
    }
    /// Lines of code outside tests, numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.code.iter().enumerate().map(|(at, line)| (at + 1, line.as_str()));
        numbered.filter(|(line, _)| !self.is_test(*line))
    }
    /// String literals outside tests.
    pub fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.strings
            .iter()
            .filter(|(line, _)| !self.is_test(*line))
            .map(|(line, text)| (*line, text.as_str()))
    }
    /// The crate it belongs to, `giving`.
    pub fn krate(&self) -> &str {
        self.path
            .strip_prefix("crates/")
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default()
    }
    /// Whether the file is this room, or lies in the folder of this room: `store.rs`, `store/gifts.rs`. The innermost
    /// room counts: `jobs/api.rs` is the handlers of a slice that is called jobs.
    pub fn is_room(&self, room: &str) -> bool {
        let parts = self
            .path
            .split('/')
            .skip(3)
            .map(|part| part.strip_suffix(".rs").unwrap_or(part));
        parts.filter(|part| ROOMS.contains(part)).last() == Some(room)
    }
}

/// Files that only tests compile: folders by cargo's convention, `tests.rs` and `testing.rs` by ours.
pub fn is_test_path(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts
        .iter()
        .any(|part| matches!(*part, "tests" | "benches" | "examples" | "e2e" | "testing"))
        || parts
            .last()
            .is_some_and(|name| matches!(*name, "tests.rs" | "testing.rs" | "build.rs"))
}

/// The text with comments and strings blanked (line breaks kept), and the strings.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut strings = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let rest = &chars[at..];
        let taken = if rest.starts_with(&['/', '/']) {
            rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
        } else if rest.starts_with(&['/', '*']) {
            block_comment(rest)
        } else if let Some((opening, length)) = string_at(rest, at.checked_sub(1).map(|before| chars[before])) {
            strings.push((line, rest[opening.0..length - opening.1].iter().collect()));
            length
        } else {
            char_at(rest).unwrap_or_default()
        };
        let blanked = taken.max(1);
        for c in &rest[..blanked] {
            line += usize::from(*c == '\n');
            let keep = taken == 0 || *c == '\n';
            code.push(if keep { *c } else { ' ' });
        }
        at += blanked;
    }
    (code, strings)
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// A string literal here: how many characters open and close it, and its whole length.
fn string_at(rest: &[char], before: Option<char>) -> Option<((usize, usize), usize)> {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let prefix = rest
        .iter()
        .take_while(|c| matches!(**c, 'b' | 'r' | 'c'))
        .count()
        .min(2);
    if prefix > 0 && in_word {
        return None;
    }
    let is_raw = rest[..prefix].contains(&'r');
    let hashes = if is_raw {
        rest[prefix..].iter().take_while(|c| **c == '#').count()
    } else {
        0
    };
    let start = prefix + hashes + 1;
    if rest.get(start - 1) != Some(&'"') {
        return None;
    }
    let mut at = start;
    while at < rest.len() {
        match rest[at] {
            '\\' if !is_raw => at += 1,
            '"' if rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes => {
                return Some(((start, hashes + 1), at + 1 + hashes));
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// A character literal here (not a lifetime): its length.
fn char_at(rest: &[char]) -> Option<usize> {
    if rest.first() != Some(&'\'') {
        return None;
    }
    if rest.get(1) == Some(&'\\') {
        return rest.iter().skip(3).position(|c| *c == '\'').map(|at| at + 4);
    }
    (rest.get(2) == Some(&'\'')).then_some(3)
}

/// Marks the lines of every item under `#[cfg(test)]` or `#[test]`.
fn test_lines(code: &[String]) -> Vec<bool> {
    let mut marks = vec![false; code.len()];
    let mut at = 0;
    while at < code.len() {
        let line = code[at].trim_start();
        if !(line.starts_with("#[cfg(test)]") || line.starts_with("#[test]")) {
            at += 1;
            continue;
        }
        let (mut depth, mut opened, begun) = (0_i32, false, at);
        while at < code.len() {
            marks[at] = true;
            for c in code[at].chars() {
                depth += i32::from(c == '{') - i32::from(c == '}');
                opened |= c == '{';
            }
            let ended = if opened {
                depth == 0
            } else {
                at > begun && code[at].contains(';')
            };
            at += 1;
            if ended {
                break;
            }
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: &str) -> Rust {
        Rust::parse(&File {
            path: "crates/giving/src/donations/store.rs".into(),
            text: text.into(),
        })
    }

    #[test]
    fn strings_and_comments_are_not_code() {
        let file = rust("let a = \"x.unwrap()\"; // y.unwrap()\n/* z.unwrap()\n */ let b = r#\"q \"inside\" q\"#;\n");
        assert!(!file.code.concat().contains("unwrap"));
        let strings: Vec<&str> = file.strings.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(strings, ["x.unwrap()", "q \"inside\" q"]);
        assert_eq!(file.strings[1].0, 3);
    }

    #[test]
    fn lifetimes_and_quotes_as_characters_do_not_open_strings() {
        let file = rust("fn f<'a>(x: &'a str) { let q = '\"'; let n = '\\n'; let s = \"s\"; }\n");
        assert_eq!(file.strings, [(1, "s".to_owned())]);
        assert!(file.code[0].contains("fn f<'a>(x: &'a str)"));
    }

    #[test]
    fn lines_of_tests_are_known() {
        let file = rust(
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { if x {} }\n}\nfn c() {}\n#[cfg(test)]\nmod more;\nfn d() {}\n",
        );
        let plain: Vec<usize> = file.lines().map(|(line, _)| line).collect();
        assert_eq!(plain, [1, 6, 9]);
        assert!(is_test_path("crates/db/tests/both.rs") && !is_test_path("crates/db/src/tx.rs"));
    }

    #[test]
    fn a_room_is_a_file_or_a_folder() {
        assert!(rust("").is_room("store") && !rust("").is_room("queries"));
        let inside = Rust::parse(&File {
            path: "crates/giving/src/donations/store/gifts.rs".into(),
            text: String::new(),
        });
        assert!(inside.is_room("store"));
        let slice = Rust::parse(&File {
            path: "crates/platform/src/jobs/api.rs".into(),
            text: String::new(),
        });
        assert!(slice.is_room("api") && !slice.is_room("jobs"));
    }
}
