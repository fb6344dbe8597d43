import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Shape } from "../../api/client";
import { useMay } from "../../api/session";
import { yuan } from "../../lib/money";
import { Act, At, Money, Trouble } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { type Sale, type Sell, fundsOf, salesOf, sell, undoSale } from "./more";
import { movePaper } from "./papers";

const POCKETS = ["bank", "cash"] as const;

type Entered = Omit<Sell, "key" | "place">;

/** Goods are sold: what leaves the store and what it brings, in one step. */
export function SellForm({ unit, row, place, saleKey, after, cancel }: { unit: string; row: Shape["OnHandOut"]; place: string; saleKey: string; after: () => void; cancel: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const funds = useQuery({ queryKey: ["goods-funds", unit], queryFn: () => fundsOf(unit) });
  const limited = Boolean(row.lot.designated_for);
  const fields: Field[] = [
    { name: "quantity", kind: "count", label: `${say("stock.quantity")} (${row.lot.unit_word})`, max: row.quantity },
    { name: "amount_fen", kind: "money", label: say("sales.amount") },
    { name: "paid_into", kind: "choice", label: say("sales.paid_into"), options: POCKETS.map((value) => ({ value, label: say(`pocket.${value}`) })) },
    {
      name: "fund", kind: "choice", label: say("sales.fund"), optional: !limited, hint: say(limited ? "sales.fund_limited" : "sales.fund_free"),
      options: (funds.data ?? []).filter((fund) => fund.restriction !== "agency").map((fund) => ({ value: fund.id, label: fund.name })),
    },
    { name: "buyer", label: say("sales.buyer"), hint: say("sales.buyer_hint") },
    { name: "reason", label: say("reason") },
  ];
  const effect = (entered: Partial<Entered>) => say("sales.effect", { sum: yuan(entered.amount_fen ?? 0) });
  const submit = async (entered: Entered) => {
    await sell(row.lot.id, { ...entered, key: saleKey, place });
    await queries.invalidateQueries();
  };
  return <QuickForm<Entered> fields={fields} initial={{ quantity: row.quantity, paid_into: "bank" }} effect={effect} button={say("lot_step.sell")} done={say("saved")} submit={submit} after={after} cancel={cancel} />;
}

/** What of a lot was sold, with its note, and how a sale is undone. */
export function LotSales({ unit, lot, unitWord }: { unit: string; lot: string; unitWord: string }) {
  const say = useSay();
  const read = useQuery({ queryKey: ["sales", unit], queryFn: () => salesOf(unit) });
  const mine = (read.data ?? []).filter((sale) => sale.lot === lot);
  if (read.error) return <Trouble error={read.error} />;
  if (mine.length === 0) return null;
  return (
    <section className="section" data-sales>
      <h3>{say("sales.title")}</h3>
      <ul style={{ display: "grid", gap: 10 }}>{mine.map((sale) => <li key={sale.id}><OneSale sale={sale} unitWord={unitWord} /></li>)}</ul>
    </section>
  );
}

function OneSale({ sale, unitWord }: { sale: Sale; unitWord: string }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [undoing, setUndoing] = useState(false);
  const after = () => {
    setUndoing(false);
    void queries.invalidateQueries();
  };
  return (
    <>
      <At at={sale.sold_at} /> · {sale.quantity.toLocaleString("en")} {unitWord} · <Money fen={sale.amount_fen} /> · {sale.buyer}{" "}
      <a href={movePaper(sale.lot, sale.n)} target="_blank" rel="noreferrer">{say("sales.note")}</a>
      {sale.undone_at && sale.undone_n !== null && <> · <span className="mute">{say("sales.undone")} <At at={sale.undone_at} /></span> <a href={movePaper(sale.lot, sale.undone_n)} target="_blank" rel="noreferrer">{say("sales.undo_note")}</a></>}
      {!sale.undone_at && !undoing && <> <Act size="small" danger why={may("goods_approve") ? null : say("may_not", { permission: say("permission.goods_approve") })} onClick={() => setUndoing(true)}>{say("sales.undo")}</Act></>}
      {undoing && <QuickForm<{ reason: string }> fields={[{ name: "reason", label: say("reason") }]} effect={say("sales.undo_effect", { sum: yuan(sale.amount_fen) })} button={say("sales.undo")} done={say("saved")} submit={({ reason }) => undoSale(sale.id, reason)} after={after} cancel={() => setUndoing(false)} />}
    </>
  );
}
