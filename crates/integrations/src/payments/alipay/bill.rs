//! The trade bill (业务明细): a zip with two GBK csv files, of which one holds the lines; its own totals must tie.

use std::io::{Cursor, Read as _};

use encoding_rs::GBK;
use giving::donations::orders::{BillLine, Payment};
use kernel::Fen;

use super::params::read_moment;

/// The longest csv read: 600,000 trades are about 130 MB.
const CSV_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Files in the package: the lines and the summary, with room for one more kind.
const FILES_MAX: usize = 8;
/// What the file with the lines begins with.
const MARK: &str = "#支付宝业务明细查询";

/// A bill that cannot be used; nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BillRefusal {
    /// No package, or none with the lines in it.
    #[error("the bill is no zip with a trade list (业务明细)")]
    Package,
    /// It is not GBK.
    #[error("the bill is not in GBK")]
    Charset,
    /// It belongs to another account.
    #[error("the bill belongs to another receiving account")]
    WrongSeller,
    /// A column is missing.
    #[error("the bill lacks the column {0}")]
    Column(&'static str),
    /// A line.
    #[error("line {0} of the bill cannot be read")]
    Line(u64),
    /// Its own totals say something else than its lines.
    #[error("the bill says {stated} {kind} lines and {stated_fen} fen, and has {found} and {found_fen}")]
    Total {
        /// Payments or refunds.
        kind: &'static str,
        /// Lines as stated.
        stated: i64,
        /// Sum as stated.
        stated_fen: i64,
        /// Lines as found.
        found: i64,
        /// Sum as found.
        found_fen: i64,
    },
    /// It does not say its totals: it was cut off.
    #[error("the bill ends before its totals")]
    NoTotals,
}

/// Reads a bill and checks it against its own totals.
///
/// # Errors
/// [`BillRefusal`]; a bill is used as a whole or not at all.
pub fn read(package: &[u8], seller_id: &str) -> Result<Vec<BillLine>, BillRefusal> {
    let text = list_of(package)?;
    let account = text.lines().find_map(|line| bracketed(line, "#账号"));
    if !account.is_some_and(|account| account.starts_with(seller_id)) {
        return Err(BillRefusal::WrongSeller);
    }
    let mut rows = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = Columns::find(rows.headers().map_err(|_| BillRefusal::Line(1))?)?;
    let mut lines = Vec::new();
    let (mut paid, mut refunded) = (Tally::default(), Tally::default());
    for row in rows.records() {
        let row = row.map_err(|error| BillRefusal::Line(error.position().map_or(0, csv::Position::line)))?;
        let at = row.position().map_or(0, csv::Position::line);
        let line = columns
            .line(&row, &mut paid, &mut refunded)
            .ok_or(BillRefusal::Line(at))?;
        lines.push(line);
    }
    paid.tie("payment", stated(&text, "#交易合计"))?;
    refunded.tie("refund", stated(&text, "#退款合计"))?;
    Ok(lines)
}

/// The text of the list of trades.
fn list_of(package: &[u8]) -> Result<String, BillRefusal> {
    let mut zip = zip::ZipArchive::new(Cursor::new(package)).map_err(|_| BillRefusal::Package)?;
    for at in 0..zip.len().min(FILES_MAX) {
        let file = zip.by_index(at).map_err(|_| BillRefusal::Package)?;
        let mut bytes = Vec::new();
        let read = file.take(CSV_BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(|_| BillRefusal::Package)?;
        let text = GBK.decode_without_bom_handling_and_without_replacement(&bytes);
        let text = text.ok_or(BillRefusal::Charset)?;
        // The names of the files are GBK too and differ by product; the first line does not.
        if text.lines().next().is_some_and(|line| line.trim_end() == MARK) {
            return Ok(text.into_owned());
        }
    }
    Err(BillRefusal::Package)
}

/// Where the columns stand.
struct Columns {
    provider_no: usize,
    trade_no: usize,
    kind: usize,
    finished: usize,
    amount: usize,
    received: usize,
    refund_no: usize,
}

impl Columns {
    fn find(header: &csv::StringRecord) -> Result<Self, BillRefusal> {
        let plain = |text: &str| text.replace('（', "(").replace('）', ")");
        let at = |name: &'static str| {
            let found = header.iter().position(|cell| plain(cell) == name);
            found.ok_or(BillRefusal::Column(name))
        };
        Ok(Self {
            provider_no: at("支付宝交易号")?,
            trade_no: at("商户订单号")?,
            kind: at("业务类型")?,
            finished: at("完成时间")?,
            amount: at("订单金额(元)")?,
            received: at("商家实收(元)")?,
            refund_no: at("退款批次号/请求号")?,
        })
    }

    fn line(&self, row: &csv::StringRecord, paid: &mut Tally, refunded: &mut Tally) -> Option<BillLine> {
        let amount = Fen::parse_yuan(row.get(self.amount)?).ok()?;
        let received = Fen::parse_yuan(row.get(self.received)?).ok()?;
        let trade_no = row.get(self.trade_no)?.to_owned();
        match row.get(self.kind)? {
            "交易" => {
                paid.add(received)?;
                Some(BillLine::Paid(Payment {
                    trade_no,
                    provider_no: row.get(self.provider_no)?.to_owned(),
                    amount: Some(amount).filter(|amount| amount.is_positive())?,
                    paid_at: read_moment(row.get(self.finished)?)?,
                    payer_id: None,
                }))
            }
            "退款" => {
                refunded.add(received)?;
                Some(BillLine::Refunded {
                    trade_no,
                    refund_no: row.get(self.refund_no)?.to_owned(),
                    amount: amount.negated().ok().filter(|amount| amount.is_positive())?,
                })
            }
            _ => None,
        }
    }
}

