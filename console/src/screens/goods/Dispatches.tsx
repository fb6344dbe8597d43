import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Skeleton, Table, Tag } from "antd";
import { type Shape, api, take, takeList } from "../../api/client";
import { At, Empty, Facts, Screen, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { LIVE } from "../../ui/pages";
import { useWalk } from "../../ui/useWalk";
import { useSay, useWord } from "../../words";
import { GoodsPhotos } from "./GoodsPhotos";
import { OrderSignatures } from "./OrderSignatures";
import { OrderSteps } from "./OrderSteps";
import { handOverList, orderPaper } from "./papers";
import { Recipients } from "./Recipients";
import { useHome } from "./useHome";

type Order = Shape["DispatchOut"];

/** Dispatch orders and where they are; opened, their lines. */
export function Dispatches() {
  const say = useSay();
  const name = useWord();
  const search = useSearch({ from: "/known/shell/dispatches" });
  const navigate = useNavigate({ from: "/dispatches" });
  const { unit, options } = useHome(search.unit);
  const read = useQuery({ queryKey: ["dispatches", unit], enabled: unit !== "", ...LIVE, queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/dispatches", { params: { path: { unit } } })) });
  const receivers = useQuery({ queryKey: ["receivers", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/receivers", { params: { path: { unit } } })) });
  const receiver = (id: string) => receivers.data?.items.find((one) => one.id === id)?.name ?? id;
  const show = (order: string | undefined) => void navigate({ search: { ...search, order } });
  const walk = useWalk({ rows: read.data?.items ?? [], keyOf: (order) => order.id, open: (order) => show(order.id), opened: search.order });
  return (
    <Screen title={say("dispatches.title")} lead={say("dispatches.lead")}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={search.order ? "split open" : "split"}>
        <div className="table picks">
          <Table<Order>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={read.data?.items ?? []} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("dispatches.none")}>{say("dispatches.none_hint")}</Empty> }}
            columns={[
              { key: "number", title: say("work.number"), render: (_, row) => <span className="number">{row.number}</span> },
              { key: "receiver", title: say("dispatches.receiver"), render: (_, row) => receiver(row.receiver) },
              { key: "state", title: say("state"), render: (_, row) => <State group="dispatch" word={row.state} /> },
              { key: "way", title: say("dispatches.way"), render: (_, row) => name("way", row.way) },
              { key: "ordered", title: say("dispatches.ordered_at"), render: (_, row) => <At at={row.ordered_at} /> },
              { key: "received", title: say("dispatches.received_at"), render: (_, row) => (row.received_at ? <At at={row.received_at} /> : "") },
            ]}
          />
        </div>
        {search.order && <OrderPanel key={search.order} id={search.order} unit={unit} receiver={receiver} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function OrderPanel({ id, unit, receiver, close }: { id: string; unit: string; receiver: (id: string) => string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const read = useQuery({ queryKey: ["dispatch", id], queryFn: () => take(api.GET("/api/v1/goods/dispatches/{dispatch}", { params: { path: { dispatch: id } } })) });
  if (!read.data) return <Panel title={say("dispatches.one")} close={close}>{read.error ? <Trouble error={read.error} /> : <Skeleton active />}</Panel>;
  const { order, lines } = read.data;
  return (
    <Panel title={`${say("dispatches.one")} ${order.number}`} close={close} acts={<OrderSteps order={order} lines={lines} unit={unit} />}>
      <Facts of={[
        [say("dispatches.receiver"), receiver(order.receiver)], [say("state"), <State key="s" group="dispatch" word={order.state} />], [say("dispatches.way"), name("way", order.way)],
        [say("dispatches.ordered_at"), <At key="o" at={order.ordered_at} />], [say("dispatches.left_at"), order.left_at && <At key="l" at={order.left_at} />],
        [say("dispatches.received_at"), order.received_at && <At key="r" at={order.received_at} />],
      ]} />
      <section className="section">
        <h3>{say("dispatches.lines")}</h3>
        <ul style={{ display: "grid", gap: 6 }}>
          {lines.map((line) => (
            <li key={line.n} style={{ display: "flex", gap: 8 }}>
              <span style={{ flex: 1 }}>{line.item} {line.grade && <Tag>{line.grade}</Tag>}</span>
              <span className="number">{line.quantity.toLocaleString("en")} {line.unit_word}</span>
            </li>
          ))}
        </ul>
      </section>
      <p className="buttons">
        <a href={orderPaper(id)} target="_blank" rel="noreferrer">{say("papers.order")}</a>
        {order.state !== "ordered" && order.state !== "called_off" && <a href={handOverList(id)} target="_blank" rel="noreferrer">{say("papers.hand_over")}</a>}
      </p>
      <Recipients order={order} lines={lines} />
      {order.state === "received" && <OrderSignatures dispatch={id} />}
      <GoodsPhotos unit={unit} of={{ dispatch: id }} />
      <History of={id} />
    </Panel>
  );
}
