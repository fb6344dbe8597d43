import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Segmented, Tag } from "antd";
import { type ReactNode, useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { yuan } from "../../lib/money";
import { dayOf } from "../../lib/time";
import { Act, At, Empty, Facts, Money, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { type Column, ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";
import { BringStatement } from "./BringStatement";

type Statement = Shape["StatementOut"];
type Difference = Shape["PlatformDifferenceOut"];
type Raise = Shape["PlatformRaiseOut"];
type Permission = "books_post" | "gift_import" | "platform_manage";

/** Why a button cannot be pressed by this person. */
function useMissing() {
  const say = useSay();
  const may = useMay();
  return (permission: Permission): string | null => (may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }));
}
/** What the server says in two languages. */
function useBoth() {
  const language = useLanguage();
  return (zh: string, en: string): string => (language === "en" ? en : zh);
}

type SheetProps<T extends object> = { name: string; columns: Column<T>[]; pages: ReturnType<typeof usePages<T>>; rowKey: (row: T) => string; title: (row: T) => string; none: string; panel: (row: T) => ReactNode; acts: (row: T, close: () => void) => ReactNode };
/** A list beside the row that is open. */
function Sheet<T extends object>({ name, columns, pages, rowKey, title, none, panel, acts }: SheetProps<T>) {
  const [shown, setShown] = useState<string | null>(null);
  const opened = pages.rows.find((row) => rowKey(row) === shown);
  const close = () => setShown(null);
  return (
    <div className={opened ? "split open" : "split"}>
      <ListTable<T> name={name} columns={columns} pages={pages} rowKey={rowKey} open={(row) => setShown(rowKey(row))} opened={shown} empty={<Empty title={none} />} />
      {opened && <Panel key={shown} title={title(opened)} close={close} acts={acts(opened, close)}>{panel(opened)}</Panel>}
    </div>
  );
}

/** What the platforms settled, newest first; the payout is booked once it stands in the bank. */
export function Statements({ platforms }: { platforms: readonly string[] }) {
  const say = useSay();
  const may = useMay();
  const [bringing, setBringing] = useState(false);
  const units = useUnits();
  const both = useBoth();
  const pages = usePages<Statement>(["platform statements"], ({ cursor, limit }) => takeList(api.GET("/api/v1/platform-statements", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  const columns: Column<Statement>[] = [
    { key: "number", title: say("platforms.number"), cell: (one) => <span className="code">{one.number}</span> },
    { key: "unit", title: say("unit"), cell: (one) => units.name(one.unit) },
    { key: "state", title: say("state"), cell: (one) => <Tag color={one.arrived_on ? "green" : "default"}>{both(one.state_zh, one.state_en)}</Tag> },
    { key: "gifts", title: say("platforms.gifts"), right: true, cell: (one) => <Money fen={one.gift_fen} /> },
    { key: "match", title: say("platforms.match"), right: true, cell: (one) => <Money fen={one.match_fen} /> },
    { key: "net", title: say("platforms.net"), right: true, cell: (one) => <Money fen={one.net_fen} /> },
    { key: "arrived", title: say("platforms.arrived_on"), cell: (one) => one.arrived_on },
  ];
  if (bringing) return <BringStatement platforms={platforms} close={() => setBringing(false)} />;
  return (
    <>
      {may("gift_import") && <div className="bar"><Button onClick={() => setBringing(true)}>{say("platforms.bring")}</Button></div>}
      <Sheet<Statement>
        name="platform-statements" columns={columns} pages={pages} rowKey={(one) => one.statement} title={(one) => one.number} none={say("platforms.no_statements")}
        acts={(one) => <Payout statement={one} />} panel={(one) => <StatementFacts statement={one} />}
      />
    </>
  );
}

function StatementFacts({ statement }: { statement: Statement }) {
  const say = useSay();
  const whole = useQuery({ queryKey: ["platform statements", statement.statement], queryFn: () => take(api.GET("/api/v1/platform-statements/{statement}", { params: { path: { statement: statement.statement } } })) });
  return (
    <>
      <Facts of={[
        [say("platforms.gifts"), <span key="g"><Money fen={statement.gift_fen} /> · {statement.gifts}</span>],
        [say("platforms.match"), <span key="m"><Money fen={statement.match_fen} /> · {statement.matches}</span>],
        [say("platforms.refunds"), <Money key="r" fen={statement.refund_fen} />], [say("platforms.fee"), <Money key="f" fen={statement.fee_fen} />],
        [say("platforms.net"), <Money key="n" fen={statement.net_fen} />], [say("platforms.begun_at"), <At key="b" at={statement.begun_at} />],
        [say("platforms.booked_at"), statement.booked_at && <At key="d" at={statement.booked_at} />], [say("platforms.arrived_on"), statement.arrived_on],
      ]} />
      {whole.error && <Trouble error={whole.error} again={() => void whole.refetch()} />}
      {(whole.data?.lines ?? []).length > 0 && (
        <section className="section">
          <h3>{say("platforms.page")}</h3>
          <ul>{(whole.data?.lines ?? []).map((line) => <li key={line.page}>{line.project} · <span className="code">{line.page}</span> · <Money fen={line.gift_fen} /> + <Money fen={line.match_fen} /> → <Money fen={line.net_fen} /></li>)}</ul>
        </section>
      )}
    </>
  );
}

function Payout({ statement }: { statement: Statement }) {
  const say = useSay();
  const missing = useMissing();
  const queries = useQueryClient();
  const [booking, setBooking] = useState(false);
  const after = () => {
    setBooking(false);
    void queries.invalidateQueries();
  };
  if (statement.arrived_on) return <p className="mute">{say("platforms.paid_out", { day: statement.arrived_on })}</p>;
  const sum = yuan(statement.net_fen);
  if (booking) {
    return (
      <QuickForm<Shape["PostPayout"]>
        fields={[{ name: "arrived_on", kind: "day", label: say("platforms.arrived_on") }, { name: "memo_code", label: say("voucher"), optional: true }]}
        initial={{ arrived_on: dayOf(new Date()) }} effect={say("platforms.payout_effect", { sum })} button={say("platforms.payout")} done={say("saved")}
        submit={(body) => api.POST("/api/v1/platform-statements/{statement}/payout", { params: { path: { statement: statement.statement } }, body })} after={after} cancel={() => setBooking(false)}
      />
    );
  }
  const why = missing("books_post") ?? (statement.booked_at ? null : say("platforms.not_booked"));
  return <><p className="effect">{say("platforms.payout_effect", { sum })}</p><div className="buttons"><Act type="primary" why={why} onClick={() => setBooking(true)}>{say("platforms.payout")}</Act></div></>;
}

const DIFFERENCES = ["open", "explained", "gone"] as const;

/** Figures of the platforms that are not ours, and what a person wrote about them. */
export function Differences() {
  const say = useSay();
  const units = useUnits();
  const both = useBoth();
  const missing = useMissing();
  const queries = useQueryClient();
  const [state, setState] = useState<(typeof DIFFERENCES)[number]>("open");
  const pages = usePages<Difference>(["platform differences", state], ({ cursor, limit }) => takeList(api.GET("/api/v1/platform-differences", { params: { query: { state, limit, ...(cursor ? { cursor } : {}) } } })));
  const isCount = (one: Difference) => one.what === "count" || one.what === "raising" || one.what === "shown";
  const figure = (one: Difference, value: number) => (isCount(one) ? String(value) : yuan(value));
  const columns: Column<Difference>[] = [
    { key: "unit", title: say("unit"), cell: (one) => units.name(one.unit) },
    { key: "page", title: say("platforms.page"), cell: (one) => <span className="code">{one.page}</span> },
    { key: "what", title: say("work.difference_of"), cell: (one) => both(one.what_zh, one.what_en) },
    { key: "ours", title: say("work.ours"), right: true, cell: (one) => figure(one, one.ours) },
    { key: "theirs", title: say("work.theirs"), right: true, cell: (one) => figure(one, one.theirs) },
    { key: "days", title: say("days"), cell: (one) => `${one.first_day} – ${one.last_day}` },
  ];
  const acts = (one: Difference, close: () => void) => {
    const choice: Choice = {
      key: "explain", label: say("work.difference_explain"), look: "primary", why: missing("gift_import"), note: say("work.difference_note"), done: say("work.difference_explained"),
      run: (note) => api.POST("/api/v1/platform-differences/{difference}/explanation", { params: { path: { difference: one.difference } }, body: { note } }),
    };
    const after = () => {
      close();
      void queries.invalidateQueries();
    };
    return one.state === "gone" ? <p className="mute">{both(one.state_zh, one.state_en)}</p> : <Decide effect={say("work.difference_effect")} choices={[choice]} after={after} />;
  };
  return (
    <>
      <div className="bar"><Segmented value={state} options={DIFFERENCES.map((value) => ({ value, label: say(`platforms.difference_${value}`) }))} onChange={setState} /></div>
      <Sheet<Difference>
        name="platform-differences" columns={columns} pages={pages} rowKey={(one) => one.difference} title={(one) => both(one.what_zh, one.what_en)} none={say("platforms.no_differences")} acts={acts}
        panel={(one) => <Facts of={[[say("unit"), units.name(one.unit)], [say("project"), one.project], [say("platforms.page"), one.page], [say("work.ours"), figure(one, one.ours)], [say("work.theirs"), figure(one, one.theirs)], [say("days"), `${one.first_day} – ${one.last_day}`], [say("work.difference_note"), one.note]]} />}
      />
    </>
  );
}

/** Raises of pages' capacities that were asked for, what is needed first first, and the platform's answers. */
export function Raises() {
  const say = useSay();
  const units = useUnits();
  const both = useBoth();
  const pages = usePages<Raise>(["platform raises"], () => takeList(api.GET("/api/v1/platform-raises")));
  const columns: Column<Raise>[] = [
    { key: "unit", title: say("unit"), cell: (one) => units.name(one.unit) },
    { key: "page", title: say("platforms.page"), cell: (one) => <span className="code">{one.page}</span> },
    { key: "to", title: say("platforms.raise_to"), right: true, cell: (one) => <Money fen={one.to_fen} /> },
    { key: "needed", title: say("platforms.needed_by"), cell: (one) => <At at={one.needed_by} /> },
    { key: "state", title: say("state"), cell: (one) => <Tag color={one.overdue ? "red" : one.state === "granted" ? "green" : "default"}>{both(one.state_zh, one.state_en)}</Tag> },
  ];
  return (
    <Sheet<Raise>
      name="platform-raises" columns={columns} pages={pages} rowKey={(one) => one.raise} title={(one) => one.page} none={say("platforms.no_raises")}
      acts={(one) => <Answer raise={one} />}
      panel={(one) => (
        <Facts of={[
          [say("unit"), units.name(one.unit)], [say("reason"), one.reason], [say("platforms.raise_from"), typeof one.from_fen === "number" && <Money key="f" fen={one.from_fen} />],
          [say("platforms.raise_to"), <Money key="t" fen={one.to_fen} />], [say("platforms.asked_at"), <At key="a" at={one.asked_at} />], [say("platforms.needed_by"), <At key="n" at={one.needed_by} />],
          [say("platforms.granted"), typeof one.granted_fen === "number" && <Money key="g" fen={one.granted_fen} />], [say("platforms.answer_note"), one.note],
        ]} />
      )}
    />
  );
}

function Answer({ raise }: { raise: Raise }) {
  const say = useSay();
  const missing = useMissing();
  const queries = useQueryClient();
  const [answering, setAnswering] = useState(false);
  const after = () => {
    setAnswering(false);
    void queries.invalidateQueries();
  };
  if (raise.state !== "waiting") return <p className="mute">{say("step.none")}</p>;
  if (answering) {
    return (
      <QuickForm<Shape["PlatformPostAnswer"]>
        fields={[{ name: "granted_fen", kind: "money", label: say("platforms.granted"), optional: true, hint: say("platforms.granted_hint") }, { name: "note", label: say("platforms.answer_note"), optional: true }]}
        initial={{ granted_fen: raise.to_fen }} effect={say("platforms.answer_effect")} button={say("platforms.answer")} done={say("saved")}
        submit={(body) => api.POST("/api/v1/platform-raises/{raise}/answer", { params: { path: { raise: raise.raise } }, body: { granted_fen: body.granted_fen ?? null, note: body.note ?? "" } })}
        after={after} cancel={() => setAnswering(false)}
      />
    );
  }
  return <><p className="effect">{say("platforms.answer_effect")}</p><div className="buttons"><Act type="primary" why={missing("platform_manage")} onClick={() => setAnswering(true)}>{say("platforms.answer")}</Act></div></>;
}
