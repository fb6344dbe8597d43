import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Progress, Tag } from "antd";
import { useEffect, useState } from "react";
import { api, fetchRaw, take } from "../../api/client";
import { Facts, Money, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";

const WATCH_MS = 1000;
/** Rows told one by one; the report of `qiao platforms import` has all. */
const TOLD_MAX = 20;

type Entered = { platform: string; unit: string; number?: string; detail: File; matching?: File; settlement: File; dry_run?: boolean };
type Part = { lines: number; sum_fen: number; new: number; known: number; held: number };
type Note = { file: string; row: number; zh: string; en: string };
type Difference = { place: string; zh: string; en: string; stated: number; found: number };
/** What the job says at its end: StatementReport of crates/integrations. */
type Report = { number: string; gifts: Part; matches: Part; net_fen: number; refused: Note[]; differences: Difference[]; ties: boolean; changed_nothing: boolean; repeated: boolean };

const isReport = (result: unknown): result is Report => typeof result === "object" && result !== null && "ties" in result && "differences" in result;

async function send(entered: Entered): Promise<string> {
  const form = new FormData();
  form.append("detail", entered.detail);
  if (entered.matching) form.append("matching", entered.matching);
  form.append("settlement", entered.settlement);
  const query = new URLSearchParams({ dry_run: String(Boolean(entered.dry_run)), ...(entered.number?.trim() ? { number: entered.number.trim() } : {}) });
  const answer = await fetchRaw(`/api/v1/platforms/${encodeURIComponent(entered.platform)}/units/${encodeURIComponent(entered.unit)}/statements?${query}`, { method: "POST", body: form });
  return ((await answer.json()) as { job: string }).job;
}

/** A settlement with the files behind it: first all of it is read, and nothing is stored unless counts and sums tie. */
export function BringStatement({ platforms, close }: { platforms: readonly string[]; close: () => void }) {
  const say = useSay();
  const units = useUnits();
  const [job, setJob] = useState<string | null>(null);
  return (
    <Panel title={say("platforms.bring")} close={close}>
      {job ? <Watched job={job} /> : (
        <QuickForm<Entered>
          fields={[
            { name: "platform", kind: "choice", label: say("platforms.title"), options: platforms.map((value) => ({ value, label: say(`platform.${value as "tencent-gongyi"}`) })) },
            { name: "unit", kind: "choice", label: say("unit"), options: units.options },
            { name: "detail", kind: "file", label: say("platforms.file_detail") }, { name: "matching", kind: "file", label: say("platforms.file_matching"), optional: true },
            { name: "settlement", kind: "file", label: say("platforms.file_settlement") },
            { name: "number", label: say("platforms.number"), optional: true, hint: say("platforms.number_hint") },
            { name: "dry_run", kind: "check", label: say("platforms.dry_run") },
          ]}
          initial={{ platform: platforms[0] ?? "", dry_run: true }} effect={say("platforms.bring_effect")} button={say("platforms.bring")} done={say("saved")}
          submit={async (entered) => setJob(await send(entered))} after={() => undefined} cancel={close}
        />
      )}
    </Panel>
  );
}

function Watched({ job }: { job: string }) {
  const say = useSay();
  const language = useLanguage();
  const queries = useQueryClient();
  const read = useQuery({
    queryKey: ["job", job], queryFn: () => take(api.GET("/api/v1/jobs/{job}", { params: { path: { job } } })),
    refetchInterval: ({ state }) => (state.data && ["done", "failed"].includes(state.data.state) ? false : WATCH_MS),
  });
  const state = read.data?.state;
  useEffect(() => {
    if (state === "done") void queries.invalidateQueries({ queryKey: ["platform statements"] });
  }, [state, queries]);
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (state === "failed") return <p role="alert">{read.data?.error}</p>;
  const report: unknown = read.data?.result;
  if (state !== "done" || !isReport(report)) return <Progress percent={read.data?.progress_percent ?? 0} />;
  const part = (one: Part) => <><Money fen={one.sum_fen} /> · {one.lines} ({say("platforms.part", { added: one.new, known: one.known, held: one.held })})</>;
  return (
    <>
      <p><Tag color={report.ties ? "green" : "red"}>{say(report.ties ? "platforms.ties" : "platforms.ties_not")}</Tag> {say(report.repeated ? "platforms.repeated" : report.changed_nothing ? "platforms.nothing_stored" : "platforms.stored")}</p>
      <Facts of={[[say("platforms.number"), report.number], [say("platforms.gifts"), part(report.gifts)], [say("platforms.match"), part(report.matches)], [say("platforms.net"), <Money key="n" fen={report.net_fen} />]]} />
      {report.differences.length > 0 && <section className="section"><h3>{say("platforms.sheet_differences")}</h3><ul>{report.differences.slice(0, TOLD_MAX).map((one) => <li key={JSON.stringify(one)}>{one.place}: {language === "en" ? one.en : one.zh} · {say("platforms.stated_found", { stated: one.stated, found: one.found })}</li>)}</ul></section>}
      {report.refused.length > 0 && <section className="section"><h3>{say("platforms.refused_rows")}</h3><ul>{report.refused.slice(0, TOLD_MAX).map((one) => <li key={`${one.file} ${one.row}`}>{one.file} {one.row}: {language === "en" ? one.en : one.zh}</li>)}</ul></section>}
    </>
  );
}
