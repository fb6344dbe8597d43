//! What others hand in: the platform's statement of a day, a county's list of villages and firms.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use integrations::platforms::statements::Files;
use kernel::Fen;

use super::plan::{Plan, PlannedGift, Stall, Way};

/// Who grants the match; made up.
pub const GIVER: &str = "演示公益慈善基金会";
/// What the platform's payment provider keeps, in permille.
const FEE_PERMILLE: i64 = 6;

/// What a page has received in a day.
#[derive(Default)]
struct Page {
    gifts: i64,
    gift_fen: i64,
    matches: i64,
    match_fen: i64,
}

/// Writes the platform's statement of a day: details, matches, settlement.
///
/// # Errors
/// The disk's.
pub fn statement(plan: &Plan, day: usize, folder: &Path) -> std::io::Result<Files> {
    let date = plan.size.day(day);
    let mut pages: BTreeMap<&str, Page> = BTreeMap::new();
    let mut detail =
        String::from("\u{feff}演示平台捐款明细\n交易单号,项目编号,捐款金额（元）,捐款时间,交易状态,昵称,渠道标识\n");
    let there = |gift: &&PlannedGift| gift.day == day && gift.way == Way::Platform;
    for gift in plan.gifts.iter().filter(there) {
        let page = plan.projects[gift.project].page.as_str();
        let of_page = pages.entry(page).or_default();
        of_page.gifts += 1;
        of_page.gift_fen += gift.amount.get();
        let tag = gift.tag.map(|place| plan.land.places[place].region.to_string());
        detail += &format!(
            "{},{page},{},{},支付成功,{},{}\n",
            gift.number,
            gift.amount.to_yuan(),
            moment(gift),
            gift.name.as_deref().unwrap_or("匿名"),
            tag.unwrap_or_default(),
        );
    }
    let mut matching = String::from("配捐单号,关联交易单号,项目编号,配捐金额,配捐时间,配捐状态,配捐方\n");
    for granted in plan.matches.iter().filter(|granted| granted.day == day) {
        let gift = &plan.gifts[granted.gift];
        let page = plan.projects[gift.project].page.as_str();
        let of_page = pages.entry(page).or_default();
        of_page.matches += 1;
        of_page.match_fen += granted.amount.get();
        matching += &format!(
            "{},{},{page},{},{},已发放,{GIVER}\n",
            granted.number,
            gift.number,
            granted.amount.to_yuan(),
            moment(gift),
        );
    }
    let mut settlement = String::from(
        "\u{feff}演示平台结算单\n结算单号,项目编号,捐款笔数,捐款金额(元),配捐笔数,配捐金额(元),退款金额,手续费,结算金额(元)\n",
    );
    for (page, sums) in &pages {
        let fee = sums.gift_fen * FEE_PERMILLE / 1_000;
        let net = sums.gift_fen + sums.match_fen - fee;
        settlement += &format!(
            "JS{},{page},{},{},{},{},0.00,{},{}\n",
            date.to_number(),
            sums.gifts,
            yuan(sums.gift_fen),
            sums.matches,
            yuan(sums.match_fen),
            yuan(fee),
            yuan(net),
        );
    }
    let write = |name: &str, text: String| -> std::io::Result<PathBuf> {
        let path = folder.join(format!("{name}-{date}.csv"));
        std::fs::write(&path, text)?;
        Ok(path)
    };
    Ok(Files {
        details: vec![write("detail", detail)?],
        matchings: vec![write("matching", matching)?],
        settlement: write("settlement", settlement)?,
        ..Files::default()
    })
}

fn yuan(fen: i64) -> String {
    Fen::new(fen).to_yuan()
}

/// `2026-08-02 09:00:01`, as a platform writes it.
fn moment(gift: &PlannedGift) -> String {
    let at = gift.paid_at.to_beijing();
    format!(
        "{} {:02}:{:02}:{:02}",
        gift.paid_at.business_day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The name of a county's village.
pub fn village(number: usize) -> String {
    format!("演示{number:02}村")
}

/// The name of a county's firm.
pub fn firm(number: usize) -> String {
    format!("演示食品{number:02}厂")
}

/// Writes the list of villages and firms that a county hands in: those that give and those that do not.
///
/// # Errors
/// The disk's.
pub fn sources(plan: &Plan, stall: &Stall, folder: &Path) -> std::io::Result<PathBuf> {
    let mut text = String::from("\u{feff}kind,name\r\n");
    for number in 0..stall.villages.len() + stall.silent {
        text += &format!("village,{}\r\n", village(number));
    }
    for number in 0..stall.firms.len() {
        text += &format!("firm,{}\r\n", firm(number));
    }
    let path = folder.join(format!("sources-{}.csv", plan.land.places[stall.place].region));
    std::fs::write(&path, text)?;
    Ok(path)
}

/// Writes every gift on line with what must be found of it, for whoever compares.
///
/// # Errors
/// The disk's.
pub fn gifts(plan: &Plan, folder: &Path) -> std::io::Result<PathBuf> {
    let mut text = String::from("number,amount_fen,refunded_fen,project,title,day\n");
    for gift in &plan.gifts {
        let refunded = match gift.fate {
            super::plan::Fate::Back(part) => part.get(),
            _ => 0,
        };
        let project = &plan.projects[gift.project];
        text += &format!(
            "{},{},{refunded},{},{},{}\n",
            gift.number,
            gift.amount.get(),
            project.code,
            project.title,
            plan.size.day(gift.day)
        );
    }
    let path = folder.join("plan.csv");
    std::fs::write(&path, text)?;
    Ok(path)
}
