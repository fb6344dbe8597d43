import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useEffect, useRef } from "react";
import { DOCUMENTS, type DocumentLink, type OneDocument, type Receipt, confirmDocument, noteRead, oneDocument, partAt, remindOf, withdrawDocument } from "../../api/documents";
import { useMay } from "../../api/session";
import { moment } from "../../lib/time";
import { At, Facts, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";

type PanelProps = { id: string; close: () => void; answer?: ((of: DocumentLink) => void) | null; show?: (id: string) => void };

/** A document: its text and files, who read it, what may be done. Opening it is reading it, for the unit in which I work. */
export function DocumentPanel({ id, close, answer = null, show }: PanelProps) {
  const say = useSay();
  const units = useUnits();
  const queries = useQueryClient();
  const read = useQuery({ queryKey: [...DOCUMENTS, "one", id], queryFn: () => oneDocument(id) });
  const one = read.data;
  const mine = one?.receipts.filter((receipt) => receipt.is_mine) ?? [];
  const unread = one?.state === "sent" ? mine.find((receipt) => receipt.read === null)?.unit : undefined;
  const noted = useRef<string | null>(null);
  useEffect(() => {
    if (!unread || noted.current === unread) return;
    noted.current = unread;
    void noteRead(id, unread).then(() => queries.invalidateQueries({ queryKey: DOCUMENTS }), () => undefined);
  }, [id, unread, queries]);
  if (!one) return <Panel title={say("documents.one")} close={close}>{read.error ? <Trouble error={read.error} again={() => void read.refetch()} /> : <Skeleton active />}</Panel>;
  const link = (to: DocumentLink) => (show ? <Button type="link" size="small" onClick={() => show(to.id)}>{to.code} {to.title}</Button> : <span>{to.code} {to.title}</span>);
  return (
    <Panel title={one.title} close={close} acts={<Steps one={one} mine={mine} answer={answer} />}>
      {one.state === "withdrawn" && <p className="state bad">{say("documents.was_withdrawn", { at: one.withdrawn_at ? moment(one.withdrawn_at) : "", reason: one.withdrawn_reason ?? "" })}</p>}
      <Facts of={[
        [say("documents.code"), one.code], [say("documents.from"), `${units.name(one.unit)} · ${one.sent.name}`], [say("documents.sent_at"), <At key="s" at={one.sent.at} />],
        [say("documents.confirm_by"), one.confirm_by && <At key="c" at={one.confirm_by} />], [say("documents.answers"), one.reply_to && <span key="r">{link(one.reply_to)}</span>],
      ]} />
      {one.body && <div style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} data-document-body>{one.body}</div>}
      {one.files.length > 0 && (
        <section className="section">
          <h3>{say("documents.files")}</h3>
          <ul>{one.files.map((file) => <li key={file.sha256}><a href={partAt(one.id, file.sha256)} download={file.name}>{file.name}</a></li>)}</ul>
        </section>
      )}
      {one.replies.length > 0 && (
        <section className="section">
          <h3>{say("documents.replies")}</h3>
          <ul>{one.replies.map((reply) => <li key={reply.id}>{link(reply)} <span className="mute">{units.name(reply.unit)}</span></li>)}</ul>
        </section>
      )}
      <Receipts of={one.receipts} />
      <History of={one.id} />
    </Panel>
  );
}

/** Each receiving unit: who read it first, who confirmed. */
function Receipts({ of }: { of: Receipt[] }) {
  const say = useSay();
  const units = useUnits();
  const open = of.filter((receipt) => !receipt.confirmed).length;
  const told = (receipt: Receipt): string => {
    if (receipt.confirmed) return say("documents.confirmed_by", { by: receipt.confirmed.name, at: moment(receipt.confirmed.at) });
    if (receipt.read) return say("documents.read_by", { by: receipt.read.name, at: moment(receipt.read.at) });
    return receipt.reminded_at ? say("documents.reminded_at", { at: moment(receipt.reminded_at) }) : say("documents.unread");
  };
  if (of.length === 0) return null;
  return (
    <section className="section">
      <h3>{say("documents.receipts_lead", { all: of.length, open })}</h3>
      <Facts of={[...of].sort((a, b) => Number(Boolean(a.confirmed)) - Number(Boolean(b.confirmed))).map((receipt) => [units.name(receipt.unit), <span key={receipt.unit} className={receipt.confirmed ? "" : "mute"}>{told(receipt)}</span>])} />
    </section>
  );
}

function Steps({ one, mine, answer }: { one: OneDocument; mine: Receipt[]; answer: ((of: DocumentLink) => void) | null }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  if (one.state === "withdrawn") return null;
  const owing = mine.find((receipt) => !receipt.confirmed);
  // Who sent it sees every receipt; the server decides whether she may remind and withdraw.
  const isOurs = may("document_send") && !mine.length;
  const choices: Choice[] = [
    ...(owing ? [{ key: "confirm", label: say("documents.confirm"), look: "primary" as const, done: say("documents.confirmed"), run: () => confirmDocument(one.id, owing.unit) }] : []),
    ...(answer && mine.length > 0 ? [{ key: "answer", label: say("documents.answer"), open: () => answer({ id: one.id, code: one.code, title: one.title, unit: one.unit }) }] : []),
    ...(isOurs ? [
      { key: "remind", label: say("documents.remind"), why: one.receipts.every((receipt) => receipt.confirmed) ? say("documents.all_confirmed") : null, done: say("documents.reminded"), run: () => remindOf(one.id) },
      { key: "withdraw", label: say("documents.withdraw"), look: "danger" as const, note: say("documents.withdraw_why"), chars: 200, done: say("documents.withdrawn"), run: (reason: string) => withdrawDocument(one.id, reason) },
    ] : []),
  ];
  if (choices.length === 0) return null;
  return <Decide effect={say(owing ? "documents.confirm_effect" : "documents.effect")} choices={choices} after={() => void queries.invalidateQueries({ queryKey: DOCUMENTS })} />;
}
