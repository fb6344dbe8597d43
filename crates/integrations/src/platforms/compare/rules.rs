//! What differs: a pure comparison.

use std::collections::{BTreeMap, HashMap};

use kernel::{Fen, ProjectId};

use super::model::What;
use crate::platforms::client::{PageStanding, PageTotals};
use crate::platforms::register::{Page, PageState};

/// What stands here of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ours {
    /// Gifts that came by the platform.
    pub gifts: i64,
    /// Their sum, less what was given back.
    pub gift_sum: Fen,
    /// The platform's match.
    pub match_sum: Fen,
    /// What was spent on the project.
    pub spent: Fen,
}

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The project.
    pub project: ProjectId,
    /// The page.
    pub project_no: String,
    /// What.
    pub what: What,
    /// Here.
    pub ours: i64,
    /// There.
    pub theirs: i64,
}

/// Whether the platform's totals hold its match too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Totals {
    /// Gifts alone.
    Gifts,
    /// Gifts and the match.
    WithMatch,
}

/// Pages that the platform can know of.
pub fn is_compared(page: &Page) -> bool {
    !matches!(
        page.state,
        PageState::Draft | PageState::Reviewing | PageState::Rejected
    )
}

/// Compares page by page (what the page is) and project by project (what it raised and spent; several pages may raise for one).
pub fn differences(
    pages: &[Page],
    theirs: &[PageTotals],
    (ours, totals): (&HashMap<ProjectId, Ours>, Totals),
    disclosed: &HashMap<String, Fen>,
) -> Vec<Seen> {
    let by_number: HashMap<&str, &PageTotals> = theirs.iter().map(|t| (t.project_no.as_str(), t)).collect();
    let mut seen = Vec::new();
    let mut projects: BTreeMap<ProjectId, Vec<&Page>> = BTreeMap::new();
    for page in pages.iter().filter(|page| is_compared(page)) {
        projects.entry(page.project).or_default().push(page);
        let mut differ = |what, ours: i64, theirs: i64| {
            if ours != theirs {
                seen.push(Seen {
                    project: page.project,
                    project_no: page.project_no.clone(),
                    what,
                    ours,
                    theirs,
                });
            }
        };
        let Some(told) = by_number.get(page.project_no.as_str()) else {
            differ(What::Shown, 1, 0);
            continue;
        };
        let raises = i64::from(page.state == PageState::Raising);
        // A full page stands as raising on some platforms and as closed on others.
        if page.state != PageState::Full {
            differ(What::Raising, raises, i64::from(told.standing == PageStanding::Raising));
        }
        if let Some(capacity) = page.capacity {
            differ(What::Capacity, capacity.get(), told.target.get());
        }
    }
    for (project, pages) in projects {
        let shown: Vec<_> = pages
            .iter()
            .filter_map(|page| by_number.get(page.project_no.as_str()))
            .collect();
        // What one page hides, the sum of the others cannot tell.
        if shown.len() < pages.len() {
            continue;
        }
        let here = ours.get(&project).copied().unwrap_or_default();
        let raised = match totals {
            Totals::Gifts => here.gift_sum,
            Totals::WithMatch => here.gift_sum.plus(here.match_sum).unwrap_or(Fen::MAX),
        };
        let amount = Fen::sum(shown.iter().map(|told| told.amount)).unwrap_or(Fen::MAX);
        let count = shown.iter().map(|told| told.count).fold(0, i64::saturating_add);
        let told: Vec<Fen> = pages
            .iter()
            .filter_map(|page| disclosed.get(&page.project_no).copied())
            .collect();
        let spent = Fen::sum(told.iter().copied()).unwrap_or(Fen::MAX);
        let mut differ = |what, ours: i64, theirs: i64| {
            if ours != theirs {
                seen.push(Seen {
                    project,
                    project_no: pages[0].project_no.clone(),
                    what,
                    ours,
                    theirs,
                });
            }
        };
        differ(What::Amount, raised.get(), amount.get());
        differ(What::Count, here.gifts, count);
        if told.len() == pages.len() {
            differ(What::Spent, here.spent.get(), spent.get());
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use kernel::UnitId;
    use kernel::id::Id as _;

    use super::*;
    use crate::platforms::PlatformCode;

    fn project(byte: u8) -> ProjectId {
        ProjectId::from_bytes([byte; 16])
    }

    fn page(number: &str, of: u8, state: PageState) -> Page {
        Page {
            unit: UnitId::from_bytes([9; 16]),
            platform: PlatformCode::TencentGongyi,
            project_no: number.into(),
            project: project(of),
            state,
            capacity: Some(Fen::new(10_000)),
            filing_no: String::new(),
            url: String::new(),
            listed_on: None,
        }
    }

    fn told(number: &str, amount: i64, count: i64) -> PageTotals {
        PageTotals {
            project_no: number.into(),
            name: String::new(),
            standing: PageStanding::Raising,
            target: Fen::new(10_000),
            amount: Fen::new(amount),
            count,
        }
    }

    fn here(gifts: i64, sum: i64, matched: i64) -> Ours {
        Ours {
            gifts,
            gift_sum: Fen::new(sum),
            match_sum: Fen::new(matched),
            spent: Fen::ZERO,
        }
    }

    fn whats(pages: &[Page], theirs: &[PageTotals], ours: Ours, totals: Totals) -> Vec<(What, i64, i64)> {
        let ours = HashMap::from([(project(1), ours)]);
        let seen = differences(pages, theirs, (&ours, totals), &HashMap::new());
        seen.iter().map(|s| (s.what, s.ours, s.theirs)).collect()
    }

    #[test]
    fn several_pages_of_a_project_are_compared_together() {
        let pages = [page("1", 1, PageState::Raising), page("2", 1, PageState::Raising)];
        let theirs = [told("1", 60, 2), told("2", 40, 1)];
        assert_eq!(whats(&pages, &theirs, here(3, 100, 0), Totals::Gifts), []);
        assert_eq!(
            whats(&pages, &theirs, here(2, 90, 0), Totals::Gifts),
            [(What::Amount, 90, 100), (What::Count, 2, 3)]
        );
    }

    #[test]
    fn the_match_counts_where_the_platform_counts_it() {
        let pages = [page("1", 1, PageState::Raising)];
        let theirs = [told("1", 150, 3)];
        assert_eq!(whats(&pages, &theirs, here(3, 100, 50), Totals::WithMatch), []);
        assert_eq!(
            whats(&pages, &theirs, here(3, 100, 50), Totals::Gifts),
            [(What::Amount, 100, 150)]
        );
    }

    #[test]
    fn a_page_that_is_not_shown_says_so_and_nothing_else() {
        let pages = [page("1", 1, PageState::Raising), page("2", 1, PageState::Raising)];
        assert_eq!(
            whats(&pages, &[told("1", 60, 2)], here(3, 100, 0), Totals::Gifts),
            [(What::Shown, 1, 0)]
        );
    }

    #[test]
    fn a_page_that_was_closed_or_raised_there_is_told_and_drafts_are_not_asked_about() {
        let mut closed = told("1", 100, 3);
        closed.standing = PageStanding::Closed;
        closed.target = Fen::new(20_000);
        let pages = [page("1", 1, PageState::Raising), page("7", 1, PageState::Draft)];
        assert_eq!(
            whats(&pages, &[closed], here(3, 100, 0), Totals::Gifts),
            [(What::Raising, 1, 0), (What::Capacity, 10_000, 20_000)]
        );
    }

    #[test]
    fn disclosed_spending_is_compared_with_the_books_where_it_was_told() {
        let pages = [page("1", 1, PageState::Raising)];
        let mut ours = here(3, 100, 0);
        ours.spent = Fen::new(70);
        let ours = HashMap::from([(project(1), ours)]);
        let disclosed = HashMap::from([("1".to_owned(), Fen::new(80))]);
        let seen = differences(&pages, &[told("1", 100, 3)], (&ours, Totals::Gifts), &disclosed);
        assert_eq!(
            seen.iter().map(|s| (s.what, s.ours, s.theirs)).collect::<Vec<_>>(),
            [(What::Spent, 70, 80)]
        );
    }
}
