//! Regular giving below the pages: mandates, months, catch-up, plans, news; on both databases, by a clock that tests move.
#![allow(clippy::unwrap_used, reason = "tests: what fails here is the finding")]

use std::sync::Arc;

use db::{Reads as _, params};
use giving::donations::orders::{self, GatewayError, Order, OrderState, Provider};
use giving::donations::{Incoming, Outcome, Payer, Source};
use giving::donor_way::Limits;
use giving::matching::{PayerKind, Reason};
use giving::my_gifts::{self, Session};
use giving::recurring::actions::{self, NewNews, Ran, Wanted};
use giving::recurring::model::{NewPlan, PeriodState, PromptKind, SkipReason};
use giving::recurring::queries::{self, MandateView};
use giving::recurring::rail::Collecting;
use giving::recurring::{
    ByLink, Collected, EndReason, Mandate, MandateId, MandateState, MonthlyForm, Period, PlanId, Rail, RecurringError,
    rules,
};
use giving::testing::{World, world};
use kernel::{BusinessDay, Fen, OrderId};
use platform::identity::Actor;
use platform::notify::{Address, Kept};
use web::Locale;

const DAY_MICROS: i64 = 86_400_000_000;

/// A society, a donor's telephone, and what was sent to it.
struct Town {
    w: World,
    sent: Arc<Kept>,
}

fn form(day: i64) -> MonthlyForm {
    MonthlyForm {
        choice: "5000".into(),
        day: day.to_string(),
        name: "测试甲".into(),
        contact: "13800000000".into(),
        provider: "wechat".into(),
        consent: "0".into(),
        news: "yes".into(),
        ..MonthlyForm::default()
    }
}

impl Town {
    async fn new(test: &db::testing::TestDb) -> Self {
        let mut w = world(test.db.clone()).await;
        let sent = Arc::new(Kept::default());
        w.giving.services.notify = sent.clone();
        Self { w, sent }
    }
    fn today(&self) -> BusinessDay {
        self.w.today()
    }
    /// So many days later.
    fn pass(&self, days: i64) {
        self.w.at(self.w.clock_plus(days * DAY_MICROS));
    }
    async fn begin(&self, key: u8, form: &MonthlyForm, plan: Option<PlanId>) -> Result<MandateId, RecurringError> {
        let limits = Limits {
            min: Fen::new(100),
            max: Fen::new(5_000_000),
            providers: vec![Provider::Wechat],
            consent_version: 0,
        };
        let services = self.w.services();
        let plan = match plan {
            Some(plan) => queries::plan(&mut services.db.snapshot().await.unwrap(), plan)
                .await
                .unwrap(),
            None => None,
        };
        let Ok(wished) = rules::read(form, plan.as_ref(), &limits) else {
            panic!("a form that is well filled")
        };
        let chosen = (plan.map(|plan| plan.id), Locale::ZhHans);
        actions::begin(services, "general", ([key; 16], form), &wished, chosen).await
    }
    /// Signs in by a code, as the pages do.
    async fn session(&self, contact: &str) -> Session {
        let services = self.w.services();
        let contact = my_gifts::rules::contact(contact).unwrap();
        let asked = my_gifts::actions::ask(services, &contact, |code| code.to_owned())
            .await
            .unwrap();
        let message = asked.message.expect("a code is sent to who has a mandate");
        let code = message.values[0].1.clone();
        let cookie = my_gifts::actions::open(services, asked.ask, &code).await.unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        my_gifts::queries::session(&mut at, &cookie, services.now())
            .await
            .unwrap()
            .unwrap()
    }
    /// A mandate that runs, due on a day of the month.
    async fn mandate(&self, key: u8, day: i64) -> (MandateId, Session) {
        let id = self.begin(key, &form(day), None).await.unwrap();
        let session = self.session("13800000000").await;
        actions::confirm(&self.w.giving, &session, id).await.unwrap();
        // The next code of the same telephone wants a minute.
        self.w.at(self.w.clock_plus(61_000_000));
        (id, session)
    }
    async fn run(&self) -> Ran {
        actions::run(&self.w.giving, &ByLink).await.unwrap()
    }
    async fn view(&self, id: MandateId) -> MandateView {
        let mut at = self.w.services().db.snapshot().await.unwrap();
        queries::mandate(&mut at, id).await.unwrap().unwrap()
    }
    async fn months(&self, id: MandateId) -> Vec<(i64, PeriodState)> {
        let mut months: Vec<_> = self
            .view(id)
            .await
            .months
            .iter()
            .map(|m| (m.period.number(), m.state))
            .collect();
        months.reverse();
        months
    }
    /// Pays an order as its notice would.
    async fn pay(&self, order: OrderId) {
        let services = self.w.services();
        let order: Order = {
            let mut at = services.db.snapshot().await.unwrap();
            orders::find(&mut at, order).await.unwrap().unwrap()
        };
        let now = services.now();
        let mut incoming = Incoming {
            account: order.account,
            project: order.project,
            trade_no: order.trade_no.clone(),
            amount: order.amount,
            paid_at: now,
            business_day: now.business_day(),
            payer: Payer::default(),
            anonymous: false,
            receipt: None,
            source: Source::Notice,
        };
        orders::complete(&mut incoming, &self.w.giving)
            .await
            .ok()
            .flatten()
            .expect("its order");
        assert!(matches!(self.w.submit(incoming).await, Outcome::Recorded(_)));
    }
    async fn count(&self, what: &str) -> i64 {
        let mut at = self.w.services().db.snapshot().await.unwrap();
        let row = at
            .query_one(&format!("SELECT COUNT(*) AS n FROM {what}"), params![])
            .await
            .unwrap();
        row.unwrap().int("n").unwrap()
    }
    /// The texts that were sent, of one template.
    fn said(&self, template: &str) -> Vec<String> {
        let all = self.sent.all();
        all.into_iter()
            .filter(|m| m.template == template)
            .map(|m| m.text)
            .collect()
    }
}

