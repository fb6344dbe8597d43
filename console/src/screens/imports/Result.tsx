import { useQueryClient } from "@tanstack/react-query";
import { Alert, Table, Tag } from "antd";
import { useState } from "react";
import { api, take } from "../../api/client";
import { yuan } from "../../lib/money";
import { Act, Money, Trouble } from "../../ui/basics";
import { useSay, useWord } from "../../words";
import { Mend } from "./Mend";
import { type Report, rowsOf } from "./report";

const FATES = { refused: "red", held: "gold", skipped: "default" } as const;
const ROWS_SHOWN = 50;

type ResultProps = { report: Report; file: File | null; store: (way: { dry_run: boolean; keep_good: boolean }) => void; again: (file: File) => void };

/** What a file held: figures, control totals, the rows that need a look, and the next step. */
export function Result({ report, file, store, again }: ResultProps) {
  const say = useSay();
  const name = useWord();
  const isStored = !report.changed_nothing;
  const figures: [string, string | number][] = [
    [say("imports.rows"), report.rows_read], [say("imports.known"), report.gifts_known], [say("imports.held"), report.held.length],
    [say("imports.skipped"), report.skipped.length], [say("imports.refused"), report.refused.length],
  ];
  return (
    <section className="card">
      <h2 style={{ fontSize: 17, marginBottom: 2 }}>{isStored ? say("imports.stored") : say("imports.read")}</h2>
      <p className="mute" style={{ marginBottom: 14 }}>{report.file} · {report.profile}</p>
      <dl className="figures">
        <div><dt>{say("imports.new")}</dt><dd className="number">{report.gifts_new}</dd></div>
        <div><dt>{say("imports.sum")}</dt><dd><Money fen={report.sum_new_fen} /></dd></div>
        {figures.map(([term, value]) => <div key={term}><dt>{term}</dt><dd className="number">{value}</dd></div>)}
      </dl>
      {report.control_totals.map((control) => (
        <Alert key={`${control.row} ${control.label}`} type={control.ties ? "success" : "warning"} showIcon style={{ marginBottom: 10 }}
          title={say(control.ties ? "imports.ties" : "imports.ties_not", { label: control.label, stated: yuan(control.stated_fen), found: yuan(control.found_fen) })} />
      ))}
      {rowsOf(report).length > 0 && (
        <Table
          size="small" rowKey={(row) => `${row.row} ${row.reason}`} dataSource={rowsOf(report)} style={{ marginBottom: 14 }}
          pagination={rowsOf(report).length > ROWS_SHOWN ? { pageSize: ROWS_SHOWN, showSizeChanger: false } : false}
          columns={[
            { key: "row", title: say("imports.row"), width: 90, align: "right", render: (_, row) => row.row },
            { key: "fate", title: say("imports.fate"), width: 130, render: (_, row) => <Tag color={FATES[row.fate]}>{say(`imports.fate.${row.fate}`)}</Tag> },
            { key: "reason", title: say("reason"), render: (_, row) => name("row_reason", row.reason) },
          ]}
        />
      )}
      {isStored ? <TakeBack report={report} /> : <Next report={report} file={file} store={store} again={again} />}
    </section>
  );
}

function Next({ report, file, store, again }: ResultProps) {
  const say = useSay();
  const bad = report.refused.length;
  const gone = file ? null : say("imports.file_gone");
  const nothing = report.gifts_new + report.held.length === 0 ? say("imports.nothing_new") : gone;
  return (
    <>
      {bad > 0 && file && <Mend file={file} refused={report.refused} again={again} />}
      <p className="effect" style={{ marginBottom: 12 }}>
        {bad > 0 ? say("imports.mend", { count: bad }) : say("imports.effect", { count: report.gifts_new, sum: yuan(report.sum_new_fen) })}
      </p>
      {bad > 0
        ? <Act why={nothing} onClick={() => store({ dry_run: false, keep_good: true })}>{say("imports.keep_good", { count: report.gifts_new })}</Act>
        : <Act type="primary" why={nothing} onClick={() => store({ dry_run: false, keep_good: false })}>{say("imports.store", { count: report.gifts_new })}</Act>}
    </>
  );
}

function TakeBack({ report }: { report: Report }) {
  const say = useSay();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [back, setBack] = useState<{ gifts: number; kept: number; sum_fen: number } | null>(null);
  if (!report.import_id) return null;
  const at = { params: { path: { import: report.import_id } } };
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      setBack(await take(api.POST("/api/v1/imports/{import}/take_back", at)));
      await queries.invalidateQueries({ queryKey: ["gifts"] });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (back) return <Alert type="success" showIcon title={say("imports.taken_back", { count: back.gifts, sum: yuan(back.sum_fen), kept: back.kept })} />;
  return (
    <>
      {error !== null && <Trouble error={error} />}
      {sure && <p className="effect" style={{ marginBottom: 12 }}>{say("imports.take_back_effect", { count: report.gifts_new })}</p>}
      {sure
        ? <Act danger loading={busy} onClick={() => void run()}>{say("imports.take_back_sure")}</Act>
        : <Act onClick={() => setSure(true)}>{say("imports.take_back")}</Act>}
    </>
  );
}
