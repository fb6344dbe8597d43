//! The trade bill of a day: a zip with the list and the summary, both csv in GBK, as Alipay packs them.

use std::io::{Cursor, Write as _};

use encoding_rs::GBK;
use kernel::{BusinessDay, Instant};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::trade::{Trade, moment, yuan};
use super::{SELLER_ID, State};

const COLUMNS: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,\
    订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,\
    商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";

/// One line of the list.
struct Line<'a> {
    trade: &'a Trade,
    kind: &'static str,
    at: Instant,
    fen: i64,
    request_no: &'a str,
}

fn lines(state: &State, day: BusinessDay) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for trade in state.trades.values() {
        if let Some(at) = trade.paid_at().filter(|at| at.business_day() == day) {
            lines.push(Line {
                trade,
                kind: "交易",
                at,
                fen: trade.fen,
                request_no: "",
            });
        }
        let refunds = trade.refunds.iter().filter(|refund| refund.at.business_day() == day);
        lines.extend(refunds.map(|refund| Line {
            trade,
            kind: "退款",
            at: refund.at,
            fen: -refund.fen,
            request_no: &refund.request_no,
        }));
    }
    lines.sort_by_key(|line| line.at);
    lines
}

/// Whether nothing was paid or given back on this day.
pub(super) fn is_empty(state: &State, day: BusinessDay) -> bool {
    lines(state, day).is_empty()
}

/// The package; `None` when it cannot be made.
pub(super) fn package(state: &State, day: BusinessDay, now: Instant) -> Option<Vec<u8>> {
    let lines = lines(state, day);
    let date = |day: BusinessDay| {
        let number = day.to_number();
        format!(
            "{:04}年{:02}月{:02}日 00:00:00",
            number / 10_000,
            number / 100 % 100,
            number % 100
        )
    };
    let mut list = format!(
        "#支付宝业务明细查询\r\n#账号：[{SELLER_ID}0156]\r\n#起始日期：[{}]   终止日期：[{}]\r\n\
         #-----------------------------------------业务明细列表----------------------------------------\r\n{COLUMNS}\r\n",
        date(day),
        date(day.plus_days(1)),
    );
    for line in &lines {
        let amount = yuan(line.fen);
        list += &format!(
            "{}\t,{}\t,{}\t,{},{},{},\t,\t,\t,\t,*捐(158***62)\t,{amount},{amount},0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,{}\t,\
             0.00,0.00,\r\n",
            line.trade.trade_no,
            line.trade.out_trade_no,
            line.kind,
            line.trade.subject.replace([',', '"'], " "),
            moment(line.trade.made_at),
            moment(line.at),
            line.request_no,
        );
    }
    let total = |kind: &str| {
        let of_kind = lines.iter().filter(|line| line.kind == kind);
        of_kind.fold((0, 0), |(count, sum), line| (count + 1, sum + line.fen))
    };
    let ((paid, paid_fen), (back, back_fen)) = (total("交易"), total("退款"));
    list += &format!(
        "#-----------------------------------------业务明细列表结束------------------------------------\r\n\
         #交易合计：{paid}笔，商家实收共{}元，商家优惠共0.00元\r\n#退款合计：{back}笔，商家实收退款共{}元，商家优惠退款共0.00元\r\n\
         #导出时间：[{}]\r\n",
        yuan(paid_fen),
        yuan(back_fen),
        moment(now),
    );
    let summary = "#支付宝业务汇总查询\r\n";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let number = day.to_number();
    for (name, text) in [("业务明细(汇总)", summary), ("业务明细", list.as_str())] {
        let name = format!("{SELLER_ID}0156_{number}_{name}.csv");
        zip.start_file(name, SimpleFileOptions::default()).ok()?;
        zip.write_all(&GBK.encode(text).0).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}
