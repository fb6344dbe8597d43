import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented, Select, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Act, Empty, Facts, Screen, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useSay, useWord } from "../../words";
import { StartCatalogue } from "./StartCatalogue";
import { codeItem } from "./more";
import { useHome } from "./useHome";

type Item = Shape["ItemOut"];
type Norm = Shape["NormOut"];

/** What a thing is: items with their units, everyday names and norms, and what nobody is to bring. */
export function Catalogue() {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const search = useSearch({ from: "/known/shell/goods-catalogue" });
  const navigate = useNavigate({ from: "/goods-catalogue" });
  const { unit, options } = useHome(search.unit);
  const [adding, setAdding] = useState<"item" | "start" | null>(null);
  const at = { params: { path: { unit } } };
  const read = useQuery({ queryKey: ["items", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/items", at)) });
  const norms = useQuery({ queryKey: ["norms", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/norms", at)) });
  const rows = read.data?.items ?? [];
  const normOf = (item: string): Norm | undefined => norms.data?.items.find((one) => one.item === item);
  const show = (item: string | undefined) => {
    setAdding(null);
    void navigate({ search: { ...search, item } });
  };
  const opened = rows.find((row) => row.id === search.item);
  const walk = useWalk({ rows, keyOf: (row) => row.id, open: (row) => show(row.id), opened: search.item });
  const fault = read.error ?? norms.error;
  const begin = (what: "item" | "start") => {
    show(undefined);
    setAdding(what);
  };
  const none = read.data?.items.length === 0;
  const acts = may("goods_manage") && unit !== "" && (
    <>
      <Act type={none ? "primary" : "default"} onClick={() => begin("start")}>{say("catalogue.start")}</Act>
      <Act type={none ? "default" : "primary"} onClick={() => begin("item")}>{say("catalogue.add")}</Act>
    </>
  );
  return (
    <Screen title={say("catalogue.title")} lead={say("catalogue.lead")} acts={acts}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {fault && <Trouble error={fault} again={() => void read.refetch()} />}
      <div className={opened || adding !== null ? "split open" : "split"}>
        <div className="table picks">
          <Table<Item>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("catalogue.none")}>{say("catalogue.none_hint")}</Empty> }}
            columns={[
              { key: "code", title: say("catalogue.code"), render: (_, row) => (isWhole(row.code) ? row.code : <>{row.code} <span className="mute">{say("catalogue.code_open")}</span></>) },
              { key: "name", title: say("stock.item"), render: (_, row) => <>{row.name} {row.grade && <Tag>{row.grade}</Tag>}</> },
              { key: "units", title: say("catalogue.units"), render: (_, row) => unitsOf(row) },
              { key: "norm", title: say("catalogue.norm"), render: (_, row) => { const norm = normOf(row.id); return norm ? <>{norm.there.toLocaleString("en")} / {norm.normal.toLocaleString("en")} {norm.alert && <Tag color="warning">{name("norm_alert", norm.alert)}</Tag>}</> : ""; } },
            ]}
          />
        </div>
        {adding === "item" && <Panel title={say("catalogue.add")} close={() => setAdding(null)}><Add unit={unit} close={() => setAdding(null)} /></Panel>}
        {adding === "start" && <StartCatalogue key={unit} unit={unit} close={() => setAdding(null)} />}
        {opened && adding === null && <ItemPanel key={opened.id} unit={unit} item={opened} norm={normOf(opened.id)} close={() => show(undefined)} />}
      </div>
      {unit !== "" && <Unwanted unit={unit} />}
    </Screen>
  );
}

/** Whether a code of GB/T 38565 has all its digits. */
const isWhole = (code: string): boolean => /^\d{7}$/.test(code);

const unitsOf = (item: Item): string => [item.base_unit, ...Object.entries(item.units).filter(([word]) => word !== item.base_unit).map(([word, holds]) => `${word} = ${holds.toLocaleString("en")} ${item.base_unit}`)].join("，");

function useAfter(close: () => void) {
  const queries = useQueryClient();
  return () => {
    close();
    void queries.invalidateQueries();
  };
}

function Add({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const fields: Field[] = [
    { name: "code", label: say("catalogue.code"), chars: 7, hint: say("catalogue.code_hint"), wrong: (text) => (isWhole(text.trim()) ? null : say("catalogue.code_hint")) },
    { name: "name", label: say("stock.item"), chars: 60 }, { name: "grade", label: say("lots.grade"), chars: 60, optional: true, hint: say("catalogue.grade_hint") },
    { name: "base_unit", label: say("catalogue.base_unit"), chars: 10 }, { name: "shelf_life_months", label: say("catalogue.keeps"), kind: "count", optional: true },
  ];
  return <QuickForm<Pick<Shape["AddItem"], "code" | "name" | "grade" | "base_unit" | "shelf_life_months">> fields={fields} button={say("catalogue.add")} done={say("saved")} cancel={close} after={useAfter(close)} submit={(body) => api.POST("/api/v1/goods/{unit}/items", { params: { path: { unit } }, body: { ...body, code: body.code.trim() } })} />;
}

const STEPS = ["unit", "alias", "norm", "code"] as const;

/** An item: another unit, an everyday name, how much of it should be there, its code. */
function ItemPanel({ unit, item, norm, close }: { unit: string; item: Item; norm: Norm | undefined; close: () => void }) {
  const say = useSay();
  const may = useMay();
  const [step, setStep] = useState<(typeof STEPS)[number] | null>(null);
  const at = { params: { path: { item: item.id } } };
  const done = useAfter(() => setStep(null));
  const form = { done: say("saved"), cancel: () => setStep(null), after: done };
  const why = may("goods_manage") ? null : say("may_not", { permission: say("permission.goods_manage") });
  const counts: Field[] = (["min", "normal", "max"] as const).map((one) => ({ name: one, label: say(`catalogue.norm_${one}`, { unit: item.base_unit }), kind: "count" }));
  return (
    <Panel title={item.name} close={close}>
      <Facts of={[
        [say("catalogue.code"), isWhole(item.code) ? item.code : `${item.code} ${say("catalogue.code_open")}`], [say("lots.grade"), item.grade], [say("catalogue.units"), unitsOf(item)], [say("catalogue.keeps"), item.shelf_life_months],
        [say("catalogue.norm"), norm && `${norm.min.toLocaleString("en")} – ${norm.normal.toLocaleString("en")} – ${norm.max.toLocaleString("en")}`],
        [say("catalogue.there"), norm && `${norm.there.toLocaleString("en")} ${item.base_unit}`],
      ]} />
      {step === null && <div className="buttons" style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>{STEPS.map((one) => <Act key={one} size="small" why={why} onClick={() => setStep(one)}>{say(`catalogue.${one}_set`)}</Act>)}</div>}
      {step !== null && <Segmented style={{ marginBottom: 12 }} value={step} options={STEPS.map((value) => ({ value, label: say(`catalogue.${value}_set`) }))} onChange={setStep} />}
      {step === "unit" && <QuickForm<Shape["AddUnit"]> {...form} fields={[{ name: "unit_word", label: say("lots.unit_word"), chars: 10 }, { name: "per_base", label: say("catalogue.holds", { unit: item.base_unit }), kind: "count" }]} button={say("save")} submit={(body) => api.POST("/api/v1/goods/items/{item}/units", { ...at, body })} />}
      {step === "alias" && <QuickForm<Shape["SetAlias"]> {...form} fields={[{ name: "words", label: say("catalogue.alias"), chars: 80, hint: say("catalogue.alias_hint") }]} button={say("save")} submit={(body) => api.POST("/api/v1/goods/items/{item}/aliases", { ...at, body })} />}
      {step === "code" && <QuickForm<{ code: string }> {...form} fields={[{ name: "code", label: say("catalogue.code"), chars: 7, hint: say("catalogue.code_hint"), wrong: (text) => (isWhole(text.trim()) ? null : say("catalogue.code_hint")) }]} initial={{ code: item.code }} effect={say("catalogue.code_effect")} button={say("save")} submit={({ code }) => codeItem(item.id, code.trim())} />}
      {step === "norm" && <QuickForm<Omit<Shape["SetNorm"], "item">> {...form} fields={counts} initial={norm ? { min: norm.min, normal: norm.normal, max: norm.max } : {}} button={say("save")} submit={(body) => api.PUT("/api/v1/goods/{unit}/norms", { params: { path: { unit } }, body: { ...body, item: item.id } })} />}
    </Panel>
  );
}

/** What nobody is to bring; the public reads it. */
function Unwanted({ unit }: { unit: string }) {
  const say = useSay();
  const mine = useMay()("goods_manage");
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const at = { params: { path: { unit } } };
  const read = useQuery({ queryKey: ["unwanted", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/unwanted", at)) });
  const set = (words: string, listed: boolean) => api.POST("/api/v1/goods/{unit}/unwanted", { ...at, body: { words, listed } });
  const after = useAfter(() => setAdding(false));
  const drop = async (words: string) => {
    setFault(null);
    try {
      await set(words, false);
      await queries.invalidateQueries();
    } catch (error) {
      setFault(error);
    }
  };
  const rows = read.data?.items ?? [];
  return (
    <section className="section" style={{ marginTop: 24 }}>
      <h2 style={{ fontSize: 18 }}>{say("catalogue.unwanted")}</h2>
      {(fault ?? read.error) != null && <Trouble error={fault ?? read.error} />}
      {read.data && rows.length === 0 && <p className="mute">{say("catalogue.unwanted_none")}</p>}
      <ul style={{ display: "grid", gap: 6, maxWidth: 560 }}>
        {rows.map((words) => (
          <li key={words} style={{ display: "flex", gap: 8, alignItems: "center" }}>
            <span style={{ flex: 1 }}>{words}</span>
            {mine && <Button size="small" aria-label={`${say("catalogue.unwanted_drop")} ${words}`} onClick={() => void drop(words)}>{say("catalogue.unwanted_drop")}</Button>}
          </li>
        ))}
      </ul>
      {mine && !adding && <Act size="small" onClick={() => setAdding(true)}>{say("catalogue.unwanted_add")}</Act>}
      {adding && <div style={{ maxWidth: 560 }}><QuickForm<{ words: string }> fields={[{ name: "words", label: say("catalogue.unwanted_words"), chars: 80 }]} effect={say("catalogue.unwanted_effect")} button={say("catalogue.unwanted_add")} done={say("saved")} cancel={() => setAdding(false)} after={after} submit={({ words }) => set(words, true)} /></div>}
    </section>
  );
}
