import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Table, Tag } from "antd";
import { useState } from "react";
import { api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Act, Empty, Facts, Money, Screen, State, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { useTell } from "../../ui/useTell";
import { useWalk } from "../../ui/useWalk";
import { useSay, useWord } from "../../words";
import { Grants } from "./Grants";
import { ListsToRequests } from "./ListsToRequests";
import { Repeat, repeatWords } from "./Repeat";
import { RequestForm } from "./RequestForm";
import type { Request } from "./requests";
import { useHome } from "./useHome";

/** List two: what hospitals and departments ask for, goods and money; imported lists become requests here. */
export function Needs() {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const search = useSearch({ from: "/known/shell/goods-needs" });
  const navigate = useNavigate({ from: "/goods-needs" });
  const { unit, options } = useHome(search.unit);
  const [turning, setTurning] = useState(false);
  const [entering, setEntering] = useState(false);
  const read = useQuery({ queryKey: ["needs", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/requests", { params: { path: { unit } } })) });
  const show = (request: string | undefined) => {
    setTurning(false);
    setEntering(false);
    void navigate({ search: { ...search, request } });
  };
  const rows = read.data?.items ?? [];
  const opened = rows.find((row) => row.id === search.request);
  const walk = useWalk({ rows, keyOf: (row) => row.id, open: (row) => show(row.id), opened: search.request });
  const wanted = (row: Request) => (typeof row.amount_fen === "number" ? <Money fen={row.amount_fen} /> : `${(row.quantity ?? 0).toLocaleString("en")} ${row.unit_word ?? ""}`);
  return (
    <Screen title={say("needs.title")} lead={say("needs.lead")} acts={unit !== "" && <>
      {may("goods_request") && <Act onClick={() => { show(undefined); setEntering(true); }}>{say("needs.enter")}</Act>}
      {may("goods_import") && <Act type="primary" onClick={() => { show(undefined); setTurning(true); }}>{say("needs.turn")}</Act>}
    </>}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={opened || turning || entering ? "split open" : "split"}>
        <div className="table picks">
          <Table<Request>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("needs.none")}>{say("needs.none_hint")}</Empty> }}
            columns={[
              { key: "receiver", title: say("dispatches.receiver"), dataIndex: "receiver" },
              { key: "item", title: say("stock.item"), render: (_, row) => row.item ?? say("needs.money") },
              { key: "wanted", title: say("stock.quantity"), align: "right", render: (_, row) => wanted(row) },
              { key: "priority", title: say("needs.priority"), render: (_, row) => <>{name("needs.priority", row.priority)} {row.stale && <Tag>{say("needs.stale")}</Tag>}</> },
              { key: "needed_by", title: say("needs.needed_by"), render: (_, row) => row.needed_by ?? "" },
            ]}
          />
        </div>
        {turning && <ListsToRequests unit={unit} close={() => setTurning(false)} />}
        {entering && <Panel title={say("needs.enter")} close={() => setEntering(false)}><ByTelephone unit={unit} close={() => setEntering(false)} /></Panel>}
        {opened && !turning && !entering && <NeedPanel key={opened.id} unit={unit} row={opened} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

/** A request that a receiver makes by telephone, written down for it. */
function ByTelephone({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const at = { params: { path: { unit } } };
  const items = useQuery({ queryKey: ["items", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/items", at)) });
  const receivers = useQuery({ queryKey: ["receivers", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/receivers", at)) });
  const fault = items.error ?? receivers.error;
  if (fault) return <Trouble error={fault} />;
  const askable = (items.data?.items ?? []).map((one) => ({ ...one, units: [one.base_unit, ...Object.keys(one.units)] }));
  const choose = (receivers.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  return <RequestForm unit={unit} items={askable} receiver={{ choose }} effect={say("needs.enter_effect")} button={say("needs.enter")} close={close} />;
}

function NeedPanel({ unit, row, close }: { unit: string; row: Request; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const [fault, tell] = useTell();
  const at = { params: { path: { request: row.id } } };
  const why = may("goods_request") ? null : say("may_not", { permission: say("permission.goods_request") });
  const acts = (
    <div className="buttons">
      <Act why={why} onClick={() => void tell(api.POST("/api/v1/goods/requests/{request}/confirm", at))}>{say("needs.still")}</Act>
      <Act danger why={why} onClick={() => void tell(api.POST("/api/v1/goods/requests/{request}/withdraw", at)).then((done) => done && close())}>{say("needs.withdraw")}</Act>
    </div>
  );
  return (
    <Panel title={row.receiver} close={close} acts={acts}>
      {fault != null && <Trouble error={fault} />}
      <Facts of={[
        [say("stock.item"), row.item ?? say("needs.money")],
        [say("stock.quantity"), typeof row.amount_fen === "number" ? <Money key="m" fen={row.amount_fen} /> : `${(row.quantity ?? 0).toLocaleString("en")} ${row.unit_word ?? ""}`],
        [say("needs.priority"), name("needs.priority", row.priority)], [say("needs.basis"), row.basis], [say("needs.needed_by"), row.needed_by],
        [say("needs.state"), <State key="s" group="request_state" word={row.state} />], [say("needs.repeat"), repeatWords(row, say)],
        [say("needs.granted"), row.granted_base_units > 0 && typeof row.amount_fen !== "number" && row.granted_base_units.toLocaleString("en")],
      ]} />
      {why === null && <Repeat row={row} />}
      {typeof row.amount_fen === "number" ? <Grants unit={unit} request={row.id} asked={row.amount_fen} /> : <p className="mute">{say("needs.by_plan")} <Link to="/goods-plans" search={{ unit }}>{say("plans.title")}</Link></p>}
    </Panel>
  );
}