fn missed(reason: SkipReason) -> PeriodState {
    PeriodState::Missed { reason }
}
fn skipped(reason: SkipReason) -> PeriodState {
    PeriodState::Skipped { reason }
}

db::both!(
    a_mandate_runs_only_once_the_contact_is_shown_to_be_hers,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let id = t.begin(1, &form(8), None).await.unwrap();
        assert_eq!(t.begin(1, &form(8), None).await.unwrap(), id, "the same form again");
        assert!(matches!(
            t.begin(1, &form(9), None).await,
            Err(RecurringError::FormReused)
        ));
        assert_eq!(t.view(id).await.mandate.state, MandateState::Waiting);
        assert_eq!(t.run().await.opened, 0, "nothing is asked of who has not confirmed");
        let same = form(8);
        let (a, b) = tokio::join!(t.begin(7, &same, None), t.begin(7, &same, None));
        assert_eq!(a.unwrap(), b.unwrap(), "two taps at once are one wish");
        let mine = t.session("13800000000").await;
        t.begin(
            2,
            &MonthlyForm {
                contact: "donor@example.org".into(),
                ..form(8)
            },
            None,
        )
        .await
        .unwrap();
        let stranger = t.session("donor@example.org").await;
        let other = actions::confirm(&t.w.giving, &stranger, id).await;
        assert!(
            matches!(other, Err(RecurringError::NotFound(_))),
            "a mandate of somebody else"
        );
        let ran = actions::confirm(&t.w.giving, &mine, id).await.unwrap();
        assert_eq!(ran.state, MandateState::Active);
        let facts = t.count("fact").await;
        actions::confirm(&t.w.giving, &mine, id).await.unwrap();
        assert_eq!(t.count("fact").await, facts, "showing the code again changes nothing");
        let mut at = t.w.services().db.snapshot().await.unwrap();
        assert_eq!(
            queries::of_donor(&mut at, &mine).await.unwrap().len(),
            1,
            "what waits is not shown"
        );
        assert!(
            !queries::of_donor(&mut at, &stranger)
                .await
                .unwrap()
                .iter()
                .any(|v| v.mandate.id == id)
        );
        drop(at);
        // What nobody confirmed is over after a day, and nothing personal of it is kept.
        t.pass(2);
        assert_eq!(t.run().await.tidied, 2);
        let kept = "mandate WHERE donor_sealed IS NOT NULL";
        assert_eq!(t.count(kept).await, 1);
        t.w.stop();
    }
);

