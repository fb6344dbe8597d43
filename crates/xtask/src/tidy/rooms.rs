//! Laws 4, 5, 8, 16: which room of a slice may hold what.

use super::{Finding, Rust, is_test_path};

/// Rooms that hold SQL. `wide` and `intake` are the hot path's statements over many rows.
const SQL_ROOMS: [&str; 4] = ["store", "queries", "wide", "intake"];
/// Crates whose trade is the database: the interface itself, and the tables that everything shares.
const SQL_CRATES: [&str; 2] = ["db", "platform"];
/// Rooms that begin and commit: use cases and the intake writer. The runners of `platform` and `db` itself are crates.
const COMMIT_ROOMS: [&str; 2] = ["actions", "intake"];
/// Where floats may be, and why.
const FLOAT_PLACES: [(&str, &str); 9] = [
    ("crates/platform/src/health/metrics.rs", "Prometheus counts in doubles"),
    ("crates/web/src/color.rs", "contrast of colours by WCAG"),
    (
        "crates/kernel/src/money.rs",
        "the edge where a spreadsheet cell becomes fen",
    ),
    ("crates/integrations/src/bills/", "spreadsheet cells arrive as doubles"),
    ("crates/papers/", "lengths on paper"),
    ("crates/qiao/src/bench/", "rates and latencies"),
    ("crates/qiao/src/cli/bench.rs", "rates and latencies"),
    ("crates/qiao/src/simulate", "the shape of a heavy tail"),
    ("crates/xtask/", "rates of benchmarks"),
];
/// What reads the world, and the crates that may.
const WORLD: [&str; 12] = [
    "SystemTime::now",
    "Instant::now",
    "now_utc()",
    "now_local()",
    "UtcDateTime::now",
    "env::var(",
    "env::var_os(",
    "env::vars(",
    "SystemRandom::new",
    "getrandom::",
    "thread_rng(",
    "Uuid::now_v7",
];
const WORLD_CRATES: [&str; 2] = ["qiao", "xtask"];

/// SQL stands in `store` and `queries` (and the hot path's own rooms) only.
pub fn sql_in_its_rooms(file: &Rust) -> Vec<Finding> {
    let allowed = !file.path.starts_with("crates/")
        || SQL_CRATES.contains(&file.krate())
        || file.krate() == "xtask"
        || SQL_ROOMS.iter().any(|room| file.is_room(room));
    if allowed {
        return Vec::new();
    }
    let advice = "move the statement to store.rs (deciding, writing) or queries.rs (showing)";
    let sql = file.texts().filter(|(_, text)| is_sql(text));
    sql.map(|(line, _)| Finding::new(&file.path, line, "rooms: SQL", advice))
        .collect()
}

/// Whether a string is a statement.
pub fn is_sql(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |word: &str| {
        text.strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    };
    begins("SELECT")
        || begins("INSERT INTO")
        || begins("DELETE FROM")
        || begins("CREATE TABLE")
        || begins("ALTER TABLE")
        || (begins("UPDATE") && text.contains(" SET "))
        || (begins("WITH") && text.contains(" AS ("))
}

/// The web framework is known to `api` and `pages`, not to the rooms that decide and keep.
pub fn http_stays_outside(file: &Rust) -> Vec<Finding> {
    let inner = ["model", "rules", "store", "queries", "actions", "jobs"];
    let mut findings = Vec::new();
    if inner.iter().any(|room| file.is_room(room)) {
        let advice = "HTTP types belong to api.rs and pages.rs; take plain values here";
        let lines = file
            .lines()
            .filter(|(_, code)| has_word(code, "axum") || has_word(code, "hyper"));
        findings.extend(lines.map(|(line, _)| Finding::new(&file.path, line, "rooms: HTTP", advice)));
    }
    if ["api", "pages"].iter().any(|room| file.is_room(room)) {
        let advice = "handlers call actions and queries; only those know the store";
        let lines = file.lines().filter(|(_, code)| code.contains("store::"));
        findings.extend(lines.map(|(line, _)| Finding::new(&file.path, line, "rooms: store", advice)));
    }
    findings
}

/// Types and decisions know no database, no HTTP and nothing async.
pub fn decisions_are_pure(file: &Rust) -> Vec<Finding> {
    if !["model", "rules"].iter().any(|room| file.is_room(room)) {
        return Vec::new();
    }
    let advice = "model.rs and rules.rs are values and pure functions of values; load in actions.rs, decide here";
    let impure = |code: &str| {
        ["async", "sqlx", "sea_orm", "rusqlite", "tokio"]
            .iter()
            .any(|word| has_word(code, word))
            || code.contains("db::")
            || code.contains(".await")
    };
    let lines = file.lines().filter(|(_, code)| impure(code));
    lines
        .map(|(line, _)| Finding::new(&file.path, line, "rooms: pure decisions", advice))
        .collect()
}

