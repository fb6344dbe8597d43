import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, takeList } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { yuan } from "../../lib/money";
import { At, Money } from "../../ui/base";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay, useWord } from "../../words";
import { breachesOf } from "../goods/more";
import { pileOf } from "./money";
import { FRESH_MS, type Pile, TASKS_MAX } from "./tasks";

const LIST = { params: { query: { limit: TASKS_MAX } } };
const polled = { refetchInterval: whileHere(FRESH_MS) } as const;
/** Open pools at a time; a society has one or two. */
const POOLS_MAX = 20;

/** Matches that wait for a person, of every open pool. */
export function useMatches(): Pile | null {
  const say = useSay();
  const mine = useMay()("match_approve");
  const pools = useQuery({ queryKey: ["work", "pools"], queryFn: () => takeList(api.GET("/api/v1/match/pools", LIST)), enabled: mine, ...polled });
  const open = (pools.data?.items ?? []).filter((pool) => pool.state === "open" || pool.state === "closing").slice(0, POOLS_MAX);
  const held = useQueries({
    queries: open.map((pool) => ({
      queryKey: ["work", "matches", pool.code],
      queryFn: () => takeList(api.GET("/api/v1/match/pools/{code}/held", { params: { path: { code: pool.code } } })),
    })),
  });
  if (!mine) return null;
  const items = open.flatMap((pool, at) => (held[at]?.data?.items ?? []).map((decision) => ({ pool, decision })));
  const failed = held.find((one) => one.error);
  const read = {
    data: { items, next: null }, isPending: pools.isPending || held.some((one) => one.isPending),
    error: pools.error ?? failed?.error ?? null, refetch: () => [pools.refetch(), failed?.refetch()],
  };
  return pileOf("matches", say("work.matches"), read, ({ pool, decision }) => {
    const at = { params: { path: { code: pool.code, gift: decision.gift ?? "" } } };
    return {
      key: `${pool.code} ${decision.number}`, since: decision.at, gift: decision.gift ?? null,
      what: say("work.match_what", { pool: pool.title, number: decision.number }),
      effect: say("work.match_effect", { sponsor: pool.sponsor, left: yuan(pool.left_fen) }),
      facts: [
        [say("pools.one"), pool.title],
        [say("pools.sponsor"), pool.sponsor],
        [say("pools.left"), <Money key="m" fen={pool.left_fen} />],
        [say("reason"), decision.words],
        [say("work.since"), <At key="t" at={decision.at} />],
      ],
      choices: [
        { key: "release", label: say("work.match_release"), look: "primary", done: say("work.match_released"), run: () => api.POST("/api/v1/match/pools/{code}/held/{gift}/release", at) },
        { key: "refuse", label: say("work.match_refuse"), done: say("work.rejected"), run: () => api.POST("/api/v1/match/pools/{code}/held/{gift}/refuse", at) },
      ],
    };
  });
}

/** Donors' words that nobody has read yet. */
export function useMessages(): Pile | null {
  const say = useSay();
  const name = useWord();
  const mine = useMay()("gift_review");
  const read = useQuery({ queryKey: ["work", "messages"], queryFn: () => takeList(api.GET("/api/v1/messages", LIST)), enabled: mine, ...polled });
  if (!mine) return null;
  return pileOf("messages", say("work.messages"), read, (message) => {
    const at = { params: { path: { order: message.order } } };
    return {
      key: message.order, since: message.written_at, what: message.words, effect: say("work.message_effect"),
      facts: [
        [say("work.message_words"), message.words],
        [say("work.message_held"), message.held_for && name("message_held", message.held_for)],
        [say("work.since"), <At key="t" at={message.written_at} />],
      ],
      choices: [
        { key: "show", label: say("work.message_show"), look: "primary", done: say("work.message_shown"), run: () => api.POST("/api/v1/messages/{order}/show", at) },
        { key: "refuse", label: say("work.message_refuse"), done: say("work.message_refused"), run: () => api.POST("/api/v1/messages/{order}/refuse", at) },
      ],
    };
  });
}

/** Proposals of who gets which goods. */
export function usePlans(): Pile | null {
  const say = useSay();
  const units = useUnits();
  const mine = useMay()("goods_approve");
  const homes = [...new Set(useSession().user.roles.map((role) => role.unit))];
  const plans = useQueries({
    queries: homes.map((unit) => ({
      queryKey: ["work", "plans", unit], enabled: mine, ...polled,
      queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/plans", { params: { path: { unit } } })),
    })),
  });
  if (!mine) return null;
  const items = homes.flatMap((unit, at) =>
    (plans[at]?.data?.items ?? []).filter((plan) => plan.state === "proposed" && !plan.by_case).map((plan) => ({ unit, plan })));
  const failed = plans.find((one) => one.error);
  const read = { data: { items, next: null }, isPending: plans.some((one) => one.isPending), error: failed?.error ?? null, refetch: () => failed?.refetch() };
  return pileOf("plans", say("work.plans"), read, ({ unit, plan }) => {
    const at = { params: { path: { plan: plan.id } } };
    return {
      key: plan.id, since: plan.made_at, what: say("work.plan_what", { unit: units.name(unit), day: plan.day }), effect: say("work.plan_effect"),
      facts: [[say("unit"), units.name(unit)], [say("business_day"), plan.day], [say("work.since"), <At key="t" at={plan.made_at} />]],
      choices: [
        { key: "approve", label: say("work.plan_approve"), look: "primary", done: say("work.approved"), run: () => api.POST("/api/v1/goods/plans/{plan}/decisions", { ...at, body: { decision: "approve" } }) },
        { key: "refuse", label: say("reject"), note: say("work.plan_why"), done: say("work.rejected"), run: (words) => api.POST("/api/v1/goods/plans/{plan}/decisions", { ...at, body: { decision: "refuse", words } }) },
      ],
    };
  });
}

