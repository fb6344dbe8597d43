//! `qiao user`: actors, roles and tokens of the installation.

use kernel::UnitId;
use kernel::id::{from_public, public};
use platform::identity::actions::{NewToken, NewUser, Personal};
use platform::identity::{self, Actor, ActorKind, Role};
use platform::signin;
use serde_json::json;

use crate::app::{App, setting};
use crate::output::{Done, Failure, Out};

/// What to do with users.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Add a user with a role in a unit and print a token, which is shown once.
    Add {
        /// The user's name in lists, unique in the installation.
        name: String,
        /// The role: administrator, fundraising_officer, finance_officer, leader, auditor, machine, or one of the three
        /// administrators system_administrator, security_administrator, audit_administrator.
        #[arg(long)]
        role: Role,
        /// The unit's public id; by default the one made by `init`.
        #[arg(long)]
        unit: Option<String>,
        /// Days the token lives.
        #[arg(long)]
        days: Option<i64>,
    },
    /// Invite a user to choose a password for the console, also after a loss; prints a link, which is shown once.
    Invite {
        /// The user's name.
        name: String,
    },
    /// Make a code for the sealed envelope, which is shown once: it opens the installation for an hour, once, when nobody
    /// who may is there. A code made before no longer works.
    BreakGlass,
}

/// The unit named on the command line, or the first one.
pub async fn unit(app: &App, named: Option<&str>) -> Result<UnitId, Failure> {
    let text = match named {
        Some(text) => text.to_owned(),
        None => setting(&app.services.db, "unit").await?.unwrap_or_default(),
    };
    let id = from_public(&*app.services.keys, &text).map_err(|e| Failure::Usage(format!("--unit {text}: {e}")))?;
    if app.services.tree.knows(id) {
        Ok(id)
    } else {
        Err(Failure::Usage(format!(
            "--unit {text}: no unit has this id; `qiao init` printed the first one’s"
        )))
    }
}

/// Does it.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::Add {
            name,
            role,
            unit: named,
            days,
        } => {
            let unit = unit(app, named.as_deref()).await?;
            let kind = if role == Role::Machine {
                ActorKind::Machine
            } else {
                ActorKind::Person
            };
            let token = Some(NewToken {
                name: "first".into(),
                days,
            });
            let new = NewUser {
                name: name.clone(),
                kind,
                unit,
                roles: vec![role],
                token,
                personal: Personal::default(),
            };
            let added = identity::actions::add_user(&app.services, &Actor::operator(), new).await?;
            app.settle().await?;
            let token = added.token.map(|t| t.text).unwrap_or_default();
            let id = public(&*app.services.keys, added.id);
            out.result(&json!({ "user_id": id, "name": name, "token": token }), || {
                format!("{name} was added. Token, shown once: {token}")
            });
            Ok(())
        }
        Command::Invite { name } => invite(app, &name, out).await,
        Command::BreakGlass => {
            let code = signin::actions::prepare_break_glass(&app.services, &Actor::operator()).await?;
            app.settle().await?;
            let url = format!("{}{}", app.services.base_url, signin::api::BREAK_GLASS_PATH);
            out.result(&json!({ "code": code, "url": url }), || {
                format!(
                    "Code for the sealed envelope, shown once: {code}\nIt opens {url} for an hour, once; whoever reads the \
                     trail is told. A code made before no longer works."
                )
            });
            Ok(())
        }
    }
}

async fn invite(app: &App, name: &str, out: &Out) -> Done {
    let s = &app.services;
    let user = {
        let mut at = s.db.snapshot().await?;
        identity::queries::user_named(&mut at, name).await?
    };
    let invited = signin::actions::invite(s, (&Actor::operator(), None), user.id).await?;
    app.settle().await?;
    let path = signin::api::welcome(&invited.secret);
    let url = format!("{}{path}", s.base_url);
    let document = json!({
        "user_id": public(&*s.keys, user.id),
        "name": user.name,
        "invitation": public(&*s.keys, invited.id),
        "path": path,
        "url": url,
        "ends_at": invited.ends_at,
    });
    out.result(&document, || {
        format!(
            "{} is invited. Link, shown once, until {}: {url}",
            user.name,
            web::format::moment(web::Locale::En, invited.ends_at)
        )
    });
    Ok(())
}
