//! Boards for showing: live, or as they stood at the end of a day.

use std::collections::{BTreeMap, HashMap};

use db::{DbError, Param as _, Reads, Row, Value, params};
use kernel::id::Id as _;
use kernel::{BusinessDay, CampaignId, ProjectId, RegionCode, RegionLevel, TeamId, UnitId};
use platform::UnitTree;
use platform::parameters;

use super::error::BoardError;
use super::model::{Board, Cell, Kind, Line, Tally};
use super::rules;
use super::store;
pub use super::store::{freeze, freezes, last_freeze, opened};

/// Cells of one campaign: every team of a province's giving day in every county.
const CELLS_MAX: i64 = 200_000;
/// Lines of a board: the counties of the largest province, or the first of many projects and teams.
pub const LINES_MAX: usize = 500;
/// Names asked for in one statement.
const NAMES_PER_STATEMENT: usize = 400;
/// Campaigns on the board of campaigns.
const CAMPAIGNS_MAX: i64 = 500;

/// When a board is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Now.
    Live(BusinessDay),
    /// At the end of a frozen day.
    Frozen(BusinessDay),
}

impl When {
    /// The day whose parameters hold.
    pub const fn day(self) -> BusinessDay {
        match self {
            Self::Live(day) | Self::Frozen(day) => day,
        }
    }
    const fn frozen(self) -> Option<BusinessDay> {
        match self {
            Self::Live(_) => None,
            Self::Frozen(day) => Some(day),
        }
    }
}

/// A campaign's boards of these kinds, from one reading of its cells.
///
/// # Errors
/// [`BoardError`].
pub async fn boards(
    at: &mut impl Reads,
    tree: &UnitTree,
    (campaign, unit): (CampaignId, UnitId),
    kinds: &[Kind],
    when: When,
) -> Result<Vec<Board>, BoardError> {
    let cells = store::cells(at, when.frozen(), Some(campaign), CELLS_MAX).await?;
    let mut all = Vec::with_capacity(kinds.len());
    for kind in kinds {
        all.push(board(at, tree, (campaign, unit), &cells, *kind, when).await?);
    }
    Ok(all)
}

async fn board(
    at: &mut impl Reads,
    tree: &UnitTree,
    (campaign, unit): (CampaignId, UnitId),
    cells: &[Cell],
    kind: Kind,
    when: When,
) -> Result<Board, BoardError> {
    let mut sums: BTreeMap<[u8; 16], Tally> = BTreeMap::new();
    let mut unplaced = Tally::default();
    let mothers = match kind {
        Kind::Project => mothers(at, campaign).await?,
        Kind::County | Kind::Team => HashMap::new(),
    };
    for cell in cells {
        let key = match kind {
            Kind::County => county_of(tree, unit, cell.dims.county).map(|county| county.bytes()),
            // A sub-project counts with its mother, as on the campaign's page.
            Kind::Project => {
                let own = cell.dims.project;
                Some(mothers.get(&own).copied().unwrap_or(own).bytes())
            }
            Kind::Team => cell.dims.team.map(|team| team.bytes()),
        };
        let sum = match key {
            Some(key) => sums.entry(key).or_default(),
            None => &mut unplaced,
        };
        *sum = sum.plus(cell.tally)?;
    }
    finished(at, (campaign, kind), (sums, unplaced), when).await
}

/// A province's campaign by county, its counties known by the first six digits of their region codes, beside the board
/// by what stands right below it: its cities. None for any other campaign, of which that board has the counties itself.
///
/// # Errors
/// [`BoardError`].
pub async fn counties(
    at: &mut impl Reads,
    tree: &UnitTree,
    (campaign, unit): (CampaignId, UnitId),
    when: When,
) -> Result<Option<Board>, BoardError> {
    let regions = governance::network::queries::regions(at).await?;
    let is = |unit: &UnitId, level: RegionLevel| regions.get(unit).is_some_and(|region| region.level() == level);
    // A municipality's districts stand right below it.
    let has_cities = || tree.subtree(unit).iter().any(|below| is(below, RegionLevel::City));
    if !is(&unit, RegionLevel::Province) || !has_cities() {
        return Ok(None);
    }
    let cells = store::cells(at, when.frozen(), Some(campaign), CELLS_MAX).await?;
    let mut sums: BTreeMap<[u8; 16], Tally> = BTreeMap::new();
    let mut unplaced = Tally::default();
    for cell in &cells {
        let sum = match county_by_region(tree, &regions, unit, cell.dims.county) {
            Some(county) => sums.entry(county.bytes()).or_default(),
            None => &mut unplaced,
        };
        *sum = sum.plus(cell.tally)?;
    }
    let board = finished(at, (campaign, Kind::County), (sums, unplaced), when).await?;
    Ok(Some(board))
}

