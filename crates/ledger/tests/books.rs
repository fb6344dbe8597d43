//! The books on both databases: what was posted is what is read, whichever way it came in.

use db::bulk::BulkWriter;
use db::testing::TestDb;
use db::{DbError, Reads as _, params};
use kernel::id::Id as _;
use kernel::{
    BusinessDay, CampaignId, Channel, Fen, FundId, GiftId, JournalId, ProjectId, Rng as _, SeededRng, UnitId,
};
use ledger::journal::shapes::agency::Agency;
use ledger::journal::shapes::expenditure::{Expenditure, Purpose};
use ledger::journal::shapes::settlement::Share;
use ledger::journal::shapes::{When, agency, expenditure, gift_refunded, restriction_lifted, reversal, settlement};
use ledger::queries::activities::Month;
use ledger::queries::use_rate::{By, Subject};
use ledger::queries::{Part, Period, account_ledger, activities, trial_balance, use_rate};
use ledger::wide::{AccountCache, Batch};
use ledger::{
    AccountCode, GiftBooking, Header, Journal, LedgerError, Recount, Restriction, all_migrations, entries, post,
    recount,
};
use platform::Services;
use platform::identity::Scope;
use platform::testing::{NOW, services};

/// A made-up society: two units, a fund and two projects.
struct Society {
    services: Services,
    unit: UnitId,
    county: UnitId,
    fund: FundId,
    projects: [ProjectId; 2],
    campaign: CampaignId,
    _folder: tempfile::TempDir,
}

impl Society {
    fn new(test: &TestDb) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let services = services(test.db.clone(), folder.path());
        let rng = SeededRng::new(7);
        let (unit, county) = (UnitId::new(NOW, &rng), UnitId::new(NOW, &rng));
        services.tree.replace(vec![(unit, None), (county, Some(unit))]);
        Self {
            services,
            unit,
            county,
            fund: FundId::new(NOW, &rng),
            projects: [ProjectId::new(NOW, &rng), ProjectId::new(NOW, &rng)],
            campaign: CampaignId::new(NOW, &rng),
            _folder: folder,
        }
    }

    fn today(&self) -> BusinessDay {
        NOW.business_day()
    }

    fn this_year(&self) -> Period {
        Period {
            from: day(20_260_101),
            to: day(20_261_231),
        }
    }

    fn gift(&self, fen: i64, channel: Channel) -> GiftBooking {
        GiftBooking {
            gift: GiftId::new(NOW, &*self.services.rng),
            unit: self.unit,
            channel,
            project: self.projects[0],
            campaign: Some(self.campaign),
            fund: self.fund,
            restriction: Restriction::Restricted,
            amount: Fen::new(fen),
            posting_day: self.today(),
            business_day: day(20_260_507),
        }
    }

    fn when(&self) -> When {
        let id = JournalId::new(NOW, &*self.services.rng);
        When {
            id,
            posting_day: self.today(),
            business_day: self.today(),
        }
    }

    async fn wide(&self, gifts: &[GiftBooking]) {
        let mut writer = BulkWriter::open(&self.services.db).await.expect("a wide writer");
        let mut cache = AccountCache::new();
        let mut tx = writer.begin().await.expect("begins");
        cache
            .ensure_gifts(&mut tx, gifts, NOW, &*self.services.rng)
            .await
            .expect("accounts");
        let mut batch = Batch::with_capacity(gifts.len());
        for gift in gifts {
            batch.add_gift(gift, &cache).expect("a gift");
        }
        batch.write(&mut tx).await.expect("writes");
        tx.commit().await.expect("commits");
        cache.committed();
    }

    async fn book(&self, journal: &Journal) {
        self.try_book(journal).await.expect("books");
    }

    async fn try_book(&self, journal: &Journal) -> Result<(), LedgerError> {
        let mut tx = self.services.db.begin().await?;
        post(&mut tx, journal, &Header::by_machine(NOW), &self.services).await?;
        tx.commit().await.map_err(Into::into)
    }

    fn spend(&self, fen: i64) -> Journal {
        let what = Expenditure {
            unit: self.unit,
            fund: Some(self.fund),
            project: Some(self.projects[0]),
            campaign: Some(self.campaign),
            purpose: Purpose::Programme,
            restriction: Restriction::Restricted,
            paid_from: Channel::Bank,
            amount: Fen::new(fen),
        };
        expenditure::journal(&what, self.when()).expect("a journal")
    }

    async fn recount(&self) -> Recount {
        recount(&mut self.services.db.snapshot().await.expect("a view"))
            .await
            .expect("counts")
    }

    async fn balance(&self, code: AccountCode) -> Fen {
        let mut at = self.services.db.snapshot().await.expect("a view");
        let part = Part::of(&Scope::Everything, &self.services.tree);
        let table = trial_balance::read(&mut at, &part, self.this_year())
            .await
            .expect("reads");
        assert!(
            table.opening.agree() && table.turnover.agree() && table.closing.agree(),
            "{table:?}"
        );
        assert_eq!(
            trial_balance::sides(&mut at, &part).await.expect("reads"),
            table.closing
        );
        table
            .lines
            .iter()
            .find(|line| line.code == code)
            .map_or(Fen::ZERO, |line| line.closing)
    }
}

