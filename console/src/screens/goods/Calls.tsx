import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Table } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { freshKey } from "../../lib/key";
import { Act, At, Empty, Screen, State, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { useWalk } from "../../ui/useWalk";
import { useSay } from "../../words";
import { CallScript } from "./CallScript";
import { PayLink } from "./PayLink";
import { useHome } from "./useHome";

type Call = Shape["GoodsCallOut"];

/** The donation line: calls that were answered, and the script for the next one. */
export function Calls() {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/calls" });
  const navigate = useNavigate({ from: "/calls" });
  const { unit, options } = useHome(search.unit);
  const [key, setKey] = useState<string | null>(null);
  const read = useQuery({ queryKey: ["calls", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/calls", { params: { path: { unit } } })) });
  const show = (call: string | undefined) => void navigate({ search: { ...search, call } });
  const rows = read.data?.items ?? [];
  const walk = useWalk({ rows, keyOf: (call) => call.id, open: (call) => { setKey(null); show(call.id); }, opened: search.call });
  const begin = () => {
    show(undefined);
    setKey(freshKey("call"));
  };
  return (
    <Screen title={say("calls.title")} lead={say("calls.lead")} acts={may("goods_record") && unit !== "" && <Act type="primary" onClick={begin}>{say("calls.begin")}</Act>}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={key || search.call ? "split open" : "split"}>
        <div className="table picks">
          <Table<Call>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("calls.none")}>{say("calls.none_hint")}</Empty> }}
            columns={[
              { key: "at", title: say("calls.at"), render: (_, row) => <At at={row.answered_at} /> },
              { key: "outcome", title: say("calls.outcome"), render: (_, row) => <State group="call" word={row.outcome} /> },
            ]}
          />
        </div>
        {key && <CallScript key={key} unit={unit} callKey={key} again={begin} close={() => { setKey(null); void queries.invalidateQueries(); }} />}
        {search.call && !key && <Heard key={search.call} id={search.call} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

/** What was said in a call, for who must call back. */
function Heard({ id, close }: { id: string; close: () => void }) {
  const say = useSay();
  const mine = useMay()("goods_manage");
  const read = useQuery({ queryKey: ["call", id], enabled: mine, queryFn: () => take(api.GET("/api/v1/goods/calls/{call}", { params: { path: { call: id } } })) });
  return (
    <Panel title={say("calls.heard")} close={close}>
      {!mine && <p className="mute">{say("may_not", { permission: say("permission.goods_manage") })}</p>}
      {read.error && <Trouble error={read.error} />}
      {read.data?.call.pay_link && <PayLink address={read.data.call.pay_link} />}
      <dl style={{ display: "grid", gap: 6 }}>
        {read.data?.answers.map((answer) => <div key={answer.step}><dt className="mute">{answer.step}</dt><dd>{answer.value}</dd></div>)}
      </dl>
    </Panel>
  );
}
