import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type PurchaseWhole, post } from "../../api/partnership";
import { yuan } from "../../lib/money";
import { Act, At, Facts, Money } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { choicesOf } from "../goods/more";
import { useWhy } from "./bits";

type Put = { item: string; place: string; per_box?: number; batch?: string; expires_on?: string; has_certificate?: boolean };
const COUNTED = ["received", "invoiced", "paid"];
const SHORT = 120;

/** What was bought in the store: put there as a lot by one person, taken out again by another. */
export function InStore({ whole, unit }: { whole: PurchaseWhole; unit: string }) {
  const say = useSay();
  const why = useWhy();
  const queries = useQueryClient();
  const [form, setForm] = useState<"in" | "out" | null>(null);
  const choices = useQuery({ queryKey: ["choices", unit], enabled: form === "in", queryFn: () => choicesOf(unit) });
  const { purchase, stocked } = whole;
  if (purchase.list !== null || !COUNTED.includes(purchase.state)) return null;
  const stands = stocked !== null && stocked.undone === null;
  const after = () => {
    setForm(null);
    void queries.invalidateQueries();
  };
  const common = { done: say("saved"), after, cancel: () => setForm(null) };
  const bound = whole.bound ? say("partner_purchase.bound") : null;
  const puts = bound ?? why("partner_purchase") ?? why("goods_record");
  const takes = bound ?? why("partner_approve") ?? why("goods_approve") ?? (stocked?.mine ? say("partner_purchase.store_mine") : null);
  const known = (choices.data?.items ?? []).filter((one) => one.base_unit === purchase.unit_word || one.units.includes(purchase.unit_word));
  const fields: Field[] = [
    { name: "item", kind: "choice", label: say("partner_purchase.store_item"), hint: say("partner_purchase.store_item_hint", { unit: purchase.unit_word }), options: known.map((one) => ({ value: one.id, label: `${one.name} ${one.grade}`.trim() })) },
    { name: "place", kind: "choice", label: say("partner_purchase.store_place"), options: (choices.data?.places ?? []).map((one) => ({ value: one.id, label: one.name })) },
    { name: "per_box", kind: "count", label: say("partner_purchase.store_box"), optional: true }, { name: "batch", label: say("partner_purchase.store_batch"), optional: true, chars: SHORT },
    { name: "expires_on", kind: "day", label: say("partner_purchase.store_expires"), optional: true }, { name: "has_certificate", kind: "check", label: say("partner_purchase.store_certificate") },
  ];
  const [counted] = whole.counts;
  const told = { count: (counted?.quantity ?? purchase.quantity).toLocaleString("en"), unit: purchase.unit_word, sum: yuan(whole.owed_fen ?? 0) };
  const at = `purchases/${purchase.id}/lot`;
  return (
    <section className="section" data-store>
      <h3>{say("partner_purchase.store")}</h3>
      {!stands && form === null && <p className="mute">{stocked?.undone ? say("partner_purchase.store_undone", { why: stocked.undone }) : say("partner_purchase.store_none")}</p>}
      {stands && (
        <Facts of={[
          [say("partner_purchase.store_paper"), stocked.paper], [say("partnership.quantity"), `${stocked.quantity.toLocaleString("en")} ${purchase.unit_word}`],
          [say("partnership.amount"), <Money key="v" fen={stocked.value_fen} />], [say("partnership.visit_day"), <At key="a" at={stocked.stocked_at} />],
        ]} />
      )}
      {form === "in" && (
        <QuickForm<Put> {...common} fields={fields} effect={say("partner_purchase.store_effect", told)} button={say("partner_purchase.store_in")}
          submit={(body) => post(at, { ...body, per_box: body.per_box || 1, batch: body.batch ?? "", has_certificate: body.has_certificate ?? false })} />
      )}
      {form === "out" && <QuickForm<{ reason: string }> {...common} fields={[{ name: "reason", label: say("reason"), chars: SHORT }]} effect={say("partner_purchase.store_out_effect")} button={say("partner_purchase.store_out")} submit={(body) => post(`${at}/undo`, body)} />}
      {form === null && (
        <div className="buttons">
          {stands ? <Act why={takes} onClick={() => setForm("out")}>{say("partner_purchase.store_out")}</Act> : <Act why={puts} onClick={() => setForm("in")}>{say("partner_purchase.store_in")}</Act>}
        </div>
      )}
    </section>
  );
}
