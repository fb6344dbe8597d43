//! `qiao simulate`: giving days with made-up donors, through the real intake.

use std::time::Duration;

use giving::donations::intake::prepare;
use giving::donations::{Incoming, Outcome, Payer, Source};
use kernel::id::public;
use kernel::region::RegionLevel;
use kernel::{BusinessDay, Fen};
use serde_json::json;

use super::user;
use crate::app::App;
use crate::output::{Done, Failure, Out};
use crate::simulate::region::{self, DAYS, Size, expected};
use crate::simulate::{CHANNELS, MadeUpGift, giving_day, setting};

/// What to play.
#[derive(clap::Subcommand)]
pub enum Command {
    /// A giving day: counties, a filed campaign, four projects in two themes, and their gifts.
    GivingDay(Args),
    /// A province's three days on a clock of their own: its cities and counties, 208 projects, 210,000 gifts on our page
    /// and on a platform that matches, villages and firms off line; the boards of each day are frozen.
    Region(RegionArgs),
}

/// What `simulate region` is told.
#[derive(clap::Args)]
pub struct RegionArgs {
    /// Thousandths of the full size, in tens: every size keeps the proportions to the fen.
    #[arg(long, default_value_t = 1_000)]
    share_permille: i64,
    /// The same seed gives the same numbers, amounts, names and times.
    #[arg(long, default_value_t = 4)]
    seed: u64,
    /// The first of the three days; all three must be over.
    #[arg(long, default_value = "2026-08-02")]
    from: String,
    /// The public id of the province's unit; by default the one made by `init`.
    #[arg(long)]
    unit: Option<String>,
}

/// What `simulate giving-day` is told.
#[derive(clap::Args)]
pub struct Args {
    /// How many gifts.
    #[arg(long, default_value_t = 38_000)]
    gifts: usize,
    /// Their sum in yuan.
    #[arg(long, default_value = "1061100.00")]
    sum_yuan: String,
    /// The same seed gives the same numbers, amounts, names and times.
    #[arg(long, default_value_t = 58)]
    seed: u64,
    /// The business day.
    #[arg(long, default_value = "2026-05-08")]
    day: String,
    /// Gifts a second; 0 is as fast as it goes.
    #[arg(long, default_value_t = 0)]
    per_second: u64,
    /// The unit's public id; by default the one made by `init`.
    #[arg(long)]
    unit: Option<String>,
}

/// The most gifts a simulated day may have: they are made up in memory, some 200 bytes each.
const GIFTS_MAX: usize = 5_000_000;
/// Gifts handed to the intake at once when speed does not matter.
const CHUNK: usize = 500;
/// How often a paced simulation hands gifts over.
const TICKS_PER_SECOND: u64 = 20;

/// Plays.
pub async fn run(app: &App, command: Command, out: &Out) -> Done {
    match command {
        Command::GivingDay(args) => a_giving_day(app, args, out).await,
        Command::Region(args) => a_region(app, args, out).await,
    }
}

/// The largest size: five times M-04.
const PERMILLE_MAX: i64 = 5_000;

async fn a_region(app: &App, args: RegionArgs, out: &Out) -> Done {
    let from = BusinessDay::parse(&args.from).map_err(|e| Failure::Usage(format!("--from: {e}")))?;
    let permille = args.share_permille;
    if !(10..=PERMILLE_MAX).contains(&permille) || permille % 10 != 0 {
        return Err(Failure::Usage(format!(
            "--share-permille is a multiple of ten from 10 to {PERMILLE_MAX}"
        )));
    }
    let size = Size {
        permille,
        seed: args.seed,
        from,
    };
    if size.day(DAYS) > app.services.now().business_day() {
        return Err(Failure::Usage("--from: the three days must be over".into()));
    }
    if app.reactions_run {
        return Err(Failure::Refused(
            "a server runs on this data folder; the three days have a clock of their own, stop it first".into(),
        ));
    }
    let unit = user::unit(app, args.unit.as_deref()).await?;
    let own = {
        let mut at = app.services.db.snapshot().await?;
        governance::network::store::unit(&mut at, unit).await?
    };
    let province = own
        .map(|own| own.region)
        .filter(|region| region.level() == RegionLevel::Province);
    let land = province.map(region::plan::Land::of).filter(|land| land.counties() > 0);
    let land = land.ok_or_else(|| {
        Failure::Usage("the unit must be a province’s, with counties: `qiao init --region 510000`".into())
    })?;
    let plan = tokio::task::spawn_blocking(move || region::plan::draw(size, land)).await?;
    let made = region::play::play(app, unit, &plan, out).await?;
    let campaign = public(&*app.services.keys, made.campaign);
    let link = format!("{}/c/{campaign}", app.services.base_url);
    let mut document = expected::document(&plan, &made.ids(&app.services));
    document["campaign"] = json!(campaign);
    document["url"] = json!(link);
    out.result(&document, || {
        let of = |pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
        format!(
            "{} gifts on line, {} events off line, {} matches of the platform; the boards of {DAYS} days are frozen\n{link}",
            of("/online/gifts"),
            of("/offline/events"),
            of("/matched/matches")
        )
    });
    Ok(())
}

