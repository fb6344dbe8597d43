import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented, Select } from "antd";
import { useState } from "react";
import { NOTICE_KINDS, NOTICE_STATES, type Block, type Notice, type StaffNotice, addFile, askNotice, changeNotice, correctNotice, draftNotice, dropNotice, fileOf, notices, publicPage, readNotice, removeFile, withdrawNotice } from "../../api/notices";
import { useMay } from "../../api/session";
import { At, Empty, Facts, Screen, State, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { ListTable } from "../../ui/ListTable";
import { PROJECTS, useProjects } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { QuickForm, type Field } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { type Say, useSay, useWord } from "../../words";
import { type Asking, askedOf, useAskingFields } from "../approvals/Ask";
import { CaseState } from "../approvals/bits";
import { type Entered, type NoticeStep, draftFrom, enteredFrom, isDecided, stepsOfNotice } from "./notices";

const BODY_CHARS_MAX = 20_000;
const TITLE_CHARS_MAX = 80;
const REASON_CHARS_MAX = 500;
const KEY = ["notices"] as const;
const ALL = "all";

const numberOf = (say: Say, notice: Notice): string => {
  if (notice.number === null || notice.year === null) return "";
  const number = say("notices.number", { year: notice.year, n: notice.number });
  return notice.version > 1 ? `${number} · ${say("notices.version", { n: notice.version })}` : number;
};

/** What units tell the public: drafts, what is decided, what was published and what became of it. */
export function Notices() {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const units = useUnits();
  const search = useSearch({ from: "/known/shell/notices" });
  const navigate = useNavigate({ from: "/notices" });
  const [writing, setWriting] = useState(false);
  const state = search.state ?? ALL;
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, ...change } });
  const wanted = { unit: search.unit, state: state === ALL ? undefined : state };
  const pages = usePages<Notice>([...KEY, "list", wanted], (page) => notices(wanted, page));
  const columns = [
    { key: "title", title: say("notices.field.title"), cell: (one: Notice) => one.texts.title, text: (one: Notice) => one.texts.title },
    { key: "number", title: say("notices.field.number"), cell: (one: Notice) => numberOf(say, one) },
    { key: "kind", title: say("notices.field.kind"), cell: (one: Notice) => name("notices.kind", one.kind) },
    { key: "state", title: say("state"), cell: (one: Notice) => <State word={one.state} group="notices.state" /> },
    { key: "unit", title: say("unit"), cell: (one: Notice) => units.name(one.unit) },
    { key: "published", title: say("notices.field.published_at"), cell: (one: Notice) => (one.published_at ? <At at={one.published_at} /> : "") },
    { key: "created", title: say("notices.field.created_at"), extra: true, cell: (one: Notice) => <At at={one.created_at} /> },
  ];
  const opened = writing ? null : search.notice;
  return (
    <Screen title={say("notices.title")} lead={say("notices.lead")} acts={may("approval_request") && <Button type="primary" onClick={() => { setWriting(true); set({ notice: undefined }); }}>{say("notices.write")}</Button>}>
      <div className="bar">
        <Segmented value={state} options={[{ value: ALL, label: say("notices.all") }, ...NOTICE_STATES.map((value) => ({ value, label: name("notices.state", value) }))]} onChange={(value) => set({ state: value === ALL ? undefined : value, notice: undefined })} />
        <Select style={{ minWidth: 200 }} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={say("unit")} aria-label={say("unit")} options={units.options} value={search.unit ?? null} onChange={(unit) => set({ unit: unit ?? undefined, notice: undefined })} />
      </div>
      <div className={opened || writing ? "split open" : "split"}>
        <ListTable<Notice> name="notices" columns={columns} pages={pages} rowKey={(one) => one.id} open={(one) => { setWriting(false); set({ notice: one.id }); }} opened={opened} empty={<Empty title={say("notices.none")}>{say("notices.none_hint")}</Empty>} />
        {writing && <Write close={() => setWriting(false)} written={(id) => { setWriting(false); set({ notice: id }); }} />}
        {opened && <One key={opened} id={opened} show={(id) => set({ notice: id })} close={() => set({ notice: undefined })} />}
      </div>
    </Screen>
  );
}