/// Law 5: only `actions`, the runners of `platform` and the intake writer begin and commit.
pub fn only_actions_commit(file: &Rust) -> Vec<Finding> {
    let allowed =
        ["db", "platform", "xtask"].contains(&file.krate()) || COMMIT_ROOMS.iter().any(|room| file.is_room(room));
    if allowed {
        return Vec::new();
    }
    let advice = "take the `Tx` as the first parameter and let actions.rs begin and commit";
    let begins = |code: &str| {
        ["db", "bulk", "pool"]
            .iter()
            .any(|name| code.contains(&format!("{name}.begin()")))
    };
    let commits = |code: &str| {
        ["tx", "transaction", "batch"]
            .iter()
            .any(|name| code.contains(&format!("{name}.commit()")))
    };
    let lines = file.lines().filter(|(_, code)| begins(code) || commits(code));
    lines
        .map(|(line, _)| Finding::new(&file.path, line, "law 5, begin and commit", advice))
        .collect()
}

/// Law 5: a function that takes a transaction takes it first.
pub fn transaction_first(file: &Rust) -> Vec<Finding> {
    let code: Vec<(usize, &str)> = file.lines().collect();
    let mut findings = Vec::new();
    for (at, (line, text)) in code.iter().enumerate() {
        let Some(start) = text.find("fn ") else { continue };
        let rest = code[at + 1..].iter().take(20).map(|(_, line)| *line);
        let signature = std::iter::once(&text[start..])
            .chain(rest)
            .collect::<Vec<_>>()
            .join(" ");
        let parameters = parameters(&signature);
        let counted = parameters
            .iter()
            .filter(|parameter| !parameter.contains("self"))
            .collect::<Vec<_>>();
        let late = counted.iter().skip(1).any(|p| {
            ["&mut Tx", "&mut BulkTx", "&mut db::Tx"]
                .iter()
                .any(|tx| p.contains(tx))
        });
        if late {
            findings.push(Finding::new(
                &file.path,
                *line,
                "law 5, transaction first",
                "make the transaction the first parameter",
            ));
        }
    }
    findings
}

/// The parameters of a signature that begins at `fn`, split at the commas of the outermost brackets.
fn parameters(signature: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0_i32;
    let mut angle = 0_i32;
    let mut before = ' ';
    for c in signature.chars() {
        match c {
            '<' => angle += 1,
            '>' if before != '-' && before != '=' => angle -= 1,
            '{' | ';' if depth == 0 => break,
            _ => {}
        }
        if matches!(c, '(' | '[') && (depth > 0 || angle == 0) {
            depth += 1;
            if depth == 1 {
                before = c;
                continue;
            }
        }
        if matches!(c, ')' | ']') && depth > 0 {
            depth -= 1;
            if depth == 0 {
                break;
            }
        }
        if depth == 1 && angle == 0 && c == ',' {
            found.push(String::new());
        } else if depth > 0
            && let Some(last) = found.last_mut()
        {
            last.push(c);
        }
        before = c;
    }
    found.retain(|parameter| !parameter.trim().is_empty());
    found
}

/// Law 4: time, chance and the environment are handed in; only `qiao` (and this tool) make them.
pub fn world_is_handed_in(file: &Rust) -> Vec<Finding> {
    if !file.path.starts_with("crates/") || WORLD_CRATES.contains(&file.krate()) || is_test_path(&file.path) {
        return Vec::new();
    }
    let advice = "take a `&dyn Clock`, a `&dyn Rng` or the setting as an argument; `qiao` makes the real one";
    let touches = |code: &str| {
        WORLD.iter().any(|call| {
            // tokio's clock drives timers and is paused in tests; it never becomes data.
            code.contains(call) && !code.contains("tokio::time::Instant::now")
        })
    };
    let lines = file.lines().filter(|(_, code)| touches(code));
    lines
        .map(|(line, _)| Finding::new(&file.path, line, "law 4, the world is handed in", advice))
        .collect()
}

/// Law 8: no floats outside the edge where they arrive.
pub fn no_floats(file: &Rust) -> Vec<Finding> {
    if !file.path.starts_with("crates/") || FLOAT_PLACES.iter().any(|(place, _)| file.path.starts_with(place)) {
        return Vec::new();
    }
    let advice =
        "count in whole units (`Fen`, micros, parts of ten thousand); a new place for floats is named in rooms.rs";
    let lines = file
        .lines()
        .filter(|(_, code)| has_word(code, "f64") || has_word(code, "f32"));
    lines
        .map(|(line, _)| Finding::new(&file.path, line, "law 8, no floats", advice))
        .collect()
}

