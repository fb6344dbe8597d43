//! The job that tells people that the glass was broken.

use std::collections::BTreeSet;

use db::Reads;
use kernel::ActorId;
use serde_json::json;

use super::actions::{TOLD, account_of};
use crate::Services;
use crate::identity::{ActorKind, queries as people};
use crate::jobs::{Handler, JobError, Run, Work};
use crate::notify::{Address, Message};
use crate::powers::queries as powers;

/// The kind of the job.
pub(super) const TELL_BROKEN: &str = "break_glass_tell";
/// The operator's template that says it.
const TEMPLATE: &str = "break_glass";

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