/** The fields of a draft; its unit is chosen once. */
function useDraftFields(): (withUnit: boolean) => Field[] {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const may = useMay();
  const known = PROJECTS.some(may);
  const projects = useProjects();
  return (withUnit) => {
    const options = (projects ?? []).filter((one) => one.state !== "draft").map((one) => ({ value: one.id, label: one.title }));
    const all: (Field | false)[] = [
      withUnit && { name: "unit", kind: "choice", label: say("unit"), options: units.options },
      { name: "kind", kind: "choice", label: say("notices.field.kind"), options: NOTICE_KINDS.map((value) => ({ value, label: name("notices.kind", value) })) },
      known && options.length > 0 && { name: "project", kind: "choice", label: say("project"), optional: true, options },
      { name: "title", label: say("notices.field.title"), chars: TITLE_CHARS_MAX },
      { name: "body", kind: "area", label: say("notices.field.body"), hint: say("notices.body_hint"), chars: BODY_CHARS_MAX },
      { name: "title_en", label: say("notices.field.title_en"), hint: say("notices.english_hint"), optional: true, chars: TITLE_CHARS_MAX },
      { name: "body_en", kind: "area", label: say("notices.field.body_en"), optional: true, chars: BODY_CHARS_MAX },
    ];
    return all.filter((field): field is Field => field !== false);
  };
}

