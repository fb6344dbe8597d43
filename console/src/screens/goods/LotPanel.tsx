import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, At, Facts, Money, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { LotAppraisals, isAppraisable } from "./Appraisals";
import { GoodsPhotos } from "./GoodsPhotos";
import { LotLetters } from "./LotLetters";
import { LotSales, SellForm } from "./Sales";
import { InspectBy } from "./InspectBy";
import { type InspectionClock, handParcel } from "./more";
import { movePaper, opens } from "./papers";
import { type LotStep, needsReason, permissionOf, stepsOfLot } from "./steps";

type OnHand = Shape["OnHandOut"] & InspectionClock;

/** Goods in one spot: what they are, what happened to them, and the next step. */
export function LotPanel({ unit, row, close }: { unit: string; row: OnHand; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const moves = useQuery({ queryKey: ["moves", row.lot.id], queryFn: () => takeList(api.GET("/api/v1/goods/lots/{lot}/moves", { params: { path: { lot: row.lot.id } } })) });
  const state = (word: string | null | undefined) => (word ? name("lot", word) : say("lots.outside"));
  return (
    <Panel title={row.item_name} close={close} acts={<LotSteps unit={unit} row={row} after={close} />}>
      <Facts of={[
        [say("stock.quantity"), `${row.quantity.toLocaleString("en")} ${row.lot.unit_word}`], [say("state"), <State key="s" group="lot" word={row.state} />], [say("stock.place"), row.place ?? say("stock.on_the_way")],
        [say("lots.grade"), row.grade], [say("lots.spec"), row.lot.spec], [say("stock.expires_on"), row.lot.expires_on], [say("gifts.source"), name("goods_source", row.lot.source)], [say("donor"), row.lot.donor],
        [say("lots.value"), typeof row.lot.value_fen === "number" && <Money key="v" fen={row.lot.value_fen} />], [say("lots.expected_on"), row.lot.expected_on],
        [say("stock.inspect_by"), row.inspect_by && <InspectBy key="i" of={row} />],
      ]} />
      {row.state === "announced" && may("goods_record") && <ExpectedOn lot={row.lot.id} day={row.lot.expected_on ?? undefined} />}
      <section className="section">
        <h3>{say("lots.moves")}</h3>
        {moves.error && <Trouble error={moves.error} />}
        <ol style={{ display: "grid", gap: 4 }}>
          {moves.data?.items.map((move) => <li key={move.n}><At at={move.moved_at} /> {state(move.from)} → {state(move.to)} · {move.quantity.toLocaleString("en")} {opens(move.paper, may("goods_manage")) ? <a href={movePaper(row.lot.id, move.n)} target="_blank" rel="noreferrer" className="number">{move.paper}</a> : <span className="mute number">{/^[A-Z\d]/.test(move.paper) && move.paper}</span>} {move.reason && <span className="mute">· {move.reason}</span>}</li>)}
        </ol>
      </section>
      <GoodsPhotos unit={unit} of={{ lot: row.lot.id }} />
      {may("goods_read") && <LotSales unit={unit} lot={row.lot.id} unitWord={row.lot.unit_word} />}
      {isAppraisable(row.lot) && may("goods_read") && <LotAppraisals unit={unit} lot={row.lot.id} />}
      {row.lot.source === "donation" && may("goods_manage") && <LotLetters lot={row.lot.id} />}
      <History of={row.lot.id} />
    </Panel>
  );
}

/** Another day on which announced goods are expected; the lists of both days follow. */
function ExpectedOn({ lot, day }: { lot: string; day: string | undefined }) {
  const say = useSay();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const after = () => {
    setOpen(false);
    void queries.invalidateQueries();
  };
  if (!open) return <Act size="small" onClick={() => setOpen(true)}>{say("lots.expect_other")}</Act>;
  return <QuickForm<Shape["ExpectOn"]> fields={[{ name: "day", kind: "day", label: say("lots.expected_on") }]} initial={day ? { day } : {}} effect={say("lots.expect_effect")} button={say("save")} done={say("saved")} cancel={() => setOpen(false)} after={after} submit={(body) => api.POST("/api/v1/goods/lots/{lot}/expected", { params: { path: { lot } }, body })} />;
}

function LotSteps({ unit, row, after }: { unit: string; row: OnHand; after: () => void }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<{ step: LotStep; key: string } | null>(null);
  const [parcel, setParcel] = useState<string | null>(null);
  const places = useQuery({ queryKey: ["places", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/places", { params: { path: { unit } } })) });
  const here = places.data?.items.find((place) => place.name === row.place);
  const steps = stepsOfLot(row.state);
  if (steps.length === 0) return <p className="mute">{say("lots.with_order")}</p>;
  if (!may("goods_record") && !may("goods_approve")) return <p className="mute">{say("read_only")}</p>;
  if (parcel !== null) {
    const hand = async ({ quantity, signer }: { quantity: number; signer: string }) => {
      await handParcel(row.lot.id, { key: parcel, place: here?.id ?? "", quantity, signer, proof: "signature" });
      await queries.invalidateQueries();
    };
    return <QuickForm<{ quantity: number; signer: string }> fields={[{ name: "quantity", kind: "count", label: `${say("stock.quantity")} (${row.lot.unit_word})` }, { name: "signer", label: say("parcels.signer") }]} initial={{ quantity: row.quantity }} effect={say("parcels.effect")} button={say("parcels.hand")} done={say("saved")} submit={hand} after={after} cancel={() => setParcel(null)} />;
  }
  if (!chosen) {
    const why = (step: LotStep) => (may(permissionOf(step)) ? (here ? null : say("lots.no_place")) : say("may_not", { permission: say(`permission.${permissionOf(step)}`) }));
    const isParcel = row.lot.source === "held_for_addressee" && row.state === "stocked";
    return <div className="buttons">{isParcel && <Act type="primary" why={may("goods_record") ? (here ? null : say("lots.no_place")) : say("may_not", { permission: say("permission.goods_record") })} onClick={() => setParcel(freshKey("parcel"))}>{say("parcels.hand")}</Act>}{steps.map((step, at) => <Act key={step} type={at === 0 ? "primary" : "default"} danger={needsReason(step)} why={why(step)} onClick={() => setChosen({ step, key: freshKey(step) })}>{say(`lot_step.${step}`)}</Act>)}</div>;
  }
  const { step, key } = chosen;
  if (step === "sell") return <SellForm unit={unit} row={row} place={here?.id ?? ""} saleKey={key} after={after} cancel={() => setChosen(null)} />;
  const fields: Field[] = [
    { name: "quantity", kind: "count", label: `${say("stock.quantity")} (${row.lot.unit_word})` },
    ...(step === "relocate" ? [{ name: "to_place", kind: "choice", label: say("lots.to_place"), options: (places.data?.items ?? []).filter((place) => place.id !== here?.id).map((place) => ({ value: place.id, label: place.name })) }] satisfies Field[] : []),
    { name: "reason", label: say("reason"), optional: !needsReason(step) },
  ];
  const submit = async (entered: { quantity: number; reason?: string; to_place?: string }) => {
    await api.POST("/api/v1/goods/lots/{lot}/moves", { params: { path: { lot: row.lot.id } }, body: { ...entered, step, key, place: here?.id ?? "" } });
    await queries.invalidateQueries();
  };
  return <QuickForm<{ quantity: number; reason?: string; to_place?: string }> fields={fields} initial={{ quantity: row.quantity }} effect={say(`lot_step.${step}_effect`)} button={say(`lot_step.${step}`)} done={say("saved")} submit={submit} after={after} cancel={() => setChosen(null)} />;
}
