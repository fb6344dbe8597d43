/** The number that matters now: of today, or of one campaign. */
import { useMemo } from "react";
import type { Freshness } from "../lib/freshness";
import type { Outlines } from "../lib/geo";
import { dayOf, minute } from "../lib/moments";
import { type Unit, grow, startAt } from "../lib/tree";
import type { Books, Campaign, CampaignInfo, CampaignTotals, Home, Latest } from "../shapes";
import * as sources from "../sources";
import { Bar, Hero, Money, Panel, Plain, count, useDayWord, useFigures, useWall } from "../ui";
import type { Say } from "../words";
import { Areas } from "./Areas";

const RANK_ROWS = 6;
const COUNTY_ROWS = 4;
/** Campaigns and projects together, under two titles. */
const LEFT_ROWS = 6;
const LATEST_ROWS = 8;

export const Now = ({ campaign, outlines }: { campaign?: string | undefined; outlines: Outlines | null }) =>
  campaign ? <OfCampaign id={campaign} outlines={outlines} /> : <OfAll outlines={outlines} />;

function OfAll({ outlines }: { outlines: Outlines | null }) {
  const { say } = useWall();
  const home = useFigures<Home>(sources.home);
  const dayWord = useDayWord();
  const { value } = home;
  if (!value || !home.as_of) return <Panel title={say("all")} state={home.freshness} as_of={home.as_of}><Plain>{say("waiting")}</Plain></Panel>;
  return (
    <div className="thirds">
      <div className="piled">
        <Panel title={say("campaigns")} state={home.freshness} as_of={home.as_of}>
          {value.campaigns.length === 0 ? <Plain>{say("campaigns_none")}</Plain> : (
            <ol className="ranks">{value.campaigns.slice(0, sources.NAMED_MAX).map((one) => <CampaignRow key={one.public_id} id={one.public_id} fen={one.total_fen} permille={one.progress_permille} />)}</ol>
          )}
        </Panel>
        <Projects home={value} most={LEFT_ROWS - value.campaigns.length} state={home.freshness} as_of={home.as_of} />
      </div>
      <section className={`centre ${home.freshness}`}>
        <Hero label={say("given_on", { day: dayWord(home.as_of) })} fen={value.today_fen} sub={say("times", { count: count(value.today_gifts) })} />
        <dl className="pair">
          <div><dt>{say("total_ever")}</dt><dd><Money fen={value.total_fen} /></dd></div>
          <div><dt>{say("times_ever")}</dt><dd>{count(value.gifts)}</dd></div>
        </dl>
        <Below outlines={outlines} />
      </section>
      <LatestPanel latest={value.latest} state={home.freshness} as_of={home.as_of} rows={LATEST_ROWS} />
    </div>
  );
}

function CampaignRow({ id, fen, permille }: { id: string; fen: number; permille: number | null }) {
  const { say } = useWall();
  const info = useFigures<CampaignInfo>(sources.info(id));
  return (
    <li>
      <p className="name">{info.value?.plan.title ?? say("unnamed")}</p>
      <p className="figures"><Money fen={fen} /><span>{permille === null ? "" : say("of_target", { percent: percentOf(permille) })}</span></p>
      {permille !== null && <Bar permille={permille} marked />}
    </li>
  );
}

