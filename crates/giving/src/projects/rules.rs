//! Decisions about projects, pure: what a new one must be, and its way draft → open → full → ended → settled.

use kernel::{Fen, Instant};

use super::error::ProjectError;
use super::model::{
    AmountChoice, CHOICE_CHARS_MAX, CHOICE_EN_CHARS_MAX, CHOICES_MAX, CODE_CHARS_MAX, NewProject, NotAccepting,
    Project, ProjectState, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX,
};

/// Checks what a new project says of itself.
///
/// # Errors
/// [`ProjectError::Invalid`].
pub fn check_new(new: &NewProject) -> Result<(), ProjectError> {
    check_code(&new.code)?;
    check_title(&new.title)?;
    check_summary(&new.summary)?;
    check_choices(&new.choices)?;
    match new.target {
        Some(target) if !target.is_positive() => Err(ProjectError::Invalid {
            field: "target_fen",
            why: "above zero, or none",
        }),
        None if new.stop_when_full => Err(ProjectError::Invalid {
            field: "stop_when_full",
            why: "only with a target",
        }),
        _ => Ok(()),
    }
}

/// A code of addresses: 2 to 40 of `a-z`, `0-9`, `-`, beginning with a letter or digit, ending with no hyphen.
///
/// # Errors
/// [`ProjectError::Invalid`].
pub fn check_code(code: &str) -> Result<(), ProjectError> {
    let letters = code
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let ends = code.starts_with('-') || code.ends_with('-');
    if letters && !ends && (2..=CODE_CHARS_MAX).contains(&code.len()) {
        return Ok(());
    }
    Err(ProjectError::Invalid {
        field: "code",
        why: "2 to 40 of a-z, 0-9 and -, with no hyphen at its ends",
    })
}

/// A title: one line.
///
/// # Errors
/// [`ProjectError::Invalid`].
pub fn check_title(title: &str) -> Result<(), ProjectError> {
    let chars = title.chars().count();
    if title.trim() == title && (1..=TITLE_CHARS_MAX).contains(&chars) && !title.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ProjectError::Invalid {
        field: "title",
        why: "one line of 1 to 60 characters, without spaces at its ends",
    })
}

/// A summary: short, without control characters but line breaks.
///
/// # Errors
/// [`ProjectError::Invalid`].
pub fn check_summary(summary: &str) -> Result<(), ProjectError> {
    let strange = summary.chars().any(|c| c.is_control() && c != '\n');
    if strange || summary.chars().count() > SUMMARY_CHARS_MAX {
        return Err(ProjectError::Invalid {
            field: "summary",
            why: "at most 1000 characters",
        });
    }
    Ok(())
}

/// What the money buys: at most eight, rising.
///
/// # Errors
/// [`ProjectError::Invalid`].
pub fn check_choices(choices: &[AmountChoice]) -> Result<(), ProjectError> {
    let rising = choices.windows(2).all(|pair| pair[0].amount_fen < pair[1].amount_fen);
    let amounts = choices.iter().all(|c| c.amount_fen.is_positive());
    let words = choices
        .iter()
        .all(|c| (1..=CHOICE_CHARS_MAX).contains(&c.words.trim().chars().count()))
        && choices
            .iter()
            .all(|c| c.words_en.trim().chars().count() <= CHOICE_EN_CHARS_MAX);
    if rising && amounts && words && choices.len() <= CHOICES_MAX {
        return Ok(());
    }
    Err(ProjectError::Invalid {
        field: "choices",
        why: "at most 8 rising amounts above zero, each with its words",
    })
}

/// A reason, which stands in public beside what it explains.
///
/// # Errors
/// [`ProjectError::Invalid`].
pub fn check_reason(reason: &str) -> Result<(), ProjectError> {
    let chars = reason.trim().chars().count();
    if (4..=SUMMARY_CHARS_MAX).contains(&chars) {
        return Ok(());
    }
    Err(ProjectError::Invalid {
        field: "reason",
        why: "at least 4 characters: it is shown in public",
    })
}

impl ProjectState {
    fn refuse(self, wanted: &'static str) -> ProjectError {
        ProjectError::State {
            state: self.as_str(),
            wanted,
        }
    }