fn day(number: i64) -> BusinessDay {
    BusinessDay::from_number(number).expect("a day")
}

db::both!(
    gifts_of_the_wide_path_stand_in_the_books_as_the_ordinary_path_would_write_them,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        let (wide, ordinary) = (
            society.gift(2_000, Channel::Wechat),
            society.gift(3_050, Channel::Wechat),
        );
        society.wide(&[wide]).await;
        society.book(&ordinary.journal().expect("a journal")).await;
        let mut at = society.services.db.snapshot().await.expect("a view");
        for gift in [wide, ordinary] {
            let id = JournalId::from_bytes(gift.gift.bytes());
            assert_eq!(
                entries(&mut at, id).await.expect("reads"),
                gift.journal().expect("a journal").entries()
            );
        }
        assert_eq!(
            society.balance(AccountCode::PAYMENT_INSTITUTIONS).await,
            Fen::new(5_050)
        );
        assert_eq!(
            society.balance(AccountCode::DONATIONS_RESTRICTED).await,
            Fen::new(-5_050)
        );
        let recount = society.recount().await;
        assert!(recount.agrees(), "{recount:?}");
        assert_eq!((recount.postings, recount.balances), (4, 2));
    }
);

db::both!(
    money_only_passed_on_is_no_income,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        society
            .wide(&[GiftBooking {
                restriction: Restriction::None,
                ..society.gift(900, Channel::Bank)
            }])
            .await;
        let what = Agency {
            unit: society.unit,
            fund: Some(society.fund),
            channel: Channel::Bank,
            amount: Fen::new(400),
        };
        society
            .book(&agency::paid(&what, society.when()).expect("a journal"))
            .await;
        assert_eq!(society.balance(AccountCode::BANK_AGENCY).await, Fen::new(500));
        assert_eq!(society.balance(AccountCode::BANK).await, Fen::ZERO);
        let mut at = society.services.db.snapshot().await.expect("a view");
        let part = Part::of(&Scope::Everything, &society.services.tree);
        let lines = activities::read(&mut at, &part, Month::of(society.today()))
            .await
            .expect("reads");
        assert!(lines.iter().all(|line| line.amounts == Default::default()), "{lines:?}");
        assert!(society.recount().await.agrees());
    }
);