/// Lines and their sum.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    lines: i64,
    sum: Fen,
}

impl Tally {
    fn add(&mut self, amount: Fen) -> Option<()> {
        self.lines += 1;
        self.sum = self.sum.plus(amount).ok()?;
        Some(())
    }

    fn tie(self, kind: &'static str, stated: Option<Self>) -> Result<(), BillRefusal> {
        let stated = stated.ok_or(BillRefusal::NoTotals)?;
        if stated == self {
            return Ok(());
        }
        Err(BillRefusal::Total {
            kind,
            stated: stated.lines,
            stated_fen: stated.sum.get(),
            found: self.lines,
            found_fen: self.sum.get(),
        })
    }
}

/// `#交易合计：25笔，商家实收共14.99元，…`: lines and sum as the bill states them.
fn stated(text: &str, label: &str) -> Option<Tally> {
    let line = text.lines().find(|line| line.starts_with(label))?;
    let said = line.trim_start_matches(label).trim_start_matches(['：', ':']);
    let (lines, rest) = said.split_once('笔')?;
    let (_, rest) = rest.split_once('共')?;
    let (sum, _) = rest.split_once('元')?;
    Some(Tally {
        lines: lines.trim().parse().ok()?,
        sum: Fen::parse_yuan(sum).ok()?,
    })
}

/// What stands in brackets behind a label: `#账号：[2088…0156]`.
fn bracketed<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(label)?;
    rest.split_once('[')?.1.split_once(']').map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const HEAD: &str = "#支付宝业务明细查询\r\n#账号：[20881234567890120156]\r\n\
        #起始日期：[2026年05月08日 00:00:00]   终止日期：[2026年05月09日 00:00:00]\r\n\
        #-----------------------------------------业务明细列表----------------------------------------\r\n\
        支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,\
        商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,\
        卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r\n";
    const LINES: &str = "2026050822001400000000000001\t,SQ1\t,交易\t,善桥,2026-05-08 09:00:00,2026-05-08 09:00:05,\t,\t,\t,\t,*某\t,\
        20.00,20.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-0.12,0.00,\r\n\
        2026050822001400000000000001\t,SQ1\t,退款\t,善桥,2026-05-08 09:00:00,2026-05-08 10:00:00,\t,\t,\t,\t,*某\t,\
        -5.00,-5.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,R1\t,0.03,0.00,\r\n";
    const END: &str = "#-----------------------------------------业务明细列表结束------------------------------------\r\n\
        #交易合计：1笔，商家实收共20.00元，商家优惠共0.00元\r\n#退款合计：1笔，商家实收退款共-5.00元，商家优惠退款共0.00元\r\n\
        #导出时间：[2026年05月09日 09:00:00]\r\n";

    fn package(text: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let plain = zip::write::SimpleFileOptions::default();
        for (name, text) in [("summary.csv", "#支付宝业务汇总查询\r\n"), ("list.csv", text)] {
            zip.start_file(name, plain).expect("a file");
            zip.write_all(&GBK.encode(text).0).expect("bytes");
        }
        zip.finish().expect("a package").into_inner()
    }

    fn bill(head: &str, lines: &str, end: &str) -> Result<Vec<BillLine>, BillRefusal> {
        read(&package(&format!("{head}{lines}{end}")), "2088123456789012")
    }

    #[test]
    fn a_bill_gives_its_payments_and_refunds() {
        let lines = bill(HEAD, LINES, END).expect("a bill");
        let [
            BillLine::Paid(paid),
            BillLine::Refunded {
                trade_no,
                refund_no,
                amount,
            },
        ] = lines.as_slice()
        else {
            panic!("a payment and a refund are expected");
        };
        assert_eq!((paid.trade_no.as_str(), paid.amount), ("SQ1", Fen::new(2_000)));
        assert_eq!(paid.provider_no, "2026050822001400000000000001");
        assert_eq!(paid.paid_at.to_rfc3339(), "2026-05-08T01:00:05Z");
        assert_eq!(
            (trade_no.as_str(), refund_no.as_str(), *amount),
            ("SQ1", "R1", Fen::new(500))
        );
    }

    #[test]
    fn a_bill_that_does_not_tie_or_was_cut_off_is_refused_as_a_whole() {
        let other = END.replace("共20.00元", "共21.00元");
        assert!(matches!(
            bill(HEAD, LINES, &other),
            Err(BillRefusal::Total { kind: "payment", .. })
        ));
        assert_eq!(bill(HEAD, LINES, "").err(), Some(BillRefusal::NoTotals));
        let first = LINES.split_inclusive("\r\n").next().unwrap_or_default();
        assert!(matches!(
            bill(HEAD, first, END),
            Err(BillRefusal::Total { kind: "refund", .. })
        ));
    }

    #[test]
    fn a_bill_of_another_account_or_with_a_line_that_cannot_be_read_is_refused() {
        let other = HEAD.replace("2088123456789012", "2088000000000000");
        assert_eq!(bill(&other, LINES, END).err(), Some(BillRefusal::WrongSeller));
        let strange = LINES.replace("退款", "充值");
        assert!(matches!(bill(HEAD, &strange, END), Err(BillRefusal::Line(_))));
        assert_eq!(read(b"no zip", "2088").err(), Some(BillRefusal::Package));
    }
}
