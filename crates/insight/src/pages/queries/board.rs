//! League tables.

use db::{DbError, Reads};
use giving::boards::queries::{self, When};
use giving::boards::{Board, BoardError, Freeze, Kind, Line, Tally};
use giving::campaigns;
use kernel::id::public;
use kernel::{BusinessDay, CampaignId, Fen, Instant, TeamId};
use platform::Services;

use super::super::board::{self, BoardRow, DayLink, FrozenDay, ShownBoards};
use super::super::common::Link;
use super::super::{BoardLive, BoardPage};
use super::masthead;

/// What stands in the address of a frozen day in the place of a campaign, for all of them.
pub(in crate::pages) const ALL: &str = "all";

fn of_board(error: BoardError) -> DbError {
    match error {
        BoardError::Db(error) => error,
        other => DbError::Other(format!("a board: {other}")),
    }
}

/// The boards of a campaign, live or of a frozen day; nothing for a draft, where none is shown, and for days that were
/// not frozen.
pub(in crate::pages) async fn of_campaign(
    at: &mut impl Reads,
    services: &Services,
    id: CampaignId,
    (day, as_of): (Option<BusinessDay>, Instant),
) -> Result<Option<BoardPage>, DbError> {
    let kinds = queries::opened(at, id).await?;
    let found = campaigns::queries::campaign(at, id).await?;
    let found = found.filter(|c| c.state.is_public() && !kinds.is_empty());
    let Some(campaign) = found else { return Ok(None) };
    let Some(unit) = governance::network::queries::unit(at, campaign.unit).await? else {
        return Ok(None);
    };
    let freeze = match day {
        Some(day) => match queries::freeze(at, day).await? {
            Some(freeze) => Some(freeze),
            None => return Ok(None),
        },
        None => None,
    };
    let when = freeze.map_or(When::Live(as_of.business_day()), |freeze| When::Frozen(freeze.day));
    let boards = queries::boards(at, &services.tree, (id, campaign.unit), &kinds, when)
        .await
        .map_err(of_board)?;
    let masthead = masthead(at, &unit, campaign.plan.starts_on).await?;
    let public_id = public(&*services.keys, id);
    let days = queries::freezes(at, board::DAYS_MAX).await?;
    let link = |freeze: &Freeze| DayLink {
        day: freeze.day,
        href: format!("/b/{public_id}/{}", freeze.day),
    };
    let running = campaign.state.is_running() && freeze.is_none();
    let mut live = empty(freeze.map_or(as_of, |freeze| freeze.frozen_at));
    fill(&mut live, &boards, services)?;
    let districts = match kinds.contains(&Kind::County) {
        true => queries::counties(at, &services.tree, (id, campaign.unit), when)
            .await
            .map_err(of_board)?,
        false => None,
    };
    if let Some(board) = &districts {
        live.districts = rows_of(board, services);
    }
    Ok(Some(BoardPage {
        masthead,
        events: running.then(|| format!("/events/b-{public_id}")),
        trail: vec![Link {
            name: campaign.plan.title.clone(),
            href: format!("/c/{public_id}"),
        }],
        name: Some(campaign.plan.title.clone()),
        frozen: freeze.map(|freeze| FrozenDay {
            day: freeze.day,
            place: freeze.place,
        }),
        days: days
            .iter()
            .filter(|freeze| freeze.day >= campaign.plan.starts_on)
            .map(link)
            .collect(),
        shown: ShownBoards {
            campaigns: false,
            counties: kinds.contains(&Kind::County),
            districts: districts.is_some(),
            projects: kinds.contains(&Kind::Project),
            teams: kinds.contains(&Kind::Team),
        },
        public_id: Some(public_id),
        witnessed: false,
        live,
    }))
}

/// The lines of a campaign's boards by county and by mother project.
pub(super) async fn lines(
    at: &mut impl Reads,
    services: &Services,
    of: (CampaignId, kernel::UnitId),
    today: BusinessDay,
) -> Result<(Vec<Line>, Vec<Line>), DbError> {
    let kinds = [Kind::County, Kind::Project];
    let boards = queries::boards(at, &services.tree, of, &kinds, When::Live(today)).await;
    let (mut counties, mut projects) = (Vec::new(), Vec::new());
    for board in boards.map_err(of_board)? {
        match board.kind {
            Kind::County => counties = board.lines,
            Kind::Project => projects = board.lines,
            Kind::Team => {}
        }
    }
    Ok((counties, projects))
}

