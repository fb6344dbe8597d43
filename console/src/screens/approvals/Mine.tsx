import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { useEffect } from "react";
import { type Waiting, act } from "../../api/approvals";
import { useMay } from "../../api/session";
import { At, Empty, Screen } from "../../ui/basics";
import { type Column, ListTable } from "../../ui/ListTable";
import { Many, usePicking } from "../../ui/Many";
import type { Pages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useNarrow } from "../../ui/useNarrow";
import { useLanguage, useSay } from "../../words";
import { Emergency, Left } from "./bits";
import { CasePanel } from "./CasePanel";
import { leftNow, leftWords } from "./clock";
import { useLive, useWaiting } from "./live";
import { titled } from "./tell";
import { useNames } from "./use";

/** Kinds that come in numbers and are decided alike: money that goes back or out. */
const IN_NUMBERS = new Set(["refund", "relief_money"]);
/** The server's longest words of a decision. */
const WORDS_CHARS_MAX = 4_000;
const keyOf = (one: Waiting): string => `${one.id} ${one.stage}`;

/** What waits for my decision, what is due first on top; it hears of what comes within a second. */
export function Mine() {
  const say = useSay();
  const units = useUnits();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/approvals" });
  const navigate = useNavigate({ from: "/approvals" });
  const isPhone = useNarrow();
  const decides = useMay()("approval_decide");
  const read = useWaiting();
  const rows = read.data?.items ?? [];
  const names = useNames(rows.map((one) => one.unit));
  const stage = useStageTitle();
  const isNew = useUnread(rows);
  const picking = usePicking<Waiting>(keyOf, (one) => IN_NUMBERS.has(one.subject_kind), (one) => one.subject_kind);
  const isMany = picking.picked.length > 0;
  const overdue = rows.filter((one) => one.seconds_left < 0).length;
  const columns: Column<Waiting>[] = [
    ...(rows.some((one) => IN_NUMBERS.has(one.subject_kind)) ? [picking.column] : []),
    { key: "left", title: say("approvals.left_title"), rank: (one) => one.seconds_left, text: (one) => leftWords(leftNow(one.seconds_left, read.dataUpdatedAt, Date.now()), say), cell: (one) => <Left left_s={one.seconds_left} read_ms={read.dataUpdatedAt} /> },
    { key: "title", title: say("approvals.one"), cell: (one) => <span className="bounded"><Emergency is={one.fast_lane} /> {one.title}</span> },
    { key: "kind", title: say("approvals.about"), cell: (one) => names.kind(one.subject_kind) },
    { key: "stage", title: say("approvals.stage"), cell: (one) => <>{stage(one)} {one.escalated && <span className="state wait">{say("approvals.as_deputy")}</span>}</> },
    { key: "unit", title: say("unit"), cell: (one) => units.name(one.unit) },
    { key: "asked_at", title: say("asked_at"), cell: (one) => <At at={one.asked_at} /> },
  ];
  const pages: Pages<Waiting> = { rows, first: 1, loading: decides && read.isPending, refreshing: read.isFetching, error: read.error, again: () => void read.refetch(), back: null, on: null };
  const decide = (verdict: "approve" | "send_back") => ({
    key: verdict, label: say(`approvals.way.${verdict}`), note: say(`approvals.many_note.${verdict}`), chars: WORDS_CHARS_MAX,
    decide: (one: Waiting, words: string) => act(one.id, { stage: one.stage, verdict, words }),
  });
  const open = (one: Waiting | null) => void navigate({ search: one ? { case: one.id, stage: one.stage } : {} });
  const lead = say(overdue > 0 ? "approvals.mine_lead_overdue" : "approvals.mine_lead", { count: rows.length, overdue });
  return (
    <Screen title={say("approvals.mine")} lead={lead}>
      {isNew && <Alert type="info" style={{ marginBottom: 12 }} title={say("approvals.has_come")} action={<Button size="small" onClick={() => void queries.invalidateQueries()}>{say("approvals.show")}</Button>} />}
      <div className={isMany ? "split open" : search.case ? "split open wide" : "split"}>
        {isPhone && rows.length > 0 ? <PhoneList rows={rows} read_ms={read.dataUpdatedAt} names={names} open={open} /> : (
          <ListTable<Waiting>
            name="approvals" columns={columns} pages={pages} rowKey={keyOf} opened={search.case ? `${search.case} ${search.stage ?? ""}` : null} open={(one) => { if (picking.busy) return; picking.clear(); open(one); }}
            empty={<Empty title={say("approvals.mine_none")}>{say("approvals.mine_none_hint")}</Empty>}
          />
        )}
        {isMany && <Many<Waiting> key="many" rows={picking.picked} keyOf={keyOf} line={(one) => <>{one.title} <span className="mute">{stage(one)}</span></>} ways={[{ ...decide("approve"), look: "primary" }, decide("send_back")]} hold={picking.hold} close={picking.clear} />}
        {search.case && !isMany && <CasePanel key={search.case} id={search.case} stage={search.stage} close={() => open(null)} />}
      </div>
    </Screen>
  );
}

/** The stage's name in the reader's language, as the case's own version of the policy says. */
function useStageTitle(): (one: Waiting) => string {
  const language = useLanguage();
  return (one) => titled({ title: one.stage_title, title_en: one.stage_title_en }, language);
}

/** The same on a phone: a line for each, wide enough for a thumb. */
function PhoneList({ rows, read_ms, names, open }: { rows: Waiting[]; read_ms: number; names: ReturnType<typeof useNames>; open: (one: Waiting) => void }) {
  const stage = useStageTitle();
  return (
    <ul className="phone-list">
      {rows.map((one) => (
        <li key={keyOf(one)}>
          <button type="button" onClick={() => open(one)}>
            <b><Emergency is={one.fast_lane} /> {one.title}</b>
            <span className="mute">{[names.kind(one.subject_kind), stage(one)].filter(Boolean).join(" · ")}</span>
            <Left left_s={one.seconds_left} read_ms={read_ms} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Whether the live line knows of a case that is not on the screen: it came while nobody was there. */
function useUnread(rows: Waiting[]): boolean {
  const live = useLive();
  const shown = new Set(rows.map((one) => one.id));
  return (live?.cases ?? []).some((id) => !shown.has(id));
}

/** The address that a message to a telephone names: the case, beside what else waits. */
export function FromMessage() {
  const { case: id } = useParams({ from: "/known/shell/approvals/$case" });
  const navigate = useNavigate();
  useEffect(() => void navigate({ to: "/approvals", search: { case: id }, replace: true }), [id, navigate]);
  return null;
}
