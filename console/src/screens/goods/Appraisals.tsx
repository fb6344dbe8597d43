import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Typography } from "antd";
import { useState } from "react";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, At, Money, State, Trouble } from "../../ui/basics";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { type Appraisal, appraisalsOf, orderAppraisal, withdrawAppraisal } from "./more";

/** Where goods come from that an appraiser may value: what was bought has its price, a kit its parts. */
const GIVEN = ["donation", "transfer_in", "customs", "held_for_addressee"];

/** Whether a lot may be sent to an appraiser. */
export const isAppraisable = (lot: { source: string; value_fen?: number | null | undefined }): boolean => typeof lot.value_fen !== "number" && GIVEN.includes(lot.source);

type Form = { of: "order"; key: string } | { of: "withdraw"; order: string };

/** A lot's orders to outside appraisers: the link for the one who is asked, taken back, asked again. */
export function LotAppraisals({ unit, lot }: { unit: string; lot: string }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [form, setForm] = useState<Form | null>(null);
  const read = useQuery({ queryKey: ["appraisals", unit], queryFn: () => appraisalsOf(unit) });
  const orders = read.data?.filter((order) => order.lot === lot) ?? [];
  const waits = orders.find((order) => wordOf(order) === "asked");
  const why = may("goods_manage") ? null : say("may_not", { permission: say("permission.goods_manage") });
  const after = () => {
    setForm(null);
    void queries.invalidateQueries();
  };
  const common = { done: say("saved"), after, cancel: () => setForm(null) };
  return (
    <section className="section" data-appraisals={orders.length}>
      <h3>{say("appraisal.title")}</h3>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <ul style={{ display: "grid", gap: 8 }}>
        {orders.map((order) => (
          <li key={order.id}>
            {order.appraiser} <State group="appraisal" word={wordOf(order)} />{" "}
            {typeof order.value_fen === "number" && <Money fen={order.value_fen} />} <span className="mute">{order.report}</span>{" "}
            {order.answered_at ? <At at={order.answered_at} /> : <span className="mute">{say("appraisal.until")} <At at={order.ends_at} /></span>}
          </li>
        ))}
      </ul>
      {waits?.link && (
        <>
          <p><Typography.Text copyable code style={{ wordBreak: "break-all" }} data-appraisal-link>{waits.link}</Typography.Text></p>
          <p className="mute">{say("appraisal.link_hint")}</p>
        </>
      )}
      {form === null && waits && <Act size="small" why={why} onClick={() => setForm({ of: "withdraw", order: waits.id })}>{say("appraisal.withdraw")}</Act>}
      {form === null && !waits && read.data && <Act size="small" why={why} onClick={() => setForm({ of: "order", key: freshKey("appraisal") })}>{say(orders.length > 0 ? "appraisal.again" : "appraisal.order")}</Act>}
      {form?.of === "order" && <QuickForm<{ appraiser: string }> {...common} fields={[{ name: "appraiser", label: say("appraisal.appraiser"), chars: 120 }]} effect={say("appraisal.order_effect")} button={say("appraisal.order")} submit={({ appraiser }) => orderAppraisal(lot, { key: form.key, appraiser })} />}
      {form?.of === "withdraw" && <QuickForm<{ reason: string }> {...common} fields={[{ name: "reason", label: say("reason"), chars: 120 }]} effect={say("appraisal.withdraw_effect")} button={say("appraisal.withdraw")} submit={({ reason }) => withdrawAppraisal(form.order, reason)} />}
    </section>
  );
}

/** An order's state as it is said: one that nobody answered in time has ended. */
function wordOf(order: Appraisal): Appraisal["state"] | "ended" {
  return order.state === "asked" && Date.parse(order.ends_at) <= Date.now() ? "ended" : order.state;
}
