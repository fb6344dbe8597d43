import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert } from "antd";
import { type ReactNode, useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { yuan } from "../../lib/money";
import { dayOf } from "../../lib/time";
import { Act, Facts, Money, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { useAccounts } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import type { Held } from "./Events";
import { Helpers } from "./Helpers";
import { stepOf } from "./steps";

/** One event: where its takings are, the next step, and who helped there. */
export function EventPanel({ event, project, close }: { event: Held; project: string; close: () => void }) {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const [outcome, setOutcome] = useState<string | null>(null);
  return (
    <Panel title={event.title} close={close} acts={<EventSteps event={event} told={setOutcome} />}>
      {outcome && <Alert type={outcome === "differs" ? "warning" : "success"} showIcon title={say(`events.outcome.${outcome as "first"}`)} />}
      <Facts of={[
        [say("state"), <State key="s" group="event_state" word={event.state} />], [say("events.held_on"), event.held_on], [say("events.kind"), say(`event_kind.${event.kind}`)],
        [say("unit"), units.name(event.unit)], [say("project"), project],
        [say("events.counted"), typeof event.counted_fen === "number" && <Money key="m" fen={event.counted_fen} />], [say("events.slip_no"), event.slip_no],
        [say("work.the_gift"), event.gift && <Link key="g" to="/gifts" search={{ gift: event.gift }}>{say("gifts.open")}</Link>],
      ]} />
      {may("project_manage") && <Helpers event={event.event} />}
      <History of={event.event} />
    </Panel>
  );
}

function EventSteps({ event, told }: { event: Held; told: (outcome: string | null) => void }): ReactNode {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const accounts = useAccounts();
  const [chosen, setChosen] = useState<"step" | "parts" | null>(null);
  const step = stepOf(event, dayOf(new Date()));
  const at = { params: { path: { event: event.event } } };
  const close = () => setChosen(null);
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const form = { after, cancel: close, done: say("saved") };
  const missing = (permission: "gift_record" | "account_manage") => (may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }));
  const sum = typeof event.counted_fen === "number" ? yuan(event.counted_fen) : "";
  if (chosen === "parts") return <Parts event={event} sum={sum} form={form} />;
  if (chosen === "step" && step.key === "count") {
    const submit = async (body: Shape["CountTakings"]) => told((await take(api.POST("/api/v1/events/{event}/counts", { ...at, body }))).outcome);
    return <QuickForm<Shape["CountTakings"]> {...form} fields={[{ name: "amount_fen", kind: "money", label: say("events.takings") }]} effect={say("events.count_effect")} button={say("events.count")} submit={submit} />;
  }
  if (chosen === "step" && step.key === "deposit") {
    const bank = (accounts ?? []).filter((account) => account.channel === "bank" && !account.closed_at);
    return (
      <QuickForm<Shape["DepositTakings"]>
        {...form} initial={{ deposited_on: dayOf(new Date()) }} effect={say("events.deposit_effect", { sum })} button={say("events.deposit")}
        fields={[
          { name: "account", kind: "choice", label: say("account"), options: bank.map((account) => ({ value: account.id, label: `${account.name} · ${account.code}` })) },
          { name: "deposited_on", kind: "day", label: say("events.deposited_on") }, { name: "slip_no", label: say("events.slip_no") },
        ]}
        submit={(body) => api.POST("/api/v1/events/{event}/deposit", { ...at, body })}
      />
    );
  }
  if (chosen === "step" && step.key === "book") {
    return <QuickForm<Shape["MatchBankLine"]> {...form} fields={[{ name: "bank_no", label: say("events.bank_no"), hint: say("events.bank_no_hint") }]} effect={say("events.book_effect", { sum })} button={say("events.book")} submit={(body) => api.POST("/api/v1/events/{event}/bank-line", { ...at, body })} />;
  }
  const why = step.key && (missing("gift_record") ?? (step.key === "deposit" ? missing("account_manage") : null) ?? (step.why ? say(step.why, { day: event.held_on }) : null));
  const isCounted = typeof event.counted_fen === "number";
  return (
    <>
      {step.key ? <p className="effect">{say(`events.next.${step.key}`)}</p> : <p className="mute">{say("step.none")}</p>}
      <div className="buttons">
        {step.key && <Act type="primary" why={why ?? null} onClick={() => { told(null); setChosen("step"); }}>{say(`events.${step.key}`)}</Act>}
        {isCounted && <Act why={missing("gift_record")} onClick={() => setChosen("parts")}>{say("events.parts")}</Act>}
      </div>
    </>
  );
}

/** Sources read at once, and how often: the 5,000 that a county may have. */
const SOURCES_PAGE = 500;
const SOURCES_PAGES_MAX = 10;

/** All that are known of a county. */
async function everySource(unit: string): Promise<Shape["SourceOut"][]> {
  const all: Shape["SourceOut"][] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < SOURCES_PAGES_MAX && cursor !== null; page += 1) {
    const read = await takeList(api.GET("/api/v1/giving-sources", { params: { query: { unit, limit: SOURCES_PAGE, ...(cursor ? { cursor } : {}) } } }));
    all.push(...read.items);
    cursor = read.next ?? null;
  }
  return all;
}

type Entered = { parts?: { source: string; amount_fen: number }[] };

function Parts({ event, sum, form }: { event: Held; sum: string; form: { after: () => void; cancel: () => void; done: string } }) {
  const say = useSay();
  const read = useQuery({ queryKey: ["giving sources", "all", event.unit], queryFn: () => everySource(event.unit) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (!read.data) return <p className="mute">{say("loading")}</p>;
  const known = new Map(read.data.map((one) => [one.source, one]));
  const options = read.data.map((one) => ({ value: one.source, label: `${one.name} · ${say(`source_kind.${one.kind}`)}` }));
  const submit = ({ parts }: Entered) => {
    const of = (part: { source: string; amount_fen: number }) => {
      const one = known.get(part.source);
      return one ? [{ kind: one.kind, name: one.name, amount_fen: part.amount_fen }] : [];
    };
    return api.PUT("/api/v1/events/{event}/parts", { params: { path: { event: event.event } }, body: { parts: (parts ?? []).flatMap(of) } });
  };
  return (
    <QuickForm<Entered>
      {...form} effect={say("events.parts_effect", { sum })} button={say("save")} submit={submit}
      fields={[{
        name: "parts", kind: "lines", label: say("events.parts"), hint: say(options.length > 0 ? "events.parts_hint" : "events.parts_none"),
        lines: [{ name: "source", kind: "choice", label: say("events.source_name"), options }, { name: "amount_fen", kind: "money", label: say("amount") }],
      }]}
    />
  );
}
