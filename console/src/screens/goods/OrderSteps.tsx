import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { SignaturePad } from "../../ui/Signature";
import { useSay, useWord } from "../../words";
import { useRecipients } from "./Recipients";
import { type OrderStep, needsReason, stepsOfOrder } from "./steps";

type Entered = { reason?: string; came?: Record<string, number> };
type Given = Omit<Shape["HandOutBody"], "key">;
const PROOFS = ["signature", "code"] as const satisfies Shape["Proof"][];
const WAYS = ["point_to_point", "postal", "fetched"] as const satisfies Shape["Way"][];

type Of = { order: Shape["DispatchOut"]; lines: Shape["DispatchLineOut"][]; unit: string };

/** What was received is handed out with a signature, or comes back. */
function AfterReceipt({ order, lines, unit }: Of) {
  const say = useSay();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<{ step: "hand_out" | "bring_back"; key: string } | null>(null);
  const places = useQuery({ queryKey: ["places", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/places", { params: { path: { unit } } })) });
  const at = { params: { path: { dispatch: order.id } } };
  const waiting = (useRecipients(order.id, true).data?.items ?? []).filter((one) => !one.signed_at);
  const cancel = () => setChosen(null);
  const after = () => {
    cancel();
    void queries.invalidateQueries();
  };
  const goods: Field[] = [
    { name: "lot", kind: "choice", label: say("stock.item"), options: lines.map((line) => ({ value: line.lot, label: say("order_step.of_line", { item: line.item, sent: line.quantity, unit: line.unit_word, out: line.distributed }) })) },
    { name: "quantity", kind: "count", label: say("stock.quantity") },
  ];
  if (!chosen) return <div className="buttons">{(["hand_out", "bring_back"] as const).map((step) => <Act key={step} onClick={() => setChosen({ step, key: freshKey(step) })}>{say(`order_step.${step}`)}</Act>)}</div>;
  const { step, key } = chosen;
  const form = { after, cancel, done: say("saved"), effect: say(`order_step.${step}_effect`), button: say(`order_step.${step}`) };
  if (step === "hand_out") {
    const proofs = PROOFS.map((value) => ({ value, label: say(`proof.${value}`) }));
    const pad = <SignaturePad words={{ pad: say("sign.pad"), undo: say("sign.undo"), clear: say("sign.clear") }} button={(label, press, isIdle) => <Button size="small" disabled={isIdle} onClick={press}>{label}</Button>} />;
    const fields = (entered: Partial<Given>): Field[] => {
      const listed = waiting.filter((one) => !entered.lot || one.lot === entered.lot).map((one) => ({ value: one.id, label: `${one.n} · ${one.name} · ${one.quantity}` }));
      const byCode = entered.proof === "code";
      const who: Field[] = listed.length > 0 || byCode ? [{ name: "recipient", kind: "choice", label: say("order_step.recipient"), optional: true, options: listed, hint: say("order_step.recipient_hint") }] : [];
      const signs: Field[] = [{ name: "signer", label: say("order_step.signer"), optional: entered.recipient !== undefined }, { name: "drawn", kind: "own", label: say("sign.pad"), hint: say("sign.hint"), optional: true, own: { input: pad } }];
      return [...goods, { name: "proof", kind: "choice", label: say("order_step.proof"), options: proofs }, ...who, ...(byCode ? [{ name: "code", label: say("order_step.code"), chars: 6 }] : signs)];
    };
    return <QuickForm<Given> {...form} fields={fields} initial={{ proof: "signature" }} submit={(body) => api.POST("/api/v1/goods/dispatches/{dispatch}/signatures", { ...at, body: { ...body, key } })} />;
  }
  const to = (places.data?.items ?? []).map((place) => ({ value: place.id, label: place.name }));
  return <QuickForm<Omit<Shape["GiveGoodsBack"], "key">> {...form} fields={[...goods, { name: "place", kind: "choice", label: say("lots.to_place"), options: to }, { name: "reason", label: say("reason") }]} submit={(body) => api.POST("/api/v1/goods/dispatches/{dispatch}/returns", { ...at, body: { ...body, key } })} />;
}

/** The next step of a dispatch order: out of the store, on the truck, at the receiver's. */
export function OrderSteps({ order, lines, unit }: Of) {
  const say = useSay();
  const may = useMay();
  const name = useWord();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<OrderStep | "way" | null>(null);
  const at = { params: { path: { dispatch: order.id } } };
  const steps = stepsOfOrder(order.state);
  const cancel = () => setChosen(null);
  const after = () => {
    cancel();
    void queries.invalidateQueries();
  };
  const form = { after, cancel, done: say("saved") };
  if (!may("goods_record")) return <p className="mute">{say("read_only")}</p>;
  if (order.state === "received") return <AfterReceipt order={order} lines={lines} unit={unit} />;
  if (steps.length === 0) return <p className="mute">{say("step.none")}</p>;
  if (chosen === "way") {
    return <QuickForm<Shape["SetWay"]> {...form} fields={[{ name: "way", kind: "choice", label: say("dispatches.way"), options: WAYS.map((value) => ({ value, label: name("way", value) })) }]} initial={{ way: order.way }} button={say("save")} submit={(body) => api.PUT("/api/v1/goods/dispatches/{dispatch}/way", { ...at, body })} />;
  }
  if (chosen) {
    const came: Field[] = chosen !== "receive" ? [] : lines.map((line) => ({ name: ["came", String(line.n)], kind: "count", label: say("order_step.came", { item: line.item, sent: line.quantity, unit: line.unit_word }) }));
    const isShort = (entered: Partial<Entered>) => lines.some((line) => (entered.came?.[String(line.n)] ?? line.quantity) < line.quantity);
    const reason = (entered: Partial<Entered>): Field[] => {
      if (needsReason(chosen)) return [{ name: "reason", label: say("reason") }];
      return chosen === "receive" ? [{ name: "reason", label: say("reason"), optional: !isShort(entered), hint: say("order_step.short_hint") }] : [];
    };
    const initial = chosen === "receive" ? { came: Object.fromEntries(lines.map((line) => [String(line.n), line.quantity])) } : {};
    return <QuickForm<Entered> {...form} fields={(entered) => [...came, ...reason(entered)]} initial={initial} effect={say(`order_step.${chosen}_effect`)} button={say(`order_step.${chosen}`)} submit={(entered) => api.POST("/api/v1/goods/dispatches/{dispatch}/steps", { ...at, body: { ...entered, step: chosen } })} />;
  }
  return (
    <div className="buttons">
      {steps.map((step, index) => <Act key={step} type={index === 0 ? "primary" : "default"} danger={step === "call_off"} onClick={() => setChosen(step)}>{say(`order_step.${step}`)}</Act>)}
      {order.state === "ordered" && <Act onClick={() => setChosen("way")}>{say("dispatches.way_set")}</Act>}
    </div>
  );
}