db::both!(
    each_month_is_opened_reminded_paid_and_noted_once_however_often_it_runs,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        // Due in five days: nothing is opened yet.
        let due = t.today().plus_days(5);
        let (id, _) = t.mandate(1, i64::from(due.date().day())).await;
        assert_eq!(t.months(id).await, []);
        t.pass(2);
        let (a, b) = tokio::join!(t.run(), t.run());
        assert_eq!(a.opened + b.opened, 1, "two runs at once open it once");
        assert_eq!(t.run().await, Ran::default(), "and a third does nothing");
        let period = Period::of(due).number();
        assert_eq!(t.months(id).await, [(period, PeriodState::Open)]);
        assert_eq!(t.count("gift_order").await, 1);
        let before = t.said("monthly_due");
        assert_eq!(before.len(), 1, "one reminder before the due day");
        assert!(
            before[0].contains("50.00") && before[0].contains("不会自动扣款"),
            "{}",
            before[0]
        );
        let link = before[0].split("/m/").nth(1).unwrap().split(' ').next().unwrap();
        let services = t.w.services();
        assert_eq!(rules::month_of_link(&services.keys, link), Some((id, Period::of(due))));
        t.pass(3);
        assert_eq!(t.run().await.said, 1, "one on the day");
        assert_eq!(t.run().await.said, 0);
        // The link leads to the order; the donor pays; the next look notes it.
        let order = actions::order_to_pay(&t.w.giving, id, Period::of(due)).await.unwrap();
        t.pay(order).await;
        let mut at = services.db.snapshot().await.unwrap();
        let mandate = queries::mandate(&mut at, id).await.unwrap().unwrap().mandate;
        let seen = queries::month(&mut at, &mandate, Period::of(due), services.now())
            .await
            .unwrap()
            .unwrap();
        assert!(
            matches!(seen.0.state, PeriodState::Paid { .. }),
            "paid as soon as the gift is there"
        );
        drop(at);
        let (a, b) = tokio::join!(t.run(), t.run());
        assert_eq!(a.paid + b.paid, 1, "noted once");
        assert!(matches!(t.months(id).await[0].1, PeriodState::Paid { .. }));
        assert_eq!(t.count("fact WHERE kind = 'mandate.month_paid'").await, 1);
        t.w.stop();
    }
);

db::both!(
    after_days_of_rest_what_closed_is_missed_and_never_asked_for,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let due = t.today().plus_days(10);
        let day = i64::from(due.date().day()).min(28);
        let (id, _) = t.mandate(1, day).await;
        let first = t.view(id).await.mandate.next_due;
        // Nothing runs for a month and a half; then, two days after the second due day, it runs again.
        let second = rules::due_after(first, day);
        t.pass(second.days_since(t.today()) + 2);
        let ran = t.run().await;
        assert_eq!((ran.missed, ran.opened), (1, 1));
        let months = t.months(id).await;
        assert_eq!(months[0], (Period::of(first).number(), missed(SkipReason::Stopped)));
        assert_eq!(months[1], (Period::of(second).number(), PeriodState::Open));
        assert_eq!(t.count("gift_order").await, 1, "no order for the month that closed");
        assert_eq!(t.said("monthly_due").len(), 1, "one late reminder, not two");
        // Unpaid, it closes three days after its due day; a payment after that is still a gift and counts.
        let order = actions::order_to_pay(&t.w.giving, id, Period::of(second))
            .await
            .unwrap();
        t.pass(2);
        assert_eq!(t.run().await.missed, 1);
        assert_eq!(t.months(id).await[1].1, missed(SkipReason::Unpaid));
        t.pay(order).await;
        assert_eq!(t.run().await.paid, 1, "late, and a gift");
        t.w.stop();
    }
);

