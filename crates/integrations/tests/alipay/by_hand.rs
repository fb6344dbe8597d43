//! A provider's bill that somebody imports by hand into the account that notices fill: whichever number brought a payment
//! first, it is one gift.

use giving::donations::intake::Matching;
use giving::donations::orders::{ChargeState, Gateway as _, Order, payments};
use integrations::importing::{self, FileReport, Mode, OnRefused};
use platform::identity::Actor;
use sandbox::alipay::{Fault, Mode as Keys};

use crate::town::{MINUTE, Town, town};
use crate::{SUCCESS, migrations, seen};

/// The merchant's own list, as it lies in Alipay's package: in GBK, under notes and over totals.
const HEAD: &str = "#支付宝业务明细查询\r\n#账号：[20881234567890120156]\r\n\
    支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,备注\r\n";
const END: &str = "#------业务明细列表结束------\r\n#交易合计：9笔，商家实收共1.00元，商家优惠共0.00元\r\n\
    #退款合计：1笔，商家实收退款共-5.00元\r\n#导出时间：[2026年05月09日 09:00:00]\r\n";

/// A list of payments with both their numbers, and a refund of the first.
fn merchants(lines: &[(&Order, &str)]) -> Vec<u8> {
    let line = |(order, number): &(&Order, &str), kind: &str, yuan: String| {
        let trade_no = &order.trade_no;
        format!(
            "{number}\t,{trade_no}\t,{kind}\t,演示,2026-05-08 07:00:00,2026-05-08 07:00:05,*示,{yuan},{yuan},\t,\r\n"
        )
    };
    let yuan = |order: &Order| format!("{}.{:02}", order.amount.get() / 100, order.amount.get() % 100);
    let paid: String = lines.iter().map(|one| line(one, "交易", yuan(one.0))).collect();
    let back: String = lines
        .iter()
        .take(1)
        .map(|one| line(one, "退款", "-5.00".into()))
        .collect();
    encoding_rs::GBK
        .encode(&format!("{HEAD}{paid}{back}{END}"))
        .0
        .into_owned()
}

/// The list of a wallet, cut down to the provider's number.
fn wallets(lines: &[(&Order, &str)]) -> Vec<u8> {
    let head = "交易时间,交易分类,交易对方,收/支,金额,交易状态,交易订单号\n";
    let line = |(order, number): &(&Order, &str)| {
        let yuan = order.amount.get() / 100;
        format!("2026-05-08 07:00:05,收入,*示,收入,{yuan}.00,交易成功,{number}\n")
    };
    (head.to_owned() + &lines.iter().map(line).collect::<String>()).into_bytes()
}

/// new, known, held, skipped, refused.
async fn import(town: &Town, file: &[u8], mode: Mode) -> [u64; 5] {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bill.csv");
    std::fs::write(&path, file).expect("a file");
    let order = importing::Order {
        path,
        unit: town.world.city,
        project: town.world.general.id,
        account: Some(town.account),
        profile: None,
        refused: OnRefused::ChangeNothing,
        matching: Matching::Not,
        mode,
        actor: Actor::operator().id,
    };
    let intake = &town.world.giving.intake;
    let report = importing::import(&order, town.world.services(), intake, |_, _| ()).await;
    let FileReport {
        gifts_new,
        gifts_known,
        held,
        skipped,
        refused,
        ..
    } = report.expect("a report");
    [
        gifts_new,
        gifts_known,
        held.len() as u64,
        skipped.len() as u64,
        refused.len() as u64,
    ]
}

/// The provider's number of a payment.
async fn number(town: &Town, order: &Order) -> String {
    match town.alipay.query(&order.trade_no).await {
        Ok(ChargeState::Paid(payment)) => payment.provider_no,
        _ => panic!("it is paid"),
    }
}

db::both!(
    a_payment_is_one_gift_whichever_of_its_numbers_a_file_brings,
    &migrations(),
    async |test: db::testing::TestDb| {
        let town = town(test.db.clone(), Keys::PublicKey).await;
        let told = town.paid(2_000, Fault::None).await;
        assert_eq!(seen(&town.deliver().await), [SUCCESS]);
        let lost = town.paid(1_234, Fault::Lose).await;
        let late = town.paid(3_000, Fault::Delay).await;
        let numbers = [
            number(&town, &told).await,
            number(&town, &lost).await,
            number(&town, &late).await,
        ];
        let (told_as, lost_as, late_as) = (&*numbers[0], &*numbers[1], &*numbers[2]);

        // A file with both numbers: what was told is known, what no notice told is the order's gift, for its project.
        let bill = merchants(&[(&told, told_as), (&lost, lost_as)]);
        assert_eq!(import(&town, &bill, Mode::DryRun).await, [1, 1, 0, 1, 0]);
        assert_eq!(town.gifts().await, (1, 2_000), "a rehearsal");
        assert_eq!(import(&town, &bill, Mode::Import).await, [1, 1, 0, 1, 0]);
        assert_eq!(import(&town, &bill, Mode::Import).await, [0, 2, 0, 1, 0]);
        assert_eq!(town.gifts().await, (2, 3_234));
        let state = payments::refresh(&town.world.giving, lost.id).await.expect("a state");
        assert_eq!(state.as_str(), "paid");
        assert_eq!(town.facts("order.paid").await, 2);

        // A file with the provider's number alone: known by what Alipay said of the order; new where nobody said anything.
        let cut = wallets(&[(&told, told_as), (&late, late_as)]);
        assert_eq!(import(&town, &cut, Mode::Import).await, [1, 1, 0, 0, 0]);
        assert_eq!(town.gifts().await, (3, 6_234));
        town.later(16 * MINUTE);
        assert_eq!(seen(&town.deliver().await), [SUCCESS], "the late notice");
        assert_eq!(town.gifts().await, (3, 6_234), "and it is the same gift");
        let state = payments::refresh(&town.world.giving, late.id).await.expect("a state");
        assert_eq!(state.as_str(), "paid", "its order knows it");
        let bill = merchants(&[(&told, told_as), (&lost, lost_as), (&late, late_as)]);
        assert_eq!(import(&town, &bill, Mode::Import).await, [0, 3, 0, 1, 0]);

        town.next_day();
        let (_, found, held) = town.reconcile_yesterday().await;
        assert_eq!((found, held), (0, 0));
        assert_eq!(town.gifts().await, (3, 6_234));
        town.done().await;
    }
);
