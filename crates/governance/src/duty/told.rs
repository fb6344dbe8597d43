//! Word to units: those on duty, or, when nobody is, those who may act there.

use db::DbError;
use kernel::{ActorId, UnitId};
use platform::Services;
use platform::identity::{Permission, queries as identity};
use platform::notify::{Address, Message};
use platform::powers::queries as powers;

use super::queries;

/// The template of the message; operators have it approved by their provider.
pub const TEMPLATE: &str = "duty";
/// People told in one unit: who is on duty, or a handful of those who may act.
const TOLD_MAX: usize = 5;

/// What is said. The words name no person.
#[derive(Debug, Clone)]
pub struct Word {
    /// The key of the text.
    pub key: String,
    /// What fills its places; the link is added.
    pub values: Vec<(&'static str, String)>,
    /// Where in the console it is done.
    pub place: String,
    /// Who is told when nobody is on duty: those who hold this in the unit itself.
    pub permission: Permission,
}

/// Tells each of these units; returns how many people were told. One number that is wrong keeps no word from the others.
///
/// # Errors
/// Any [`DbError`].
pub async fn tell(services: &Services, units: &[UnitId], word: &Word) -> Result<u64, DbError> {
    if !services.notify.is_there() {
        return Ok(0);
    }
    let mut values = word.values.clone();
    values.push(("link", format!("{}/console/{}", services.base_url, word.place)));
    let text = web::Locale::default().text(&word.key, &values);
    let mut told = 0;
    for unit in units {
        for phone in phones(services, *unit, word.permission).await? {
            let message = Message {
                to: Address::Phone(phone),
                template: TEMPLATE,
                text: text.clone(),
                values: values.clone(),
            };
            match services.notify.send(&message).await {
                Ok(()) => told += 1,
                Err(error) => tracing::warn!(?unit, %error, "a unit’s duty was not told"),
            }
        }
    }
    Ok(told)
}

async fn phones(services: &Services, unit: UnitId, permission: Permission) -> Result<Vec<String>, DbError> {
    let now = services.now();
    let mut at = services.db.snapshot().await?;
    let mut found = queries::phones_on(&mut at, &services.keys, (unit, now)).await?;
    if found.is_empty() {
        let holders = powers::holders(&mut at, permission, Some(&[unit]), now.business_day()).await?;
        let mut people: Vec<ActorId> = holders.into_iter().map(|grant| grant.actor).collect();
        people.sort_unstable();
        people.dedup();
        found = identity::phones(&mut at, &services.keys, &people).await?;
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(TOLD_MAX);
    Ok(found)
}
