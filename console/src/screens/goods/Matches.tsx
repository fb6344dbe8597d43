import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Table, Tag } from "antd";
import { type Shape, api, takeList } from "../../api/client";
import { Empty, Screen, Trouble } from "../../ui/basics";
import { useSay, useWord } from "../../words";
import { useHome } from "./useHome";

type Match = Shape["GoodsMatchOut"];

/** What is announced or in store beside what is asked for, the nearest of equal needs first. */
export function Matches() {
  const say = useSay();
  const name = useWord();
  const search = useSearch({ from: "/known/shell/matches" });
  const navigate = useNavigate({ from: "/matches" });
  const { unit, options } = useHome(search.unit);
  const read = useQuery({ queryKey: ["matches", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/matches", { params: { path: { unit } } })) });
  return (
    <Screen title={say("matches.title")} lead={say("matches.lead")}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className="table">
        <Table<Match>
          size="small" pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={read.data?.items ?? []}
          rowKey={(row) => `${row.lot} ${row.receiver} ${row.request ?? ""}`}
          locale={{ emptyText: <Empty title={say("matches.none")}>{say("matches.none_hint")}</Empty> }}
          columns={[
            { key: "item", title: say("stock.item"), render: (_, row) => <>{row.item} {row.grade && <Tag>{row.grade}</Tag>} {row.announced && <span className="mute">{say("matches.announced")}</span>}</> },
            { key: "quantity", title: say("stock.quantity"), align: "right", render: (_, row) => `${row.quantity.toLocaleString("en")} ${row.unit_word}` },
            { key: "receiver", title: say("dispatches.receiver"), dataIndex: "receiver" },
            { key: "nearness", title: say("matches.nearness"), render: (_, row) => name("nearness", row.nearness) },
            { key: "why", title: say("matches.why"), render: (_, row) => name("match_why", row.why) },
          ]}
        />
      </div>
    </Screen>
  );
}