    /// Draft → open.
    ///
    /// # Errors
    /// [`ProjectError::State`], as for all transitions.
    pub fn open(self, now: Instant) -> Result<Self, ProjectError> {
        match self {
            Self::Draft => Ok(Self::Open { opened_at: now }),
            other => Err(other.refuse("be opened")),
        }
    }
    /// Open → full.
    pub fn fill(self, now: Instant) -> Result<Self, ProjectError> {
        match self {
            Self::Open { opened_at } => Ok(Self::Full {
                opened_at,
                full_at: now,
            }),
            other => Err(other.refuse("be full")),
        }
    }
    /// Full → open again after a raise; open stays open.
    pub fn raised(self) -> Result<Self, ProjectError> {
        match self {
            Self::Draft => Ok(Self::Draft),
            Self::Open { opened_at } | Self::Full { opened_at, .. } => Ok(Self::Open { opened_at }),
            other => Err(other.refuse("have its target raised")),
        }
    }
    /// Open or full → ended.
    pub fn end(self, now: Instant) -> Result<Self, ProjectError> {
        match self {
            Self::Open { .. } | Self::Full { .. } => Ok(Self::Ended { ended_at: now }),
            other => Err(other.refuse("be ended")),
        }
    }
    /// Ended → settled.
    pub fn settle(self, now: Instant) -> Result<Self, ProjectError> {
        match self {
            Self::Ended { ended_at } => Ok(Self::Settled {
                ended_at,
                settled_at: now,
            }),
            other => Err(other.refuse("be settled")),
        }
    }
}

/// An urgent raise of the target (紧急提额): only upward, with a reason; a full project opens again.
///
/// # Errors
/// [`ProjectError::NoTarget`], [`ProjectError::NotHigher`], [`ProjectError::State`], [`ProjectError::Invalid`].
pub fn raise_target(mut project: Project, target: Fen, reason: &str) -> Result<Project, ProjectError> {
    check_reason(reason)?;
    let present = project.target.ok_or(ProjectError::NoTarget)?;
    if target <= present {
        return Err(ProjectError::NotHigher(present));
    }
    project.state = project.state.raised()?;
    project.target = Some(target);
    Ok(project)
}

/// Marks a project full when what was raised reaches its target and it stops there.
///
/// # Errors
/// [`ProjectError::NotFull`], [`ProjectError::State`].
pub fn fill(mut project: Project, raised: Fen, now: Instant) -> Result<Project, ProjectError> {
    let reached = project.target.is_some_and(|target| raised >= target);
    if !reached || !project.stop_when_full {
        return Err(ProjectError::NotFull);
    }
    project.state = project.state.fill(now)?;
    Ok(project)
}

