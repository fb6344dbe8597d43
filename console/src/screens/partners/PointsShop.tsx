import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { type Resident, type Sale, type Service, type Shelf, type Shop, add, file, ofUnit, post, put, read } from "../../api/partnership";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, At, Empty, Screen, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { useHome } from "../goods/useHome";
import { Back, Choose, useWhy } from "./bits";

type Form = { of: "shop" | "resident" | "offer" | "fill" | "service" | "spend"; key: string; resident?: Resident; shelf?: Shelf };
const SERVICES = ["environment", "care", "teaching", "rescue", "community"] as const;

/** A points shop at its desk: residents and their points, services to be confirmed, the shelves. Usable on a phone. */
export function PointsShop() {
  const say = useSay();
  const name = useWord();
  const why = useWhy();
  const may = useMay();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/points-shop" });
  const navigate = useNavigate({ from: "/points-shop" });
  const { unit, options } = useHome(search.unit);
  const [form, setForm] = useState<Form | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const shops = useQuery({ queryKey: ["points", unit, "shops"], enabled: unit !== "", queryFn: () => ofUnit<Shop>(unit, "shops") });
  const shop = shops.data?.find((one) => one.id === search.shop) ?? shops.data?.[0];
  const of = `shops/${shop?.id ?? ""}`;
  const enabled = shop !== undefined;
  const residents = useQuery({ queryKey: ["points", of, "residents"], enabled, queryFn: () => read<Resident[]>(`${of}/residents`) });
  const services = useQuery({ queryKey: ["points", of, "services"], enabled, queryFn: () => read<Service[]>(`${of}/services`) });
  const confirmed = useQuery({ queryKey: ["points", of, "confirmed"], enabled, queryFn: () => read<Service[]>(`${of}/services?state=confirmed`) });
  const shelves = useQuery({ queryKey: ["points", of, "shelves"], enabled, queryFn: () => read<Shelf[]>(`${of}/shelves`) });
  const sales = useQuery({ queryKey: ["points", of, "sales"], enabled, queryFn: () => read<Sale[]>(`${of}/sales`) });
  const who = (id: string) => residents.data?.find((one) => one.id === id)?.name ?? "";
  const begin = (next: Omit<Form, "key">) => setForm({ ...next, key: freshKey(next.of) });
  const close = () => setForm(null);
  const after = () => {
    close();
    setFault(null);
    void queries.invalidateQueries({ queryKey: ["points"] });
  };
  const deed = async (path: string, body: unknown = {}) => {
    setFault(null);
    try {
      await post(path, body);
      after();
    } catch (error) {
      setFault(error);
    }
  };
  const common = { done: say("saved"), after, cancel: close, button: say("save") };
  const records = why("points_record");
  const ofService: Field[] = [
    { name: "kind", kind: "choice", label: say("points.service"), options: SERVICES.map((value) => ({ value, label: say(`service_kind.${value}`) })) },
    { name: "minutes", kind: "count", max: 960, label: say("points.minutes") }, { name: "day", kind: "day", label: say("points.day") },
  ];
  const acts = unit !== "" && (
    <>
      {shop && <Act type="primary" why={records} onClick={() => begin({ of: "resident" })}>{say("points.add_resident")}</Act>}
      {shop && may("partner_manage") && <Button onClick={() => begin({ of: "offer" })}>{say("points.offer")}</Button>}
      {may("partner_manage") && <Button onClick={() => begin({ of: "shop" })}>{say("points.open_shop")}</Button>}
      {shop && may("partner_read") && <Button href={file(`${of}/residents/csv`)}>{say("export.csv")}</Button>}
    </>
  );
  const error = shops.error ?? residents.error ?? services.error ?? confirmed.error ?? shelves.error ?? sales.error ?? fault;
  return (
    <Screen title={say("points.title")} lead={say("points.lead")} acts={acts}>
      <Choose unit={unit} units={options} chooseUnit={(chosen) => void navigate({ search: { unit: chosen } })} />
      {(shops.data?.length ?? 0) > 1 && <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("points.shop")} value={shop?.id ?? null} options={(shops.data ?? []).map((one) => ({ value: one.id, label: one.name }))} onChange={(chosen) => void navigate({ search: { ...search, shop: chosen } })} /></div>}
      {Boolean(error) && <Trouble error={error} again={after} />}
      {shops.data?.length === 0 && <Empty title={say("points.no_shop")}>{say("points.no_shop_hint")}</Empty>}
      <div className={form ? "split open" : "split"}>
        {shop && (
          <div style={{ display: "grid", gap: 18 }}>
            <section className="section">
              <h3>{say("points.waiting", { count: services.data?.length ?? 0 })}</h3>
              <ul style={{ display: "grid", gap: 8 }}>
                {services.data?.map((one) => (
                  <li key={one.id} style={{ display: "flex", gap: 8, flexWrap: "wrap", alignItems: "center" }}>
                    <span style={{ flex: 1, minWidth: 180 }}>{who(one.resident)} · {name("service_kind", one.kind)} · {say("points.minutes_of", { count: one.minutes })} · {one.day}</span>
                    <Act size="small" type="primary" why={records ?? (one.mine ? say("points.mine") : null)} onClick={() => void deed(`services/${one.id}/confirm`)}>{say("points.confirm")}</Act>
                    <Back path={`services/${one.id}/refuse`} word={say("points.refuse")} why={records ?? (one.mine ? say("points.mine") : null)} />
                  </li>
                ))}
              </ul>
            </section>
            {(confirmed.data?.length ?? 0) > 0 && (
              <section className="section">
                <h3>{say("points.confirmed")}</h3>
                <ul style={{ display: "grid", gap: 8 }} data-confirmed>
                  {confirmed.data?.map((one) => (
                    <li key={one.id} style={{ display: "flex", gap: 8, flexWrap: "wrap", alignItems: "center" }}>
                      <span style={{ flex: 1, minWidth: 180, textDecoration: one.undone ? "line-through" : "none" }}>{who(one.resident)} · {name("service_kind", one.kind)} · {say("points.minutes_of", { count: one.minutes })} · {one.day} · {say("points.count", { count: one.points ?? 0 })}</span>
                      {one.undone ? <span className="mute">{say("points.undone")}</span> : <Back path={`services/${one.id}/undo`} word={say("points.undo_service")} effect={say("points.undo_service_effect", { count: one.points ?? 0 })} why={records ?? (one.points ? null : say("points.no_worth"))} />}
                    </li>
                  ))}
                </ul>
              </section>
            )}
            <section className="section">
              <h3>{say("points.residents")}</h3>
              {residents.data?.length === 0 && <Empty title={say("points.no_resident")} />}
              <ul style={{ display: "grid", gap: 8 }}>
                {residents.data?.map((one) => (
                  <li key={one.id} style={{ display: "flex", gap: 8, flexWrap: "wrap", alignItems: "center" }}>
                    <span style={{ flex: 1, minWidth: 120 }}>{one.name} <b className="number">{say("points.count", { count: one.points.toLocaleString("en") })}</b></span>
                    <Act size="small" why={records} onClick={() => begin({ of: "service", resident: one })}>{say("points.record")}</Act>
                    <Act size="small" why={records ?? (one.points === 0 ? say("points.none") : null)} onClick={() => begin({ of: "spend", resident: one })}>{say("points.spend")}</Act>
                  </li>
                ))}
              </ul>
            </section>
            <section className="section">
              <h3>{say("points.shelves")}</h3>
              {shelves.data?.length === 0 && <Empty title={say("points.no_shelf")} />}
              <ul style={{ display: "grid", gap: 8 }}>
                {shelves.data?.map((one) => (
                  <li key={one.id} style={{ display: "flex", gap: 8, flexWrap: "wrap", alignItems: "center" }}>
                    <span style={{ flex: 1, minWidth: 140 }}>{one.item} · {say("points.price_of", { count: one.price_points, unit: one.unit_word })} · <span className="number">{say("points.stock_of", { count: one.stock })}</span></span>
                    <Act size="small" why={records} onClick={() => begin({ of: "fill", shelf: one })}>{say("points.fill")}</Act>
                  </li>
                ))}
              </ul>
            </section>
            <section className="section">
              <h3>{say("points.sales")}</h3>
              <ul style={{ display: "grid", gap: 8 }}>
                {sales.data?.map((one) => (
                  <li key={one.id} style={{ display: "flex", gap: 8, flexWrap: "wrap", alignItems: "center", textDecoration: one.undone_at ? "line-through" : "none" }}>
                    <span style={{ flex: 1, minWidth: 140 }}>{who(one.resident)} · {say("points.count", { count: one.points })} · <At at={one.sold_at} /></span>
                    {!one.undone_at && <Act size="small" why={records} onClick={() => void deed(`sales/${one.id}/undo`, { reason: say("points.undo_reason") })}>{say("points.undo")}</Act>}
                  </li>
                ))}
              </ul>
            </section>
          </div>
        )}
        {form && (
          <Panel title={say(`points.form_${form.of}`)} close={close}>
            {form.of === "shop" && <QuickForm<{ name: string }> {...common} fields={[{ name: "name", label: say("points.shop") }]} submit={(body) => add(unit, "shops", { ...body, key: form.key })} />}
            {form.of === "resident" && <QuickForm<{ name: string; phone: string }> {...common} fields={[{ name: "name", label: say("users.name") }, { name: "phone", label: say("points.phone"), hint: say("points.phone_hint"), chars: 15 }]} submit={(body) => post(`${of}/residents`, { ...body, key: form.key })} />}
            {form.of === "offer" && <QuickForm<Omit<Shelf, "id" | "stock">> {...common} fields={[{ name: "item", label: say("partner_purchase.item") }, { name: "unit_word", label: say("partnership.unit_word") }, { name: "price_points", kind: "count", label: say("points.price") }]} submit={(body) => put(`${of}/shelves`, body)} />}
            {form.of === "fill" && form.shelf && <QuickForm<{ quantity: number; reason: string }> {...common} fields={[{ name: "quantity", kind: "count", label: say("partnership.quantity") }, { name: "reason", label: say("points.from_where") }]} submit={(body) => post(`shelves/${form.shelf?.id ?? ""}/moves`, { ...body, key: form.key })} />}
            {form.of === "service" && form.resident && <QuickForm<{ kind: string; minutes: number; day: string }> {...common} fields={ofService} effect={say("points.service_effect")} submit={(body) => post(`residents/${form.resident?.id ?? ""}/services`, { ...body, key: form.key })} />}
            {form.of === "spend" && form.resident && <Spend resident={form.resident} shelves={shelves.data ?? []} after={after} cancel={close} sale={form.key} />}
          </Panel>
        )}
      </div>
    </Screen>
  );
}

