import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { At, Trouble } from "../../ui/basics";
import { useColleagueNames } from "../../ui/lists";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";

type Line = Shape["ShareOut"];
type Event = Shape["GoodsPlanEventOut"];
type To = { receiver?: string; quantity?: number };
type Entered = { destinations?: To[]; reason: string };

const lotOf = (line: Line): string => `${line.lot} ${line.place}`;
/** Lines of one lot at one place together, in the order of the plan. */
function byLot(lines: Line[]): [string, Line[]][] {
  const found = new Map<string, Line[]>();
  for (const line of lines) found.set(lotOf(line), [...(found.get(lotOf(line)) ?? []), line]);
  return [...found];
}
const total = (of: readonly { quantity?: number | undefined }[]): number => of.reduce((sum, one) => sum + (one?.quantity ?? 0), 0);

/** The shares of a plan, lot by lot; while nobody decided, the desk changes who gets a lot, with its reason. */
export function PlanLots({ plan, unit, lines, changes }: { plan: string; unit: string; lines: Line[]; changes: boolean }) {
  const say = useSay();
  const name = useWord();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ul style={{ display: "grid", gap: 6 }}>
      {byLot(lines).map(([lot, shares]) => (
        <li key={lot} style={{ display: "grid", gap: 4 }}>
          {open === lot ? <ChangeLot plan={plan} unit={unit} shares={shares} close={() => setOpen(null)} /> : (
            <>
              {shares.map((line, at) => (
                <div key={at} style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
                  <span style={{ flex: 1, minWidth: 160 }}>{line.item} {line.grade && <Tag>{line.grade}</Tag>}<br /><span className="mute">{line.receiver ?? say("plans.stays")} · {name("plan_why", line.why)}{line.changed_reason && ` · ${line.changed_reason}`}</span></span>
                  <span className="number">{line.quantity.toLocaleString("en")} {line.unit_word}</span>
                </div>
              ))}
              {changes && <div><Button size="small" onClick={() => setOpen(lot)}>{say("plans.change")}</Button></div>}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function ChangeLot({ plan, unit, shares, close }: { plan: string; unit: string; shares: Line[]; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const at = { params: { path: { unit } } };
  const receivers = useQuery({ queryKey: ["receivers", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/receivers", at)) });
  const needs = useQuery({ queryKey: ["needs", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/requests", at)) });
  const [first] = shares;
  if (!first) return null;
  const all = { total: total(shares).toLocaleString("en"), unit: first.unit_word };
  // What a receiver asked for stays met by what it gets: the request of its line, or its open one for this item.
  const requestOf = (receiver: string | undefined): string | null =>
    shares.find((one) => one.receiver_id === receiver && one.request)?.request
    ?? needs.data?.items.find((one) => one.receiver_id === receiver && one.item_id === first.item_id && one.state !== "granted")?.id
    ?? null;
  const fields: Field[] = [
    {
      name: "destinations", label: say("plans.destinations"), kind: "lines", hint: say("plans.stays_hint"),
      lines: [
        { name: "receiver", label: say("dispatches.receiver"), kind: "choice", optional: true, options: (receivers.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })) },
        { name: "quantity", label: say("stock.quantity"), kind: "count" },
      ],
    },
    { name: "reason", label: say("reason"), chars: 120 },
  ];
  const submit = ({ destinations = [], reason }: Entered) => api.PUT("/api/v1/goods/plans/{plan}/lots", {
    params: { path: { plan } },
    body: {
      lot: first.lot, place: first.place, reason,
      destinations: destinations.map((to) => ({ receiver: to.receiver ?? null, request: to.receiver ? requestOf(to.receiver) : null, quantity: to.quantity ?? 0 })),
    },
  });
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const initial: Entered = { reason: "", destinations: shares.map((one) => ({ ...(one.receiver_id ? { receiver: one.receiver_id } : {}), quantity: one.quantity })) };
  const fault = receivers.error ?? needs.error;
  return (
    <section className="section">
      <h4>{say("plans.change_one", { item: `${first.item} ${first.grade}`.trim(), ...all })}</h4>
      {fault && <Trouble error={fault} />}
      {receivers.data && needs.data && (
        <QuickForm<Entered>
          fields={fields} initial={initial} effect={(entered) => say("plans.change_sum", { sum: total(entered.destinations ?? []).toLocaleString("en"), ...all })}
          button={say("plans.change")} done={say("saved")} cancel={close} after={after} submit={submit}
        />
      )}
    </section>
  );
}

/** What happened to a plan: changes with their reason, what the group said. */
export function PlanHistory({ of }: { of: Event[] }) {
  const say = useSay();
  const name = useWord();
  const nameOf = useColleagueNames(of.map((one) => one.by));
  const told = (lines: Event["before"], unit: string) => lines.map((one) => `${one.receiver ?? say("plans.stays")} ${one.quantity.toLocaleString("en")} ${unit}`).join("；");
  if (of.length === 0) return null;
  return (
    <section className="section">
      <h3>{say("plans.history")}</h3>
      <ul style={{ display: "grid", gap: 8 }}>
        {of.map((one, at) => (
          <li key={at}>
            <At at={one.at} /> <b>{nameOf(one.by)}</b> {name("plan_event", one.kind)}{one.item ? ` · ${one.item}` : ""}{one.words && ` · ${one.words}`}
            {one.kind === "changed" && <div className="mute">{say("plans.before")}: {told(one.before, one.unit_word ?? "")}<br />{say("plans.after")}: {told(one.after, one.unit_word ?? "")}</div>}
          </li>
        ))}
      </ul>
    </section>
  );
}
