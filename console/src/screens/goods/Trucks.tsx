import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Progress, Select, Skeleton, Table } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, At, Empty, Facts, Screen, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { LIVE } from "../../ui/pages";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useSay } from "../../words";
import { cubicMetres, grams, kilograms, permille } from "./loads";
import { useHome } from "./useHome";

type Trip = Shape["GoodsTripOut"];
type NewVehicle = { name: string; carrier?: string; kilograms: number; litres: number };

/** Journeys of vehicles: what is on them, how full they are, their manifests. */
export function Trucks() {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/trucks" });
  const navigate = useNavigate({ from: "/trucks" });
  const { unit, options } = useHome(search.unit);
  const [chosen, setChosen] = useState<{ form: "vehicle" | "trip"; key: string } | null>(null);
  const at = { params: { path: { unit } } };
  const enabled = unit !== "";
  const read = useQuery({ queryKey: ["trips", unit], enabled, ...LIVE, queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/trips", at)) });
  const vehicles = useQuery({ queryKey: ["vehicles", unit], enabled, queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/vehicles", at)) });
  const show = (trip: string | undefined) => void navigate({ search: { ...search, trip } });
  const rows = read.data?.items ?? [];
  const walk = useWalk({ rows, keyOf: (trip) => trip.id, open: (trip) => show(trip.id), opened: search.trip });
  const known = vehicles.data?.items ?? [];
  const cancel = () => setChosen(null);
  const after = () => {
    cancel();
    void queries.invalidateQueries();
  };
  const begin = (form: "vehicle" | "trip") => {
    show(undefined);
    setChosen({ form, key: freshKey(form) });
  };
  const carries = (one: { grams_max: number; cubic_cm_max: number }) => `${kilograms(one.grams_max)} kg · ${cubicMetres(one.cubic_cm_max)} m³`;
  const ofVehicle: Field[] = [
    { name: "name", label: say("trucks.vehicle"), hint: say("trucks.vehicle_hint") }, { name: "carrier", label: say("trucks.carrier"), optional: true },
    { name: "kilograms", kind: "count", label: say("trucks.kilograms") }, { name: "litres", kind: "count", label: say("trucks.litres") },
  ];
  const ofTrip: Field[] = [{ name: "vehicle", kind: "choice", label: say("trucks.vehicle"), options: known.map((one) => ({ value: one.id, label: `${one.name} (${carries(one)})` })) }];
  const acts = enabled && (
    <>
      {may("goods_record") && <Act type="primary" why={known.length === 0 ? say("trucks.no_vehicle") : null} onClick={() => begin("trip")}>{say("trucks.open")}</Act>}
      {may("goods_manage") && <Button onClick={() => begin("vehicle")}>{say("trucks.add")}</Button>}
    </>
  );
  return (
    <Screen title={say("trucks.title")} lead={say("trucks.lead")} acts={acts}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {(read.error ?? vehicles.error) && <Trouble error={read.error ?? vehicles.error} again={() => void read.refetch()} />}
      <div className={search.trip || chosen ? "split open" : "split"}>
        <div className="table picks">
          <Table<Trip>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending && enabled} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("trucks.none")}>{say("trucks.none_hint")}</Empty> }}
            columns={[
              { key: "vehicle", title: say("trucks.vehicle"), dataIndex: "vehicle" },
              { key: "carrier", title: say("trucks.carrier"), dataIndex: "carrier" },
              { key: "carries", title: say("trucks.carries"), render: (_, row) => carries(row) },
              { key: "state", title: say("state"), render: (_, row) => <State group="trip" word={row.state} /> },
              { key: "opened", title: say("trucks.opened_at"), render: (_, row) => <At at={row.opened_at} /> },
              { key: "left", title: say("dispatches.left_at"), render: (_, row) => (row.left_at ? <At at={row.left_at} /> : "") },
            ]}
          />
        </div>
        {chosen?.form === "vehicle" && (
          <Panel title={say("trucks.add")} close={cancel}>
            <QuickForm<NewVehicle> fields={ofVehicle} button={say("save")} done={say("saved")} after={after} cancel={cancel} submit={({ name, carrier, ...most }) => api.POST("/api/v1/goods/{unit}/vehicles", { ...at, body: { name, carrier: carrier ?? "", grams_max: grams(most.kilograms), cubic_cm_max: grams(most.litres) } })} />
          </Panel>
        )}
        {chosen?.form === "trip" && (
          <Panel title={say("trucks.open")} close={cancel}>
            <QuickForm<{ vehicle: string }> fields={ofTrip} button={say("trucks.open")} done={say("saved")} after={after} cancel={cancel} submit={({ vehicle }) => api.POST("/api/v1/goods/vehicles/{vehicle}/trips", { params: { path: { vehicle } }, body: { key: chosen.key } })} />
          </Panel>
        )}
        {search.trip && !chosen && <TripPanel key={search.trip} id={search.trip} unit={unit} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function TripPanel({ id, unit, close }: { id: string; unit: string; close: () => void }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<"put_on" | "leave" | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const path = { trip: id };
  const read = useQuery({ queryKey: ["trip", id], queryFn: () => take(api.GET("/api/v1/goods/trips/{trip}", { params: { path } })) });
  const orders = useQuery({ queryKey: ["dispatches", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/dispatches", { params: { path: { unit } } })) });
  if (!read.data) return <Panel title={say("trucks.one")} close={close}>{read.error ? <Trouble error={read.error} /> : <Skeleton active />}</Panel>;
  const { trip, orders: on, ...load } = read.data;
  const cancel = () => setChosen(null);
  const after = () => {
    cancel();
    void queries.invalidateQueries();
  };
  const takeOff = async (dispatch: string) => {
    setFault(null);
    try {
      await api.DELETE("/api/v1/goods/trips/{trip}/orders/{dispatch}", { params: { path: { ...path, dispatch } } });
      await queries.invalidateQueries();
    } catch (error) {
      setFault(error);
    }
  };
  const open = (orders.data?.items ?? []).filter((one) => (one.state === "ordered" || one.state === "issued") && !on.some((known) => known.dispatch === one.id));
  const form = { after, cancel, done: say("saved") };
  const isLoading = trip.state === "loading" && may("goods_record");
  const acts = !isLoading ? null
    : chosen === "put_on" ? <QuickForm<{ dispatch: string }> {...form} fields={[{ name: "dispatch", kind: "choice", label: say("dispatches.one"), options: open.map((one) => ({ value: one.id, label: one.number })) }]} button={say("trucks.put_on")} submit={(body) => api.POST("/api/v1/goods/trips/{trip}/orders", { params: { path }, body })} />
    : chosen === "leave" ? <QuickForm<Record<string, never>> {...form} fields={[]} effect={say("trucks.leave_effect", { count: on.length })} button={say("trucks.leave")} submit={() => api.POST("/api/v1/goods/trips/{trip}/leave", { params: { path } })} />
    : (
      <div className="buttons">
        <Act type="primary" why={open.length === 0 ? say("trucks.no_order") : null} onClick={() => setChosen("put_on")}>{say("trucks.put_on")}</Act>
        <Act why={on.length === 0 ? say("trucks.empty") : null} onClick={() => setChosen("leave")}>{say("trucks.leave")}</Act>
      </div>
    );
  return (
    <Panel title={`${say("trucks.one")} ${trip.vehicle}`} close={close} acts={acts}>
      <Facts of={[
        [say("state"), <State key="s" group="trip" word={trip.state} />], [say("trucks.carrier"), trip.carrier], [say("trucks.opened_at"), <At key="o" at={trip.opened_at} />],
        [say("dispatches.left_at"), trip.left_at && <At key="l" at={trip.left_at} />],
        [say("trucks.manifest"), trip.state === "left" && <a key="m" href={`/api/v1/goods/trips/${trip.id}/manifest`} target="_blank" rel="noreferrer">{say("trucks.manifest_open")}</a>],
      ]} />
      <section className="section">
        <h3>{say("trucks.full")}</h3>
        <div>{say("trucks.weight")} {kilograms(load.grams)} / {kilograms(trip.grams_max)} kg<Progress percent={permille(load.grams, trip.grams_max) / 10} aria-label={say("trucks.weight")} /></div>
        <div>{say("trucks.room")} {cubicMetres(load.cubic_cm)} / {cubicMetres(trip.cubic_cm_max)} m³<Progress percent={permille(load.cubic_cm, trip.cubic_cm_max) / 10} aria-label={say("trucks.room")} /></div>
      </section>
      {fault != null && <Trouble error={fault} />}
      <section className="section">
        <h3>{say("trucks.orders", { count: on.length })}</h3>
        <ul style={{ display: "grid", gap: 6 }}>
          {on.map((one) => (
            <li key={one.dispatch} style={{ display: "flex", flexWrap: "wrap", gap: 8, alignItems: "center" }}>
              <span className="number">{one.number}</span>
              <span style={{ flex: 1, minWidth: 120 }}>{one.receiver} <State group="dispatch" word={one.state} /></span>
              <span className="number">{kilograms(one.grams)} kg</span>
              {isLoading && <Button size="small" onClick={() => void takeOff(one.dispatch)}>{say("trucks.take_off")}</Button>}
            </li>
          ))}
        </ul>
      </section>
      <History of={trip.id} />
    </Panel>
  );
}
