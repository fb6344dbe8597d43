//! Made-up files of a platform, with the dirt that such files have.

use encoding_rs::GB18030;
use rust_xlsxwriter::Workbook;

/// An order number of 28 digits.
pub fn order(n: u32) -> String {
    format!("10000000002026050800000{n:05}")
}

/// The day's gifts as a workbook: a title, a note, a header with full-width brackets, order numbers as text with a tab before,
/// sums as numbers and as text, a total and a signature below.
pub fn detail_xlsx(gifts: &[(String, &str, f64, &str, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "演示会捐款明细（测试数据）").expect("written");
    sheet.write_string(1, 0, "导出时间：2026-05-10 08:00").expect("written");
    let header = [
        "交易单号",
        "项目编号",
        "捐款金额（元）",
        "捐款时间",
        "交易状态",
        "昵称",
        "渠道标识",
    ];
    for (column, text) in (0u16..).zip(header) {
        sheet.write_string(3, column, text).expect("written");
    }
    let mut sum = 0.0;
    let mut row = 4u32;
    for (order, page, yuan, status, tag) in gifts {
        sheet.write_string(row, 0, format!("\t{order}")).expect("written");
        sheet.write_string(row, 1, *page).expect("written");
        sheet.write_number(row, 2, *yuan).expect("written");
        sheet
            .write_string(row, 3, format!("2026-05-08 09:{:02}:00", row % 60))
            .expect("written");
        sheet.write_string(row, 4, *status).expect("written");
        sheet
            .write_string(row, 5, if row.is_multiple_of(2) { "匿名" } else { "测试甲" })
            .expect("written");
        sheet.write_string(row, 6, *tag).expect("written");
        if *status == "支付成功" {
            sum += yuan;
        }
        row += 1;
    }
    sheet.write_string(row, 0, "合计").expect("written");
    sheet.write_number(row, 2, sum).expect("written");
    sheet.write_string(row + 1, 0, "以上数据仅供对账使用").expect("written");
    book.save_to_buffer().expect("a workbook")
}

/// The same in GB18030, as the console of a platform saves it.
pub fn gb(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

/// A matching statement.
pub fn matching_csv(lines: &[(&str, &str, &str, &str)]) -> Vec<u8> {
    let mut text = String::from("配捐单号,关联交易单号,项目编号,配捐金额,配捐时间,配捐状态,配捐方\r\n");
    for (number, order, page, yuan) in lines {
        text += &format!("{number},{order},{page},{yuan},2026-05-08 10:00:00,已发放,演示公益慈善基金会\r\n");
    }
    gb(&text)
}

/// A settlement: page, gifts, sum, matches, sum, refunds, fee, net.
pub fn settlement_csv(number: &str, pages: &[[&str; 8]]) -> Vec<u8> {
    let mut text = String::from(
        "\u{feff}演示平台结算单\n结算单号,项目编号,捐款笔数,捐款金额(元),配捐笔数,配捐金额(元),退款金额,手续费,结算金额(元)\n",
    );
    for page in pages {
        text += &format!("{number},{}\n", page.map(|cell| format!("\"{cell}\"")).join(","));
    }
    text.into_bytes()
}