db::both!(
    a_pause_skips_months_without_a_word_and_ends_on_its_day,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let due = t.today().plus_days(10);
        let day = i64::from(due.date().day()).min(28);
        let form = MonthlyForm {
            months: "3".into(),
            ..form(day)
        };
        let id = t.begin(1, &form, None).await.unwrap();
        let mine = t.session("13800000000").await;
        actions::confirm(&t.w.giving, &mine, id).await.unwrap();
        let first = t.view(id).await.mandate.next_due;
        let last = t.view(id).await.mandate.ends_on.unwrap();
        assert_eq!(last, rules::last_due(first, day, 3));
        let resume = first.plus_days(10);
        let paused = actions::change_own(&t.w.giving, &mine, id, Wanted::Pause(Some(resume)))
            .await
            .unwrap();
        assert_eq!(
            paused.state,
            MandateState::Paused {
                resume_on: Some(resume)
            }
        );
        t.pass(first.days_since(t.today()));
        assert_eq!(t.run().await.skipped, 1);
        assert_eq!(
            t.months(id).await,
            [(Period::of(first).number(), skipped(SkipReason::Paused))]
        );
        assert_eq!((t.said("monthly_due").len(), t.count("gift_order").await), (0, 0));
        let view = t.view(id).await.mandate;
        assert_eq!(
            view.ends_on,
            Some(rules::due_after(last, day)),
            "a skipped month is given at the end"
        );
        t.pass(10);
        t.run().await;
        assert_eq!(t.view(id).await.mandate.state, MandateState::Active, "by itself");
        let at = &mut t.w.services().db.snapshot().await.unwrap();
        let changes = queries::changes(at, &view).await.unwrap();
        let told: Vec<_> = changes.iter().map(|c| (c.state.as_str(), c.by.as_str())).collect();
        assert_eq!(
            told,
            [
                ("waiting", "donor"),
                ("active", "donor"),
                ("paused", "donor"),
                ("active", "calendar")
            ]
        );
        t.w.stop();
    }
);

db::both!(
    a_mandate_gives_its_months_and_is_over_and_forgets_its_donor_later,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let day = i64::from(t.today().date().day()).min(28);
        let form = MonthlyForm {
            months: "2".into(),
            ..form(day)
        };
        let id = t.begin(1, &form, None).await.unwrap();
        let mine = t.session("13800000000").await;
        actions::confirm(&t.w.giving, &mine, id).await.unwrap();
        for _ in 0..40 {
            t.pass(1);
            for month in t.view(id).await.months {
                if month.state == PeriodState::Open {
                    t.pay(month.order.unwrap()).await;
                }
            }
            t.run().await;
        }
        let months = t.months(id).await;
        assert!(
            months.len() == 2 && months.iter().all(|(_, s)| matches!(s, PeriodState::Paid { .. })),
            "{months:?}"
        );
        let over = t.view(id).await.mandate;
        assert_eq!(
            over.state,
            MandateState::Ended {
                reason: EndReason::Finished
            }
        );
        assert!(over.donor_sealed.is_some());
        t.pass(31);
        assert_eq!(t.run().await.tidied, 1);
        let gone = t.view(id).await.mandate;
        assert!(gone.donor_sealed.is_none() && gone.donor_masked.is_none() && gone.index.is_empty());
        assert_eq!(t.count("gift").await, 2, "her gifts stay");
        t.w.stop();
    }
);

db::both!(
    who_ends_is_not_reminded_and_staff_write_down_why,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let due = t.today().plus_days(2);
        let (id, mine) = t.mandate(1, i64::from(due.date().day()).min(28)).await;
        t.run().await;
        let said = t.said("monthly_due").len();
        actions::change_own(&t.w.giving, &mine, id, Wanted::End).await.unwrap();
        t.pass(3);
        t.run().await;
        assert_eq!(t.said("monthly_due").len(), said, "no word after the end");
        t.pass(5);
        t.run().await;
        assert_eq!(
            t.months(id).await[0].1,
            skipped(SkipReason::Ended),
            "not counted as missed"
        );
        let again = actions::change_own(&t.w.giving, &mine, id, Wanted::Resume).await;
        assert!(matches!(again, Err(RecurringError::State("ended"))));
        let (second, _) = t.mandate(2, 20).await;
        let county = actions::change_for(&t.w.giving, &t.w.county_officer, second, (Wanted::End, "来电")).await;
        assert!(matches!(county, Err(RecurringError::NotFound(_))), "not of her unit");
        let empty = actions::change_for(&t.w.giving, &t.w.officer, second, (Wanted::End, " ")).await;
        assert!(matches!(empty, Err(RecurringError::Invalid { field: "reason", .. })));
        let done = actions::change_for(&t.w.giving, &t.w.officer, second, (Wanted::End, "捐赠人来电要求"))
            .await
            .unwrap();
        assert_eq!(
            done.state,
            MandateState::Ended {
                reason: EndReason::Staff
            }
        );
        let at = &mut t.w.services().db.snapshot().await.unwrap();
        let changes = queries::changes(at, &done).await.unwrap();
        assert_eq!(changes.last().unwrap().reason, "捐赠人来电要求");
        t.w.stop();
    }
);

