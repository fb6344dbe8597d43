//! The jobs that tell people: that the glass was broken, that somebody else changed how they sign in.

use std::collections::BTreeSet;

use db::Reads;
use kernel::ActorId;
use serde_json::json;

use super::actions::{TOLD, account_of};
use super::changes::{self, ChangeId};
use crate::Services;
use crate::identity::{ActorKind, queries as people};
use crate::jobs::{Handler, JobError, Run, Work};
use crate::notify::{Address, Message};
use crate::powers::queries as powers;

/// The kind of the job.
pub(super) const TELL_BROKEN: &str = "break_glass_tell";
/// The operator's template that says it.
const TEMPLATE: &str = "break_glass";
/// The kind of the job that tells a person of a change of her account.
pub(super) const TELL_CHANGED: &str = "account_change_tell";
/// The operator's template that says it.
const CHANGED_TEMPLATE: &str = "account_change";

/// Tells whoever may read the trail or manages users, and has left a telephone, that the glass was broken. The words name
/// nobody and give no reason: both are read behind the sign-in.
pub struct TellBroken;

impl Handler for TellBroken {
    fn kind(&self) -> &'static str {
        TELL_BROKEN
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let account =
                account_of(&run.job.input).ok_or_else(|| JobError::Refused("no account is named".to_owned()))?;
            if !services.notify.is_there() {
                return Ok(json!({ "told": 0 }));
            }
            let mut at = services.db.snapshot().await?;
            let watching: Vec<ActorId> = watching(&mut at, services, account).await?;
            let phones = people::phones(&mut at, &services.keys, &watching).await?;
            drop(at);
            let link = format!("{}/console/trail", services.base_url);
            let text = web::Locale::default().text("signin.glass_broken", &[("link", link.clone())]);
            let mut told = 0;
            for phone in phones {
                let message = Message {
                    to: Address::Phone(phone),
                    template: TEMPLATE,
                    text: text.clone(),
                    values: vec![("link", link.clone())],
                };
                // One number that is wrong keeps no word from the others.
                match services.notify.send(&message).await {
                    Ok(()) => told += 1,
                    Err(error) => {
                        tracing::warn!(job = ?run.job.id, %error, "somebody was not told of the broken glass")
                    }
                }
            }
            Ok(json!({ "told": told }))
        })
    }
}

/// Tells a person who has left a telephone that somebody else linked her account with another house's, or ended such a
/// link. The words name the provider and nobody; by whom it was done is read behind the sign-in.
pub struct TellChanged;

impl Handler for TellChanged {
    fn kind(&self) -> &'static str {
        TELL_CHANGED
    }
    fn work<'a>(&'a self, run: &'a Run, services: &'a Services) -> Work<'a> {
        Box::pin(async move {
            let id = change_of(&run.job.input).ok_or_else(|| JobError::Refused("no change is named".to_owned()))?;
            if !services.notify.is_there() {
                return Ok(json!({ "told": 0 }));
            }
            let mut at = services.db.snapshot().await?;
            let Some(change) = changes::queries::by_id(&mut at, id).await? else {
                return Err(JobError::Refused("the change is no longer kept".to_owned()));
            };
            let phones = people::phones(&mut at, &services.keys, &[change.actor]).await?;
            drop(at);
            let link = format!("{}/console/account", services.base_url);
            let values = vec![("provider", change.label), ("link", link)];
            let text = web::Locale::default().text(changes::rules::words(change.what), &values);
            let mut told = 0;
            for phone in phones {
                let message = Message {
                    to: Address::Phone(phone),
                    template: CHANGED_TEMPLATE,
                    text: text.clone(),
                    values: values.clone(),
                };
                match services.notify.send(&message).await {
                    Ok(()) => told += 1,
                    Err(error) => {
                        tracing::warn!(job = ?run.job.id, %error, "somebody was not told of a change of her account");
                    }
                }
            }
            Ok(json!({ "told": told }))
        })
    }
}

/// The change's id in a job's input.
fn change_of(input: &serde_json::Value) -> Option<ChangeId> {
    let bytes = data_encoding::HEXLOWER
        .decode(input["change"].as_str()?.as_bytes())
        .ok()?;
    ChangeId::from_slice(&bytes).ok()
}

/// The people who watch over the installation, the account itself left out.
async fn watching(at: &mut impl Reads, services: &Services, account: ActorId) -> Result<Vec<ActorId>, db::DbError> {
    let (roots, today) = (services.tree.roots(), services.now().business_day());
    let mut all = BTreeSet::new();
    for permission in TOLD {
        let holders = powers::holders(at, permission, Some(&roots), today).await?;
        let people = holders.into_iter().filter(|grant| grant.kind == ActorKind::Person);
        all.extend(people.map(|grant| grant.actor));
    }
    all.remove(&account);
    Ok(all.into_iter().collect())
}
