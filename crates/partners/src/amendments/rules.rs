//! What may be asked for, what a case's end does, and what an amendment says in a line. Pure.

use governance::approvals::CaseState;

use super::model::AmendmentState;
use crate::agreements::{Agreement, AgreementState, TargetKind, Terms};
use crate::error::PartnerError;

/// Refuses an agreement that is not amended by a case: a draft is mended, one that ended stays.
///
/// # Errors
/// [`PartnerError::State`].
pub fn may_ask(agreement: &Agreement) -> Result<(), PartnerError> {
    match agreement.state {
        AgreementState::Signed | AgreementState::Running => Ok(()),
        AgreementState::Draft | AgreementState::Ended => Err(PartnerError::State {
            state: agreement.state.as_str(),
            wanted: "signed or running",
        }),
    }
}

/// What becomes of an amendment of this version once its case stands so; nothing while that goes on.
pub fn outcome(case: CaseState, agreement: &Agreement, base: i64) -> Option<AmendmentState> {
    match case {
        CaseState::Open | CaseState::SentBack => None,
        CaseState::Refused => Some(AmendmentState::Refused),
        CaseState::Withdrawn => Some(AmendmentState::Withdrawn),
        CaseState::Approved if agreement.version == base && may_ask(agreement).is_ok() => Some(AmendmentState::Adopted),
        CaseState::Approved => Some(AmendmentState::Left),
    }
}

const fn kind_zh(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Money => "资金",
        TargetKind::Goods => "物资",
        TargetKind::StudentAid => "助学",
    }
}

/// What an agreement shall say, for those who decide.
pub fn in_words(terms: &Terms) -> String {
    let (first, last, pairs) = (terms.first_day, terms.last_day, terms.pairs.len());
    let mut words = format!("期限 {first} 至 {last}；结对 {pairs} 对");
    for target in &terms.targets {
        let (year, kind) = (target.year, kind_zh(target.kind));
        words.push_str(&format!("；{year} 年{kind} {} 元", target.amount.to_grouped()));
    }
    words
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{ActorId, BusinessDay, Fen, Instant, UnitId};

    use super::*;
    use crate::agreements::Target;
    use crate::{AgreementId, RegionId};

    fn agreement(state: AgreementState, version: i64) -> Agreement {
        Agreement {
            id: AgreementId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([1; 16]),
            region: RegionId::from_bytes([1; 16]),
            title: "协作协议".into(),
            state,
            version,
            made_by: ActorId::from_bytes([1; 16]),
            made_at: Instant::from_micros(0),
            signed: None,
            ended: None,
        }
    }

    #[test]
    fn an_approved_amendment_changes_only_the_version_it_was_asked_for() {
        use AmendmentState as S;
        let end = |state, version| outcome(CaseState::Approved, &agreement(state, version), 2);
        assert_eq!(end(AgreementState::Running, 2), Some(S::Adopted));
        assert_eq!(end(AgreementState::Signed, 2), Some(S::Adopted));
        assert_eq!(end(AgreementState::Running, 3), Some(S::Left));
        assert_eq!(end(AgreementState::Ended, 2), Some(S::Left));
        let running = agreement(AgreementState::Running, 2);
        assert_eq!(outcome(CaseState::Refused, &running, 2), Some(S::Refused));
        assert_eq!(outcome(CaseState::Withdrawn, &running, 2), Some(S::Withdrawn));
        assert_eq!(outcome(CaseState::SentBack, &running, 2), None);
        assert!(may_ask(&agreement(AgreementState::Draft, 1)).is_err());
    }

    #[test]
    fn those_who_decide_read_what_it_says() {
        let day = |text| BusinessDay::parse(text).expect("a day");
        let terms = Terms {
            first_day: day("2026-01-01"),
            last_day: day("2027-12-31"),
            pairs: Vec::new(),
            targets: vec![Target {
                kind: TargetKind::Goods,
                year: 2027,
                amount: Fen::new(120_000_000),
            }],
        };
        let wanted = "期限 2026-01-01 至 2027-12-31；结对 0 对；2027 年物资 1,200,000.00 元";
        assert_eq!(in_words(&terms), wanted);
    }
}