db::both!(
    a_year_of_books_reads_as_its_statements,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        let gift = society.gift(100_000, Channel::Wechat);
        let other = GiftBooking {
            project: society.projects[1],
            campaign: None,
            unit: society.county,
            restriction: Restriction::Unrestricted,
            ..society.gift(77_000, Channel::Bank)
        };
        society.wide(&[gift, other]).await;
        let share = Share {
            fund: Some(society.fund),
            arrived: Fen::new(99_400),
            fee: Fen::new(600),
            fee_restriction: Restriction::Restricted,
        };
        society
            .book(&settlement::journal(society.unit, &[share], society.when()).expect("a journal"))
            .await;
        society.book(&society.spend(83_880)).await;
        society
            .book(&gift_refunded::journal(&gift, Fen::new(10_000), society.when()).expect("a journal"))
            .await;
        let lifted = restriction_lifted::journal(society.unit, Some(society.fund), Fen::new(500), society.when());
        society.book(&lifted.expect("a journal")).await;

        assert_eq!(
            society.balance(AccountCode::BANK).await,
            Fen::new(99_400 - 83_880 + 77_000)
        );
        let mut at = society.services.db.snapshot().await.expect("a view");
        let tree = &society.services.tree;
        let all = Part::of(&Scope::Everything, tree);
        let rates = use_rate::read(&mut at, &all, society.this_year(), By::Project)
            .await
            .expect("reads");
        let of = |project| {
            rates
                .iter()
                .find(|r| r.subject == Subject::Project(Some(project)))
                .expect("a line")
        };
        assert_eq!(
            (of(society.projects[0]).income, of(society.projects[0]).spent),
            (Fen::new(90_000), Fen::new(83_880))
        );
        assert_eq!(of(society.projects[0]).per_mille, Some(932), "93.2 %");
        assert_eq!(of(society.projects[1]).per_mille, Some(0));
        let campaign = use_rate::read(&mut at, &all, society.this_year(), By::Campaign)
            .await
            .expect("reads");
        assert!(
            campaign
                .iter()
                .any(|r| r.subject == Subject::Campaign(Some(society.campaign)) && r.per_mille == Some(932))
        );
        let nothing = Period {
            from: day(20_250_101),
            to: day(20_251_231),
        };
        let total = use_rate::read(&mut at, &all, nothing, By::Total).await.expect("reads");
        assert_eq!((total.len(), total[0].per_mille), (1, None), "no income, no rate");

        let county = Scope::below(society.county);
        let rates = use_rate::read(&mut at, &Part::of(&county, tree), society.this_year(), By::Unit)
            .await
            .expect("reads");
        assert_eq!(
            rates.iter().map(|r| (r.subject, r.income)).collect::<Vec<_>>(),
            [(Subject::Unit(society.county), Fen::new(77_000))]
        );

        let lines = activities::read(&mut at, &all, Month::of(society.today()))
            .await
            .expect("reads");
        let get = |key: &str| lines.iter().find(|l| l.key == key).expect("a line").amounts;
        assert_eq!(get("donations").month.restricted, Fen::new(90_000));
        assert_eq!(get("donations").year.unrestricted, Fen::new(77_000));
        assert_eq!(get("fundraising").month.restricted, Fen::new(600));
        assert_eq!(
            (get("lifted").month.restricted, get("lifted").month.unrestricted),
            (Fen::new(-500), Fen::new(500))
        );
        assert_eq!(get("change").year.total(), Ok(Fen::new(90_000 + 77_000 - 83_880 - 600)));
        let june = activities::read(&mut at, &all, Month::of(day(20_260_615)))
            .await
            .expect("reads");
        assert_eq!(june[0].amounts.month, Default::default());
        assert_eq!(june[0].amounts.year.total(), Ok(Fen::new(167_000)));
        assert!(society.recount().await.agrees());
    }
);

db::both!(
    an_account_is_walked_page_by_page_without_gaps_or_repeats,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        let gifts: Vec<GiftBooking> = (1..=25).map(|n| society.gift(n * 100, Channel::Alipay)).collect();
        society.wide(&gifts).await;
        let mut at = society.services.db.snapshot().await.expect("a view");
        let part = Part::of(&Scope::Everything, &society.services.tree);
        let (mut cursor, mut seen) = (None, Vec::new());
        loop {
            let code = AccountCode::DONATIONS_RESTRICTED;
            let page = account_ledger::read(&mut at, &part, code, society.this_year(), cursor, 7)
                .await
                .expect("reads");
            seen.extend(page.entries.iter().map(|e| (e.journal.bytes(), e.amount)));
            assert!(
                page.entries
                    .iter()
                    .all(|e| e.business_day == day(20_260_507) && e.line == 2)
            );
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let mut expected: Vec<_> = gifts
            .iter()
            .map(|g| (g.gift.bytes(), Fen::new(-g.amount.get())))
            .collect();
        expected.sort_unstable();
        assert_eq!(seen, expected);
    }
);