/** What is wrong in the store and goes on: goods that wait too long, norms that are broken. It ends by itself when it is mended. */
export function useBreaches(): Pile | null {
  const say = useSay();
  const units = useUnits();
  const mine = useMay()("goods_manage");
  const homes = [...new Set(useSession().user.roles.map((role) => role.unit))];
  const found = useQueries({ queries: homes.map((unit) => ({ queryKey: ["work", "breaches", unit], enabled: mine, ...polled, queryFn: () => breachesOf(unit) })) });
  if (!mine) return null;
  const items = homes.flatMap((unit, at) => (found[at]?.data ?? []).map((breach) => ({ unit, breach })));
  const failed = found.find((one) => one.error);
  const read = { data: { items, next: null }, isPending: found.some((one) => one.isPending), error: failed?.error ?? null, refetch: () => failed?.refetch() };
  return pileOf("breaches", say("work.breaches"), read, ({ unit, breach }) => ({
    key: `${unit} ${breach.kind} ${breach.item_name} ${breach.began_at}`, since: breach.began_at,
    what: say(`work.breach.${breach.kind}`, { item: breach.item_name, count: breach.quantity.toLocaleString("en"), word: breach.unit_word }), effect: say("work.breach_effect"),
    facts: [[say("unit"), units.name(unit)], [say("work.since"), <At key="t" at={breach.began_at} />], [say("stock.title"), <Link key="l" to="/stock" search={{ unit }}>{say("work.breach_open")}</Link>]],
    choices: [],
  }));
}

/** Figures of a platform that are not ours. */
export function useDifferences(): Pile | null {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const language = useLanguage();
  const mine = may("report_read") && may("gift_import");
  const read = useQuery({ queryKey: ["work", "differences"], queryFn: () => takeList(api.GET("/api/v1/platform-differences", LIST)), enabled: mine, ...polled });
  if (!mine) return null;
  return pileOf("differences", say("work.differences"), read, (difference) => {
    const what = language === "en" ? difference.what_en : difference.what_zh;
    const shown = (value: number) => (difference.what === "count" || difference.what === "raising" || difference.what === "shown" ? String(value) : yuan(value));
    return {
      key: difference.difference, since: `${difference.first_day}T00:00:00+08:00`,
      what: say("work.difference_what", { unit: units.name(difference.unit), what, ours: shown(difference.ours), theirs: shown(difference.theirs) }),
      effect: say("work.difference_effect"),
      facts: [
        [say("unit"), units.name(difference.unit)], [say("platforms.page"), difference.page], [say("work.difference_of"), what],
        [say("work.ours"), shown(difference.ours)], [say("work.theirs"), shown(difference.theirs)],
        [say("days"), `${difference.first_day} – ${difference.last_day}`],
      ],
      choices: [{
        key: "explain", label: say("work.difference_explain"), look: "primary", note: say("work.difference_note"), done: say("work.difference_explained"),
        run: (note) => api.POST("/api/v1/platform-differences/{difference}/explanation", { params: { path: { difference: difference.difference } }, body: { note } }),
      }],
    };
  });
}

/** Certificates and filings that end soon; the platform takes the page down with them. */
export function usePapers(): Pile | null {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const language = useLanguage();
  const mine = may("report_read") && may("platform_manage");
  const read = useQuery({ queryKey: ["work", "papers"], queryFn: () => takeList(api.GET("/api/v1/platform-papers/ending")), enabled: mine, ...polled });
  if (!mine) return null;
  return pileOf("papers", say("work.papers"), read, (paper) => {
    const kind = language === "en" ? paper.en : paper.zh;
    return {
      key: `${paper.unit} ${paper.number}`, since: null,
      what: paper.days_left < 0
        ? say("work.paper_over", { unit: units.name(paper.unit), paper: kind, day: paper.valid_to })
        : say("work.paper_what", { unit: units.name(paper.unit), paper: kind, days: paper.days_left }),
      effect: say("work.paper_effect"),
      facts: [
        [say("unit"), units.name(paper.unit)], [say("work.paper"), kind], [say("work.number"), paper.number],
        [say("work.valid"), `${paper.valid_from} – ${paper.valid_to}`],
      ],
      choices: [],
    };
  });
}
