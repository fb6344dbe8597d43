//! The trade bill of a day: CSV, cells begin with a grave accent, sums in yuan.

use kernel::{BusinessDay, Fen, Instant};

use super::keys::Merchant;
use super::orders::{Order, State};

const HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,\
应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const TOTALS: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

fn yuan(fen: i64) -> String {
    Fen::new(fen).to_yuan()
}

fn local(at: Instant) -> String {
    let at = at.to_beijing();
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

fn row(cells: &[String]) -> String {
    let marked: Vec<String> = cells.iter().map(|cell| format!("`{cell}")).collect();
    marked.join(",") + "\r\n"
}

/// The bill, or nothing when there was no trade. `told` changes the amount of payments, on demand.
pub(super) fn of_day<'a>(
    orders: impl Iterator<Item = &'a Order>,
    merchant: &Merchant,
    day: BusinessDay,
    told: Option<i64>,
) -> Option<String> {
    let mut out = format!("\u{feff}{HEADER}\r\n");
    let (mut count, mut paid, mut returned) = (0_i64, 0_i64, 0_i64);
    for order in orders {
        let State::Paid { transaction_id, at } = &order.state else {
            continue;
        };
        let begin = |at: Instant, state: &str| {
            vec![
                local(at),
                merchant.appid.clone(),
                merchant.mchid.clone(),
                "0".into(),
                String::new(),
                transaction_id.clone(),
                order.out_trade_no.clone(),
                order.openid.clone(),
                order.trade_type.into(),
                state.into(),
                "OTHERS".into(),
                "CNY".into(),
            ]
        };
        let end = |total: i64, returned: i64| {
            [
                order.description.replace(',', " "),
                String::new(),
                "0.00000".into(),
                "0.00%".into(),
                yuan(total),
                yuan(returned),
                String::new(),
            ]
        };
        if at.business_day() == day {
            let total = told.unwrap_or(order.total);
            let mut cells = begin(*at, "SUCCESS");
            let none = ["0.00", "0", "0", "0.00", "0.00", "", ""].map(str::to_owned);
            cells.push(yuan(total));
            cells.extend(none);
            cells.extend(end(total, 0));
            out += &row(&cells);
            count += 1;
            paid += total;
        }
        for (number, refund) in order
            .refunds
            .iter()
            .filter(|(_, refund)| refund.at.business_day() == day)
        {
            let mut cells = begin(refund.at, "REFUND");
            cells.extend([
                "0.00".to_owned(),
                "0.00".into(),
                refund.refund_id.clone(),
                number.clone(),
            ]);
            cells.extend([yuan(refund.amount), "0.00".into(), "ORIGINAL".into(), "SUCCESS".into()]);
            cells.extend(end(0, refund.amount));
            out += &row(&cells);
            count += 1;
            returned += refund.amount;
        }
    }
    if count == 0 {
        return None;
    }
    out += &format!("{TOTALS}\r\n");
    let totals = [
        count.to_string(),
        yuan(paid),
        yuan(returned),
        "0.00".into(),
        "0.00000".into(),
        yuan(paid),
        yuan(returned),
    ];
    out += &row(&totals);
    Some(out)
}
