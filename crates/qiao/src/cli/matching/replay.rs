//! `match replay`: every decision recomputed, from this installation, from files, or from any house's public interface.
//! Of the last two anybody is capable, without a data folder.

use std::path::PathBuf;

use giving::matching::rules::{self, PoolRecord, RecordedGift, RecordedRow};
use kernel::Fen;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Line, campaign_of, every, lines};
use crate::app::App;
use crate::client::Client;
use crate::output::{Done, Failure, Out};

/// What `match replay` is told.
#[derive(clap::Args)]
pub struct ReplayArgs {
    /// Only pools of this campaign, by its public id; all without.
    #[arg(long)]
    campaign: Option<String>,
    /// Exported decisions, once for each pool where each has its file; this installation's own without.
    #[arg(long, requires = "gifts")]
    decisions: Vec<PathBuf>,
    /// Exported gifts, likewise.
    #[arg(long, requires = "decisions")]
    gifts: Vec<PathBuf>,
    /// A pool as any house publishes it, `https://HOUSE/api/v1/match/pools/CODE`; once for each pool. Pools that matched the
    /// same gifts and do not add up are recomputed together.
    #[arg(long, conflicts_with_all = ["campaign", "decisions", "gifts"])]
    url: Vec<String>,
    /// All published pools of a campaign, by the address of its page, `https://HOUSE/c/CAMPAIGN`; once for each campaign.
    #[arg(long, conflicts_with_all = ["campaign", "decisions", "gifts"])]
    of: Vec<String>,
}

impl ReplayArgs {
    /// Whether all that is needed comes from outside, so that no installation is asked.
    pub const fn is_apart(&self) -> bool {
        !self.decisions.is_empty() || !self.url.is_empty() || !self.of.is_empty()
    }
}

/// Differences printed as words; the document has them all.
const DIFFERENCES_SAID: usize = 20;

/// What is recomputed.
#[derive(Default)]
struct Recorded {
    pools: Vec<PoolRecord>,
    rows: Vec<RecordedRow>,
    gifts: Vec<RecordedGift>,
}

impl Recorded {
    fn take(&mut self, line: Line) {
        match line {
            Line::Pool(pool) => self.pools.push(*pool),
            Line::Row(row) => self.rows.push(*row),
        }
    }
}

/// Recomputes what files or addresses hold, or this installation. Without one `app` is none.
pub async fn run(app: Option<&App>, args: ReplayArgs, out: &Out) -> Done {
    let mut recorded = Recorded::default();
    for path in &args.decisions {
        lines(&out.cwd.join(path))?
            .into_iter()
            .for_each(|line| recorded.take(line));
    }
    for path in &args.gifts {
        recorded.gifts.extend(lines::<RecordedGift>(&out.cwd.join(path))?);
    }
    let client = Client::new();
    let mut urls: Vec<String> = args
        .url
        .iter()
        .map(|url| url.trim_end_matches('/').to_owned())
        .collect();
    for page in &args.of {
        let (house, campaign) = campaign_at(page)?;
        let list = format!("{house}/api/v1/match/campaigns/{campaign}/pools");
        fetched(&client, &list, |pools: Vec<Listed>| {
            urls.extend(
                pools
                    .iter()
                    .map(|pool| format!("{house}/api/v1/match/pools/{}", pool.code)),
            );
        })
        .await?;
    }
    // A pool that is named twice would differ from itself.
    urls.sort_unstable();
    urls.dedup();
    for url in &urls {
        fetched(&client, &format!("{url}/decisions"), |line| recorded.take(line)).await?;
        fetched(&client, &format!("{url}/gifts"), |gift| recorded.gifts.push(gift)).await?;
    }
    if let Some(app) = app.filter(|_| !args.is_apart()) {
        let campaign = campaign_of(app, args.campaign.as_deref())?;
        every(app, campaign, |line, gift| {
            recorded.take(line);
            recorded.gifts.extend(gift);
            Ok(())
        })
        .await?;
    }
    told(&recorded, out)
}

/// A pool in a campaign's list: its word is all that is needed.
#[derive(serde::Deserialize)]
struct Listed {
    code: String,
}

/// The house and the public id in the address of a campaign's page.
fn campaign_at(page: &str) -> Result<(&str, &str), Failure> {
    let page = page.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let parts = page.rsplit_once("/c/");
    parts
        .filter(|(house, campaign)| house.contains("://") && !campaign.is_empty() && !campaign.contains('/'))
        .ok_or_else(|| {
            Failure::Usage(format!(
                "--of {page}: the address of a campaign’s page is expected, https://HOUSE/c/CAMPAIGN"
            ))
        })
}

/// Every line at an address as a value.
async fn fetched<T: DeserializeOwned>(client: &Client, url: &str, mut take: impl FnMut(T)) -> Done {
    let mut at = 0;
    let read = |line: &[u8]| -> Result<(), String> {
        at += 1;
        if !line.trim_ascii().is_empty() {
            take(serde_json::from_slice(line).map_err(|e| format!("line {at}: {e}"))?);
        }
        Ok(())
    };
    client
        .lines(url, read)
        .await
        .map_err(|why| Failure::Refused(format!("{url}: {why}")))
}

fn told(recorded: &Recorded, out: &Out) -> Done {
    let Recorded { pools, rows, gifts } = recorded;
    let rules::Replayed {
        differences: found,
        sealed_draws,
    } = rules::replay(pools, rows, gifts);
    let given = Fen::sum(pools.iter().map(|pool| pool.given_fen))?;
    let document = json!({
        "pools": pools.len(), "decisions": rows.len(), "given_fen": given, "agrees": found.is_empty(),
        "sealed_draws": sealed_draws, "differences": found,
    });
    out.result(&document, || {
        let mut said = format!("{} pools, {} decisions, {given} yuan given: ", pools.len(), rows.len());
        let sealed = match sealed_draws {
            0 => String::new(),
            n => format!(
                "\n  {n} draws were taken as recorded: the seeds of their pools are published when those close; run it again then"
            ),
        };
        if found.is_empty() {
            return said + "recomputed, agrees to the fen" + &sealed;
        }
        said += &format!("{} differences\n", found.len());
        for one in found.iter().take(DIFFERENCES_SAID) {
            said += &format!(
                "  {} #{} {}: recorded {}, computed {}\n",
                one.pool, one.number, one.what, one.recorded, one.computed
            );
        }
        said + sealed.trim_start_matches('\n')
    });
    if found.is_empty() {
        Ok(())
    } else {
        Err(Failure::Said(
            "the decisions do not agree with their recomputation".into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::campaign_at;

    #[test]
    fn a_campaign_is_found_by_the_address_of_its_page_and_by_no_other() {
        let found = |page| campaign_at(page).ok();
        let expected = Some(("https://example.org", "abc"));
        assert_eq!(found("https://example.org/c/abc"), expected);
        assert_eq!(found("https://example.org/c/abc/?lang=en#projects"), expected);
        for wrong in [
            "https://example.org/p/abc",
            "https://example.org/c/",
            "/c/abc",
            "https://example.org/c/a/pools",
        ] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
    }
}