/// The board of campaigns, live or of a frozen day; nothing for a day that was not frozen.
pub(in crate::pages) async fn of_all(
    at: &mut impl Reads,
    services: &Services,
    (day, as_of): (Option<BusinessDay>, Instant),
) -> Result<Option<BoardPage>, DbError> {
    let Some(root) = services.tree.roots().first().copied() else {
        return Ok(None);
    };
    let Some(unit) = governance::network::queries::unit(at, root).await? else {
        return Ok(None);
    };
    let freeze = match day {
        Some(day) => match queries::freeze(at, day).await? {
            Some(freeze) => Some(freeze),
            None => return Ok(None),
        },
        None => None,
    };
    let masthead = masthead(at, &unit, as_of.business_day()).await?;
    let lines = queries::campaigns(at, day).await?;
    let days = queries::freezes(at, board::DAYS_MAX).await?;
    let mut live = empty(freeze.map_or(as_of, |freeze| freeze.frozen_at));
    let first = lines.first().map_or(Fen::ZERO, |line| line.tally.sum_fen);
    for line in lines {
        add(&mut live, line.tally)?;
        let mut href = format!("/b/{}", public(&*services.keys, line.campaign));
        if let Some(freeze) = freeze {
            href += &format!("/{}", freeze.day);
        }
        live.campaigns.push(BoardRow {
            place: line.place,
            name: Some(line.title),
            href: Some(href),
            total_fen: line.tally.sum_fen,
            gifts: line.tally.gifts,
            share_permille: share(line.tally.sum_fen, first),
        });
    }
    Ok(Some(BoardPage {
        masthead,
        public_id: None,
        events: freeze.is_none().then(|| "/events/b-all".into()),
        trail: Vec::new(),
        name: None,
        frozen: freeze.map(|freeze| FrozenDay {
            day: freeze.day,
            place: freeze.place,
        }),
        days: days
            .iter()
            .map(|freeze| DayLink {
                day: freeze.day,
                href: format!("/b/{ALL}/{}", freeze.day),
            })
            .collect(),
        shown: ShownBoards {
            campaigns: true,
            ..ShownBoards::default()
        },
        witnessed: false,
        live,
    }))
}

const fn empty(as_of: Instant) -> BoardLive {
    BoardLive {
        as_of,
        log_position: None,
        total_fen: Fen::ZERO,
        gifts: 0,
        campaigns: Vec::new(),
        counties: Vec::new(),
        districts: Vec::new(),
        heads: Vec::new(),
        without_people: 0,
        unplaced_fen: Fen::ZERO,
        projects: Vec::new(),
        teams: Vec::new(),
    }
}

fn share(part: Fen, first: Fen) -> i64 {
    part.share_of(first, 1_000).unwrap_or(0).clamp(0, 1_000)
}

fn add(live: &mut BoardLive, tally: Tally) -> Result<(), DbError> {
    let sum = live.total_fen.plus(tally.sum_fen);
    live.total_fen = sum.map_err(|e| DbError::Other(format!("the sum of a board: {e}")))?;
    live.gifts = live.gifts.saturating_add(tally.gifts);
    Ok(())
}

fn fill(live: &mut BoardLive, boards: &[Board], services: &Services) -> Result<(), DbError> {
    // Every board divides the same gifts, so the first one's sum is that of all.
    if let Some(board) = boards.first() {
        add(live, board.unplaced)?;
        for line in &board.lines {
            add(live, line.tally)?;
        }
    }
    for board in boards {
        let rows = rows_of(board, services);
        match board.kind {
            Kind::County => {
                live.counties = rows;
                live.without_people = board.without_people;
                live.unplaced_fen = board.unplaced.sum_fen;
                let head = |line: &Line| Some((line.name.clone(), line.per_thousand_fen?, line.people?));
                live.heads = board::heads(board.lines.iter().filter_map(head).collect());
                live.heads.truncate(board::ROWS_MAX);
            }
            Kind::Project => live.projects = rows,
            Kind::Team => live.teams = rows,
        }
    }
    Ok(())
}

fn rows_of(board: &Board, services: &Services) -> Vec<BoardRow> {
    let first = board.lines.first().map_or(Fen::ZERO, |line| line.tally.sum_fen);
    let row = |line: &Line| BoardRow {
        place: line.place,
        href: match board.kind {
            Kind::Team => line
                .name
                .as_ref()
                .map(|_| format!("/t/{}", public(&*services.keys, id::<TeamId>(line)))),
            Kind::Project => Some(format!("/p/{}", public(&*services.keys, id::<kernel::ProjectId>(line)))),
            Kind::County => Some(format!("/u/{}", public(&*services.keys, id::<kernel::UnitId>(line)))),
        },
        name: line.name.clone(),
        total_fen: line.tally.sum_fen,
        gifts: line.tally.gifts,
        share_permille: share(line.tally.sum_fen, first),
    };
    board.lines.iter().take(board::ROWS_MAX).map(row).collect()
}

fn id<I: kernel::id::Id>(line: &Line) -> I {
    I::from_bytes(line.id)
}