fn plan(places: i64) -> NewPlan {
    NewPlan {
        project: "general".into(),
        title: "一张课桌".into(),
        title_en: "one desk".into(),
        amount: Fen::new(12_000),
        months: 12,
        places,
    }
}

db::both!(
    a_plan_never_gives_more_places_than_it_has,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let services = t.w.services();
        let by = Actor::operator();
        let made = actions::make_plan(services, &by, &plan(2)).await.unwrap();
        assert_eq!(
            actions::make_plan(services, &by, &plan(2)).await.unwrap(),
            made,
            "the same again"
        );
        let other = actions::make_plan(services, &by, &plan(3)).await;
        assert!(matches!(other, Err(RecurringError::TitleTaken)));
        let mut wishes = Vec::new();
        for n in 0..4_u8 {
            let form = MonthlyForm {
                contact: format!("1380000000{n}"),
                plan: "x".into(),
                ..form(8)
            };
            let id = t.begin(n + 1, &form, Some(made.id)).await.unwrap();
            wishes.push((id, t.session(&form.contact).await));
        }
        // Four donors show their codes at once for two places.
        let confirm = |at: usize| actions::confirm(&t.w.giving, &wishes[at].1, wishes[at].0);
        let (a, b, c, d) = tokio::join!(confirm(0), confirm(1), confirm(2), confirm(3));
        let all = [a, b, c, d];
        let in_time = all.iter().filter(|one| one.is_ok()).count();
        let late = all
            .iter()
            .filter(|one| matches!(one, Err(RecurringError::PlanFull)))
            .count();
        assert_eq!((in_time, late), (2, 2));
        let first: &Mandate = all.iter().find_map(|one| one.as_ref().ok()).unwrap();
        assert_eq!(
            (first.amount, first.months),
            (Fen::new(12_000), Some(12)),
            "the plan says how much and how long"
        );
        let mut at = services.db.snapshot().await.unwrap();
        let seen = queries::plans(&mut at, made.project).await.unwrap();
        assert_eq!((seen[0].taken, seen[0].left()), (2, 0));
        drop(at);
        // Who ends early leaves her place to another.
        let (id, session) = wishes.iter().find(|(id, _)| *id == first.id).unwrap();
        actions::change_own(&t.w.giving, session, *id, Wanted::End)
            .await
            .unwrap();
        let mut at = services.db.snapshot().await.unwrap();
        assert_eq!(queries::plans(&mut at, made.project).await.unwrap()[0].left(), 1);
        drop(at);
        actions::close_plan(services, &by, made.id).await.unwrap();
        let late = t
            .begin(
                9,
                &MonthlyForm {
                    plan: "x".into(),
                    ..form(8)
                },
                Some(made.id),
            )
            .await;
        assert!(matches!(late, Err(RecurringError::PlanFull)), "closed to new ones");
        t.w.stop();
    }
);

