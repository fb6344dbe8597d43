import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Input, Select, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Empty, Screen, State, Trouble } from "../../ui/basics";
import { LIVE } from "../../ui/pages";
import { useWalk } from "../../ui/useWalk";
import { useSay, useWord } from "../../words";
import { Announce } from "./Announce";
import { LotPanel } from "./LotPanel";
import { StorePapers } from "./StorePapers";
import { UnvaluedGoods } from "./Unvalued";
import { InspectBy } from "./InspectBy";
import type { InspectionClock } from "./more";
import { WindowVideo } from "./WindowVideo";
import { useHome } from "./useHome";

type OnHand = Shape["OnHandOut"] & InspectionClock;
const keyOf = (row: OnHand): string => `${row.lot.id} ${row.place} ${row.state}`;

/** Everything on hand, what expires first before; above it what is too little or waits too long. */
export function Stock() {
  const say = useSay();
  const name = useWord();
  const search = useSearch({ from: "/known/shell/stock" });
  const navigate = useNavigate({ from: "/stock" });
  const { unit, options } = useHome(search.unit);
  const [wanted, setWanted] = useState("");
  const at = { params: { path: { unit } } };
  const enabled = unit !== "";
  const stock = useQuery({ queryKey: ["stock", unit], enabled, ...LIVE, queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/stock", at)) });
  const norms = useQuery({ queryKey: ["norms", unit], enabled, ...LIVE, queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/norms", at)) });
  const waits = useQuery({ queryKey: ["waiting", unit], enabled, ...LIVE, queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/waiting", at)) });
  const short = (norms.data?.items ?? []).filter((norm) => norm.alert);
  const late = (waits.data?.items ?? []).filter((one) => one.wait === "alarm");
  const rows = (stock.data?.items ?? []).filter((row) => `${row.item_name} ${row.grade} ${row.place ?? ""}`.includes(wanted));
  const may = useMay();
  const [announcing, setAnnouncing] = useState(false);
  const [showing, setShowing] = useState<"window" | "papers" | "unvalued" | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const opened = rows.find((row) => keyOf(row) === open);
  const show = (row: OnHand | null) => {
    setAnnouncing(false);
    setShowing(null);
    setOpen(row && keyOf(row));
  };
  const walk = useWalk({ rows, keyOf, open: show, opened: open });
  const error = stock.error ?? norms.error ?? waits.error;
  return (
    <Screen title={say("stock.title")} lead={say("stock.lead")} acts={enabled && <>{may("goods_manage") && <Button onClick={() => { show(null); setShowing("window"); }}>{say("window.title")}</Button>} {may("goods_record") && <Button type="primary" onClick={() => { show(null); setAnnouncing(true); }}>{say("lots.announce")}</Button>} <Button onClick={() => { show(null); setShowing("papers"); }}>{say("papers.title")}</Button> <Button onClick={() => { show(null); setShowing("unvalued"); }}>{say("unvalued.title")}</Button></>}>
      <div className="bar">
        <Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} />
        <Input.Search data-search style={{ width: 240 }} allowClear placeholder={say("stock.find")} aria-label={say("stock.find")} onChange={(event) => setWanted(event.target.value.trim())} />
      </div>
      {error && <Trouble error={error} />}
      {short.map((norm) => (
        <Alert key={norm.item} type="warning" showIcon style={{ marginBottom: 8 }} title={say(norm.alert === "too_little" ? "stock.too_little" : "stock.too_much", { item: norm.name, there: norm.there, min: norm.min, max: norm.max })} />
      ))}
      {late.length > 0 && <Alert type="error" showIcon style={{ marginBottom: 8 }} title={say("stock.late", { count: late.length })} description={late.map((one) => `${one.item_name} × ${one.quantity} ${one.unit_word}`).join("、")} />}
      <div className={opened || announcing || showing ? "split open" : "split"}>
        <div className="table picks">
          <Table<OnHand>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} scroll={{ x: "max-content" }} loading={stock.isPending && enabled} dataSource={rows} rowKey={keyOf}
            {...walk}
            locale={{ emptyText: <Empty title={say("stock.none")}>{say("stock.none_hint")}</Empty> }}
            columns={[
              { key: "item", title: say("stock.item"), render: (_, row) => <>{row.item_name} {row.grade && <Tag>{row.grade}</Tag>}</> },
              { key: "quantity", title: say("stock.quantity"), align: "right", render: (_, row) => `${row.quantity.toLocaleString("en")} ${row.lot.unit_word}` },
              { key: "place", title: say("stock.place"), render: (_, row) => row.place ?? say("stock.on_the_way") },
              { key: "state", title: say("state"), render: (_, row) => <State group="lot" word={row.state} /> },
              { key: "inspect", title: say("stock.inspect_by"), render: (_, row) => <InspectBy of={row} /> },
              { key: "expires", title: say("stock.expires_on"), render: (_, row) => row.lot.expires_on ?? "" },
              { key: "source", title: say("gifts.source"), render: (_, row) => name("goods_source", row.lot.source) },
            ]}
          />
        </div>
        {showing === "window" && <WindowVideo unit={unit} close={() => setShowing(null)} />}
        {showing === "unvalued" && <UnvaluedGoods unit={unit} close={() => setShowing(null)} />}
        {showing === "papers" && <StorePapers unit={unit} close={() => setShowing(null)} />}
        {announcing && <Announce unit={unit} close={() => setAnnouncing(false)} />}
        {opened && !announcing && <LotPanel key={keyOf(opened)} unit={unit} row={opened} close={() => show(null)} />}
      </div>
    </Screen>
  );
}
