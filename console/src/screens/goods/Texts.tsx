import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Input, Segmented, Select, Table, Tag } from "antd";
import { useState } from "react";
import { api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Act, At, Empty, Screen, Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { type Text, mapTexts, mappingsOf, textsOf, undoMapping } from "./more";
import { useHome } from "./useHome";

const KINDS = ["needs", "goods_in", "goods_out"] as const;

/** What the words of imported tables mean: texts are picked, an item is chosen, and all that say the same follow; undone as easily. */
export function Texts() {
  const say = useSay();
  const may = useMay();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/goods-texts" });
  const navigate = useNavigate({ from: "/goods-texts" });
  const { unit, options } = useHome(search.unit);
  const kind = KINDS.find((one) => one === search.kind) ?? "needs";
  const [wanted, setWanted] = useState("");
  const [picked, setPicked] = useState<string[]>([]);
  const [item, setItem] = useState<string | undefined>();
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const enabled = unit !== "";
  const texts = useQuery({ queryKey: ["texts", unit, kind], enabled, queryFn: () => textsOf(unit, kind) });
  const items = useQuery({ queryKey: ["items", unit], enabled, queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/items", { params: { path: { unit } } })) });
  const mappings = useQuery({ queryKey: ["mappings", unit], enabled, queryFn: () => mappingsOf(unit) });
  const rows = (texts.data ?? []).filter((text) => `${text.words} ${text.item_name ?? ""}`.toLowerCase().includes(wanted.toLowerCase()));
  const open = (texts.data ?? []).filter((text) => text.item === null).length;
  const why = may("goods_manage") ? null : say("may_not", { permission: say("permission.goods_manage") });
  const go = async (work: () => Promise<unknown>) => {
    setFault(null);
    setBusy(true);
    try {
      await work();
      setPicked([]);
      message.success(say("saved"));
      await queries.invalidateQueries();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  const set = (change: { unit?: string; kind?: string }) => {
    setPicked([]);
    void navigate({ search: { unit, kind, ...change } });
  };
  return (
    <Screen title={say("texts.title")} lead={say("texts.lead")}>
      <div className="bar">
        <Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => set({ unit: chosen })} />
        <Segmented value={kind} options={KINDS.map((value) => ({ value, label: say(`texts.kind.${value}`) }))} onChange={(value) => set({ kind: value })} />
        <Input.Search data-search style={{ width: 220 }} allowClear placeholder={say("texts.find")} aria-label={say("texts.find")} onChange={(event) => setWanted(event.target.value.trim())} />
      </div>
      {(fault ?? texts.error ?? mappings.error) != null && <Trouble error={fault ?? texts.error ?? mappings.error} />}
      {texts.data && <p className="mute">{say("texts.open", { count: open, all: texts.data.length })}</p>}
      {picked.length > 0 && (
        <div className="bar" data-map>
          <span>{say("texts.picked", { count: picked.length })}</span>
          <Select style={{ minWidth: 260 }} aria-label={say("texts.item")} placeholder={say("texts.item")} showSearch={{ optionFilterProp: "label" }} value={item} onChange={setItem} options={(items.data?.items ?? []).map((one) => ({ value: one.id, label: `${one.name} ${one.grade}`.trim() }))} />
          <Act type="primary" loading={busy} why={why} disabled={!item} onClick={() => item && void go(() => mapTexts(unit, item, picked))}>{say("texts.map")}</Act>
        </div>
      )}
      <div className="table">
        <Table<Text>
          size="small" pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} scroll={{ x: "max-content" }} loading={texts.isPending && enabled} dataSource={rows} rowKey="words"
          rowSelection={{ selectedRowKeys: picked, preserveSelectedRowKeys: true, onChange: (keys) => setPicked(keys.map(String)) }}
          locale={{ emptyText: <Empty title={say("texts.none")}>{say("texts.none_hint")}</Empty> }}
          columns={[
            { key: "words", title: say("texts.words"), dataIndex: "words" },
            { key: "lines", title: say("texts.lines"), align: "right", dataIndex: "lines" },
            { key: "item", title: say("texts.item"), render: (_, row) => (row.item_name ? <>{row.item_name} {row.grade && <Tag>{row.grade}</Tag>}</> : <span className="mute">{say("texts.unmapped")}</span>) },
          ]}
        />
      </div>
      {(mappings.data ?? []).length > 0 && (
        <section className="section" data-mappings>
          <h3>{say("texts.done")}</h3>
          <ul style={{ display: "grid", gap: 6 }}>
            {mappings.data?.map((mapping) => (
              <li key={mapping.id}>
                <At at={mapping.made_at} /> · {say("texts.mapped", { count: mapping.texts, item: `${mapping.item_name} ${mapping.grade}`.trim() })}{" "}
                {mapping.undone_at ? <span className="mute">{say("texts.undone")}</span> : <Act size="small" why={why} loading={busy} onClick={() => void go(() => undoMapping(mapping.id))}>{say("texts.undo")}</Act>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Screen>
  );
}