/// Law 16 of the style: no `unwrap` outside tests.
pub fn no_unwrap(file: &Rust) -> Vec<Finding> {
    let advice = "handle it, or `expect` with the reason why it cannot happen";
    let lines = file.lines().filter(|(_, code)| code.contains(".unwrap()"));
    lines
        .map(|(line, _)| Finding::new(&file.path, line, "style 16, no unwrap", advice))
        .collect()
}

/// Whether the word stands alone in the code.
fn has_word(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::super::File;
    use super::*;

    fn file(path: &str, text: &str) -> Rust {
        Rust::parse(&File {
            path: path.into(),
            text: text.into(),
        })
    }

    fn slice(room: &str, text: &str) -> Rust {
        file(&format!("crates/giving/src/donations/{room}.rs"), text)
    }

    #[test]
    fn sql_outside_its_rooms_is_found() {
        let text = "fn f() {\n    tx.query(\"SELECT id FROM gift\", vec![]);\n}\n";
        assert_eq!(sql_in_its_rooms(&slice("actions", text))[0].line, 2);
        assert_eq!(sql_in_its_rooms(&slice("store", text)), []);
        assert_eq!(
            sql_in_its_rooms(&slice("actions", "let a = \"Select what you need\";")),
            []
        );
        assert_eq!(
            sql_in_its_rooms(&slice("actions", "#[cfg(test)]\nmod t {\n let a = \"SELECT 1\";\n}\n")),
            []
        );
    }

    #[test]
    fn http_in_an_inner_room_and_the_store_in_a_handler_are_found() {
        assert_eq!(http_stays_outside(&slice("rules", "use axum::Json;")).len(), 1);
        assert_eq!(http_stays_outside(&slice("api", "use axum::Json;")), []);
        assert_eq!(http_stays_outside(&slice("pages", "super::store::load(tx)")).len(), 1);
    }

    #[test]
    fn an_async_or_reading_decision_is_found() {
        assert_eq!(
            decisions_are_pure(&slice("rules", "async fn may(tx: &mut db::Tx) {}")).len(),
            1
        );
        assert_eq!(decisions_are_pure(&slice("model", "x.load().await")).len(), 1);
        assert_eq!(decisions_are_pure(&slice("rules", "fn may(now: Instant) {}")), []);
    }

    #[test]
    fn a_commit_outside_actions_is_found() {
        let text = "let mut tx = services.db.begin().await?;\ntx.commit().await?;\n";
        assert_eq!(only_actions_commit(&slice("store", text)).len(), 2);
        assert_eq!(only_actions_commit(&slice("actions", text)), []);
        assert_eq!(only_actions_commit(&slice("store", "reader.get_mut().begin();")), []);
    }

    #[test]
    fn a_transaction_that_comes_late_is_found() {
        let late = "pub async fn load(\n    id: GiftId,\n    tx: &mut Tx,\n) -> Result<(), E> {\n";
        assert_eq!(transaction_first(&slice("store", late)).len(), 1);
        let first = "pub async fn load(tx: &mut Tx, id: GiftId) -> X {";
        assert_eq!(transaction_first(&slice("store", first)), []);
        let method = "fn write<F: Fn(u8, u8) -> u8>(&self, tx: &mut BulkTx, f: F) {";
        assert_eq!(transaction_first(&slice("wide", method)), []);
        assert_eq!(
            transaction_first(&slice("wide", "fn write<F: Fn(u8) -> u8>(f: F, tx: &mut BulkTx) {")).len(),
            1
        );
    }

    #[test]
    fn a_clock_or_the_environment_outside_qiao_is_found() {
        for text in [
            "let now = OffsetDateTime::now_utc();",
            "std::env::var(x)",
            "let t = std::time::Instant::now();",
        ] {
            assert_eq!(world_is_handed_in(&slice("actions", text)).len(), 1, "{text}");
        }
        assert_eq!(
            world_is_handed_in(&file("crates/qiao/src/world.rs", "SystemTime::now()")),
            []
        );
        assert_eq!(
            world_is_handed_in(&slice("intake/writer", "tokio::time::Instant::now()")),
            []
        );
    }

    #[test]
    fn a_float_outside_the_edge_is_found() {
        assert_eq!(no_floats(&slice("model", "amount: f64,")).len(), 1);
        assert_eq!(
            no_floats(&file("crates/kernel/src/money.rs", "fn from_cell(yuan: f64)")),
            []
        );
        assert_eq!(no_floats(&slice("model", "let leaf64 = 1;")), []);
    }

    #[test]
    fn an_unwrap_outside_tests_is_found() {
        assert_eq!(no_unwrap(&slice("actions", "x.unwrap();")).len(), 1);
        assert_eq!(no_unwrap(&slice("actions", "#[test]\nfn t() {\n x.unwrap();\n}\n")), []);
    }
}