db::both!(
    news_prompt_each_who_agreed_once_and_never_after_one_tap,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let services = t.w.services();
        let by = Actor::operator();
        let (_, mine) = t.mandate(1, 20).await;
        let without = MonthlyForm {
            contact: "donor@example.org".into(),
            news: String::new(),
            ..form(20)
        };
        let id = t.begin(2, &without, None).await.unwrap();
        let other = t.session("donor@example.org").await;
        actions::confirm(&t.w.giving, &other, id).await.unwrap();
        let news = |title: &str| NewNews {
            title: title.to_owned(),
            title_en: String::new(),
            words: "第一批课桌已经送到。".into(),
            words_en: String::new(),
        };
        let project = t.w.general.id;
        let first = actions::publish_news(services, &by, project, &news("课桌到了"))
            .await
            .unwrap();
        actions::publish_news(services, &by, project, &news("课桌到了"))
            .await
            .unwrap();
        t.run().await;
        t.run().await;
        let told: Vec<_> = t
            .sent
            .all()
            .into_iter()
            .filter(|m| m.template == "project_news")
            .collect();
        assert_eq!(told.len(), 1, "one prompt, to who agreed");
        assert!(told[0].to == Address::Phone("13800000000".into()));
        let link = told[0].text.split("/n/").nth(1).unwrap().trim();
        let (agreement, about) = rules::news_of_link(&services.keys, link).unwrap();
        assert_eq!(about, first.id);
        // A second piece waits when she takes her agreement back: it is not sent.
        actions::publish_news(services, &by, project, &news("又一批"))
            .await
            .unwrap();
        actions::end_agreement(services, agreement).await.unwrap();
        let facts = t.count("fact").await;
        actions::end_agreement(services, agreement).await.unwrap();
        assert_eq!(t.count("fact").await, facts, "a second tap changes nothing");
        t.run().await;
        assert_eq!(t.said("project_news").len(), 1);
        let mut at = services.db.snapshot().await.unwrap();
        assert!(queries::agreements_of(&mut at, &mine).await.unwrap().is_empty());
        assert!(
            queries::agreement(&mut at, agreement)
                .await
                .unwrap()
                .unwrap()
                .contact_sealed
                .is_none()
        );
        t.w.stop();
    }
);

db::both!(
    a_prompt_that_cannot_be_sent_is_tried_again_and_said_once,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let mut t = Town::new(&test).await;
        let due = t.today().plus_days(2);
        let day = i64::from(due.date().day()).min(28);
        let id = t.begin(1, &form(day), None).await.unwrap();
        let mine = t.session("13800000000").await;
        actions::confirm(&t.w.giving, &mine, id).await.unwrap();
        t.w.giving.services.notify = Arc::new(Deaf);
        let ran = t.run().await;
        assert_eq!((ran.said, ran.unsaid), (0, 1));
        t.w.giving.services.notify = t.sent.clone();
        assert_eq!(t.run().await.said, 0, "it was just tried");
        t.w.at(t.w.clock_plus(11 * 60_000_000));
        assert_eq!((t.run().await.said, t.run().await.said), (1, 0));
        let sent = "donor_prompt WHERE state = 'sent'";
        assert_eq!((t.count(sent).await, t.said("monthly_due").len()), (1, 1));
        t.w.stop();
    }
);

/// A gateway of messages that is down.
struct Deaf;
impl platform::notify::Sender for Deaf {
    fn send<'a>(&'a self, _: &'a platform::notify::Message) -> platform::notify::Sent<'a> {
        Box::pin(async { Err(platform::notify::NotSent("down".into())) })
    }
}

/// A provider with a contract: it collects by itself.
struct Contract(std::sync::Mutex<Vec<String>>);
impl Rail for Contract {
    fn collect<'a>(&'a self, _: MandateId, order: &'a Order) -> Collecting<'a> {
        self.0.lock().unwrap().push(order.trade_no.clone());
        Box::pin(async { Ok::<_, GatewayError>(Collected::ByContract) })
    }
}

db::both!(
    behind_the_port_a_contract_collects_each_month_once_and_nobody_is_asked_to_pay,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let due = t.today();
        let (id, _) = t.mandate(1, i64::from(due.date().day()).min(28)).await;
        let rail = Contract(std::sync::Mutex::default());
        actions::run(&t.w.giving, &rail).await.unwrap();
        actions::run(&t.w.giving, &rail).await.unwrap();
        assert_eq!(rail.0.lock().unwrap().len(), 1);
        let due_ones = t
            .said("monthly_due")
            .into_iter()
            .filter(|text| text.contains("已付请忽略"));
        assert_eq!(due_ones.count(), 0, "{} is not asked to pay", PromptKind::Due.as_str());
        assert_eq!(t.months(id).await.len(), 1);
        t.w.stop();
    }
);

