import { Link } from "@tanstack/react-router";
import { Switch, Table, Tag } from "antd";
import { useState } from "react";
import type { Shape } from "../../api/client";
import { yuan } from "../../lib/money";
import { useWalk } from "../../ui/useWalk";
import { useLanguage, useSay } from "../../words";
import type { Span } from "./Books";

/** A sum in a statement: nothing is drawn where nothing is. */
const cell = (fen: number) => (fen === 0 ? <span className="mute">–</span> : <span className="money">{yuan(fen)}</span>);
const right = { align: "right" as const };

/** A sum of a statement leads to the accounts of its time, whose lines lead to their entries. */
const leading = (fen: number, span: Span) => (fen === 0 ? cell(fen) : <Link to="/books" search={{ ...span, sheet: "trial" }}>{cell(fen)}</Link>);
/** The first day of the year in which a day lies. */
const yearOf = (day: string) => `${day.slice(0, 4)}-01-01`;
/** The last day of the year before. */
const yearBefore = (day: string) => `${Number(day.slice(0, 4)) - 1}-12-31`;

function useName() {
  const language = useLanguage();
  return (line: { name_zh: string; name_en: string }) => (language === "en" ? line.name_en : line.name_zh);
}

type TrialProps = { sheet: Shape["TrialBalanceOut"] | undefined; account: string | undefined; open: (account: string) => void };

/** The trial balance; debit and credit must be equal, and it says so. */
export function TrialBalance({ sheet, account, open }: TrialProps) {
  const say = useSay();
  const name = useName();
  const walk = useWalk({ rows: sheet?.lines ?? [], keyOf: (line) => line.code, open: (line) => open(line.code), opened: account });
  const total = sheet && (
    <Table.Summary.Row>
      <Table.Summary.Cell index={0} colSpan={2}><b>{say("sum")}</b> <Tag color={sheet.balanced ? "green" : "red"}>{say(sheet.balanced ? "books.balanced" : "books.unbalanced")}</Tag></Table.Summary.Cell>
      <Table.Summary.Cell index={2} align="right">{cell(sheet.opening.debit_fen)}</Table.Summary.Cell>
      <Table.Summary.Cell index={3} align="right">{cell(sheet.turnover.debit_fen)}</Table.Summary.Cell>
      <Table.Summary.Cell index={4} align="right">{cell(sheet.turnover.credit_fen)}</Table.Summary.Cell>
      <Table.Summary.Cell index={5} align="right">{cell(sheet.closing.debit_fen)}</Table.Summary.Cell>
    </Table.Summary.Row>
  );
  return (
    <div className="table picks">
      <Table
        size="small" pagination={false} scroll={{ x: "max-content" }} rowKey="code" loading={!sheet} dataSource={sheet?.lines ?? []}
        {...walk} summary={() => total}
        columns={[
          { key: "code", title: say("books.code"), render: (_, line) => <span className="number">{line.code}</span> },
          { key: "name", title: say("books.account"), render: (_, line) => name(line) },
          { key: "opening", title: say("books.opening"), ...right, render: (_, line) => cell(line.opening_fen) },
          { key: "debit", title: say("books.debit"), ...right, render: (_, line) => cell(line.debit_fen) },
          { key: "credit", title: say("books.credit"), ...right, render: (_, line) => cell(line.credit_fen) },
          { key: "closing", title: say("books.closing"), ...right, render: (_, line) => cell(line.closing_fen) },
        ]}
      />
    </div>
  );
}

/** Whether lines without any sum are shown; statements have many. */
function useAllLines() {
  const say = useSay();
  const [all, setAll] = useState(false);
  const control = <p style={{ marginBottom: 8 }}><Switch size="small" checked={all} onChange={setAll} aria-label={say("books.all_lines")} /> {say("books.all_lines")}</p>;
  return { all, control };
}

export function BalanceSheet({ sheet, unit }: { sheet: Shape["BalanceSheetOut"] | undefined; unit: Span }) {
  const say = useSay();
  const name = useName();
  const { all, control } = useAllLines();
  const lines = (sheet?.lines ?? []).filter((line) => all || line.closing_fen !== 0 || line.opening_fen !== 0);
  return (
    <>
      {control}
      <div className="table">
        <Table
          size="small" pagination={false} rowKey="key" loading={!sheet} dataSource={lines} scroll={{ x: "max-content" }}
          columns={[
            { key: "name", title: say("books.item"), render: (_, line) => name(line) },
            { key: "opening", title: say("books.year_begin"), ...right, render: (_, line) => leading(line.opening_fen, { ...unit, to: yearBefore(sheet?.day ?? "") }) },
            { key: "closing", title: say("books.day_end", { day: sheet?.day ?? "" }), ...right, render: (_, line) => leading(line.closing_fen, { ...unit, from: yearOf(sheet?.day ?? ""), to: sheet?.day ?? "" }) },
          ]}
        />
      </div>
    </>
  );
}

