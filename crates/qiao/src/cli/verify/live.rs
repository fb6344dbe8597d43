//! The live site held against the entries: its books unit by unit, and what its pages are made of project by project.
//!
//! The books are read before and after the pages: a figure of a page that lies between both is one that moved meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use kernel::Instant;
use proof::log::leaf::Figures;
use proof::log::verify::Then;
use proof::log::{Answer, Wire as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::output::Failure;

/// Projects whose own figures are asked for, the largest first: a site answers some dozens of questions a minute.
const PROJECTS_MAX: usize = 40;
/// How often the books are asked for again until they are younger than the pages; a site keeps a reading for seconds.
const LOOKS_MAX: u32 = 15;

/// Figures as the site writes them.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Written {
    gifts: i64,
    given_fen: i64,
    refunds: i64,
    refunded_fen: i64,
    matches: i64,
    matched_fen: i64,
    unmatched_fen: i64,
}

impl From<Written> for Figures {
    fn from(of: Written) -> Self {
        Self {
            gifts: of.gifts,
            given: of.given_fen,
            refunds: of.refunds,
            refunded: of.refunded_fen,
            matches: of.matches,
            matched: of.matched_fen,
            unmatched: of.unmatched_fen,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Unit {
    unit: String,
    told: Written,
    waiting: Written,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Refunds {
    count: i64,
    sum_fen: i64,
}

/// Gifts of a project, without matches.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Sums {
    gifts: i64,
    sum_fen: i64,
    refunds: Refunds,
}

#[derive(Debug, Deserialize)]
struct Project {
    project: String,
    code: String,
    unit: String,
    #[serde(flatten)]
    sums: Sums,
}

/// What the page of a project is made of.
#[derive(Debug, Deserialize)]
struct Shown {
    as_of: Instant,
    #[serde(flatten)]
    sums: Sums,
}

/// The books of the site at one moment.
#[derive(Debug, Deserialize)]
struct Books {
    size: u64,
    as_of: Instant,
    units: Vec<Unit>,
    projects: Vec<Project>,
}

/// A site, and its books when it was looked at first.
pub struct Site {
    client: Client,
    address: String,
    books: Books,
}

/// What the comparison found.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// The moment of the site's books.
    pub as_of: Instant,
    /// Of how many entries they speak.
    pub size: u64,
    /// Units compared.
    pub units: usize,
    /// Projects compared with the entries.
    pub projects: usize,
    /// Projects whose public figures were asked for.
    pub pages: usize,
    /// Gifts that have no entry yet.
    pub waiting_gifts: i64,
    /// Their sum, in fen.
    pub waiting_fen: i64,
    /// What differs, and by how much.
    pub differ: Vec<String>,
}

impl Compared {
    /// In words.
    pub fn words(&self) -> String {
        let waits = kernel::Fen::new(self.waiting_fen).to_grouped();
        format!(
            "The live site, as of {} and {} entries: {} units and {} projects compared, the public figures of {}; {} gifts of \
             {waits} yuan have no entry yet",
            self.as_of.to_rfc3339(),
            self.size,
            self.units,
            self.projects,
            self.pages,
            self.waiting_gifts
        )
    }
}

async fn ask<T: DeserializeOwned>(client: &Client, url: String) -> Result<T, Failure> {
    let answer = client.get(url.clone()).await;
    let Answer { status, body } = answer.map_err(|why| Failure::Refused(format!("{url}: {why}")))?;
    if status != 200 {
        return Err(Failure::Refused(format!(
            "{url}: status {status}; try again in a moment"
        )));
    }
    serde_json::from_slice(&body).map_err(|error| Failure::Refused(format!("{url}: {error}")))
}

impl Site {
    /// Reads the books of a site.
    ///
    /// # Errors
    /// [`Failure`] when it does not answer.
    pub async fn read(address: &str) -> Result<Self, Failure> {
        let (client, address) = (Client::new(), address.trim_end_matches('/').to_owned());
        let books = ask(&client, format!("{address}/api/v1/log/books")).await?;
        Ok(Self { client, address, books })
    }

    /// Of how many entries it speaks.
    pub fn size(&self) -> u64 {
        self.books.size
    }

    /// Compares it with what so many entries came to, and with its own pages.
    ///
    /// # Errors
    /// [`Failure`] when the site does not answer.
    pub async fn compare(&self, then: Option<&Then>) -> Result<Compared, Failure> {
        let none = Then::default();
        let mut differ = against_entries(&self.books, then.unwrap_or(&none));
        let mut asked: Vec<&Project> = self.books.projects.iter().filter(|of| !of.code.is_empty()).collect();
        asked.sort_by_key(|of| std::cmp::Reverse(of.sums.sum_fen));
        asked.truncate(PROJECTS_MAX);
        let (mut pages, mut shown_at) = (Vec::with_capacity(asked.len()), self.books.as_of);
        for project in &asked {
            let url = format!("{}/api/v1/projects/{}/totals", self.address, project.code);
            let shown: Shown = ask(&self.client, url).await?;
            shown_at = shown_at.max(shown.as_of);
            pages.push((project.project.as_str(), shown.sums));
        }
        let after = self.books_after(shown_at).await?;
        differ.extend(against_pages(&self.books, &after, &pages));
        let waiting = self.books.units.iter().map(|of| of.waiting);
        Ok(Compared {
            as_of: self.books.as_of,
            size: self.books.size,
            units: self.books.units.len(),
            projects: self.books.projects.len(),
            pages: pages.len(),
            waiting_gifts: waiting.clone().map(|of| of.gifts).sum(),
            waiting_fen: waiting.map(|of| of.given_fen).sum(),
            differ,
        })
    }

    /// Books that are younger than a moment.
    async fn books_after(&self, moment: Instant) -> Result<Books, Failure> {
        for _ in 0..LOOKS_MAX {
            let books: Books = ask(&self.client, format!("{}/api/v1/log/books", self.address)).await?;
            if books.as_of > moment {
                return Ok(books);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(Failure::Refused(format!(
            "{}: its books stay older than its pages",
            self.address
        )))
    }
}

/// One figure of the site that is not the log's.
fn differs(whose: &str, what: &str, (site, log): (i64, i64)) -> String {
    let by = site.saturating_sub(log);
    format!("{whose}: the site says {what} {site}, the entries say {log}: {by:+}")
}

/// The books against the entries: of a unit exactly what has its entry; of a project never less than stands alone, since
/// gifts in bundles are told of no project; and a unit's projects make up the unit.
fn against_entries(books: &Books, then: &Then) -> Vec<String> {
    let mut differ = Vec::new();
    let mut units: BTreeMap<&str, Figures> = then.units.iter().map(|(unit, of)| (unit.as_str(), *of)).collect();
    for of in &books.units {
        let log = units.remove(of.unit.as_str()).unwrap_or_default();
        let pairs = Figures::from(of.told).each().into_iter().zip(log.each());
        for ((what, site), (_, log)) in pairs.filter(|((_, site), (_, log))| site != log) {
            differ.push(differs(&format!("unit {}", of.unit), what, (site, log)));
        }
    }
    for (unit, log) in units.into_iter().filter(|(_, log)| *log != Figures::default()) {
        differ.push(differs(&format!("unit {unit}"), "gifts", (0, log.gifts)));
    }
    let mut projects: BTreeMap<&str, Figures> = then.projects.iter().map(|(id, of)| (id.as_str(), *of)).collect();
    let mut sums: HashMap<&str, (i64, i64)> = HashMap::new();
    for of in &books.projects {
        let unit = sums.entry(of.unit.as_str()).or_default();
        *unit = (unit.0 + of.sums.gifts, unit.1 + of.sums.sum_fen);
        let log = projects.remove(of.project.as_str()).unwrap_or_default();
        for (what, site, log) in [
            ("gifts", of.sums.gifts, log.gifts),
            ("given", of.sums.sum_fen, log.given),
        ] {
            if site < log {
                differ.push(differs(&format!("project {}", of.code), what, (site, log)));
            }
        }
    }
    for (project, log) in projects.into_iter().filter(|(_, log)| log.gifts > 0) {
        differ.push(differs(&format!("project {project}"), "gifts", (0, log.gifts)));
    }
    for of in &books.units {
        let all = Figures::from(of.told) + Figures::from(of.waiting);
        let (gifts, given) = sums.get(of.unit.as_str()).copied().unwrap_or_default();
        // Projects are read a moment after the units: gifts may have come.
        if gifts < all.gifts || given < all.given {
            differ.push(format!(
                "unit {}: its projects come to {gifts} gifts and {given} fen, the unit to {} and {}",
                of.unit, all.gifts, all.given
            ));
        }
    }
    differ
}

/// What pages show of a project against the books before and after.
fn against_pages(before: &Books, after: &Books, pages: &[(&str, Sums)]) -> Vec<String> {
    let of = |books: &Books, id: &str| {
        let project = books.projects.iter().find(|of| of.project == id);
        project.map(|of| of.sums)
    };
    let mut differ = Vec::new();
    for (id, shown) in pages {
        let (Some(first), Some(last)) = (of(before, id), of(after, id)) else {
            continue;
        };
        let figures = [
            ("gifts", shown.gifts, first.gifts, last.gifts),
            ("given", shown.sum_fen, first.sum_fen, last.sum_fen),
            ("refunds", shown.refunds.count, first.refunds.count, last.refunds.count),
            (
                "refunded",
                shown.refunds.sum_fen,
                first.refunds.sum_fen,
                last.refunds.sum_fen,
            ),
        ];
        for (what, shown, first, last) in figures {
            if shown < first.min(last) || shown > first.max(last) {
                let by = shown.saturating_sub(last);
                differ.push(format!(
                    "project {id}: its page is made of {what} {shown}, the books say {last}: {by:+}"
                ));
            }
        }
    }
    differ
}

#[cfg(test)]
mod tests {
    use super::*;

    fn books(told: i64, waiting: i64, project: i64) -> Books {
        let of = |gifts: i64| {
            serde_json::json!({ "gifts": gifts, "given_fen": gifts * 100, "refunds": 0, "refunded_fen": 0,
            "matches": 0, "matched_fen": 0, "unmatched_fen": 0 })
        };
        let value = serde_json::json!({
            "size": 9, "as_of": "2026-11-22T00:00:00Z",
            "units": [{ "unit": "u", "told": of(told), "waiting": of(waiting) }],
            "projects": [{ "project": "p", "code": "P1", "unit": "u", "gifts": project, "sum_fen": project * 100,
                "refunds": { "count": 0, "sum_fen": 0 } }],
        });
        serde_json::from_value(value).expect("the site's own form")
    }

    fn then(unit: i64, project: i64) -> Then {
        let of = |gifts: i64| Figures {
            gifts,
            given: gifts * 100,
            ..Figures::default()
        };
        Then {
            units: [("u".to_owned(), of(unit))].into(),
            projects: [("p".to_owned(), of(project))].into(),
        }
    }

    #[test]
    fn what_waits_and_what_stands_in_bundles_is_allowed() {
        assert_eq!(against_entries(&books(7, 2, 9), &then(7, 5)), Vec::<String>::new());
    }

    #[test]
    fn a_unit_that_says_another_sum_is_found_with_the_difference() {
        let found = against_entries(&books(8, 1, 9), &then(7, 5));
        assert_eq!(
            found,
            [
                "unit u: the site says gifts 8, the entries say 7: +1",
                "unit u: the site says given 800, the entries say 700: +100"
            ]
        );
    }

    #[test]
    fn a_site_that_hides_a_unit_a_project_or_gifts_is_found() {
        let mut hidden = books(7, 0, 7);
        hidden.units.clear();
        hidden.projects.clear();
        assert_eq!(against_entries(&hidden, &then(7, 5)).len(), 2);
        assert_eq!(
            against_entries(&books(7, 0, 4), &then(7, 5)).len(),
            3,
            "less than its own entries, and than its unit"
        );
    }

    #[test]
    fn a_page_that_differs_from_the_books_around_it_is_found() {
        let page = |gifts: i64| {
            let refunds = Refunds { count: 0, sum_fen: 0 };
            [(
                "p",
                Sums {
                    gifts,
                    sum_fen: gifts * 100,
                    refunds,
                },
            )]
        };
        let (first, last) = (books(7, 0, 7), books(9, 0, 9));
        assert!(against_pages(&first, &last, &page(8)).is_empty());
        assert_eq!(against_pages(&first, &last, &page(10)).len(), 2);
    }
}
