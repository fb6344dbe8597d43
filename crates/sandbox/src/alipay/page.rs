//! The pay page: what a donor sees at Alipay, for a rehearsal. One column, no script, large buttons.

use super::fault::Fault;
use super::trade::{Trade, yuan};
use super::{Answer, answer};

const STYLE: &str = "body{margin:0;background:#f5f6f8;color:#1d2129;font:18px/1.6 system-ui,sans-serif}\
main{max-width:26rem;margin:0 auto;padding:1.25rem 1rem 3rem}\
.note{background:#fff7e0;border-radius:.5rem;padding:.5rem .75rem;font-size:1rem}\
h1{font-size:1.25rem;margin:1.25rem 0 .25rem}.sum{font-size:2.5rem;font-weight:700;margin:.25rem 0 1rem}\
dl{background:#fff;border-radius:.5rem;padding:.75rem;margin:0 0 1.25rem}dt{color:#4e5969;font-size:1rem}\
dd{margin:0 0 .5rem;overflow-wrap:anywhere}\
button{display:block;width:100%;min-height:3.25rem;margin:.75rem 0;border:0;border-radius:.5rem;font:inherit;font-weight:600}\
.pay{background:#0b57d0;color:#fff}.leave{background:#fff;color:#1d2129;border:1px solid #86909c}\
details{background:#fff;border-radius:.5rem;padding:.75rem}label{display:block;min-height:2.75rem;padding:.35rem 0}\
input[type=radio]{width:1.25rem;height:1.25rem;margin-right:.5rem}";

fn page(status: u16, title: &str, content: &str) -> Answer {
    let html = format!(
        "<!doctype html><html lang=\"zh-Hans\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main><p class=\"note\">演练环境，不会扣款。<span lang=\"en\">A rehearsal: no money \
         moves.</span></p>{content}</main></body></html>"
    );
    answer(status, "text/html; charset=utf-8", html)
}

/// The page with the two buttons.
pub(super) fn pay(trade: &Trade, origin: &str) -> Answer {
    let faults: String = Fault::ALL
        .into_iter()
        .map(|fault| {
            let checked = if fault == trade.fault { " checked" } else { "" };
            let (word, words) = (fault.as_str(), fault.words());
            format!("<label><input type=\"radio\" name=\"fault\" value=\"{word}\"{checked}>{words}</label>")
        })
        .collect();
    let content = format!(
        "<h1>支付宝沙箱 <span lang=\"en\">Alipay sandbox</span></h1><p class=\"sum\">{} 元</p>\
         <dl><dt>商品 <span lang=\"en\">For</span></dt><dd>{}</dd><dt>商户订单号 <span lang=\"en\">Order</span></dt><dd>{}</dd></dl>\
         <form method=\"post\" action=\"{}/alipay/pay\"><input type=\"hidden\" name=\"out_trade_no\" value=\"{}\">\
         <button class=\"pay\" name=\"action\" value=\"pay\">确认付款 <span lang=\"en\">Pay</span></button>\
         <button class=\"leave\" name=\"action\" value=\"leave\">暂不付款 <span lang=\"en\">Not now</span></button>\
         <details><summary>付款通知怎么到 <span lang=\"en\">How the notice arrives</span></summary>{faults}</details></form>",
        yuan(trade.fen),
        escaped(&trade.subject),
        escaped(&trade.out_trade_no),
        escaped(origin),
        escaped(&trade.out_trade_no),
    );
    page(200, "支付宝沙箱", &content)
}

/// Paid, with nowhere to go back to.
pub(super) fn paid(trade: &Trade) -> Answer {
    let content = format!(
        "<h1>付款成功 <span lang=\"en\">Paid</span></h1><p class=\"sum\">{} 元</p><p>请返回商户页面。\
         <span lang=\"en\">Go back to the page you came from.</span></p>",
        yuan(trade.fen)
    );
    page(200, "付款成功", &content)
}

/// Left, with nowhere to go back to.
pub(super) fn left() -> Answer {
    page(200, "未付款", "<h1>未付款 <span lang=\"en\">Not paid</span></h1>")
}

/// The request was not taken.
pub(super) fn refused(code: &str) -> Answer {
    let content = format!(
        "<h1>无法付款 <span lang=\"en\">Cannot be paid</span></h1><p>{}</p><p>没有扣款，请返回重新下单。\
         <span lang=\"en\">Nothing was paid. Go back and order again.</span></p>",
        escaped(code)
    );
    page(400, "无法付款", &content)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
