import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Table } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, At, Empty, Screen, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { useHome } from "./useHome";

type Sheet = Shape["GoodsSheetOut"];
type Printed = { kind: Shape["GoodsBoxKind"]; labels: number };
const KINDS = ["box", "pallet", "truck"] as const satisfies Shape["GoodsBoxKind"][];
const LABELS_MAX = 240;

/** Sheets of labels: codes are printed before anybody knows what will be in the boxes. */
export function Boxes() {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/boxes" });
  const navigate = useNavigate({ from: "/boxes" });
  const { unit, options } = useHome(search.unit);
  const [key, setKey] = useState<string | null>(null);
  const at = { params: { path: { unit } } };
  const read = useQuery({ queryKey: ["sheets", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/sheets", at)) });
  const close = () => setKey(null);
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const fields: Field[] = [
    { name: "kind", kind: "choice", label: say("boxes.kind"), options: KINDS.map((value) => ({ value, label: name("box_kind", value) })) },
    { name: "labels", kind: "count", label: say("boxes.count"), max: LABELS_MAX, hint: say("boxes.none_hint") },
  ];
  return (
    <Screen title={say("boxes.title")} lead={say("boxes.lead")} acts={may("goods_record") && unit !== "" && <Act type="primary" onClick={() => setKey(freshKey("sheet"))}>{say("boxes.print")}</Act>}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={key ? "split open" : "split"}>
        <div className="table">
          <Table<Sheet>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={read.data?.items ?? []} rowKey="id"
            locale={{ emptyText: <Empty title={say("boxes.none")}>{say("boxes.none_hint")}</Empty> }}
            columns={[
              { key: "first", title: say("boxes.first"), render: (_, row) => <span className="number">{row.first}</span> },
              { key: "kind", title: say("boxes.kind"), render: (_, row) => name("box_kind", row.kind) },
              { key: "labels", title: say("boxes.count"), align: "right", dataIndex: "labels" },
              { key: "filled", title: say("boxes.filled"), align: "right", dataIndex: "filled" },
              { key: "made", title: say("boxes.made_at"), render: (_, row) => <At at={row.made_at} /> },
              { key: "pdf", title: "", render: (_, row) => may("goods_record") && <a href={`/api/v1/goods/sheets/${row.id}/labels`} target="_blank" rel="noreferrer">{say("boxes.pdf")}</a> },
            ]}
          />
        </div>
        {key && (
          <Panel title={say("boxes.print")} close={close}>
            <QuickForm<Printed> fields={fields} initial={{ kind: "box", labels: 24 }} effect={say("boxes.effect")} button={say("boxes.print")} done={say("saved")} after={after} cancel={close} submit={(body) => api.POST("/api/v1/goods/{unit}/sheets", { ...at, body: { ...body, key } })} />
          </Panel>
        )}
      </div>
    </Screen>
  );
}
