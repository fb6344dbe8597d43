//! `/p/{project}/team`: the form that starts a team, and what is said when it was sent.

use serde::{Deserialize, Serialize};
use web::{Masthead, Page};

use super::super::common::{self, Link};

/// Starting a team.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct StartPage {
    /// The unit that raises.
    pub masthead: Masthead,
    /// Campaign and project above it.
    pub trail: Vec<Link>,
    /// Name of the project.
    pub project: String,
    /// Where the form is sent.
    pub action: String,
    /// The counties for which a team may count.
    pub counties: Vec<County>,
    /// What was filled in, shown again.
    pub form: StartForm,
    /// Fields at fault.
    pub faults: Vec<StartFault>,
    /// The team's address, once it was sent: it opens when staff has read name and words.
    pub sent: Option<String>,
}

/// A field at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StartFault {
    /// One of [`FIELDS`].
    pub field: &'static str,
}

/// A county to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct County {
    /// Public id.
    pub id: String,
    /// Its short name.
    pub name: String,
}

/// The form as posted. Holds a person's data: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StartForm {
    /// The token of the form.
    pub token: String,
    /// The team's name.
    pub title: String,
    /// What it says of itself.
    pub words: String,
    /// What it wants to raise, in yuan as typed.
    pub target: String,
    /// The county it counts for; empty: the project's own unit.
    pub county: String,
    /// Who starts it.
    pub name: String,
    /// Her telephone.
    pub phone: String,
}

/// The fields that may be at fault: each has its words.
pub const FIELDS: [&str; 7] = ["title", "words", "target", "county", "name", "phone", "form"];

impl Page for StartPage {
    const TEMPLATE: &'static str = "start.html";

    fn samples() -> Vec<Self> {
        let fresh = Self {
            masthead: common::sample_masthead(),
            trail: vec![Link {
                name: "救在身边".into(),
                href: "/p/jiuzaishenbian".into(),
            }],
            project: "救在身边".into(),
            action: "/p/jiuzaishenbian/team".into(),
            counties: vec![
                County {
                    id: common::sample_id(70),
                    name: "示例县".into(),
                },
                County {
                    id: common::sample_id(71),
                    name: "样板区".into(),
                },
            ],
            form: StartForm {
                token: "token".into(),
                ..StartForm::default()
            },
            faults: Vec::new(),
            sent: None,
        };
        let mut wrong = fresh.clone();
        wrong.counties.clear();
        wrong.form.title = "加微信领券".into();
        wrong.form.county = common::sample_id(71);
        wrong.faults = FIELDS.map(|field| StartFault { field }).to_vec();
        let mut sent = fresh.clone();
        sent.sent = Some(format!("http://127.0.0.1:8080/t/{}", common::sample_id(40)));
        vec![fresh, wrong, sent]
    }
    fn masthead(&self) -> Option<&Masthead> {
        Some(&self.masthead)
    }
}