db::both!(
    a_journal_is_stored_once_and_reversed_once,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        let spent = society.spend(1_000);
        society.book(&spent).await;
        let again = society.try_book(&spent).await;
        assert!(
            matches!(again, Err(LedgerError::Db(DbError::Duplicate(_)))),
            "{again:?}"
        );
        let undone = reversal::journal(spent.id(), spent.entries(), society.when()).expect("a journal");
        society.book(&undone).await;
        assert_eq!(society.balance(AccountCode::PROGRAMME_RESTRICTED).await, Fen::ZERO);
        let twice = reversal::journal(spent.id(), spent.entries(), society.when()).expect("a journal");
        let twice = society.try_book(&twice).await;
        assert!(
            matches!(twice, Err(LedgerError::Db(DbError::Duplicate(_)))),
            "{twice:?}"
        );
        assert!(society.recount().await.agrees());
    }
);

db::both!(
    postings_and_journals_can_be_neither_changed_nor_deleted,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        society.book(&society.spend(1_000)).await;
        for sql in [
            "UPDATE posting SET amount_fen = amount_fen + 1",
            "DELETE FROM posting",
            "UPDATE journal SET kind = 'opening'",
            "DELETE FROM journal",
        ] {
            let mut tx = society.services.db.begin().await.expect("begins");
            assert!(tx.execute(sql, params![]).await.is_err(), "{sql}");
        }
    }
);

db::both!(
    the_recount_finds_a_hand_in_the_balances_and_a_journal_that_is_not_zero,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        society.book(&society.spend(1_000)).await;
        let mut tx = society.services.db.begin().await.expect("begins");
        tx.execute(
            "UPDATE book_balance SET debit_fen = debit_fen + 1 WHERE debit_fen > 0",
            params![],
        )
        .await
        .expect("a hand");
        let stray = JournalId::new(NOW, &*society.services.rng);
        tx.execute(
            "INSERT INTO posting (journal_id, line, account_id, amount_fen, kind, posting_day, business_day)
         SELECT ?1, 1, account_id, 5, 'opening', day, day FROM book_balance WHERE credit_fen > 0",
            params![(stray,)],
        )
        .await
        .expect("a hand");
        tx.commit().await.expect("commits");
        let found = society.recount().await;
        assert_eq!(found.unbalanced, [stray]);
        assert_eq!(found.differences.len(), 2);
        assert!(
            found
                .differences
                .iter()
                .any(|d| d.kept.0 == Fen::new(1_001) && d.counted.0 == Fen::new(1_000))
        );
    }
);

db::both!(
    an_account_made_in_a_rolled_back_batch_is_made_again,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        let mut writer = BulkWriter::open(&society.services.db).await.expect("a wide writer");
        let mut cache = AccountCache::new();
        let gift = society.gift(100, Channel::Cash);
        for attempt in 0..3 {
            let mut tx = writer.begin().await.expect("begins");
            cache
                .ensure_gifts(&mut tx, &[gift], NOW, &*society.services.rng)
                .await
                .expect("accounts");
            let mut batch = Batch::new();
            batch.add_gift(&gift, &cache).expect("a gift");
            batch.write(&mut tx).await.expect("writes");
            match attempt {
                0 => drop(tx), // and nobody tells the cache
                1 => {
                    drop(tx);
                    cache.rolled_back();
                    assert!(cache.is_empty());
                }
                _ => {
                    tx.commit().await.expect("commits");
                    cache.committed();
                }
            }
        }
        assert_eq!(cache.len(), 2);
        assert_eq!(society.balance(AccountCode::CASH).await, Fen::new(100));
        let mut at = society.services.db.snapshot().await.expect("a view");
        let row = at
            .query_one("SELECT COUNT(*) AS n FROM book_account", params![])
            .await
            .expect("reads")
            .expect("a row");
        assert_eq!(row.int("n").expect("a number"), 2);
    }
);