function Write({ close, written }: { close: () => void; written: (id: string) => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const own = useOwnUnit();
  const fields = useDraftFields();
  return (
    <Panel title={say("notices.write")} close={close}>
      <QuickForm<Entered>
        fields={fields(true)} initial={{ kind: "announcement", ...(own ? { unit: own.id } : {}) }} draft="notice.new" effect={say("notices.write_effect")} button={say("save")} done={say("saved")} after={() => undefined} cancel={close}
        submit={async (entered) => {
          const made = await draftNotice(entered.unit, draftFrom(entered));
          await queries.invalidateQueries({ queryKey: KEY });
          written(made.notice.id);
        }}
      />
    </Panel>
  );
}

/** A body as everybody will see it: text in its parts, never markup. */
export function Blocks({ of }: { of: Block[] }) {
  return (
    <div className="prose" data-blocks>
      {of.map((part, at) => {
        if (part.kind === "heading") return <h3 key={at}>{part.text}</h3>;
        if (part.kind === "items") return <ul key={at}>{part.items.map((item, n) => <li key={n}>{item}</li>)}</ul>;
        return <p key={at}>{part.lines.map((line, n) => <span key={n}>{n > 0 && <br />}{line}</span>)}</p>;
      })}
    </div>
  );
}

function One({ id, show, close }: { id: string; show: (id: string) => void; close: () => void }) {
  const say = useSay();
  const read = useQuery({ queryKey: [...KEY, "one", id], queryFn: () => readNotice(id) });
  if (read.error) return <Panel title={say("notices.one")} close={close}><Trouble error={read.error} again={() => void read.refetch()} /></Panel>;
  if (!read.data) return <Panel title={say("notices.one")} close={close}><p className="mute">{say("loading")}</p></Panel>;
  return <Shown read={read.data} show={show} close={close} />;
}

function Shown({ read, show, close }: { read: StaffNotice; show: (id: string) => void; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const units = useUnits();
  const queries = useQueryClient();
  const [form, setForm] = useState<NoticeStep["key"] | null>(null);
  const { notice } = read;
  const again = async () => {
    setForm(null);
    await queries.invalidateQueries();
  };
  const steps = stepsOfNotice(read).filter((step) => may(step.may));
  const choice = (step: NoticeStep): Choice => {
    const label = say(`notices.step.${step.key}`);
    switch (step.key) {
      case "drop": return { key: step.key, label, done: say("saved"), run: () => dropNotice(notice.id) };
      case "correct": return { key: step.key, label, look: "primary", done: say("notices.correction_begun"), run: async () => show((await correctNotice(notice.id)).notice.id) };
      case "withdraw": return { key: step.key, label, look: "danger", note: say("notices.withdraw_reason"), chars: REASON_CHARS_MAX, done: say("saved"), run: (reason) => withdrawNotice(notice.id, reason) };
      case "ask": return { key: step.key, label, look: "primary", open: () => setForm("ask") };
      default: return { key: step.key, label, open: () => setForm(step.key) };
    }
  };
  const effect = notice.state === "published" ? say("notices.published_effect") : notice.state === "draft" ? say(isDecided(read.case_state) ? "notices.decided_effect" : "notices.draft_effect") : "";
  const acts = form === null && (steps.length > 0 ? <Decide effect={effect} choices={steps.map(choice)} after={() => void again()} /> : effect && <p className="effect">{effect}</p>);
  return (
    <Panel title={notice.texts.title} close={close} acts={acts}>
      <Facts of={[
        [say("state"), <State key="s" word={notice.state} group="notices.state" />],
        [say("notices.field.number"), numberOf(say, notice)],
        [say("notices.field.kind"), name("notices.kind", notice.kind)],
        [say("unit"), units.name(notice.unit)],
        [say("approvals.one"), read.case && read.case_state && <span key="c"><CaseState word={read.case_state} /> <Link to="/cases" search={{ case: read.case }}>{say("approvals.open_case")}</Link></span>],
        [say("notices.field.published_at"), notice.published_at && <At key="p" at={notice.published_at} />],
        [say("notices.withdrawn_because"), notice.end_reason],
        [say("notices.public_page"), notice.published_at && <a key="l" href={publicPage(notice.id)} target="_blank" rel="noreferrer">{publicPage(notice.id)}</a>],
        [say("notices.fingerprint"), notice.sha256 && <span key="h" className="code">{notice.sha256}</span>],
      ]} />
      {form === "edit" && <Edit read={read} close={() => setForm(null)} after={() => void again()} />}
      {form === "ask" && <AskNotice notice={notice} close={() => setForm(null)} />}
      {form === "files" && <AddFile notice={notice} close={() => setForm(null)} after={() => void again()} />}
      {form !== "edit" && <Preview notice={notice} />}
      <Files read={read} again={() => void again()} />
      <Versions read={read} show={show} />
      <History of={notice.id} />
    </Panel>
  );
}

function Preview({ notice }: { notice: Notice }) {
  const say = useSay();
  return (
    <section className="section">
      <h3>{say("notices.preview")}</h3>
      <Blocks of={notice.blocks} />
      {notice.texts.title_en && <><h3 lang="en">{notice.texts.title_en}</h3><Blocks of={notice.blocks_en} /></>}
    </section>
  );
}

function Edit({ read, close, after }: { read: StaffNotice; close: () => void; after: () => void }) {
  const say = useSay();
  const fields = useDraftFields();
  return (
    <QuickForm<Entered>
      fields={fields(false)} initial={enteredFrom(read)} draft={`notice.${read.notice.id}`} button={say("save")} done={say("saved")} after={after} cancel={close}
      submit={(entered) => changeNotice(read.notice.id, draftFrom({ ...enteredFrom(read), project: undefined, title_en: undefined, body_en: undefined, ...entered }))}
    />
  );
}

function AskNotice({ notice, close }: { notice: Notice; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { fields } = useAskingFields(notice.unit, "notice");
  return (
    <QuickForm<Asking>
      fields={fields} draft={`approval.notice.${notice.id}`} effect={say("notices.ask_effect")} button={say("notices.step.ask")} done={say("approvals.asked")} after={() => undefined} cancel={close}
      submit={async (entered) => {
        const { case: id } = await askNotice(notice.id, askedOf(entered));
        await queries.invalidateQueries();
        void navigate({ to: "/cases", search: { case: id } });
      }}
    />
  );
}

function AddFile({ notice, close, after }: { notice: Notice; close: () => void; after: () => void }) {
  const say = useSay();
  return (
    <QuickForm<{ file: File }>
      fields={[{ name: "file", kind: "file", label: say("notices.file"), hint: say("notices.file_hint") }]}
      button={say("notices.step.files")} done={say("saved")} after={after} cancel={close} submit={({ file }) => addFile(notice.id, file)}
    />
  );
}

function Files({ read, again }: { read: StaffNotice; again: () => void }) {
  const say = useSay();
  const may = useMay();
  const [error, setError] = useState<unknown>(null);
  const { notice } = read;
  if (notice.files.length === 0) return null;
  const open = notice.state === "draft" && !isDecided(read.case_state) && may("approval_request");
  const remove = (sha256: string) => void removeFile(notice.id, sha256).then(again, setError);
  return (
    <section className="section">
      <h3>{say("notices.files")}</h3>
      {error !== null && <Trouble error={error} />}
      <ul>{notice.files.map((file) => (
        <li key={file.sha256}>
          <a href={fileOf(notice.id, file.sha256)}>{file.name}</a> <span className="mute">{Math.ceil(file.length / 1024)} KB</span>
          {open && <Button type="link" size="small" onClick={() => remove(file.sha256)}>{say("notices.file_remove")}</Button>}
        </li>
      ))}</ul>
    </section>
  );
}

function Versions({ read, show }: { read: StaffNotice; show: (id: string) => void }) {
  const say = useSay();
  if (read.versions.length < 2) return null;
  return (
    <section className="section" data-versions>
      <h3>{say("notices.versions")}</h3>
      <ol>{read.versions.map((one) => (
        <li key={one.id}>
          {one.id === read.notice.id ? <b>{say("notices.version", { n: one.version })}</b> : <Button type="link" size="small" onClick={() => show(one.id)}>{say("notices.version", { n: one.version })}</Button>}{" "}
          <State word={one.state} group="notices.state" /> {one.published_at && <At at={one.published_at} />}
        </li>
      ))}</ol>
    </section>
  );
}
