import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { csvHead, csvLines, download } from "../../lib/csv";
import { Act, At, Trouble } from "../../ui/basics";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { peopleOf } from "./recipients";

type Line = Shape["DispatchLineOut"];

/** Who is to be handed what of an order, names masked. */
export const useRecipients = (dispatch: string, enabled: boolean) => useQuery({
  queryKey: ["recipients", dispatch], enabled,
  queryFn: () => takeList(api.GET("/api/v1/goods/dispatches/{dispatch}/recipients", { params: { path: { dispatch } } })),
});

/** The list of recipients of an order: made from pasted lines, its slips with codes, who has not signed yet. */
export function Recipients({ order, lines }: { order: Shape["DispatchOut"]; lines: Line[] }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const records = may("goods_record");
  const manages = may("goods_manage");
  const read = useRecipients(order.id, records);
  const at = { params: { path: { dispatch: order.id } } };
  if (!records) return null;
  const rows = read.data?.items ?? [];
  const open = rows.filter((one) => !one.signed_at).length;
  const itemOf = (lot: string) => lines.find((line) => line.lot === lot);
  const slips = async () => {
    setFault(null);
    try {
      const found = await take(api.POST("/api/v1/goods/dispatches/{dispatch}/slips", at));
      const head = csvHead([say("dispatches.one"), say("stock.item"), "#", say("order_step.signer"), say("stock.quantity"), say("lots.unit_word"), say("order_step.code")]);
      const body = csvLines(found.map((one) => [order.number, itemOf(one.lot)?.item ?? "", String(one.n), one.name, String(one.quantity), itemOf(one.lot)?.unit_word ?? "", one.code]));
      download(`slips-${order.number}.csv`, new Blob([head, body], { type: "text/csv" }));
    } catch (error) {
      setFault(error);
    }
  };
  const wrong = (text: string) => {
    const found = peopleOf(text).wrong;
    return found === null ? null : say("recipients.lines_wrong", { line: found });
  };
  const fields: Field[] = [
    { name: "lot", kind: "choice", label: say("stock.item"), options: lines.map((line) => ({ value: line.lot, label: `${line.item} · ${line.quantity.toLocaleString("en")} ${line.unit_word}` })) },
    { name: "text", kind: "area", label: say("recipients.lines"), chars: 100_000, wrong },
  ];
  const after = () => {
    setMaking(false);
    void queries.invalidateQueries();
  };
  const submit = ({ lot, text }: { lot: string; text: string }) => api.PUT("/api/v1/goods/dispatches/{dispatch}/recipients", { ...at, body: { lot, people: peopleOf(text).people } });
  return (
    <section className="section">
      <h3>{say("recipients.title")}</h3>
      {(fault ?? read.error) != null && <Trouble error={fault ?? read.error} />}
      {read.data && <p className="mute">{rows.length === 0 ? say("recipients.none") : say("recipients.open", { open, all: rows.length })}</p>}
      <ol data-recipients={rows.length} style={{ display: "grid", gap: 4 }}>
        {rows.map((one) => (
          <li key={one.id}>
            {one.name} · {itemOf(one.lot)?.item} {one.quantity.toLocaleString("en")} {itemOf(one.lot)?.unit_word} · {one.signed_at ? <>{say("recipients.signed")} <At at={one.signed_at} /></> : <b>{say("recipients.waits")}</b>}
          </li>
        ))}
      </ol>
      {manages && !making && (
        <div className="buttons" style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
          {order.state !== "called_off" && <Act size="small" onClick={() => setMaking(true)}>{say("recipients.make")}</Act>}
          {open > 0 && <Act size="small" onClick={() => void slips()}>{say("recipients.slips")}</Act>}
        </div>
      )}
      {making && <QuickForm<{ lot: string; text: string }> fields={fields} initial={lines[0] ? { lot: lines[0].lot } : {}} effect={say("recipients.make_effect")} button={say("recipients.make")} done={say("saved")} cancel={() => setMaking(false)} after={after} submit={submit} />}
    </section>
  );
}
