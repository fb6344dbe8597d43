import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Skeleton, Table, Tag } from "antd";
import { useState } from "react";
import { type PurchaseWhole, type Quote, type Supplier, add, file, handIn, ofUnit, post, read } from "../../api/partnership";
import { useMay } from "../../api/session";
import { Act, At, Empty, Facts, Money, State, Trouble } from "../../ui/basics";
import { usePeople } from "../../ui/lists";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { useMoneyFields, useWhy } from "./bits";
import { InStore } from "./InStore";

type Form = "quote" | "supplier" | "tie" | "strike" | "fewer" | "choose" | "order" | "count" | "invoice" | "off";
const CODE_CHARS = 18;

/** A purchase: quotes side by side, who counted what, and its next step. */
export function PurchasePanel({ id, unit, close }: { id: string; unit: string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const whole = useQuery({ queryKey: ["partnership", "purchase", id], queryFn: () => read<PurchaseWhole>(`purchases/${id}`) });
  if (!whole.data) return <Panel title={say("partner_purchase.one")} close={close}>{whole.error ? <Trouble error={whole.error} /> : <Skeleton active />}</Panel>;
  const { purchase, quotes, counts } = whole.data;
  const standing = quotes.filter((quote) => quote.struck === null).length;
  return (
    <Panel title={`${purchase.item} ${purchase.quantity.toLocaleString("en")} ${purchase.unit_word}`} close={close} acts={<Steps whole={whole.data} unit={unit} />}>
      {whole.data.bound && <Alert type="warning" showIcon title={say("partner_purchase.bound")} />}
      <Facts of={[
        [say("state"), <State key="s" group="purchase" word={purchase.state} />], [say("partnership.counted_in"), name("partner_kind", purchase.kind)], [say("partner_purchase.spec"), purchase.spec],
        [say("partner_purchase.number"), purchase.number && <a key="n" href={file(`purchases/${id}/paper`)} target="_blank" rel="noreferrer">{purchase.number}</a>], [say("partner_purchase.due_on"), purchase.due_on],
        [say("partner_purchase.owed"), whole.data.owed_fen !== null && <Money key="o" fen={whole.data.owed_fen} />],
        [say("partner_purchase.why_not_lowest"), whole.data.chosen_why],
        [say("partner_purchase.invoice"), purchase.invoice_no && purchase.invoice_file && <a key="i" href={file(`files/${purchase.invoice_file}`)}>{purchase.invoice_no}</a>],
        [say("partner_purchase.called_off"), purchase.called_off],
      ]} />
      <section className="section">
        <h3>{say("partner_purchase.quotes", { count: standing, needed: whole.data.quotes_needed })}</h3>
        {whole.data.fewer_why && <p className="mute">{say(whole.data.fewer_approved ? "partner_purchase.fewer_approved" : "partner_purchase.fewer_asked", { why: whole.data.fewer_why })}</p>}
        <Table<Quote>
          size="small" pagination={false} scroll={{ x: "max-content" }} dataSource={quotes} rowKey="n" locale={{ emptyText: <Empty title={say("partner_purchase.no_quote")} /> }}
          columns={[
            { key: "supplier", title: say("partner_purchase.supplier"), render: (_, one) => <span style={{ textDecoration: one.struck ? "line-through" : "none" }}>{one.supplier_name} {one.lowest && <Tag color="green">{say("partner_purchase.lowest")}</Tag>}{one.chosen && <Tag color="blue">{say("partner_purchase.chosen")}</Tag>} {one.struck && <small className="mute">{say("partner_purchase.struck", { why: one.struck })}</small>}</span> },
            { key: "price", title: say("partner_purchase.price"), align: "right", render: (_, one) => <Money fen={one.price_fen} /> },
            { key: "total", title: say("partner_purchase.total"), align: "right", render: (_, one) => <Money fen={one.total_fen} /> },
            { key: "file", title: say("partner_purchase.quote_file"), render: (_, one) => <a href={file(`files/${one.file}`)}>{say("partner_purchase.open_file")}</a> },
          ]}
        />
      </section>
      {counts.length > 0 && (
        <section className="section">
          <h3>{say("partner_purchase.counts")}</h3>
          <ul>{counts.map((count) => <li key={count.signed_at}>{count.mine ? say("partner_purchase.by_me") : say("partner_purchase.by_other")} {count.quantity.toLocaleString("en")} {purchase.unit_word} {count.words} <At at={count.signed_at} /></li>)}</ul>
        </section>
      )}
      <InStore key={purchase.state} whole={whole.data} unit={unit} />
      <History of={id} />
    </Panel>
  );
}

function Steps({ whole, unit }: { whole: PurchaseWhole; unit: string }) {
  const say = useSay();
  const why = useWhy();
  const queries = useQueryClient();
  const money = useMoneyFields();
  const people = usePeople();
  const may = useMay();
  const [form, setForm] = useState<Form | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const suppliers = useQuery({ queryKey: ["partnership", unit, "suppliers"], enabled: form === "quote" || form === "tie", queryFn: () => ofUnit<Supplier>(unit, "suppliers") });
  const { purchase, quotes } = whole;
  const at = `purchases/${purchase.id}`;
  const after = () => {
    setForm(null);
    void queries.invalidateQueries();
  };
  const common = { done: say("saved"), after, cancel: () => setForm(null) };
  const reason: Field = { name: "reason", label: say("reason"), chars: 120 };
  const standing = quotes.filter((quote) => quote.struck === null);
  const approve = async () => {
    setFault(null);
    try {
      await post(`${at}/fewer/approval`);
      after();
    } catch (error) {
      setFault(error);
    }
  };
  if (form === "supplier") {
    const fields: Field[] = [{ name: "name", label: say("partner_purchase.supplier") }, { name: "code", label: say("partner_purchase.code"), chars: CODE_CHARS }, { name: "owner", label: say("partner_purchase.owner"), hint: say("partner_purchase.owner_hint") }];
    return <QuickForm<{ name: string; code: string; owner: string }> key="supplier" {...common} fields={fields} button={say("partner_purchase.add_supplier")} submit={(body) => add(unit, "suppliers", body)} />;
  }
  if (form === "quote") {
    const known = (suppliers.data ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${one.code}` }));
    const fields: Field[] = [{ name: "supplier", kind: "choice", label: say("partner_purchase.supplier"), options: known }, { name: "price_fen", kind: "money", label: say("partner_purchase.price") }, { name: "paper", kind: "file", label: say("partner_purchase.quote_file") }];
    return (
      <>
        <QuickForm<{ supplier: string; price_fen: number; paper: File }> key="quote" {...common} fields={fields} button={say("partner_purchase.collect")} submit={async ({ paper, ...body }) => post(`${at}/quotes`, { ...body, file: await handIn(unit, paper) })} />
        <Button size="small" onClick={() => setForm("supplier")}>{say("partner_purchase.add_supplier")}</Button>
      </>
    );
  }
  if (form === "tie") {
    const known = (suppliers.data ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${one.code}` }));
    const others = may("partner_approve") && people ? people.filter((one) => one.kind === "person").map((one) => ({ value: one.id, label: one.name })) : [];
    const who: Field[] = others.length > 0 ? [{ name: "user", kind: "choice", label: say("partner_purchase.tie_who"), options: others, optional: true }] : [];
    const fields: Field[] = [{ name: "supplier", kind: "choice", label: say("partner_purchase.supplier"), options: known }, ...who, { name: "words", label: say("partner_purchase.tie_words"), hint: say("partner_purchase.tie_hint"), chars: 120 }];
    return <QuickForm<{ supplier: string; user?: string; words: string }> key="tie" {...common} fields={fields} effect={say("partner_purchase.tie_effect")} button={say("partner_purchase.tie")} submit={({ supplier, ...body }) => post(`suppliers/${supplier}/ties`, body)} />;
  }
  if (form === "strike") {
    const fields: Field[] = [{ name: "n", kind: "choice", label: say("partner_purchase.quote"), options: standing.map((one) => ({ value: String(one.n), label: one.supplier_name })) }, reason];
    return <QuickForm<{ n: string; reason: string }> key="strike" {...common} fields={fields} effect={say("partner_purchase.strike_effect")} button={say("partner_purchase.strike")} submit={(body) => post(`${at}/quotes/${body.n}/strike`, { reason: body.reason })} />;
  }
  if (form === "fewer") return <QuickForm<{ reason: string }> {...common} fields={[reason]} effect={say("partner_purchase.fewer_effect")} button={say("partner_purchase.fewer")} submit={(body) => post(`${at}/fewer`, body)} />;
  if (form === "off") return <QuickForm<{ reason: string }> {...common} fields={[reason]} button={say("partner_purchase.call_off")} submit={(body) => post(`${at}/call-off`, body)} />;
  if (form === "choose") {
    const fields: Field[] = [{ name: "n", kind: "choice", label: say("partner_purchase.quote"), options: standing.map((one) => ({ value: String(one.n), label: one.supplier_name })) }, { ...reason, label: say("partner_purchase.why_not_lowest"), optional: true }];
    return <QuickForm<{ n: string; reason?: string }> {...common} fields={fields} effect={say("partner_purchase.choose_effect")} button={say("partner_purchase.choose")} submit={(body) => post(`${at}/choice`, { n: Number(body.n), reason: body.reason ?? "" })} />;
  }
  if (form === "order") return <QuickForm<{ due_on: string }> {...common} fields={[{ name: "due_on", kind: "day", label: say("partner_purchase.due_on") }]} button={say("partner_purchase.order")} submit={(body) => post(`${at}/order`, body)} />;
  if (form === "count") {
    const fields: Field[] = [{ name: "quantity", kind: "count", max: purchase.quantity, label: say("partner_purchase.came") }, { name: "words", label: say("partner_purchase.fewer_came"), optional: true, chars: 120 }];
    return <QuickForm<{ quantity: number; words?: string }> {...common} fields={fields} effect={say("partner_purchase.count_effect")} button={say("partner_purchase.count")} submit={(body) => post(`${at}/counts`, { ...body, words: body.words ?? "" })} />;
  }
  if (form === "invoice") {
    const fields: Field[] = [{ name: "invoice_no", label: say("partner_purchase.invoice") }, { name: "amount_fen", kind: "money", label: say("partnership.amount") }, ...money, { name: "paper", kind: "file", label: say("partner_purchase.invoice_file") }];
    return <QuickForm<{ invoice_no: string; amount_fen: number; fund: string; restriction: string; paper: File }> {...common} fields={fields} initial={whole.owed_fen === null ? {} : { amount_fen: whole.owed_fen }} effect={say("partnership.pay_effect")} button={say("partner_purchase.invoice_in")} submit={async ({ paper, ...body }) => post(`${at}/invoice`, { ...body, file: await handIn(unit, paper) })} />;
  }
  const bound = whole.bound ? say("partner_purchase.bound") : null;
  const buys = bound ?? why("partner_purchase");
  const few = standing.length < whole.quotes_needed && !whole.fewer_approved ? say("partner_purchase.too_few", { needed: whole.quotes_needed }) : null;
  const approves = bound ?? why("partner_approve") ?? (standing.some((one) => one.mine) ? say("partner_purchase.mine") : null);
  const { state } = purchase;
  return (
    <div className="buttons">
      {state === "collecting" && <Act type="primary" why={buys} onClick={() => setForm("quote")}>{say("partner_purchase.collect")}</Act>}
      {state === "collecting" && <Act why={approves ?? few} onClick={() => setForm("choose")}>{say("partner_purchase.choose")}</Act>}
      {state === "collecting" && few && whole.fewer_why === null && <Act why={buys} onClick={() => setForm("fewer")}>{say("partner_purchase.fewer")}</Act>}
      {state === "collecting" && few && whole.fewer_why !== null && <Act why={approves} onClick={() => void approve()}>{say("partner_purchase.approve_fewer")}</Act>}
      {state === "collecting" && standing.length > 0 && <Act why={buys} onClick={() => setForm("strike")}>{say("partner_purchase.strike")}</Act>}
      {["collecting", "chosen", "ordered"].includes(state) && !whole.bound && <Act why={why("partner_read")} onClick={() => setForm("tie")}>{say("partner_purchase.tie")}</Act>}
      {state === "chosen" && <Act type="primary" why={buys} onClick={() => setForm("order")}>{say("partner_purchase.order")}</Act>}
      {state === "ordered" && <Act type="primary" why={buys} onClick={() => setForm("count")}>{say("partner_purchase.count")}</Act>}
      {state === "received" && <Act type="primary" why={buys} onClick={() => setForm("invoice")}>{say("partner_purchase.invoice_in")}</Act>}
      {["collecting", "chosen", "ordered"].includes(state) && <Act why={buys} onClick={() => setForm("off")}>{say("partner_purchase.call_off")}</Act>}
      {fault !== null && <Trouble error={fault} />}
    </div>
  );
}