db::both!(
    an_order_whose_payment_was_closed_is_followed_by_another_of_the_same_month,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        let t = Town::new(&test).await;
        let due = t.today();
        let (id, _) = t.mandate(1, i64::from(due.date().day()).min(28)).await;
        t.run().await;
        let period = t.view(id).await.months[0].period;
        let first = actions::order_to_pay(&t.w.giving, id, period).await.unwrap();
        assert_eq!(
            actions::order_to_pay(&t.w.giving, id, period).await.unwrap(),
            first,
            "while it can be paid"
        );
        let services = t.w.services();
        close_attempt(&t, first).await;
        let second = actions::order_to_pay(&t.w.giving, id, period).await.unwrap();
        assert_ne!(second, first);
        t.pay(second).await;
        assert_eq!(t.run().await.paid, 1);
        let mut at = services.db.snapshot().await.unwrap();
        let order = orders::find(&mut at, second).await.unwrap().unwrap();
        let state = orders::payments::state(&mut at, &order, services.now()).await.unwrap();
        assert!(matches!(state, OrderState::Paid { .. }));
        drop(at);
        t.w.stop();
    }
);

db::both!(
    a_pool_for_monthly_donors_matches_the_gift_of_a_mandate_and_no_other,
    &giving::all_migrations(),
    async |test: db::testing::TestDb| {
        use crate::matching::{all_agrees, by_phone, one_to_one, opened, said};
        let t = Town::new(&test).await;
        let mut monthly = one_to_one();
        monthly.eligible.payer_kinds = vec![PayerKind::Monthly];
        opened(&t.w, "monthly", 1_000_000, &monthly).await;
        let mut people = one_to_one();
        people.eligible.payer_kinds = vec![PayerKind::Person];
        opened(&t.w, "people", 1_000_000, &people).await;
        let day = i64::from(t.today().date().day()).min(28);
        let (id, _) = t.mandate(1, day).await;
        t.run().await;
        let services = t.w.services();
        let order = {
            let month = t.view(id).await.months[0].order.unwrap();
            let mut at = services.db.snapshot().await.unwrap();
            orders::find(&mut at, month).await.unwrap().unwrap()
        };
        let payment = orders::Payment {
            trade_no: order.trade_no.clone(),
            provider_no: "4200000000202605080000000001".into(),
            amount: order.amount,
            paid_at: services.now(),
            payer_id: None,
        };
        let paid = orders::confirm(&t.w.giving, order.account, payment).await.unwrap();
        let orders::Confirmed::Recorded(gift) = paid else {
            panic!("a new gift was expected, not {paid:?}")
        };
        let once = by_phone(&t.w, &t.w.general, "N1", (5_000, Some("13800000000")));
        let Outcome::Recorded(once) = t.w.submit(once).await else {
            panic!("a new gift was expected")
        };
        assert_eq!(
            said(&t.w, gift).await,
            [(5_000, Reason::Matched, None), (5_000, Reason::Matched, None)]
        );
        assert_eq!(
            said(&t.w, once).await,
            [(0, Reason::NotMonthly, None), (5_000, Reason::Matched, None)]
        );
        let mut at = services.db.snapshot().await.unwrap();
        let told = giving::matching::queries::of_gift(&mut at, gift).await.unwrap();
        drop(at);
        let told: Vec<_> = told
            .iter()
            .map(|one| (one.pool.as_str(), one.decision.payer_kind))
            .collect();
        let told_apart = [("monthly", PayerKind::Monthly), ("people", PayerKind::Person)];
        assert_eq!(told, told_apart, "only who asks for it is told of a mandate");
        all_agrees(&t.w).await;
        t.w.stop();
    }
);

/// What remains of a payment that was begun and closed with its provider.
async fn close_attempt(t: &Town, order: OrderId) {
    let services = t.w.services();
    let mut tx = services.db.begin().await.unwrap();
    let order = orders::find(&mut tx, order).await.unwrap().unwrap();
    let now = services.now();
    tx.execute(
        "INSERT INTO payment_attempt (unit_id, account_id, trade_no, order_id, provider, way, state, expires_at,
            begun_at, checked_at) VALUES (?1, ?2, ?3, ?4, 'wechat', 'wechat_native', 'closed', ?5, ?6, ?6)",
        params![
            (order.unit,),
            (order.account,),
            &order.trade_no,
            (order.id,),
            order.expires_at,
            now
        ],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}
