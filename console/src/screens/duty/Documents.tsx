import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Input, Segmented, Select } from "antd";
import { useState } from "react";
import { DOCUMENTS, type DocumentLine, type DocumentLink, documents } from "../../api/documents";
import { useMay } from "../../api/session";
import { Act, At, Empty, Screen } from "../../ui/basics";
import { type Column, ListTable } from "../../ui/ListTable";
import { type FetchPage, usePages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { moment } from "../../lib/time";
import { DocumentPanel } from "./DocumentPanel";
import { SendDocument } from "./SendDocument";

const SIDES = ["received", "sent"] as const;
const STATES = ["sent", "withdrawn"] as const;

/** Numbered documents, received and sent: found by words, read, confirmed, answered. */
export function Documents() {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const may = useMay();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/documents" });
  const navigate = useNavigate({ from: "/documents" });
  const [writing, setWriting] = useState<{ answers: DocumentLink | null } | null>(null);
  const [typed, setTyped] = useState(search.q ?? "");
  const { side, state, q } = search;
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, ...change } });
  const fetchPage: FetchPage<DocumentLine> = ({ cursor, limit }) => documents({ side, state, q, cursor, limit });
  const pages = usePages<DocumentLine>([...DOCUMENTS, side ?? null, state ?? null, q ?? null], fetchPage);
  const columns: Column<DocumentLine>[] = [
    { key: "code", title: say("documents.code"), cell: (one) => <span className="bounded">{one.code}</span>, text: (one) => one.code },
    { key: "title", title: say("documents.subject"), cell: (one) => <span className="bounded">{one.title}</span>, text: (one) => one.title },
    { key: "unit", title: say("documents.from"), cell: (one) => units.name(one.unit), text: (one) => units.name(one.unit) },
    { key: "state", title: say("state"), cell: (one) => <span className={one.state === "sent" ? "state good" : "state bad"}>{name("document_state", one.state)}</span>, text: (one) => name("document_state", one.state) },
    { key: "receipts", title: say("documents.receipts"), cell: (one) => say("documents.receipts_count", { read: one.read, confirmed: one.confirmed, all: one.recipients }), text: (one) => `${one.confirmed}/${one.recipients}` },
    { key: "sent_at", title: say("documents.sent_at"), cell: (one) => <At at={one.sent_at} />, text: (one) => moment(one.sent_at) },
    { key: "confirm_by", title: say("documents.confirm_by"), cell: (one) => (one.confirm_by ? <At at={one.confirm_by} /> : <span className="mute">–</span>), text: (one) => (one.confirm_by ? moment(one.confirm_by) : "") },
  ];
  const show = (document: string | undefined) => {
    setWriting(null);
    set({ document });
  };
  const write = (answers: DocumentLink | null) => {
    set({ document: undefined });
    setWriting({ answers });
  };
  const why = may("document_send") ? null : say("may_not", { permission: say("permission.document_send") });
  const acts = (
    <Act type="primary" why={why} onClick={() => write(null)}>{say("documents.new")}</Act>
  );
  return (
    <Screen title={say("documents.title")} lead={say("documents.lead")} acts={acts}>
      <div className="bar">
        <Segmented value={side ?? ""} options={[{ value: "", label: say("documents.all") }, ...SIDES.map((value) => ({ value: value as string, label: say(`documents.side_${value}`) }))]} onChange={(value) => set({ side: value || undefined })} />
        <Select style={{ minWidth: 130 }} allowClear aria-label={say("state")} placeholder={say("state")} value={state ?? null} options={STATES.map((value) => ({ value, label: say(`document_state.${value}`) }))} onChange={(value) => set({ state: value ?? undefined })} />
        <Input.Search style={{ maxWidth: 300 }} allowClear aria-label={say("documents.search")} placeholder={say("documents.search")} value={typed} onChange={(event) => setTyped(event.target.value)} onSearch={(value) => set({ q: value.trim() || undefined })} />
      </div>
      <div className={search.document || writing ? "split open wide" : "split"}>
        <ListTable<DocumentLine> name="documents" columns={columns} pages={pages} rowKey={(one) => one.id} open={(one) => show(one.id)} opened={search.document} empty={<Empty title={say("documents.none")}>{say(q ? "documents.none_found" : "documents.none_hint")}</Empty>} />
        {writing && <SendDocument key={writing.answers?.id ?? "new"} answers={writing.answers} close={() => { setWriting(null); void queries.invalidateQueries({ queryKey: DOCUMENTS }); }} />}
        {!writing && search.document && <DocumentPanel key={search.document} id={search.document} answer={why ? null : write} show={show} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}