export function Activities({ sheet, unit }: { sheet: Shape["ActivitiesOut"] | undefined; unit: Span }) {
  const say = useSay();
  const name = useName();
  const { all, control } = useAllLines();
  const lines = (sheet?.lines ?? []).filter((line) => all || line.month.total_fen !== 0 || line.year.total_fen !== 0);
  const spans = { month: { ...unit, from: sheet?.from ?? "", to: sheet?.to ?? "" }, year: { ...unit, from: yearOf(sheet?.from ?? ""), to: sheet?.to ?? "" } };
  const split = (key: "month" | "year", title: string) => ({
    key, title,
    children: (["unrestricted_fen", "restricted_fen", "total_fen"] as const).map((part) => ({
      key: part, title: say(`books.${part}`), ...right, render: (_: unknown, line: Shape["ActivityLineOut"]) => leading(line[key][part], spans[key]),
    })),
  });
  return (
    <>
      {control}
      <div className="table">
        <Table
          size="small" pagination={false} rowKey="key" loading={!sheet} dataSource={lines} scroll={{ x: "max-content" }}
          columns={[{ key: "name", title: say("books.item"), render: (_, line) => name(line) }, split("month", say("books.of_month", { month: sheet?.from.slice(0, 7) ?? "" })), split("year", say("books.of_year"))]}
        />
      </div>
    </>
  );
}

/** What came in and went out in money; its last line must be what the money accounts moved, and it says so. */
export function CashFlow({ sheet, unit }: { sheet: Shape["CashFlowOut"] | undefined; unit: Span }) {
  const say = useSay();
  const name = useName();
  const { all, control } = useAllLines();
  const lines = (sheet?.lines ?? []).filter((line) => all || line.this_year_fen !== 0 || line.last_year_fen !== 0);
  const day = sheet?.day ?? "";
  return (
    <>
      {control}
      {sheet && <p style={{ marginBottom: 8 }}><Tag color={sheet.balanced ? "green" : "red"}>{say(sheet.balanced ? "books.balanced" : "books.unbalanced")}</Tag></p>}
      <div className="table">
        <Table
          size="small" pagination={false} rowKey="key" loading={!sheet} dataSource={lines} scroll={{ x: "max-content" }}
          columns={[
            { key: "name", title: say("books.item"), render: (_, line) => name(line) },
            { key: "this", title: say("books.this_year", { day }), ...right, render: (_, line) => leading(line.this_year_fen, { ...unit, from: yearOf(day), to: day }) },
            { key: "last", title: say("books.last_year"), ...right, render: (_, line) => leading(line.last_year_fen, { ...unit, from: yearOf(yearBefore(day)), to: yearBefore(day) }) },
          ]}
        />
      </div>
    </>
  );
}

/** How much of what came in was spent on the purpose. */
export function UseRates({ sheet, nameOf, unit }: { sheet: Shape["UseRatesOut"] | undefined; nameOf: (subject: string) => string; unit: Span }) {
  const say = useSay();
  const span = { ...unit, ...(sheet ? { from: sheet.from, to: sheet.to } : {}) };
  return (
    <div className="table">
      <Table
        size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} rowKey={(line) => line.subject ?? ""} loading={!sheet} dataSource={sheet?.lines ?? []} scroll={{ x: "max-content" }}
        columns={[
          { key: "subject", title: say("books.use_of"), render: (_, line) => (line.subject ? nameOf(line.subject) : <span className="mute">{say("books.use_none")}</span>) },
          { key: "income", title: say("books.use_income"), ...right, render: (_, line) => leading(line.income_fen, span) },
          { key: "spent", title: say("books.use_spent"), ...right, render: (_, line) => leading(line.spent_fen, span) },
          { key: "rate", title: say("books.use_rate"), ...right, render: (_, line) => (typeof line.per_mille === "number" ? `${Math.trunc(line.per_mille / 10)}.${Math.abs(line.per_mille % 10)} %` : <span className="mute">–</span>) },
        ]}
      />
    </div>
  );
}