/** The largest projects whose campaigns are named above; a mother project with its sub-projects, as its card counts. */
function Projects({ home, most, state, as_of }: { home: Home; most: number; state: Freshness; as_of: string }) {
  const { feeds, say } = useWall();
  const infos = home.campaigns.slice(0, sources.NAMED_MAX).flatMap((one) => feeds.get<CampaignInfo>(sources.info(one.public_id).key)?.kept?.value.projects ?? []);
  const named = new Map(infos.filter((one) => one.mother === null).map((one) => [one.id, one.title]));
  const all = home.projects.filter((one) => named.has(one.public_id)).sort((a, b) => b.total_fen - a.total_fen);
  if (most < 1 || all.length === 0) return null;
  const largest = Math.max(1, all[0]?.total_fen ?? 1);
  return (
    <Panel title={say("by_project")} state={state} as_of={as_of} note={restOf(say, all, most)}>
      <ol className="ranks">
        {all.slice(0, most).map((one) => (
          <li key={one.public_id}>
            <p className="name">{named.get(one.public_id)}</p>
            <p className="figures"><Money fen={one.total_fen} /><span>{say("times", { count: count(one.gifts) })}</span></p>
            <Bar permille={Math.floor((one.total_fen * 1_000) / largest)} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const percentOf = (permille: number): string => (permille % 10 === 0 ? String(permille / 10) : (permille / 10).toFixed(1));

function OfCampaign({ id, outlines }: { id: string; outlines: Outlines | null }) {
  const { say } = useWall();
  const live = useFigures<Campaign>(sources.campaign(id));
  const info = useFigures<CampaignInfo>(sources.info(id));
  const totals = useFigures<CampaignTotals>(sources.totals(id));
  const dayWord = useDayWord();
  if (live.freshness === "missing") return <Panel title={say("campaign")} state="missing" as_of={undefined}><Plain>{say("campaign_missing", { id })}</Plain></Panel>;
  const { value } = live;
  if (!value || !live.as_of) return <Panel title={info.value?.plan.title ?? say("campaign")} state={live.freshness} as_of={live.as_of}><Plain>{say("waiting")}</Plain></Panel>;
  const day = totals.as_of ? dayOf(new Date(totals.as_of)) : null;
  const today = day === null ? undefined : (totals.value?.by_day.find((one) => one.day === day) ?? { gifts: 0, sum_fen: 0 });
  return (
    <div className="thirds">
      <Panel title={say("by_project")} state={live.freshness} as_of={live.as_of} note={restOf(say, value.projects, RANK_ROWS)}>
        <Ranks rows={value.projects} most={RANK_ROWS} empty={say("ranks_empty")} />
      </Panel>
      <section className={`centre ${live.freshness}`}>
        <Hero label={info.value ? say("given_to", { title: info.value.plan.title }) : say("given_so_far")} fen={value.total_fen} sub={<Standing info={info.value} permille={value.progress_permille} gifts={value.gifts} />} />
        {value.progress_permille !== null && <Bar permille={value.progress_permille} marked />}
        <dl className="pair">
          <div><dt>{totals.as_of ? say("given_on", { day: dayWord(totals.as_of) }) : say("waiting")}</dt><dd>{today && <Money fen={today.sum_fen} />}</dd></div>
          <div><dt>{say("today_times")}</dt><dd>{today && count(today.gifts)}</dd></div>
        </dl>
        <Below campaign={id} outlines={outlines} />
      </section>
      <div className="stacked">
        <Panel title={say("by_county")} state={live.freshness} as_of={live.as_of} note={restOf(say, value.counties, COUNTY_ROWS)}>
          <Ranks rows={value.counties} most={COUNTY_ROWS} empty={say("ranks_empty")} />
        </Panel>
        <LatestPanel latest={value.latest} state={live.freshness} as_of={live.as_of} rows={2} />
      </div>
    </div>
  );
}

function Standing({ info, permille, gifts }: { info: CampaignInfo | undefined; permille: number | null; gifts: number }) {
  const { say } = useWall();
  const parts = [say("times", { count: count(gifts) })];
  if (permille !== null) parts.push(say("of_target", { percent: percentOf(permille) }));
  if (info && ["ended", "settled"].includes(info.state)) parts.push(say("ended"));
  return <>{parts.join(" · ")}</>;
}

/** How many more there are than stand here. */
const restOf = (say: Say, rows: unknown[], most: number) => (rows.length > most ? say("of_rows", { shown: most, all: rows.length }) : undefined);

function Ranks({ rows, empty, most }: { rows: Campaign["projects"]; empty: string; most: number }) {
  const { say } = useWall();
  if (rows.length === 0) return <Plain>{empty}</Plain>;
  return (
    <ol className="ranks">
      {rows.slice(0, most).map((row) => (
        <li key={row.public_id}>
          <p className="name"><b>{row.place}</b>{row.name}</p>
          <p className="figures"><Money fen={row.total_fen} /><span>{say("times", { count: count(row.gifts) })}</span></p>
          <Bar permille={row.share_permille} />
        </li>
      ))}
    </ol>
  );
}

function LatestPanel({ latest, state, as_of, rows }: { latest: Latest[] | undefined; state: Freshness; as_of: string; rows: number }) {
  const { say } = useWall();
  return (
    <Panel title={say("latest")} state={state} as_of={as_of}>
      {!latest || latest.length === 0 ? <Plain>{say(latest ? "latest_none" : "latest_not_kept")}</Plain> : (
        <ol className="latest">
          {latest.slice(0, rows).map((gift) => (
            <li key={`${gift.at}${gift.amount_fen}${gift.who}${gift.to}`}>
              <p className="figures"><span className="who">{gift.who ?? say("anonymous")}</span><Money fen={gift.amount_fen} /></p>
              <p className="to"><span>{gift.to}</span><time>{minute(gift.at)}</time></p>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** The counties under the number: enough to see where it comes from. */
function Below({ campaign, outlines }: { campaign?: string; outlines: Outlines | null }) {
  const { say } = useWall();
  const units = useFigures<Unit[]>(sources.units);
  const sums = useFigures<CampaignTotals | Books>(campaign ? sources.totals(campaign) : sources.books);
  const tree = useMemo(() => grow(units.value ?? [], sources.figuresOf(sums.value)), [units.value, sums.value]);
  const at = startAt(tree);
  if (!at || !sums.value) return <Plain>{sums.freshness === "missing" ? say("sums_missing") : say("waiting")}</Plain>;
  return <div className={`below ${sums.freshness}`}><Areas tree={tree} at={at} outlines={outlines} width={772} height={340} /></div>;
}
