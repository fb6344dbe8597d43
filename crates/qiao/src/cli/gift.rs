//! `qiao gift`: what the operator of the machine does to a single gift.

use giving::donations::sealed::{self, ErasureReason};
use giving::donations::{DonationError, gift_of_certificate};
use kernel::GiftId;
use kernel::id::{from_public, public};
use platform::identity::Actor;
use serde_json::json;

use crate::app::App;
use crate::output::{Done, Failure, Out};

/// What to do with a gift.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Destroy all that is personal about the giver, for ever. Amount, day and books stay; the certificate is gone.
    Erase {
        /// The public id of the gift or of its certificate (the last part of the address in its QR code).
        id: String,
        /// Why: giver_asked, consent_withdrawn, guardian_asked, time_over, authority_ordered.
        #[arg(long)]
        reason: ErasureReason,
    },
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    let Command::Erase { id, reason } = command;
    let s = &app.services;
    let named: GiftId = from_public(&*s.keys, &id).map_err(|e| Failure::Usage(format!("{id}: {e}")))?;
    let gift = gift_of_certificate(named).unwrap_or(named);
    let erased = match sealed::erase(s, &Actor::operator(), gift, reason).await {
        Err(DonationError::NotFound(_)) => {
            return Err(Failure::Refused(format!(
                "no gift has the id {id}; nothing was changed"
            )));
        }
        other => other?,
    };
    app.settle().await?;
    let document = json!({
        "gift": public(&*s.keys, gift),
        "reason": reason,
        "erased": erased,
        "was_erased_before": erased.is_nothing(),
    });
    out.result(&document, || {
        if erased.is_nothing() {
            "there was nothing left to erase; nothing was changed".to_owned()
        } else {
            "erased. Backups made before today still hold it: let them run out, or restore and erase again".to_owned()
        }
    });
    Ok(())
}