async fn finished(
    at: &mut impl Reads,
    (campaign, kind): (CampaignId, Kind),
    (sums, unplaced): (BTreeMap<[u8; 16], Tally>, Tally),
    when: When,
) -> Result<Board, BoardError> {
    let mut lines: Vec<Line> = sums.into_iter().map(|(id, tally)| line(id, tally)).collect();
    name(at, &mut lines, kind, when.day()).await?;
    rules::rank(&mut lines);
    lines.truncate(LINES_MAX);
    let without_people = lines.iter().filter(|line| line.people.is_none()).count();
    Ok(Board {
        campaign,
        kind,
        lines,
        unplaced,
        without_people,
    })
}

const fn line(id: [u8; 16], tally: Tally) -> Line {
    Line {
        id,
        place: 0,
        name: None,
        tally,
        people: None,
        per_thousand_fen: None,
    }
}

/// The unit right below the campaign's own to which a unit belongs: townships and villages count with their county.
fn county_of(tree: &UnitTree, campaign_unit: UnitId, county: UnitId) -> Option<UnitId> {
    let line = tree.ancestors(county);
    let at = line.iter().position(|unit| *unit == campaign_unit)?;
    at.checked_sub(1).and_then(|below| line.get(below)).copied()
}

/// The unit of the county in which a unit lies: the highest below the campaign's own whose region is a county, whose six
/// digits all below it share.
fn county_by_region(
    tree: &UnitTree,
    regions: &HashMap<UnitId, RegionCode>,
    campaign_unit: UnitId,
    unit: UnitId,
) -> Option<UnitId> {
    let line = tree.ancestors(unit);
    let below = line.iter().position(|unit| *unit == campaign_unit)?;
    let is_county = |unit: &&UnitId| {
        let region = regions.get(*unit);
        region.is_some_and(|region| region.level() == RegionLevel::County)
    };
    line.get(..below)?.iter().rev().find(is_county).copied()
}

async fn mothers(at: &mut impl Reads, campaign: CampaignId) -> Result<HashMap<ProjectId, ProjectId>, DbError> {
    let sql = "SELECT id, mother_id FROM project WHERE campaign_id = ?1 AND mother_id IS NOT NULL ORDER BY id LIMIT ?2";
    let rows = at
        .query(sql, params![(campaign,), crate::projects::queries::OF_CAMPAIGN_MAX])
        .await?;
    rows.iter()
        .map(|row| Ok((row.id("id")?, row.id("mother_id")?)))
        .collect()
}

async fn name(at: &mut impl Reads, lines: &mut [Line], kind: Kind, day: BusinessDay) -> Result<(), BoardError> {
    match kind {
        Kind::County => {
            let names = governance::network::queries::short_names(at).await?;
            let people = population(at, day).await?;
            for line in lines {
                let unit = UnitId::from_bytes(line.id);
                line.name = names.get(&unit).cloned();
                line.people = people.get(&unit).copied();
                line.per_thousand_fen = line
                    .people
                    .and_then(|people| rules::per_thousand(line.tally.sum_fen, people));
            }
        }
        Kind::Project => {
            let names = titles(at, "project", lines).await?;
            for line in lines {
                line.name = names.get(&line.id).cloned();
            }
        }
        Kind::Team => {
            let names = titles(at, "team", lines).await?;
            let table = parameters::load(at)
                .await
                .map_err(|error| BoardError::Parameters(error.to_string()))?;
            let minimum = table.yuan("boards.team_min_yuan", day)?;
            for line in lines {
                line.name = names
                    .get(&line.id)
                    .filter(|_| rules::name_stands(line.tally.sum_fen, minimum))
                    .cloned();
            }
        }
    }
    Ok(())
}

/// Titles by id. A team's name passed moderation when it was opened; a draft's does not stand anywhere.
async fn titles(
    at: &mut impl Reads,
    table: &'static str,
    lines: &[Line],
) -> Result<HashMap<[u8; 16], String>, DbError> {
    let mut names = HashMap::with_capacity(lines.len());
    for part in lines.chunks(NAMES_PER_STATEMENT) {
        let values: Vec<Value> = part.iter().map(|line| line.id.param()).collect();
        let marks: Vec<String> = (1..=values.len()).map(|n| format!("?{n}")).collect();
        let sql = format!(
            "SELECT id, title FROM {table} WHERE state <> 'draft' AND id IN ({}) ORDER BY id",
            marks.join(", ")
        );
        for row in &at.query(&sql, values).await? {
            names.insert(row.id::<ProjectId>("id")?.bytes(), row.text("title")?);
        }
    }
    Ok(names)
}