async fn a_giving_day(app: &App, args: Args, out: &Out) -> Done {
    let sum = Fen::parse_yuan(&args.sum_yuan).map_err(|e| Failure::Usage(format!("--sum-yuan: {e}")))?;
    let day = BusinessDay::parse(&args.day).map_err(|e| Failure::Usage(format!("--day: {e}")))?;
    if args.gifts == 0 || args.gifts > GIFTS_MAX || sum.get() < args.gifts as i64 {
        return Err(Failure::Usage(format!(
            "--gifts must be 1 to {GIFTS_MAX}, and --sum-yuan must give each at least one fen"
        )));
    }
    let unit = user::unit(app, args.unit.as_deref()).await?;
    let setting = setting::prepare(&app.services, unit, day).await?;
    app.intake.directory().reload(&app.services).await?;
    let weights: Vec<u64> = setting.projects.iter().map(|p| p.1).collect();
    let gifts = tokio::task::spawn_blocking({
        let (count, seed) = (args.gifts, args.seed);
        move || giving_day(count, sum, seed, day, &weights)
    })
    .await?;
    let campaign = public(&*app.services.keys, setting.campaign);
    let link = format!("{}/c/{campaign}", app.services.base_url);
    out.say(format!("watch it: {link}"));
    let chunk = match args.per_second {
        0 => CHUNK,
        rate => usize::try_from(rate / TICKS_PER_SECOND)
            .unwrap_or(CHUNK)
            .clamp(1, CHUNK),
    };
    let mut ticks = tokio::time::interval(Duration::from_millis(1_000 / TICKS_PER_SECOND));
    let (mut new, mut known, mut held, mut last) = (0u64, 0u64, 0u64, None);
    for (at, part) in gifts.chunks(chunk).enumerate() {
        if args.per_second > 0 {
            ticks.tick().await;
        }
        let prepared: Result<Vec<_>, _> = part
            .iter()
            .map(|gift| prepare(incoming(app, unit, &setting, gift)?, &app.services).map_err(Failure::from))
            .collect();
        for outcome in app.intake.submit_many(prepared?, None).await? {
            match outcome {
                Outcome::Recorded(gift) => {
                    new += 1;
                    last = Some(gift);
                }
                Outcome::Known(gift) => {
                    known += 1;
                    last = Some(gift);
                }
                Outcome::Held { .. } => held += 1,
            }
        }
        if (at + 1) * chunk % 5_000 < chunk {
            out.say(format!(
                "{} of {} gifts",
                ((at + 1) * chunk).min(args.gifts),
                args.gifts
            ));
        }
    }
    app.settle().await?;
    let certificate = last
        .map(giving::donations::certificate_id)
        .map(|id| public(&*app.services.keys, id));
    let directory = app.intake.directory();
    let codes = setting.projects.iter().filter_map(|(id, _)| directory.project(*id));
    let projects: Vec<String> = codes.map(|project| project.code.clone()).collect();
    let document = json!({
        "gifts": args.gifts, "sum_fen": sum, "seed": args.seed, "day": day,
        "gifts_new": new, "gifts_known": known, "held": held,
        "campaign": campaign, "projects": projects, "url": link, "certificate": certificate,
    });
    out.result(&document, || {
        let mut words = format!(
            "{} gifts, {sum} yuan: {new} new, {known} known, {held} held\n{link}",
            args.gifts
        );
        if let Some(id) = &certificate {
            words += &format!("\nthe last gift’s certificate: {}/v/{id}", app.services.base_url);
        }
        words
    });
    Ok(())
}

fn incoming(
    app: &App,
    unit: kernel::UnitId,
    setting: &setting::Setting,
    gift: &MadeUpGift,
) -> Result<Incoming, Failure> {
    let channel = CHANNELS[gift.channel].0.parse()?;
    let account = app.intake.directory().account_for(unit, channel);
    let account = account.ok_or_else(|| Failure::Refused(format!("the unit has no open account for {channel}")))?;
    Ok(Incoming {
        account: account.id,
        project: setting.projects[gift.project].0,
        trade_no: gift.trade_no.clone(),
        amount: gift.amount,
        paid_at: gift.paid_at,
        business_day: gift.paid_at.business_day(),
        payer: Payer {
            name: gift.name.clone(),
            ..Payer::default()
        },
        anonymous: gift.name.is_none(),
        receipt: None,
        source: Source::Notice,
    })
}
