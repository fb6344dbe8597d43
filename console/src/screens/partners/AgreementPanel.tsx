import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Progress, Skeleton } from "antd";
import { useState } from "react";
import { type Agreement, type AgreementWhole, type Line, type Payment, type Row, file, handIn, post, read } from "../../api/partnership";
import { freshKey } from "../../lib/key";
import { yuan } from "../../lib/money";
import { Act, At, Empty, Facts, Money, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { AmendForm, Amendments } from "./AmendForm";
import { Back, useMoneyFields, useWhy } from "./bits";

type Form = "sign" | "end" | "pay" | "goods" | "amend";
const FULL = 1000;

/** A target as a bar; beside it the sums in words. */
function Target({ line }: { line: Line }) {
  const say = useSay();
  const label = `${line.year} ${say(`partner_kind.${line.kind}`)}`;
  return (
    <li>
      <div style={{ display: "flex", gap: 8, flexWrap: "wrap" }}>
        <b style={{ flex: 1 }}>{label}</b>
        <span><Money fen={line.done_fen} />{line.target_fen !== null && ` / ${yuan(line.target_fen)} ${say("yuan")}`}</span>
      </div>
      {line.per_mille === null ? <small className="mute">{say("partnership.no_target")}</small> : <Progress percent={line.per_mille / 10} status={line.per_mille >= FULL ? "success" : "normal"} aria-label={label} />}
    </li>
  );
}

/** Where a row of the progress leads: its purchase, or the dispatch orders. */
function From({ row, agreement }: { row: Row; agreement: string }) {
  const name = useWord();
  const words = `${name("partner_source", row.source)} ${row.number}`;
  if (row.source === "purchase") return <Link to="/partner-purchases" search={{ agreement, purchase: row.subject }}>{words}</Link>;
  if (row.source === "dispatch") return <Link to="/dispatches" search={{ order: row.subject }}>{words}</Link>;
  return <span>{words}</span>;
}

/** An agreement: how far it is by the books, the rows behind each figure, and its next step. */
export function AgreementPanel({ unit, agreement, region, close }: { unit: string; agreement: Agreement; region: string; close: () => void }) {
  const say = useSay();
  const why = useWhy();
  const at = `agreements/${agreement.id}`;
  const about = ["partnership", agreement.id];
  const whole = useQuery({ queryKey: [...about, "whole"], queryFn: () => read<AgreementWhole>(at) });
  const progress = useQuery({ queryKey: [...about, "progress"], queryFn: () => read<{ as_of: string; lines: Line[] }>(`${at}/progress`) });
  const rows = useQuery({ queryKey: [...about, "rows"], queryFn: () => read<Row[]>(`${at}/rows`) });
  const payments = useQuery({ queryKey: [...about, "payments"], queryFn: () => read<Payment[]>(`${at}/payments`) });
  const now = whole.data?.agreement ?? agreement;
  const version = whole.data?.versions[0];
  const fault = whole.error ?? progress.error ?? rows.error ?? payments.error;
  const waiting = (payments.data ?? []).filter((one) => one.state === "proposed");
  return (
    <Panel title={now.title} close={close} acts={<Steps unit={unit} agreement={now} whole={whole.data} />}>
      {fault && <Trouble error={fault} />}
      <Facts of={[
        [say("state"), <State key="s" group="agreement" word={now.state} />], [say("partnership.region"), region],
        [say("partnership.years"), version && `${version.first_day} – ${version.last_day}`],
        [say("partnership.signed_on"), now.signed_on && now.signed_file && <a key="f" href={file(`files/${now.signed_file}`)}>{now.signed_on}</a>],
        [say("partnership.version"), version && version.version > 1 && `${version.version} · ${version.reason}`],
        [say("partnership.ended"), now.ended_on && `${now.ended_on} · ${now.ended_why ?? ""}`],
      ]} />
      <section className="section">
        <h3>{say("partnership.progress")}</h3>
        {progress.data ? <ul style={{ display: "grid", gap: 10 }}>{progress.data.lines.map((line) => <Target key={`${line.year} ${line.kind}`} line={line} />)}</ul> : <Skeleton active />}
        {progress.data && <p className="mute">{say("partnership.by_books")} <At at={progress.data.as_of} /></p>}
      </section>
      {waiting.length > 0 && (
        <section className="section">
          <h3>{say("partnership.waiting")}</h3>
          <ul style={{ display: "grid", gap: 8 }}>{waiting.map((one) => <Waiting key={one.id} payment={one} />)}</ul>
        </section>
      )}
      <section className="section">
        <h3>{say("partnership.rows")}</h3>
        {rows.data?.length === 0 && <Empty title={say("partnership.no_row")} />}
        <ul style={{ display: "grid", gap: 6 }}>
          {rows.data?.map((row) => (
            <li key={`${row.source} ${row.subject}`} style={{ display: "flex", gap: 8, flexWrap: "wrap" }}>
              <span style={{ flex: 1 }}>{row.day} <From row={row} agreement={agreement.id} /> {row.words}{row.reversed_fen > 0 && <small className="mute"> {say("partnership.reversed", { sum: yuan(row.reversed_fen) })}</small>}</span>
              <Money fen={row.value_fen} />
              {row.source === "dispatch" && now.state !== "ended" && <Back path={`${at}/goods/undo`} also={{ number: row.number }} word={say("partnership.unlink")} effect={say("partnership.unlink_effect")} why={why("partner_manage")} />}
            </li>
          ))}
        </ul>
        <Button size="small" href={file(`${at}/rows/csv`)}>{say("export.csv")}</Button>
      </section>
      <Amendments of={whole.data?.amendments ?? []} />
      {version && version.pairs.length > 0 && (
        <section className="section">
          <h3>{say("partnership.pairs")}</h3>
          <ul>{version.pairs.map((pair) => <li key={pair.ours}>{pair.ours_name || pair.ours} – {pair.theirs_name || pair.theirs}</li>)}</ul>
        </section>
      )}
      <History of={agreement.id} />
    </Panel>
  );
}

/** A payment that another person is to book. */
function Waiting({ payment }: { payment: Payment }) {
  const say = useSay();
  const why = useWhy();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const book = async () => {
    setBusy(true);
    setFault(null);
    try {
      await post(`payments/${payment.id}/paid`, { paid_from: "bank" });
      await queries.invalidateQueries();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li style={{ display: "grid", gap: 4 }}>
      <span>{payment.number} {payment.purpose} <Money fen={payment.amount_fen} /></span>
      <span style={{ display: "flex", gap: 8, flexWrap: "wrap" }}>
        <Act size="small" type="primary" loading={busy} why={why("books_post")} onClick={() => void book()}>{say("partnership.book")}</Act>
        <Back path={`payments/${payment.id}/withdraw`} word={say("partnership.pay_withdraw")} why={why("partner_manage")} />
      </span>
      {fault !== null && <Trouble error={fault} />}
    </li>
  );
}

/** What can be done with an agreement now. */
function Steps({ unit, agreement, whole }: { unit: string; agreement: Agreement; whole: AgreementWhole | undefined }) {
  const say = useSay();
  const why = useWhy();
  const queries = useQueryClient();
  const money = useMoneyFields();
  const [form, setForm] = useState<{ of: Form; key: string } | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const at = `agreements/${agreement.id}`;
  const after = () => {
    setForm(null);
    void queries.invalidateQueries();
  };
  const common = { done: say("saved"), after, cancel: () => setForm(null) };
  const begin = (of: Form) => setForm({ of, key: freshKey(of) });
  const start = async () => {
    setFault(null);
    try {
      await post(`${at}/start`);
      after();
    } catch (error) {
      setFault(error);
    }
  };
  const kinds = (["money", "student_aid"] as const).map((value) => ({ value, label: say(`partner_kind.${value}`) }));
  const ofPayment: Field[] = [{ name: "amount_fen", kind: "money", label: say("partnership.amount") }, { name: "kind", kind: "choice", label: say("partnership.counted_in"), options: kinds }, { name: "purpose", label: say("partnership.purpose"), hint: say("partnership.purpose_hint"), chars: 120 }, ...money];
  if (form?.of === "sign") {
    return <QuickForm<{ signed_on: string; paper: File }> {...common} fields={[{ name: "signed_on", kind: "day", label: say("partnership.signed_on") }, { name: "paper", kind: "file", label: say("partnership.signed_paper") }]} effect={say("partnership.sign_effect")} button={say("partnership.sign")} submit={async ({ signed_on, paper }) => post(`${at}/signature`, { signed_on, file: await handIn(unit, paper) })} />;
  }
  if (form?.of === "end") {
    return <QuickForm<{ day: string; reason: string }> {...common} fields={[{ name: "day", kind: "day", label: say("partnership.end_day") }, { name: "reason", label: say("reason") }]} button={say("partnership.end")} submit={(body) => post(`${at}/end`, body)} />;
  }
  if (form?.of === "pay") {
    return <QuickForm<Record<string, unknown>> {...common} fields={ofPayment} effect={say("partnership.pay_effect")} button={say("partnership.pay")} submit={(body) => post(`${at}/payments`, { ...body, key: form.key })} />;
  }
  if (form?.of === "goods") {
    return <QuickForm<{ number: string }> {...common} fields={[{ name: "number", label: say("partnership.order_number"), hint: say("partnership.order_hint") }]} button={say("partnership.link")} submit={(body) => post(`${at}/goods`, body)} />;
  }
  if (form?.of === "amend" && whole) return <AmendForm unit={unit} whole={whole} formKey={form.key} after={after} cancel={common.cancel} />;
  const byCase = whole?.by_case === true && agreement.state !== "draft";
  const waits = whole?.amendments.some((one) => one.state === "asked") ? say("partnership.amend_waits") : null;
  const amends = agreement.state === "draft" ? why("partner_manage") : byCase ? (why("partner_manage") ?? why("approval_request") ?? waits) : why("partner_approve");
  return (
    <div className="buttons">
      {agreement.state === "draft" && <Act type="primary" why={why("partner_approve")} onClick={() => begin("sign")}>{say("partnership.sign")}</Act>}
      {agreement.state === "signed" && <Act type="primary" why={why("partner_manage")} onClick={() => void start()}>{say("partnership.start")}</Act>}
      {agreement.state === "running" && <Act type="primary" why={why("partner_manage")} onClick={() => begin("pay")}>{say("partnership.pay")}</Act>}
      {agreement.state === "running" && <Act why={why("partner_manage")} onClick={() => begin("goods")}>{say("partnership.link")}</Act>}
      {whole && agreement.state !== "ended" && <Act why={amends} onClick={() => begin("amend")}>{say(byCase ? "partnership.amend_ask" : "partnership.amend")}</Act>}
      {agreement.state === "running" && <Act why={why("partner_approve")} onClick={() => begin("end")}>{say("partnership.end")}</Act>}
      {fault !== null && <Trouble error={fault} />}
    </div>
  );
}
