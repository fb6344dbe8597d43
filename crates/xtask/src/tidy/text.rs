//! Laws about any text: length, marks of unfinished work, package registries, links.

use std::path::{Component, Path, PathBuf};

use super::{File, Finding, is_test_path};
use crate::shell;

/// The hard cap of a file that people read as code.
const FILE_LINES_MAX: usize = 600;
const CODE: [&str; 9] = [".rs", ".ts", ".tsx", ".js", ".mjs", ".css", ".html", ".sql", ".sh"];

/// Files of code end within 600 lines; tests apart.
pub fn files_are_short(file: &File) -> Option<Finding> {
    let is_code = CODE.iter().any(|end| file.path.ends_with(end)) && !is_test_path(&file.path);
    let is_made =
        file.path.contains("__generated__") || file.path.contains(".gen.") || file.path.starts_with("docs/schema/");
    let lines = file.text.lines().count();
    let advice = || format!("{lines} lines; make it a folder cut by verb (aim at 400, cap {FILE_LINES_MAX})");
    (is_code && !is_made && lines > FILE_LINES_MAX)
        .then(|| Finding::new(&file.path, FILE_LINES_MAX, "style 22, length", advice()))
}

/// No mark of unfinished work or of a switched-off test. The marks are put together here, so that this file has none.
pub fn nothing_unfinished(file: &File) -> Vec<Finding> {
    let marks = [
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
        concat!("test", ".only("),
        concat!("test", ".skip("),
    ];
    if !CODE.iter().any(|end| file.path.ends_with(end)) {
        return Vec::new();
    }
    let advice = "finish it or write an issue; what is not built has no code";
    let lines = file
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
    lines
        .map(|(at, _)| Finding::new(&file.path, at + 1, "nothing unfinished", advice))
        .collect()
}

/// No package registry is named: whichever a machine is set up with is used. Cargo writes its default into its lock.
pub fn no_registry_hosts(file: &File) -> Vec<Finding> {
    let hosts = [
        concat!("npm", "js.org"),
        concat!("npm", "js.com"),
        concat!("npm", "mirror"),
        concat!("yarn", "pkg.com"),
        concat!("crates", ".io"),
        concat!("rs", "proxy"),
        concat!("py", "pi.org"),
        concat!("artif", "actory"),
        concat!("\"res", "olved\":"),
    ];
    if file.path == "Cargo.lock" {
        return Vec::new();
    }
    let advice = "name no registry; pin versions and hashes, leave the host to the machine (.npmrc: omit-lockfile-registry-resolved)";
    let lines = file
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| hosts.iter().any(|host| line.contains(host)));
    lines
        .map(|(at, _)| Finding::new(&file.path, at + 1, "no registry hosts", advice))
        .collect()
}

/// Links between documents lead somewhere.
pub fn links_resolve(files: &[File]) -> Vec<Finding> {
    let root = shell::root();
    let there =
        |path: &Path| files.iter().any(|file| Path::new(&file.path).starts_with(path)) || root.join(path).exists();
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in links(&file.text) {
            let Some(path) = inside(&file.path, target) else {
                continue;
            };
            if !there(&path) {
                let advice = format!("“{target}” leads nowhere");
                findings.push(Finding::new(&file.path, line, "links resolve", advice));
            }
        }
    }
    findings
}

/// Targets of `[…](target)` outside code blocks.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (at, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        for part in line.split("](").skip(1).filter(|_| !in_code) {
            if let Some((target, _)) = part.split_once(')') {
                found.push((at + 1, target.split_whitespace().next().unwrap_or_default()));
            }
        }
    }
    found
}

/// The path inside the repository that a link names; `None` for the web and for places in the same page.
fn inside(from: &str, target: &str) -> Option<PathBuf> {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut whole = if path.starts_with('/') {
        PathBuf::new()
    } else {
        Path::new(from).parent()?.to_path_buf()
    };
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::Normal(name) => whole.push(name),
            _ => {}
        }
    }
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_long_file_is_found_and_a_long_test_is_not() {
        let long = "x\n".repeat(601);
        assert!(files_are_short(&file("crates/a/src/b.rs", &long)).is_some());
        assert!(files_are_short(&file("crates/a/tests/b.rs", &long)).is_none());
        assert!(files_are_short(&file("crates/a/src/b.rs", &"x\n".repeat(600))).is_none());
        assert!(files_are_short(&file("docs/a.md", &long)).is_none());
    }

    #[test]
    fn unfinished_work_is_found() {
        let text = format!("fn a() {{\n    {}()\n}}\n", concat!("to", "do!"));
        assert_eq!(nothing_unfinished(&file("crates/a/src/b.rs", &text))[0].line, 2);
        assert_eq!(nothing_unfinished(&file("crates/a/src/b.rs", "fn a() {}\n")), []);
    }

    #[test]
    fn a_registry_is_found_outside_cargos_lock() {
        let text = format!("see {} for it\n", concat!("crates", ".io"));
        assert_eq!(no_registry_hosts(&file("docs/a.md", &text)).len(), 1);
        assert_eq!(no_registry_hosts(&file("Cargo.lock", &text)), []);
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        let files = [
            file(
                "docs/a.md",
                "[b](b.md) [up](../README.md#start) [web](https://example.org) [here](#x)\n[gone](gone/file.md)\n",
            ),
            file("docs/b.md", ""),
            file("README.md", "```\n[not](a-link)\n```\n"),
        ];
        let found = links_resolve(&files);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].path.as_str(), found[0].line), ("docs/a.md", 2));
    }
}
