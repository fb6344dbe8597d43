import { Button } from "antd";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { useMay } from "../../api/session";
import { yuan } from "../../lib/money";
import { Empty, Money, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useLanguage, useSay, useWord } from "../../words";
import type { Span } from "./Books";
import { ReversalForm } from "./slips";

const GIFTS = ["gift_received", "gift_refunded", "agency_received", "reversal"];
type EntriesProps = { account: string; line: Shape["TrialLineOut"] | undefined; span: Span; close: () => void };

/** The entries behind a balance, page by page, and all of them as a file. */
export function Entries({ account, line, span, close }: EntriesProps) {
  const say = useSay();
  const name = useWord();
  const language = useLanguage();
  const mayPost = useMay()("books_post");
  const [reversing, setReversing] = useState<Shape["EntryOut"] | null>(null);
  const pages = usePages<Shape["EntryOut"]>(["books", "entries", account, span], ({ cursor, limit }) => take(api.GET("/api/v1/books/accounts/{code}/entries", {
    params: { path: { code: account }, query: { ...span, limit, ...(cursor ? { cursor } : {}) } },
  })));
  const file = `/api/v1/books/accounts/${account}/entries?${new URLSearchParams({ ...span, format: "csv" })}`;
  const title = line ? `${account} ${language === "en" ? line.name_en : line.name_zh}` : account;
  const acts = reversing
    ? <ReversalForm key={reversing.journal} journal={reversing.journal} unit={reversing.unit} close={() => setReversing(null)} />
    : <div className="buttons"><Button href={file}>{say("export.csv")}</Button></div>;
  // A gift is undone by its refund or its import's taking back, never by its journal alone.
  const mayReverse = (entry: Shape["EntryOut"]) => mayPost && !GIFTS.includes(entry.kind);
  return (
    <Panel title={title} close={close} acts={acts}>
      {line && <p>{say("books.closing")} <Money fen={line.closing_fen} /></p>}
      {pages.error && <Trouble error={pages.error} again={pages.again} />}
      {!pages.loading && pages.rows.length === 0 && <Empty title={say("books.no_entries")} />}
      <ul style={{ display: "grid", gap: 10 }}>
        {pages.rows.map((entry) => (
          <li key={`${entry.journal} ${entry.line}`} style={{ display: "grid", gridTemplateColumns: "1fr auto", gap: "0 12px" }}>
            <span>{name("journal_kind", entry.kind)}</span>
            <span className="money">{say(entry.amount_fen >= 0 ? "books.dr" : "books.cr")} {yuan(Math.abs(entry.amount_fen))}</span>
            <span className="mute number">{entry.business_day}</span>
            <span className="mute code" style={{ textAlign: "right" }}>{entry.journal.slice(0, 10)}… {mayReverse(entry) && <Button size="small" onClick={() => setReversing(entry)}>{say("slip.reverse")}</Button>}</span>
          </li>
        ))}
      </ul>
      {(pages.back || pages.on) && (
        <div className="buttons">
          <Button size="small" disabled={!pages.back} onClick={() => pages.back?.()}>{say("table.back")}</Button>
          <Button size="small" disabled={!pages.on} onClick={() => pages.on?.()}>{say("table.on")}</Button>
        </div>
      )}
    </Panel>
  );
}
