import InboxOutlined from "@ant-design/icons/InboxOutlined";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Checkbox, Progress, Select } from "antd";
import { type DragEvent, useRef, useState } from "react";
import { type Shape, api, fetchRaw, take } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { Act, Screen, Trouble } from "../../ui/basics";
import { asOptions, useAccounts, useProjects } from "../../ui/lists";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";
import { Result } from "./Result";
import { reportOf } from "./report";

const WATCH_MS = 700;
/** As the server: crates/integrations/src/importing/api.rs. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const TYPES = ".xlsx,.xls,.csv";

type Choices = { unit?: string; project?: string; account?: string; profile?: string; match?: boolean };
type Way = { dry_run: boolean; keep_good: boolean };

async function send(file: File, choices: Choices, way: Way): Promise<string> {
  const query = new URLSearchParams({ name: file.name, dry_run: String(way.dry_run), keep_good: String(way.keep_good) });
  for (const [key, value] of Object.entries(choices)) if (value) query.set(key, String(value));
  const answer = await fetchRaw(`/api/v1/imports?${query}`, { method: "POST", body: file, headers: { "content-type": "application/octet-stream" } });
  return ((await answer.json()) as Shape["ImportTaken"]).job;
}

/** A file is read first and stored when the person has seen what will happen. */
export function Imports() {
  const say = useSay();
  const { job } = useSearch({ from: "/known/shell/imports" });
  const navigate = useNavigate({ from: "/imports" });
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const begin = async (chosen: File, way: Way) => {
    setBusy(true);
    setError(null);
    try {
      await navigate({ search: { job: await send(chosen, choices, way) } });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const pick = (chosen: File) => {
    setFile(chosen);
    if (chosen.size > FILE_BYTES_MAX) setError(new ApiProblem("file-too-large", 0, say("imports.too_large"), say("imports.too_large_detail"), null, null));
    // With the good rows kept, so that the reading tells them from the bad ones.
    else void begin(chosen, { dry_run: true, keep_good: true });
  };
  const restart = () => {
    setFile(null);
    setError(null);
    void navigate({ search: {} });
    void queries.invalidateQueries({ queryKey: ["gifts"] });
  };
  return (
    <Screen title={say("imports.title")} lead={say("imports.lead")} acts={job && <Button onClick={restart}>{say("imports.another")}</Button>}>
      <div style={{ display: "grid", gap: 16, maxWidth: 960 }}>
        {error !== null && <Trouble error={error} {...(file ? { again: () => pick(file) } : {})} />}
        {job
          ? <Watched job={job} file={file} store={(way) => file && void begin(file, way)} again={pick} />
          : <><Options choices={choices} set={setChoices} /><Drop pick={pick} busy={busy} /></>}
      </div>
    </Screen>
  );
}

function Drop({ pick, busy }: { pick: (file: File) => void; busy: boolean }) {
  const say = useSay();
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file) pick(file);
  };
  return (
    <section className="card" onDragOver={(event) => event.preventDefault()} onDrop={drop} style={{ borderStyle: "dashed" }}>
      <div className="empty">
        <InboxOutlined style={{ fontSize: 40, color: "var(--accent)", marginBottom: 10 }} />
        <b>{say("imports.drop")}</b>
        {say("imports.drop_hint")}
        <div>
          <input ref={input} type="file" accept={TYPES} hidden aria-label={say("imports.choose")} onChange={(event) => event.target.files?.[0] && pick(event.target.files[0])} />
          <Act type="primary" loading={busy} onClick={() => input.current?.click()}>{say("imports.choose")}</Act>
        </div>
      </div>
    </section>
  );
}

function Options({ choices, set }: { choices: Choices; set: (choices: Choices) => void }) {
  const say = useSay();
  const language = useLanguage();
  const projects = useProjects();
  const accounts = useAccounts();
  const units = useUnits();
  const own = useOwnUnit()?.id;
  const unit = choices.unit ?? own;
  const profiles = useQuery({
    queryKey: ["profiles", unit], queryFn: () => take(api.GET("/api/v1/import-profiles", { params: { query: unit ? { unit } : {} } })),
  });
  const named = (profiles.data?.items ?? []).map((profile) => ({ value: profile.name, label: language === "en" ? profile.title_en : profile.title_zh }));
  const choice = (key: "unit" | "project" | "account" | "profile", options: { value: string; label: string }[], label: string, fallback: string) => (
    <label style={{ flex: "1 1 240px" }}>
      <span className="mute">{label}</span>
      <Select allowClear showSearch={{ optionFilterProp: "label" }} style={{ width: "100%" }} placeholder={fallback} aria-label={label} options={options}
        value={choices[key] ?? null} onChange={(value) => set({ ...choices, [key]: value ?? undefined })} />
    </label>
  );
  return (
    <div style={{ display: "flex", gap: 14, flexWrap: "wrap" }}>
      {units.all.length > 1 && choice("unit", units.options, say("unit"), say("imports.unit_auto"))}
      {choice("profile", named, say("imports.profile"), say("imports.profile_auto"))}
      {projects && choice("project", asOptions(projects), say("project"), say("imports.project_auto"))}
      {accounts && choice("account", asOptions(accounts), say("account"), say("imports.account_auto"))}
      <div style={{ flex: "1 1 100%" }}>
        <Checkbox checked={choices.match ?? false} onChange={(event) => set({ ...choices, match: event.target.checked })}>{say("imports.match")}</Checkbox>
        <div className="mute">{say("imports.match_hint")}</div>
      </div>
    </div>
  );
}

/** A job as it goes; the page may be left and opened again. */
function Watched({ job, file, store, again }: { job: string; file: File | null; store: (way: Way) => void; again: (file: File) => void }) {
  const say = useSay();
  const read = useQuery({
    queryKey: ["job", job], queryFn: () => take(api.GET("/api/v1/jobs/{job}", { params: { path: { job } } })),
    refetchInterval: ({ state }) => (state.data && ["done", "failed"].includes(state.data.state) ? false : WATCH_MS),
  });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  const report = reportOf(read.data?.result);
  if (read.data?.state === "done" && report) return <Result key={job} report={report} file={file} store={store} again={again} />;
  if (read.data?.state === "failed") {
    return <section className="card"><h2 style={{ fontSize: 16 }}>{say("imports.failed")}</h2><p>{read.data.error}</p><p className="mute">{say("imports.failed_hint")}</p></section>;
  }
  return (
    <section className="card" aria-live="polite">
      <b>{say("imports.running")}</b>
      <Progress percent={read.data?.progress_percent ?? 0} />
      <p className="mute">{say("imports.leave")}</p>
    </section>
  );
}
