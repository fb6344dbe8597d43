//! A complete, made-up filing, for `qiao simulate` and for tests.

use kernel::{BusinessDay, Fen};

use super::model::{Filing, Plan, PlatformLink};

/// A plan with every field of 慈善法 24, made up, for a campaign of these days.
pub fn plan(title: &str, area: &str, starts_on: BusinessDay, ends_on: BusinessDay, expected: Fen) -> Plan {
    Plan {
        title: title.to_owned(),
        purpose: "动员社会力量支持应急救护普及和困难群众救助。".into(),
        starts_on,
        ends_on,
        area: area.to_owned(),
        responsible_name: "演示负责人".into(),
        responsible_address: format!("{area}演示路1号"),
        receiving_ways: "线上支付、银行转账、现场现金捐赠。".into(),
        bank_account: "演示银行 0000000000000000".into(),
        beneficiaries: format!("{area}的在校学生、困难家庭和需要应急救护知识的群众。"),
        use_of_proceeds: "配置自动体外除颤器和急救箱，开展应急救护培训，救助困难家庭。".into(),
        fundraising_cost: "不从捐赠款中列支募捐成本。".into(),
        remainder: "用于与本活动目的相同或相近的公益项目，并向社会公开。".into(),
        expected_fen: expected,
    }
}

/// A made-up filing, `lead_days` before the first day. The number begins with letters that no authority gives.
pub fn filing(plan: &Plan, lead_days: i64, serial: u32) -> Filing {
    Filing {
        number: format!("DEMO{}A{serial:05}", plan.starts_on.year()),
        filed_on: plan.starts_on.plus_days(-lead_days),
        authority: "演示民政局".into(),
    }
}

/// A made-up page on a made-up platform, since the campaign's first day.
pub fn link(plan: &Plan) -> PlatformLink {
    PlatformLink {
        platform_code: "demo-platform".into(),
        url: "https://platform.example/campaign/1".into(),
        listed_on: plan.starts_on,
    }
}