/// People by county on a day, as loaded.
///
/// # Errors
/// Any [`DbError`], as for all below.
pub async fn population(at: &mut impl Reads, day: BusinessDay) -> Result<HashMap<UnitId, i64>, DbError> {
    let sql = "SELECT c.unit_id, c.people FROM county_population c WHERE c.from_day = (
            SELECT MAX(d.from_day) FROM county_population d WHERE d.unit_id = c.unit_id AND d.from_day <= ?1)
        ORDER BY c.unit_id LIMIT ?2";
    let rows = at.query(sql, params![day, CELLS_MAX]).await?;
    rows.iter()
        .map(|row| Ok((row.id("unit_id")?, row.int("people")?)))
        .collect()
}

/// One line of the board of campaigns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignLine {
    /// 1 for the first; equal sums share a place.
    pub place: i64,
    /// The campaign.
    pub campaign: CampaignId,
    /// Its title as filed.
    pub title: String,
    /// What it received, as boards count.
    pub tally: Tally,
}

/// Campaigns with an open board, largest sum first: now, or those that had begun as they stood at the end of a frozen day.
pub async fn campaigns(at: &mut impl Reads, day: Option<BusinessDay>) -> Result<Vec<CampaignLine>, DbError> {
    let mut values: Vec<Value> = params![CAMPAIGNS_MAX];
    let (from, begun) = match day {
        Some(day) => {
            values.push(day.param());
            let from = "board_frozen c ON c.project_id = p.id AND c.day = ?2";
            (from, "AND m.starts_on <= ?2")
        }
        None => ("board_cell c ON c.project_id = p.id", ""),
    };
    let sql = format!(
        "SELECT m.id, m.title, CAST(COALESCE(SUM(c.gifts), 0) AS BIGINT) AS gifts,
            CAST(COALESCE(SUM(c.sum_fen), 0) AS BIGINT) AS sum_fen
         FROM campaign m JOIN project p ON p.campaign_id = m.id LEFT JOIN {from}
         WHERE m.state NOT IN ('draft', 'returned') {begun}
            AND EXISTS (SELECT 1 FROM board_opened o WHERE o.campaign_id = m.id)
         GROUP BY m.id, m.title ORDER BY COALESCE(SUM(c.sum_fen), 0) DESC, m.id LIMIT ?1"
    );
    let read = |row: &Row| {
        Ok(CampaignLine {
            place: 0,
            campaign: row.id("id")?,
            title: row.text("title")?,
            tally: Tally {
                gifts: row.int("gifts")?,
                sum_fen: row.fen("sum_fen")?,
            },
        })
    };
    let rows = at.query(&sql, values).await?;
    let mut lines = rows.iter().map(read).collect::<Result<Vec<_>, DbError>>()?;
    let places = super::rules::places(lines.iter().map(|line| line.tally.sum_fen));
    for (line, place) in lines.iter_mut().zip(places) {
        line.place = place;
    }
    Ok(lines)
}

/// What a team has received, as boards count.
pub async fn of_team(at: &mut impl Reads, team: TeamId) -> Result<Tally, DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(gifts), 0) AS BIGINT) AS gifts,
        CAST(COALESCE(SUM(sum_fen), 0) AS BIGINT) AS sum_fen FROM board_cell WHERE team_id = ?1";
    let row = at.query_one(sql, params![(team,)]).await?;
    row.map_or(Ok(Tally::default()), |row| {
        Ok(Tally {
            gifts: row.int("gifts")?,
            sum_fen: row.fen("sum_fen")?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provinces_counties_are_found_whatever_stands_between() {
        let unit = |n: u8| UnitId::from_bytes([n; 16]);
        let [province, city, county, township, direct] = [1, 2, 3, 4, 5].map(unit);
        let tree = UnitTree::new();
        let below = |unit, above| (unit, Some(above));
        tree.replace(vec![
            (province, None),
            below(city, province),
            below(county, city),
            below(township, county),
            below(direct, province),
        ]);
        let region = |text: &str| RegionCode::parse(text).expect("a region");
        let regions = HashMap::from([
            (province, region("420000")),
            (city, region("420100")),
            (county, region("420102")),
            (township, region("420102003")),
            (direct, region("429004")),
        ]);
        let of = |unit| county_by_region(&tree, &regions, province, unit);
        assert_eq!((of(county), of(township)), (Some(county), Some(county)));
        assert_eq!(of(direct), Some(direct), "a county right below the province");
        assert_eq!((of(city), of(province)), (None, None), "led to no county");
        assert_eq!(
            county_of(&tree, province, township),
            Some(city),
            "the board beside it is by city"
        );
    }
}
