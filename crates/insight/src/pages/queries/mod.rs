//! From the books to the pages. A page is read from one snapshot, its “as of” taken before it is opened.
//!
//! Amounts are gifts in the books less what was given back, which is also what the ledger says; counts keep gifts that
//! were refunded later.

pub(super) mod board;
mod campaign;
pub(super) mod coverage;
pub(super) mod donor;
pub(super) mod gift;
pub(super) mod goods;
mod home;
pub(super) mod pools;
mod project;
mod sums;
mod team;

use db::{DbError, Reads};
use giving::campaigns::CampaignState as Campaigns;
use giving::donations::queries::Latest;
use giving::projects::{Project, ProjectState as Projects};
use governance::network::{self, Certificate, Unit, rules};
use kernel::id::public;
use kernel::{BusinessDay, Fen, ProjectId};
use platform::Services;
use web::Masthead;
use web::color::{Brand, Color};

use super::common::{self, CampaignState, LatestGift, ProjectCard, ProjectState};
use super::house::{Shown, Topic};
use sums::Sum;

/// The page of a topic; nothing where the public may see none.
pub(super) async fn shown(services: &Services, topic: Topic) -> Result<Option<Shown>, DbError> {
    let as_of = services.now();
    let mut at = services.db.snapshot().await?;
    Ok(match topic {
        Topic::Unit(id) => home::page(&mut at, services, id, as_of).await?.map(Shown::Home),
        Topic::Campaign(id) => campaign::page(&mut at, services, id, as_of).await?.map(Shown::Campaign),
        Topic::Project(id) => project::page(&mut at, services, id, as_of).await?.map(Shown::Project),
        Topic::Team(id) => team::page(&mut at, services, id, as_of).await?.map(Shown::Team),
        Topic::Board(id) => board::of_campaign(&mut at, services, id, (None, as_of))
            .await?
            .map(Shown::Board),
        Topic::Boards => board::of_all(&mut at, services, (None, as_of)).await?.map(Shown::Board),
        Topic::Goods(id) => goods::page(&mut at, services, id, as_of).await?.map(Shown::Goods),
    })
}

/// The society of a page, with the certificate in force on a day, or its latest.
pub(super) async fn masthead(at: &mut impl Reads, unit: &Unit, on: BusinessDay) -> Result<Masthead, DbError> {
    let certificates = network::queries::certificates(at, unit.id).await?;
    Ok(masthead_of(unit, &certificates, on))
}

fn masthead_of(unit: &Unit, certificates: &[Certificate], on: BusinessDay) -> Masthead {
    let certificate = certificates
        .iter()
        .find(|c| rules::in_force(c, on))
        .or(certificates.first());
    let contact = Some(unit.contact.trim())
        .filter(|text| !text.is_empty())
        .map(str::to_owned);
    let stated = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    // Before a unit had a telephone of its own, its number stood in the free line.
    let (phone, contact) = match (stated(&unit.phone), contact) {
        (None, Some(number)) if is_phone(&number) => (Some(number), None),
        (phone, contact) => (phone, contact),
    };
    Masthead {
        name: unit.name.clone(),
        certificate_no: certificate.map(|c| c.number.clone()),
        certificate_valid_to: certificate.map(|c| c.valid_to),
        phone,
        contact,
        address: stated(&unit.address),
        brand: Brand {
            brand: Color::parse(&unit.brand_color).ok(),
            ..Brand::default()
        },
        logo: None,
    }
}

/// Nothing but digits and what stands between them: fit to be dialled.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (5..=15).contains(&digits)
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'))
}

fn campaign_state(state: &Campaigns) -> CampaignState {
    match state {
        // Neither is shown to the public.
        Campaigns::Draft | Campaigns::Returned(_) => CampaignState::Draft,
        Campaigns::Filed(_) => CampaignState::Filed,
        Campaigns::Open { .. } => CampaignState::Open,
        Campaigns::Full { .. } => CampaignState::Full,
        Campaigns::Ended { .. } => CampaignState::Ended,
        Campaigns::Settled { .. } => CampaignState::Settled,
    }
}

fn project_state(state: Projects) -> ProjectState {
    match state {
        Projects::Draft => ProjectState::Draft,
        Projects::Open { .. } => ProjectState::Open,
        Projects::Full { .. } => ProjectState::Full,
        Projects::Ended { .. } => ProjectState::Ended,
        Projects::Settled { .. } => ProjectState::Settled,
    }
}

fn sentence(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A card of a project, its sub-projects counted in.
fn card(services: &Services, project: &Project, sums: &[Sum]) -> Result<ProjectCard, DbError> {
    let own = sums
        .iter()
        .filter(|sum| sum.project == project.id || sum.mother == Some(project.id));
    let (total_fen, gifts) = sums::total(own)?;
    Ok(ProjectCard {
        public_id: public(&*services.keys, project.id),
        href: project_href(project),
        name: project.title.clone(),
        sentence: sentence(&project.summary),
        state: project_state(project.state),
        total_fen,
        gifts,
        target_fen: project.target,
        progress_permille: common::progress(total_fen, project.target),
    })
}

fn project_href(project: &Project) -> String {
    format!("/p/{}", project.code)
}

fn latest_of(mut gifts: Vec<Latest>, title: impl Fn(ProjectId) -> String) -> Vec<LatestGift> {
    let line = |gift: Latest| LatestGift {
        who: gift.shown_name,
        amount_fen: gift.amount,
        to: title(gift.project),
        at: gift.paid_at,
    };
    // Recorded together, as a bill's lines are: then the time of payment gives the order.
    gifts.sort_by_key(|gift| std::cmp::Reverse(gift.paid_at));
    gifts.into_iter().map(line).collect()
}

/// Rank rows, largest first, equal totals in the order of their names.
fn ranked(mut rows: Vec<(String, String, Fen, i64, Option<Fen>)>) -> Vec<common::RankRow> {
    rows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    rows.truncate(common::RANK_MAX);
    common::rank(rows)
}

#[cfg(test)]
mod tests {
    use super::is_phone;

    #[test]
    fn only_what_can_be_dialled_is_a_telephone() {
        assert!(is_phone("0539-0000000") && is_phone("+86 (539) 0000000"));
        for text in ["", "12", "办公室 0539-0000000", "https://example.org/12345"] {
            assert!(!is_phone(text), "{text}");
        }
    }
}
