import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Shape, api } from "../../api/client";
import { freshKey } from "../../lib/key";
import { yuan } from "../../lib/money";
import { dayOf } from "../../lib/time";
import { useProjects } from "../../ui/lists";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";

export const SLIPS = ["payout", "expenditure", "settlement", "lifting", "opening"] as const;
export type Slip = (typeof SLIPS)[number];
const POCKETS = ["bank", "cash"] as const;
const MONEY = ["restricted", "unrestricted"] as const satisfies Shape["MoneyIn"][];
const SPENT_ON = ["programme", "management", "fundraising"] as const satisfies Shape["SpentOnIn"][];
type Keyed = "key";

/** The funds a slip may be about, called by their projects; typed as its number where none can be listed. */
function useFunds(slip: Slip) {
  const nature = { payout: "agency", lifting: "restricted", expenditure: null, settlement: null, opening: null }[slip];
  return (useProjects() ?? []).filter((project) => !nature || project.nature === nature).map((project) => ({ value: project.fund, label: `${project.title} · ${project.code}` }));
}

/** A slip of the books: what it is about, on which day, out of or into which pocket. Sent twice it is booked once. */
export function SlipForm({ slip, close }: { slip: Slip; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const queries = useQueryClient();
  const funds = useFunds(slip);
  const projects = useProjects() ?? [];
  const [key] = useState(() => freshKey(slip));
  const keeping = units.all.filter((unit) => unit.books === "own");
  const choices = <Word extends string>(all: readonly Word[], group: string) => all.map((value) => ({ value, label: name(group, value) }));
  const fundField = (optional: boolean): Field => (funds.length > 0 ? { name: "fund", kind: "choice", label: say("slip.fund"), options: funds, optional } : { name: "fund", label: say("slip.fund"), optional });
  const amount: Field = { name: "amount_fen", kind: "money", label: say("amount") };
  const head: Field[] = [
    { name: "unit", kind: "choice", label: say("slip.books"), options: keeping.map((unit) => ({ value: unit.id, label: unit.name })) },
    { name: "business_day", kind: "day", label: say("business_day") },
  ];
  const memo = (label: string, optional = true): Field => ({ name: "memo_code", label, optional });
  const pocket: Field = { name: "paid_from", kind: "choice", label: say("paid_from"), options: choices(POCKETS, "pocket") };
  const own = { unit: keeping[0]?.id ?? "", business_day: dayOf(new Date()), paid_from: "bank" };
  const form = { draft: `slip.${slip}`, after: close, cancel: close, done: say(`slip.${slip}.done`), button: say(`slip.${slip}.send`) };
  const sent = async (call: Promise<unknown>) => {
    await call;
    await queries.invalidateQueries();
  };
  const sum = (entered: { amount_fen?: number }) => (typeof entered.amount_fen === "number" && entered.amount_fen > 0 ? yuan(entered.amount_fen) : "–");
  switch (slip) {
    case "payout":
      return <QuickForm<Omit<Shape["PayoutIn"], Keyed>> {...form} fields={[amount, fundField(false), pocket, ...head, memo(say("voucher"))]} initial={own} effect={(entered) => say("slip.payout.effect", { sum: sum(entered) })} submit={(body) => sent(api.POST("/api/v1/books/payouts", { body: { ...body, key } }))} />;
    case "expenditure":
      return (
        <QuickForm<Omit<Shape["ExpenditureIn"], Keyed>>
          {...form} initial={{ ...own, money: "restricted", on: "programme" }} effect={(entered) => say("slip.expenditure.effect", { sum: sum(entered) })}
          fields={[
            amount, { name: "on", kind: "choice", label: say("slip.on"), options: choices(SPENT_ON, "spent_on") }, { name: "money", kind: "choice", label: say("slip.money"), options: choices(MONEY, "nature") },
            { ...fundField(true), hint: say("slip.general_hint") }, pocket, ...head, memo(say("voucher")),
          ]}
          submit={(body) => sent(api.POST("/api/v1/books/expenditures", { body: { ...body, key } }))}
        />
      );
    case "settlement":
      return (
        <QuickForm<Omit<Shape["SettlementIn"], Keyed>>
          {...form} initial={{ unit: own.unit, business_day: own.business_day, shares: [{} as Shape["ShareIn"]] }} effect={say("slip.settlement.effect")}
          fields={[
            { name: "shares", kind: "lines", label: say("slip.shares"), lines: [{ name: "arrived_fen", kind: "money", label: say("slip.arrived") }, { name: "fee_fen", kind: "money", label: say("slip.fee"), optional: true }, { ...fundField(true), hint: say("slip.general_hint") }] },
            ...head, memo(say("slip.statement")),
          ]}
          submit={({ shares, ...body }) => sent(api.POST("/api/v1/books/settlements", { body: { ...body, key, shares: (shares ?? []).map((share) => ({ ...share, fee_fen: share.fee_fen ?? 0 })) } }))}
        />
      );
    case "lifting":
      return <QuickForm<Omit<Shape["LiftingIn"], Keyed>> {...form} fields={[amount, fundField(false), ...head, memo(say("slip.decision"), false)]} initial={{ unit: own.unit, business_day: own.business_day }} effect={(entered) => say("slip.lifting.effect", { sum: sum(entered) })} submit={(body) => sent(api.POST("/api/v1/books/restriction-liftings", { body: { ...body, key } }))} />;
    case "opening":
      return (
        <QuickForm<Omit<Shape["OpeningIn"], Keyed>>
          {...form} initial={{ unit: own.unit, lines: [] }} effect={say("slip.opening.effect")}
          fields={[
            ...head, memo(say("slip.closing"), false),
            {
              name: "lines", kind: "lines", label: say("slip.lines"),
              lines: [
                { name: "account", label: say("books.code") }, { name: "debit_fen", kind: "money", label: say("books.debit"), optional: true }, { name: "credit_fen", kind: "money", label: say("books.credit"), optional: true },
                { name: "project", kind: "choice", label: say("project"), optional: true, hint: say("slip.general_hint"), options: projects.map((project) => ({ value: project.id, label: `${project.title} · ${project.code}` })) },
              ],
            },
          ]}
          submit={(body) => sent(api.POST("/api/v1/books/openings", { body: { ...body, lines: body.lines ?? [], key } }))}
        />
      );
  }
}

/** The mirror of a journal; what stands in the books stays there. */
export function ReversalForm({ journal, unit, close }: { journal: string; unit: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [key] = useState(() => freshKey("reversal"));
  const submit = async (body: Omit<Shape["ReversalIn"], Keyed | "unit">) => {
    await api.POST("/api/v1/books/journals/{journal}/reversal", { params: { path: { journal } }, body: { ...body, unit, key } });
    await queries.invalidateQueries();
  };
  return (
    <QuickForm<Omit<Shape["ReversalIn"], Keyed | "unit">>
      fields={[{ name: "business_day", kind: "day", label: say("business_day") }, { name: "memo_code", label: say("slip.approval"), optional: true }]}
      initial={{ business_day: dayOf(new Date()) }} effect={say("slip.reversal.effect")} button={say("slip.reversal.send")} done={say("slip.reversal.done")} submit={submit} after={close} cancel={close}
    />
  );
}
