import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Select, Table } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { Empty, Screen, Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { useHome } from "./useHome";

type Requester = Shape["GoodsRequesterOut"];

/** Which account asks for which hospital or department. */
export function Requesters() {
  const say = useSay();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/goods-requesters" });
  const navigate = useNavigate({ from: "/goods-requesters" });
  const { unit, options } = useHome(search.unit);
  const [fault, setFault] = useState<unknown>(null);
  const at = { params: { path: { unit } } };
  const read = useQuery({ queryKey: ["requesters", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/requesters", at)) });
  const receivers = useQuery({ queryKey: ["receivers", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/receivers", at)) });
  const choices = (receivers.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  const bind = async (account: string, receiver: string | undefined) => {
    setFault(null);
    try {
      await api.PUT("/api/v1/goods/{unit}/requesters", { ...at, body: { account, receiver: receiver ?? null } });
      await queries.invalidateQueries();
      message.success(say("saved"));
    } catch (error) {
      setFault(error);
    }
  };
  const wrong = fault ?? read.error ?? receivers.error;
  return (
    <Screen title={say("requesters.title")} lead={say("requesters.lead")}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {wrong != null && <Trouble error={wrong} again={() => void read.refetch()} />}
      <div className="table">
        <Table<Requester>
          size="small" pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={read.data?.items ?? []} rowKey="account"
          locale={{ emptyText: <Empty title={say("requesters.none")}>{say("requesters.none_hint")}</Empty> }}
          columns={[
            { key: "account", title: say("requesters.account"), dataIndex: "name" },
            {
              key: "receiver", title: say("dispatches.receiver"),
              render: (_, row) => (
                <Select
                  style={{ minWidth: 200, maxWidth: "100%" }} aria-label={`${say("dispatches.receiver")} ${row.name}`} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={say("requesters.unbound")}
                  value={row.receiver?.id} options={choices} onChange={(chosen: string | undefined) => void bind(row.account, chosen)}
                />
              ),
            },
          ]}
        />
      </div>
    </Screen>
  );
}
