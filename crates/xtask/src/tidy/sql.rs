//! Law 3: every table belongs to one context, and no SQL names another context's; `insight` reads all.

use std::collections::BTreeMap;

use super::rooms::is_sql;
use super::{File, Finding, Rust};

const LAW: &str = "law 3, tables";
/// Words after which a table is named.
const BEFORE_TABLE: [&str; 5] = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE"];
/// Reads every context's tables, and writes none of them.
const READS_ALL: &str = "insight";

/// No table is made by two crates.
pub fn tables_have_one_owner(files: &[File]) -> Vec<Finding> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for (file, krate) in migrations(files) {
        for (line, table) in created(&file.text) {
            let owner = *owners.entry(table.clone()).or_insert(krate);
            if owner != krate {
                let advice = format!("`{table}` belongs to `{owner}` already; choose another name");
                findings.push(Finding::new(&file.path, line, LAW, advice));
            }
        }
    }
    findings
}

/// No statement outside a table's crate names it.
pub fn no_foreign_tables(files: &[File], rust: &[Rust]) -> Vec<Finding> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (file, krate) in migrations(files) {
        for (_, table) in created(&file.text) {
            owners.entry(table).or_insert(krate);
        }
    }
    let mut findings = Vec::new();
    for file in rust
        .iter()
        .filter(|file| !matches!(file.krate(), READS_ALL | "xtask" | "db" | ""))
    {
        for (line, text) in file.texts() {
            for (below, table) in named(text) {
                let Some(owner) = owners.get(table).filter(|owner| **owner != file.krate()) else {
                    continue;
                };
                let advice = format!(
                    "`{table}` is a table of `{owner}`; call `{owner}`, react to its fact, or read it in insight"
                );
                findings.push(Finding::new(&file.path, line + below, LAW, advice));
            }
        }
    }
    findings
}

fn migrations(files: &[File]) -> impl Iterator<Item = (&File, &str)> {
    let in_crates = files
        .iter()
        .filter(|file| file.path.contains("/migrations/") && file.path.ends_with(".sql"));
    in_crates.filter_map(|file| Some((file, file.path.strip_prefix("crates/")?.split('/').next()?)))
}

/// Tables that a migration makes, with their lines.
fn created(sql: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in sql.lines().enumerate() {
        let Some(rest) = line.trim_start().strip_prefix("CREATE TABLE ") else {
            continue;
        };
        let rest = rest.trim_start().strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
        let name: String = rest
            .trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        found.push((at + 1, name));
    }
    found
}

/// Names that stand where a statement names a table, with how many lines into the text.
fn named(text: &str) -> Vec<(usize, &str)> {
    let looks_like_sql = is_sql(text) || BEFORE_TABLE.iter().any(|word| text.contains(&format!("{word} ")));
    if !looks_like_sql {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut after = false;
    for (below, line) in text.lines().enumerate() {
        for word in line
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
        {
            if after {
                found.push((below, word));
            }
            after = BEFORE_TABLE.contains(&word);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migration(krate: &str, table: &str) -> File {
        let text = format!("-- what it holds\nCREATE TABLE {table} (\n  id BYTES NOT NULL);\n");
        File {
            path: format!("crates/{krate}/migrations/0001_x.sql"),
            text,
        }
    }

    fn store(krate: &str, text: &str) -> Rust {
        Rust::parse(&File {
            path: format!("crates/{krate}/src/x/store.rs"),
            text: text.into(),
        })
    }

    #[test]
    fn a_table_of_two_contexts_is_found() {
        let found = tables_have_one_owner(&[migration("giving", "gift"), migration("relief", "gift")]);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].path.as_str(), found[0].line),
            ("crates/relief/migrations/0001_x.sql", 2)
        );
        assert_eq!(
            tables_have_one_owner(&[migration("giving", "gift"), migration("giving", "gift")]),
            []
        );
    }

    #[test]
    fn a_foreign_table_in_a_statement_is_found_and_insight_may() {
        let tables = [migration("giving", "gift"), migration("ledger", "posting")];
        let text = "fn f() {\n  let sql = \"SELECT g.id\n    FROM posting p JOIN gift g ON g.id = p.id\";\n}\n";
        let found = no_foreign_tables(&tables, &[store("giving", text)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
        assert!(
            found[0].advice.contains("`posting` is a table of `ledger`"),
            "{}",
            found[0]
        );
        assert_eq!(no_foreign_tables(&tables, &[store("insight", text)]), []);
    }

    #[test]
    fn prose_that_names_a_table_is_not_a_statement() {
        let tables = [migration("giving", "gift")];
        assert_eq!(
            no_foreign_tables(&tables, &[store("ledger", "let a = \"from gift to posting\";")]),
            []
        );
    }
}
