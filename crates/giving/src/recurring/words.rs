//! The messages: what is due, what is new.

use db::{DbError, Reads};
use kernel::{ProjectId, UnitId};
use platform::notify::{Address, Message};

use super::model::{Agreement, Mandate, MonthRow, News, PromptKind};

/// The templates by which an operator's gateway knows what to fill.
const DUE_TEMPLATE: &str = "monthly_due";
const NEWS_TEMPLATE: &str = "project_news";

/// The names in a message.
pub(super) struct Names {
    unit: String,
    project: String,
}

/// The names of a project and its unit.
pub(super) async fn names(at: &mut impl Reads, (unit, project): (UnitId, ProjectId)) -> Result<Names, DbError> {
    let unit = governance::network::queries::unit(at, unit).await?;
    let project = crate::projects::queries::project(at, project).await?;
    Ok(Names {
        unit: unit.map(|unit| unit.name).unwrap_or_default(),
        project: project.map(|project| project.title).unwrap_or_default(),
    })
}

/// The reminder of a month.
pub(super) fn due(
    to: Address,
    mandate: &Mandate,
    (month, kind): (&MonthRow, PromptKind),
    (names, link): (&Names, String),
) -> Message {
    let values = vec![
        ("unit", names.unit.clone()),
        ("project", names.project.clone()),
        ("amount", mandate.amount.to_grouped()),
        ("day", month.due_on.to_string()),
        ("closes", month.closes_on.to_string()),
        ("link", link),
    ];
    let key = match kind {
        PromptKind::Before => "monthly.message.before",
        PromptKind::Due | PromptKind::News => "monthly.message.due",
    };
    Message {
        to,
        template: DUE_TEMPLATE,
        text: mandate.language.0.text(key, &values),
        values,
    }
}

/// The prompt of a piece of news.
pub(super) fn news(to: Address, (agreement, news): (&Agreement, &News), (names, link): (&Names, String)) -> Message {
    let english = agreement.language.0 == web::Locale::En && !news.title_en.is_empty();
    let title = if english { &news.title_en } else { &news.title };
    let values = vec![
        ("unit", names.unit.clone()),
        ("project", names.project.clone()),
        ("title", title.clone()),
        ("link", link),
    ];
    Message {
        to,
        template: NEWS_TEMPLATE,
        text: agreement.language.0.text("monthly.message.news", &values),
        values,
    }
}