/// A random history: gifts in batches, refunds, spending, settlements, reversals, batches given back.
async fn random_history(society: &Society, seed: u64) {
    let chance = SeededRng::new(seed);
    let pick = |n: u64| chance.below(n);
    let fen = || i64::try_from(chance.below(500_000)).expect("small") + 1;
    let mut writer = BulkWriter::open(&society.services.db).await.expect("a wide writer");
    let mut cache = AccountCache::new();
    let (mut given, mut spent): (Vec<GiftBooking>, Vec<Journal>) = (Vec::new(), Vec::new());
    for _ in 0..12 {
        let batch_gifts: Vec<GiftBooking> = (0..=pick(8))
            .map(|_| {
                let channel = Channel::ALL[usize::try_from(pick(8)).expect("small")];
                let restriction = [Restriction::Restricted, Restriction::Unrestricted, Restriction::None]
                    [usize::try_from(pick(3)).expect("small")];
                let project = society.projects[usize::try_from(pick(2)).expect("small")];
                let unit = if pick(3) == 0 { society.county } else { society.unit };
                GiftBooking {
                    restriction,
                    project,
                    unit,
                    ..society.gift(fen(), channel)
                }
            })
            .collect();
        let refund = given.get(usize::try_from(pick(40)).expect("small")).map(|of| {
            let part = Fen::new(of.amount.get() / 2 + 1);
            gift_refunded::journal(of, part, society.when()).expect("a journal")
        });
        let mut dims: Vec<_> = batch_gifts.iter().flat_map(GiftBooking::dims).collect();
        dims.extend(
            refund
                .iter()
                .flat_map(|journal| journal.entries().iter().map(|e| e.dims)),
        );
        let mut tx = writer.begin().await.expect("begins");
        cache
            .ensure(&mut tx, &dims, NOW, &*society.services.rng)
            .await
            .expect("accounts");
        let mut batch = Batch::new();
        for gift in &batch_gifts {
            batch.add_gift(gift, &cache).expect("a gift");
        }
        if let Some(refund) = &refund {
            batch.add(refund, &Header::by_machine(NOW), &cache).expect("a refund");
        }
        batch.write(&mut tx).await.expect("writes");
        if pick(4) == 0 {
            drop(tx);
            cache.rolled_back();
        } else {
            tx.commit().await.expect("commits");
            cache.committed();
            given.extend(batch_gifts);
        }
        match pick(3) {
            0 => {
                let journal = society.spend(fen());
                society.book(&journal).await;
                spent.push(journal);
            }
            1 => {
                let fee = Fen::new(i64::try_from(pick(3)).expect("small"));
                let share = |fund| Share {
                    fund,
                    arrived: Fen::new(fen()),
                    fee,
                    fee_restriction: Restriction::None,
                };
                let shares = [share(None), share(Some(society.fund))];
                society
                    .book(&settlement::journal(society.unit, &shares, society.when()).expect("a journal"))
                    .await;
            }
            _ => {
                if let Some(of) = spent.pop() {
                    let undone = reversal::journal(of.id(), of.entries(), society.when()).expect("a journal");
                    society.book(&undone).await;
                }
            }
        }
    }
}

db::both!(
    after_any_history_the_books_balance_and_the_recount_agrees,
    &all_migrations(),
    async |test: TestDb| {
        let society = Society::new(&test);
        for seed in 0..6 {
            random_history(&society, seed).await;
            let found = society.recount().await;
            assert!(found.agrees() && found.postings > 0, "seed {seed}: {found:?}");
            society.balance(AccountCode::BANK).await;
        }
    }
);
