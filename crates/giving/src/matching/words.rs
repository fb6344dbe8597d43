//! A rule and a decision in plain words, in the reader's language.

use kernel::{Fen, RegionCode};
use web::Locale;
use web::format::money;

use super::model::{Cap, Decision, Kind, OnRefund, Partial, Payers, Reason, Rule, Stacking};

/// Thousandths as people write a ratio: `1`, `0.5`, `1.05`.
fn ratio(permille: i64) -> String {
    let text = format!("{}.{:03}", permille / 1_000, permille % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a donor is told about her gift: “matched 3.50 yuan”, or exactly why not.
pub fn decision(locale: Locale, decision: &Decision) -> String {
    let given = decision.given.max(Fen::ZERO);
    let back = decision.given.negated().unwrap_or_default().max(Fen::ZERO);
    let cap = decision.cap.map_or_else(String::new, |cap| self::cap(locale, cap));
    let args = [
        ("given", money(locale, given)),
        ("offered", money(locale, decision.offered)),
        ("back", money(locale, back)),
        ("cap", cap),
    ];
    locale.text(&format!("match.reason.{}", decision.reason.as_str()), &args)
}

/// The name of a cap.
pub fn cap(locale: Locale, cap: Cap) -> String {
    locale.text(&format!("match.cap.{}", cap.as_str()), &[])
}

/// A rule, a sentence a line.
pub fn rule(locale: Locale, rule: &Rule) -> Vec<String> {
    let say = |key: &str, args: &[(&str, String)]| locale.text(&format!("match.rule.{key}"), args);
    let sum = |fen: Fen| money(locale, fen);
    let mut lines = vec![kind(locale, &rule.kind)];
    for span in &rule.window.spans {
        let moment = |at| web::format::moment(locale, at);
        lines.push(say("span", &[("from", moment(span.from)), ("to", moment(span.to))]));
    }
    if let Some(daily) = rule.window.daily {
        let hours = [("open", daily.open.to_string()), ("close", daily.close.to_string())];
        lines.push(say("daily", &hours));
    }
    if rule.base.minimum_fen.is_positive() {
        lines.push(say("minimum", &[("sum", sum(rule.base.minimum_fen))]));
    }
    if let Some(top) = rule.base.ignore_above_fen {
        lines.push(say("ignore_above", &[("sum", sum(top))]));
    }
    let eligible = &rule.eligible;
    if !eligible.projects.is_empty() {
        lines.push(say("projects", &[("projects", eligible.projects.join(", "))]));
    }
    if !eligible.counties.is_empty() {
        let name = |region: &RegionCode| region.full_name().unwrap_or_else(|| region.to_string());
        let names: Vec<String> = eligible.counties.iter().map(name).collect();
        lines.push(say("counties", &[("counties", names.join(", "))]));
    }
    if !eligible.channels.is_empty() {
        let names = eligible.channels.iter().map(|channel| match locale {
            Locale::ZhHans => channel.name_zh(),
            Locale::En => channel.name_en(),
        });
        lines.push(say("channels", &[("channels", names.collect::<Vec<_>>().join(", "))]));
    }
    for payer_kind in &eligible.payer_kinds {
        lines.push(say(&format!("payer_{}", payer_kind.as_str()), &[]));
    }
    match eligible.payers {
        Payers::Any => {}
        Payers::Known => lines.push(say("known", &[])),
        Payers::FirstGift => lines.push(say("first_gift", &[])),
    }
    if !eligible.excluded.is_empty() {
        lines.push(say("excluded", &[("count", eligible.excluded.len().to_string())]));
    }
    for bonus in &rule.bonus {
        let args = [("ratio", ratio(1_000 + bonus.permille)), ("from", sum(bonus.from_fen))];
        lines.push(say("bonus", &args));
    }
    let gift = [(Cap::Gift, rule.caps.gift_fen)];
    for (one, most) in gift.into_iter().chain(rule.caps.counted()) {
        if let Some(most) = most {
            lines.push(say("cap", &[("cap", cap(locale, one)), ("sum", sum(most))]));
        }
    }
    for share in &rule.caps.pool_days {
        let args = [
            ("day", web::format::day(locale, share.on)),
            ("sum", sum(share.most_fen)),
        ];
        lines.push(say("pool_on_day", &args));
    }
    if let Some(from) = rule.hold_from_fen {
        lines.push(say("hold", &[("sum", sum(from))]));
    }
    lines.push(match rule.partial {
        Partial::Allowed => say("partial", &[]),
        Partial::WholeOrNothing => say("whole", &[]),
    });
    if rule.stacking == Stacking::Alone {
        lines.push(say("alone", &[]));
    }
    lines.push(match rule.on_refund {
        OnRefund::ToPool => say("refund_pool", &[]),
        OnRefund::ToSponsor => say("refund_sponsor", &[]),
    });
    lines.push(say("not_guaranteed", &[]));
    lines
}

fn kind(locale: Locale, kind: &Kind) -> String {
    let say = |key: &str, args: &[(&str, String)]| locale.text(&format!("match.rule.{key}"), args);
    let sum = |fen: Fen| money(locale, fen);
    match kind {
        Kind::Ratio { permille } => say("ratio", &[("ratio", ratio(*permille))]),
        Kind::Tiers { tiers } => {
            let tier = |from: Fen, permille| say("tier", &[("from", sum(from)), ("ratio", ratio(permille))]);
            let all: Vec<String> = tiers.iter().map(|one| tier(one.from_fen, one.permille)).collect();
            say("tiers", &[("tiers", all.join("; "))])
        }
        Kind::PerAction { each_fen } => say("per_action", &[("sum", sum(*each_fen))]),
        Kind::Random {
            from_fen,
            to_fen,
            chance_permille,
        } => {
            let chance = web::format::permille(*chance_permille);
            say(
                "random",
                &[("from", sum(*from_fen)), ("to", sum(*to_fen)), ("chance", chance)],
            )
        }
        Kind::Proportional => say("proportional", &[]),
        Kind::Quadratic { project_permille_max } => {
            say("quadratic", &[("share", web::format::permille(*project_permille_max))])
        }
        Kind::Score {
            sum_points,
            count_points,
            ..
        } => say(
            "score",
            &[("sum", sum_points.to_string()), ("count", count_points.to_string())],
        ),
    }
}

/// All keys that decisions use, for the test that every one has words.
pub fn reason_keys() -> impl Iterator<Item = String> {
    let reasons = Reason::ALL
        .iter()
        .map(|reason| format!("match.reason.{}", reason.as_str()));
    let caps = Cap::ALL.iter().map(|cap| format!("match.cap.{}", cap.as_str()));
    reasons.chain(caps)
}
