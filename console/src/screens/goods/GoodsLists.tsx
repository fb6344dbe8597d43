import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Segmented, Select, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { dayOf } from "../../lib/time";
import { Act, At, Empty, Money, Screen, State, Trouble } from "../../ui/basics";
import { DayInput } from "../../ui/forms";
import { useSay, useWord } from "../../words";
import type { Request } from "./requests";
import { useHome } from "./useHome";

type Line = Shape["ListLine"];
/** What arrives is on the list within a minute. */
const FRESH_MS = 15_000;
const DAY_MS = 86_400_000;
const SHORT = { size: "small" as const, pagination: { pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }, scroll: { x: "max-content" as const } };

/** List one of a day beside list two: what is there and expected, what is asked for. */
export function GoodsLists() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/goods-lists" });
  const navigate = useNavigate({ from: "/goods-lists" });
  const { unit, options } = useHome(search.unit);
  const now = Date.now();
  const [today, tomorrow] = [dayOf(new Date(now)), dayOf(new Date(now + DAY_MS))];
  const day = search.day ?? today;
  const go = (next: { unit?: string; day?: string }) => void navigate({ search: { unit, day, ...next } });
  return (
    <Screen title={say("lists.title")} lead={say("lists.lead")}>
      <div className="bar" style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
        <Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => go({ unit: chosen })} />
        <Segmented value={day} options={[{ value: today, label: say("lists.today") }, { value: tomorrow, label: say("lists.tomorrow") }]} onChange={(chosen) => go({ day: chosen })} />
        <div style={{ width: 160 }}><DayInput value={day} onChange={(chosen) => chosen && go({ day: chosen })} /></div>
      </div>
      {unit !== "" && (
        <div style={{ display: "grid", gap: 18, gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 420px), 1fr))", alignItems: "start" }}>
          <ListOne key={`${unit} ${day}`} unit={unit} day={day} />
          <ListTwo unit={unit} />
        </div>
      )}
    </Screen>
  );
}

function ListOne({ unit, day }: { unit: string; day: string }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const queries = useQueryClient();
  const [fault, setFault] = useState<unknown>(null);
  const at = { params: { path: { unit, day } } };
  const read = useQuery({ queryKey: ["list-one", unit, day], queryFn: () => take(api.GET("/api/v1/goods/{unit}/lists/{day}", at)), refetchInterval: whileHere(FRESH_MS) });
  const draw = async () => {
    setFault(null);
    try {
      await api.POST("/api/v1/goods/{unit}/lists/{day}", at);
      await queries.invalidateQueries();
    } catch (error) {
      setFault(error);
    }
  };
  const list = read.data;
  const drawn = list !== undefined && list.version > 0;
  const why = may("goods_record") ? null : say("may_not", { permission: say("permission.goods_record") });
  return (
    <section>
      <h2 style={{ fontSize: 18 }}>{say("lists.one")} · {day}</h2>
      {drawn && <p className="mute">{say("lists.version", { version: list.version })} {list.drawn_at && <At at={list.drawn_at} />} {list.frozen && <Tag>{say("lists.frozen")}</Tag>}</p>}
      {(fault ?? read.error) != null && <Trouble error={fault ?? read.error} again={() => void read.refetch()} />}
      {list && !list.frozen && <div className="bar"><Act why={why} onClick={() => void draw()}>{say("lists.draw")}</Act></div>}
      <div className="table">
        <Table<Line>
          {...SHORT} loading={read.isPending} dataSource={list?.lines ?? []} rowKey={(row) => `${row.lot} ${row.listed}`}
          locale={{ emptyText: drawn ? <Empty title={say("lists.empty")} /> : <Empty title={say("lists.not_drawn")}>{say("lists.not_drawn_hint")}</Empty> }}
          columns={[
            { key: "item", title: say("stock.item"), render: (_, row) => <>{row.item} {row.grade && <Tag>{row.grade}</Tag>} <span className="mute">{row.spec}</span></> },
            { key: "quantity", title: say("stock.quantity"), align: "right", render: (_, row) => `${row.quantity.toLocaleString("en")} ${row.unit_word}` },
            { key: "listed", title: say("lists.why"), render: (_, row) => name("lists.listed", row.listed) },
          ]}
        />
      </div>
    </section>
  );
}

function ListTwo({ unit }: { unit: string }) {
  const say = useSay();
  const name = useWord();
  const read = useQuery({ queryKey: ["needs", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/requests", { params: { path: { unit } } })), refetchInterval: whileHere(FRESH_MS) });
  return (
    <section>
      <h2 style={{ fontSize: 18 }}><Link to="/goods-needs" search={{ unit }}>{say("lists.two")}</Link></h2>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className="table">
        <Table<Request>
          {...SHORT} loading={read.isPending} dataSource={read.data?.items ?? []} rowKey="id"
          locale={{ emptyText: <Empty title={say("needs.none")}>{say("needs.none_hint")}</Empty> }}
          columns={[
            { key: "receiver", title: say("dispatches.receiver"), dataIndex: "receiver" },
            { key: "item", title: say("stock.item"), render: (_, row) => row.item ?? say("needs.money") },
            { key: "wanted", title: say("stock.quantity"), align: "right", render: (_, row) => (typeof row.amount_fen === "number" ? <Money fen={row.amount_fen} /> : `${(row.quantity ?? 0).toLocaleString("en")} ${row.unit_word ?? ""}`) },
            { key: "priority", title: say("needs.priority"), render: (_, row) => name("needs.priority", row.priority) },
            { key: "state", title: say("needs.state"), render: (_, row) => <><State group="request_state" word={row.state} /> {row.stale && <Tag>{say("needs.stale")}</Tag>}</> },
          ]}
        />
      </div>
    </section>
  );
}
