import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, At, Empty, Facts, Screen, State, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useSay } from "../../words";
import { useHome } from "./useHome";

type One = Shape["GoodsStraightOut"] & { request_withdrawn?: boolean };

/** Goods that go straight from the donor to a receiver: counted by two, booked in and out by a third. */
export function Straight() {
  const say = useSay();
  const may = useMay();
  const search = useSearch({ from: "/known/shell/goods-straight" });
  const navigate = useNavigate({ from: "/goods-straight" });
  const { unit, options } = useHome(search.unit);
  const [beginning, setBeginning] = useState(false);
  const read = useQuery({ queryKey: ["straight", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/straight", { params: { path: { unit } } })) });
  const rows = read.data?.items ?? [];
  const show = (one: string | undefined) => {
    setBeginning(false);
    void navigate({ search: { ...search, one } });
  };
  const opened = rows.find((row) => row.id === search.one);
  const walk = useWalk({ rows, keyOf: (row) => row.id, open: (row) => show(row.id), opened: search.one });
  return (
    <Screen title={say("straight.title")} lead={say("straight.lead")} acts={may("goods_record") && unit !== "" && <Act type="primary" onClick={() => { show(undefined); setBeginning(true); }}>{say("straight.begin")}</Act>}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={opened || beginning ? "split open" : "split"}>
        <div className="table picks">
          <Table<One>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("straight.none")}>{say("straight.none_hint")}</Empty> }}
            columns={[
              { key: "item", title: say("stock.item"), render: (_, row) => <>{row.item} {row.grade && <Tag>{row.grade}</Tag>}</> },
              { key: "quantity", title: say("stock.quantity"), align: "right", render: (_, row) => `${row.quantity.toLocaleString("en")} ${row.unit_word}` },
              { key: "receiver", title: say("dispatches.receiver"), dataIndex: "receiver" },
              { key: "state", title: say("state"), render: (_, row) => <State group="straight_state" word={row.state} /> },
            ]}
          />
        </div>
        {beginning && <Panel title={say("straight.begin")} close={() => setBeginning(false)}><Begin unit={unit} close={() => setBeginning(false)} /></Panel>}
        {opened && !beginning && <StraightPanel key={`${opened.id} ${opened.state}`} one={opened} unit={unit} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

/** The first count: which announced goods, to whom, how many. */
function Begin({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [key] = useState(() => freshKey("straight"));
  const at = { params: { path: { unit } } };
  const stock = useQuery({ queryKey: ["stock", unit, "announced"], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/stock", at)) });
  const places = useQuery({ queryKey: ["places", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/places", at)) });
  const receivers = useQuery({ queryKey: ["receivers", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/receivers", at)) });
  const announced = (stock.data?.items ?? []).filter((one) => one.state === "announced");
  const fields: Field[] = [
    { name: "lot", kind: "choice", label: say("straight.lot"), options: announced.map((one) => ({ value: one.lot.id, label: [one.item_name, one.grade, `${one.quantity.toLocaleString("en")} ${one.lot.unit_word}`, one.place ?? ""].filter(Boolean).join(" · ") })) },
    { name: "receiver", kind: "choice", label: say("dispatches.receiver"), options: (receivers.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })) },
    { name: "quantity", kind: "count", label: say("stock.quantity") },
  ];
  const fault = stock.error ?? places.error ?? receivers.error;
  if (fault) return <Trouble error={fault} />;
  const submit = ({ lot, receiver, quantity }: { lot: string; receiver: string; quantity: number }) => {
    const expected = announced.find((one) => one.lot.id === lot)?.place;
    const place = places.data?.items.find((one) => one.name === expected)?.id ?? "";
    return api.POST("/api/v1/goods/lots/{lot}/straight", { params: { path: { lot } }, body: { key, place, receiver, quantity } });
  };
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  return <QuickForm<{ lot: string; receiver: string; quantity: number }> fields={fields} effect={say("straight.begin_effect")} button={say("straight.begin")} done={say("saved")} cancel={close} after={after} submit={submit} />;
}

function StraightPanel({ one, unit, close }: { one: One; unit: string; close: () => void }) {
  const say = useSay();
  return (
    <Panel title={one.item} close={close} acts={<Next one={one} />}>
      <Facts of={[
        [say("stock.quantity"), `${one.quantity.toLocaleString("en")} ${one.unit_word}`], [say("dispatches.receiver"), one.receiver], [say("state"), <State key="s" group="straight_state" word={one.state} />],
        [say("straight.first_at"), <At key="f" at={one.first_at} />], [say("straight.request_gone"), one.request_withdrawn && say("straight.request_gone_words")], [say("straight.list"), one.list_number],
        [say("dispatches.one"), one.dispatch && <Link key="d" to="/dispatches" search={{ unit, order: one.dispatch }}>{say("dispatches.title")}</Link>],
        [say("straight.book"), one.booked_at && <At key="b" at={one.booked_at} />],
      ]} />
    </Panel>
  );
}

/** The next step: counted again by another person, booked by a third. */
function Next({ one }: { one: One }) {
  const say = useSay();
  const may = useMay();
  const { user } = useSession();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const at = { params: { path: { straight: one.id } } };
  const cancel = () => setOpen(false);
  const form = { cancel, done: say("saved"), after: () => { cancel(); void queries.invalidateQueries(); } };
  const lacks = (permission: "goods_record" | "goods_approve") => (may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }));
  if (one.state === "booked") return <p className="mute">{say("step.none")}</p>;
  if (one.state === "counted_once") {
    const why = lacks("goods_record") ?? (one.first_by === user.id ? say("straight.same_person") : null);
    if (!open) return <Act type="primary" why={why} onClick={() => setOpen(true)}>{say("straight.count")}</Act>;
    return <QuickForm<Shape["GoodsCountAgain"]> {...form} fields={[{ name: "quantity", kind: "count", label: say("stock.quantity") }]} effect={say("straight.count_effect")} button={say("straight.count")} submit={(body) => api.POST("/api/v1/goods/straight/{straight}/count", { ...at, body })} />;
  }
  if (!open) return <Act type="primary" why={lacks("goods_approve")} onClick={() => setOpen(true)}>{say("straight.book")}</Act>;
  const fields: Field[] = [{ name: "list", label: say("straight.list"), chars: 60 }, { name: "signer", label: say("straight.signer"), chars: 60 }];
  return <QuickForm<Shape["GoodsBookStraight"]> {...form} fields={fields} effect={say("straight.book_effect")} button={say("straight.book")} submit={(body) => api.POST("/api/v1/goods/straight/{straight}/booking", { ...at, body })} />;
}
