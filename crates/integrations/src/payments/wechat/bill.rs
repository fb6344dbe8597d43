//! The trade bill (交易账单, `bill_type=ALL`): CSV in UTF-8, cells begin with a grave accent, sums in yuan.

use std::collections::HashMap;

use giving::donations::orders::{BillLine, GatewayError, Payment};
use kernel::clock::BEIJING;
use kernel::{Fen, Instant};
use time::PrimitiveDateTime;
use time::macros::format_description;

fn odd(why: &str) -> GatewayError {
    GatewayError::Untrusted(format!("the bill cannot be read: {why}"))
}

/// The lines of a bill. Every line must be understood and their number and sum be those the bill states: half a bill
/// would make gifts look missing.
///
/// # Errors
/// [`GatewayError::Untrusted`], in words.
pub(super) fn lines(file: &[u8]) -> Result<Vec<BillLine>, GatewayError> {
    let text = std::str::from_utf8(file).map_err(|_| odd("it is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut rows = text.lines().map(cells);
    let header = rows.next().ok_or_else(|| odd("it is empty"))?;
    let columns: HashMap<String, usize> = header.into_iter().enumerate().map(|(at, name)| (name, at)).collect();
    let mut found = Vec::new();
    let mut stated = None;
    while let Some(row) = rows.next() {
        if row.first().is_some_and(|cell| cell == "总交易单数") {
            stated = rows.next();
            break;
        }
        if row.iter().any(|cell| !cell.is_empty()) {
            found.push(line(&columns, &row)?);
        }
    }
    let stated = stated.ok_or_else(|| odd("its totals are missing"))?;
    let count: usize = stated.first().and_then(|cell| cell.parse().ok()).unwrap_or(usize::MAX);
    if count == found.len() {
        Ok(found)
    } else {
        Err(odd("it states another number of lines"))
    }
}

/// Cells of a line: no cell of a bill holds a comma, each may begin with a grave accent.
fn cells(line: &str) -> Vec<String> {
    let clean = |cell: &str| cell.trim().trim_start_matches('`').to_owned();
    line.split(',').map(clean).collect()
}

fn line(columns: &HashMap<String, usize>, row: &[String]) -> Result<BillLine, GatewayError> {
    let cell = |name: &str| {
        let at = columns
            .get(name)
            .ok_or_else(|| odd(&format!("the column {name} is missing")))?;
        row.get(*at)
            .map(String::as_str)
            .ok_or_else(|| odd("a line is too short"))
    };
    let money = |name: &str| Fen::parse_yuan(cell(name)?).map_err(|_| odd(&format!("a sum in {name}")));
    let trade_no = cell("商户订单号")?.to_owned();
    match cell("交易状态")? {
        "SUCCESS" => Ok(BillLine::Paid(Payment {
            trade_no,
            provider_no: cell("微信订单号")?.to_owned(),
            // What the payer was charged, before WeChat's own coupons: the amount of the order.
            amount: money("订单金额")?,
            paid_at: beijing(cell("交易时间")?)?,
            payer_id: Some(cell("用户标识")?.to_owned()).filter(|id| !id.is_empty()),
        })),
        "REFUND" | "REVOKED" => Ok(BillLine::Refunded {
            trade_no,
            refund_no: cell("商户退款单号")?.to_owned(),
            amount: money("申请退款金额")?,
        }),
        _ => Err(odd("an unknown state")),
    }
}

fn beijing(text: &str) -> Result<Instant, GatewayError> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let at = PrimitiveDateTime::parse(text, format).map_err(|_| odd("a time"))?;
    Ok(Instant::from_datetime(at.assume_offset(BEIJING)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,\
付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,\
手续费,费率,订单金额,申请退款金额,费率备注";
    const TOTALS: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

    fn bill(stated: usize) -> String {
        let paid = "`2026-05-08 09:30:00,`wxapp,`1900000001,`0,`,`4200001,`SQ1,`openid,`MWEB,`SUCCESS,`OTHERS,`CNY,`9.90,`0.10,\
`0,`0,`0.00,`0.00,`,`,`演示项目,`,`0.06000,`0.60%,`10.00,`0.00,`";
        let refunded = "`2026-05-08 10:30:00,`wxapp,`1900000001,`0,`,`4200001,`SQ1,`openid,`MWEB,`REFUND,`OTHERS,`CNY,`0.00,`0.00,\
`5030001,`R1,`4.00,`0.00,`ORIGINAL,`SUCCESS,`演示项目,`,`-0.02000,`0.60%,`0.00,`4.00,`";
        format!("{HEADER}\r\n{paid}\r\n{refunded}\r\n{TOTALS}\r\n`{stated},`9.90,`4.00,`0.00,`0.04000,`10.00,`4.00\r\n")
    }

    #[test]
    fn payments_and_refunds_are_read_with_what_the_payer_was_charged() {
        let lines = lines(bill(2).as_bytes()).expect("a whole bill");
        let [BillLine::Paid(payment), BillLine::Refunded { refund_no, amount, .. }] = &lines[..] else {
            panic!("a payment and a refund");
        };
        assert_eq!((payment.amount, payment.trade_no.as_str()), (Fen::new(1_000), "SQ1"));
        assert_eq!(payment.paid_at.to_rfc3339(), "2026-05-08T01:30:00Z");
        assert_eq!((refund_no.as_str(), *amount), ("R1", Fen::new(400)));
    }

    #[test]
    fn a_bill_that_was_cut_off_is_refused() {
        assert!(lines(bill(3).as_bytes()).is_err(), "it states three lines and has two");
        let whole = bill(2);
        let cut = &whole[..whole.find("总交易单数").expect("totals")];
        assert!(lines(cut.as_bytes()).is_err(), "without totals it is not whole");
        assert!(lines(b"").is_err());
    }
}