/// Whether a project takes gifts, by the words of its state and its campaign's.
///
/// # Errors
/// [`NotAccepting`].
pub fn accepts(project: &ProjectState, campaign_state: Option<&str>) -> Result<(), NotAccepting> {
    match project {
        ProjectState::Draft => return Err(NotAccepting::Draft),
        ProjectState::Full { .. } => return Err(NotAccepting::Full),
        ProjectState::Ended { .. } | ProjectState::Settled { .. } => return Err(NotAccepting::Ended),
        ProjectState::Open { .. } => {}
    }
    // A campaign that is full goes on with those of its projects that are not.
    match campaign_state {
        None | Some("open" | "full") => Ok(()),
        Some(_) => Err(NotAccepting::Campaign),
    }
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{CampaignId, FundId, ProjectId, RegionCode, UnitId};

    use super::*;
    use crate::projects::{Nature, Place, model::Under};

    const NOON: Instant = Instant::from_micros(1_000);
    const LATER: Instant = Instant::from_micros(2_000);

    fn project(target_fen: i64) -> Project {
        Project {
            id: ProjectId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            place: Place::Mother {
                campaign: CampaignId::from_bytes([3; 16]),
                theme: None,
            },
            fund: FundId::from_bytes([4; 16]),
            code: "school".into(),
            title: "救在身边".into(),
            summary: String::new(),
            region: RegionCode::parse("371300").expect("a region"),
            nature: Nature::Restricted,
            target: Some(Fen::new(target_fen)),
            stop_when_full: true,
            state: ProjectState::Open { opened_at: NOON },
            created_at: NOON,
        }
    }

    fn new() -> NewProject {
        NewProject {
            unit: UnitId::from_bytes([2; 16]),
            under: Under::Mother(ProjectId::from_bytes([1; 16])),
            code: "yishui-school".into(),
            title: "救在身边·沂水".into(),
            summary: String::new(),
            region: RegionCode::parse("371323").expect("a region"),
            nature: Nature::Restricted,
            target: None,
            stop_when_full: false,
            choices: vec![],
        }
    }

    #[test]
    fn the_way_leads_from_draft_to_settled_and_never_back() {
        let open = ProjectState::Draft.open(NOON).expect("opens");
        let full = open.fill(NOON).expect("fills");
        let ended = full.end(LATER).expect("ends");
        let settled = ended.settle(LATER).expect("settles");
        assert_eq!(
            settled,
            ProjectState::Settled {
                ended_at: LATER,
                settled_at: LATER
            }
        );
        assert!(open.open(NOON).is_err());
        assert!(ended.open(NOON).is_err());
        assert!(ProjectState::Draft.end(NOON).is_err());
        assert!(open.settle(NOON).is_err());
        assert!(settled.end(NOON).is_err());
        assert!(ended.raised().is_err());
    }

    #[test]
    fn an_urgent_raise_goes_upward_with_a_reason_and_reopens_a_full_project() {
        let full = fill(project(100), Fen::new(100), LATER).expect("full");
        assert_eq!(
            full.state,
            ProjectState::Full {
                opened_at: NOON,
                full_at: LATER
            }
        );
        let raised = raise_target(full.clone(), Fen::new(150), "首日筹满，需求仍大").expect("raised");
        assert_eq!(raised.state, ProjectState::Open { opened_at: NOON });
        assert_eq!(raised.target, Some(Fen::new(150)));
        assert!(matches!(
            raise_target(full.clone(), Fen::new(100), "首日筹满，需求仍大"),
            Err(ProjectError::NotHigher(_))
        ));
        assert!(matches!(
            raise_target(full, Fen::new(150), " "),
            Err(ProjectError::Invalid { field: "reason", .. })
        ));
        let endless = Project {
            target: None,
            ..project(1)
        };
        assert!(matches!(
            raise_target(endless, Fen::new(5), "首日筹满，需求仍大"),
            Err(ProjectError::NoTarget)
        ));
    }

    #[test]
    fn a_project_is_full_only_when_reached_and_told_to_stop() {
        assert!(matches!(
            fill(project(100), Fen::new(99), NOON),
            Err(ProjectError::NotFull)
        ));
        let goes_on = Project {
            stop_when_full: false,
            ..project(100)
        };
        assert!(matches!(fill(goes_on, Fen::new(200), NOON), Err(ProjectError::NotFull)));
        assert!(fill(project(100), Fen::new(101), NOON).is_ok());
    }

    #[test]
    fn gifts_are_taken_by_an_open_project_of_an_open_campaign() {
        let open = ProjectState::Open { opened_at: NOON };
        assert_eq!(accepts(&open, None), Ok(()));
        assert_eq!(accepts(&open, Some("open")), Ok(()));
        assert_eq!(accepts(&open, Some("full")), Ok(()));
        assert_eq!(accepts(&open, Some("filed")), Err(NotAccepting::Campaign));
        assert_eq!(accepts(&open, Some("ended")), Err(NotAccepting::Campaign));
        assert_eq!(accepts(&ProjectState::Draft, None), Err(NotAccepting::Draft));
        let ended = ProjectState::Ended { ended_at: NOON };
        assert_eq!(accepts(&ended, Some("open")), Err(NotAccepting::Ended));
    }

    #[test]
    fn nonsense_in_a_new_project_is_named_by_its_field() {
        assert!(check_new(&new()).is_ok());
        let field = |change: &dyn Fn(&mut NewProject)| {
            let mut wrong = new();
            change(&mut wrong);
            match check_new(&wrong) {
                Err(ProjectError::Invalid { field, .. }) => field,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(field(&|p| p.code = "沂水".into()), "code");
        assert_eq!(field(&|p| p.code = "-a".into()), "code");
        assert_eq!(field(&|p| p.title = String::new()), "title");
        assert_eq!(field(&|p| p.title = "字".repeat(61)), "title");
        assert_eq!(field(&|p| p.target = Some(Fen::ZERO)), "target_fen");
        assert_eq!(field(&|p| p.stop_when_full = true), "stop_when_full");
        let choice = |fen: i64| AmountChoice {
            amount_fen: Fen::new(fen),
            words: "一个急救包".into(),
            words_en: String::new(),
        };
        assert_eq!(field(&|p| p.choices = vec![choice(200), choice(100)]), "choices");
        let wordy = AmountChoice {
            words_en: "x".repeat(121),
            ..choice(100)
        };
        assert_eq!(field(&|p| p.choices = vec![wordy.clone()]), "choices");
        assert_eq!(field(&|p| p.choices = (1..=9).map(choice).collect()), "choices");
    }
}