/** What a resident takes: pieces by shelf, and what is left of the points. */
function Spend({ resident, shelves, after, cancel, sale }: { resident: Resident; shelves: Shelf[]; after: () => void; cancel: () => void; sale: string }) {
  const say = useSay();
  const [pieces, setPieces] = useState<Record<string, number>>({});
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const lines = shelves.map((shelf) => ({ shelf, quantity: pieces[shelf.id] ?? 0 })).filter((line) => line.quantity > 0);
  const cost = lines.reduce((sum, line) => sum + line.quantity * line.shelf.price_points, 0);
  const why = lines.length === 0 ? say("points.nothing") : cost > resident.points ? say("points.too_dear") : null;
  const send = async () => {
    setBusy(true);
    setFault(null);
    try {
      await post(`residents/${resident.id}/sales`, { key: sale, lines: lines.map((line) => ({ shelf: line.shelf.id, quantity: line.quantity })) });
      after();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div style={{ display: "grid", gap: 10 }}>
      <p>{resident.name} · {say("points.count", { count: resident.points })}</p>
      {shelves.filter((shelf) => shelf.stock > 0).map((shelf) => (
        <label key={shelf.id} style={{ display: "flex", gap: 8, alignItems: "center" }}>
          <span style={{ flex: 1 }}>{shelf.item} · {say("points.price_of", { count: shelf.price_points, unit: shelf.unit_word })}</span>
          <InputNumber min={0} max={shelf.stock} precision={0} size="large" aria-label={shelf.item} value={pieces[shelf.id] ?? 0} onChange={(count) => setPieces((all) => ({ ...all, [shelf.id]: count ?? 0 }))} />
        </label>
      ))}
      <p role="status">{say("points.costs", { cost, left: resident.points - cost })}</p>
      {fault !== null && <Trouble error={fault} />}
      <div className="buttons" style={{ display: "flex", gap: 8 }}>
        <Act type="primary" size="large" loading={busy} why={why} onClick={() => void send()}>{say("points.spend")}</Act>
        <Button size="large" onClick={cancel}>{say("cancel")}</Button>
      </div>
    </div>
  );
}
