import { useQuery } from "@tanstack/react-query";
import { Button, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { At, Empty, Screen, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { useAccounts } from "../../ui/lists";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { Connect } from "./Connect";

/** Payment providers: who is connected, what each day's comparison found, the latest notices. */
export function Payments() {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const units = useUnits();
  const [connecting, setConnecting] = useState(false);
  const gateways = useQuery({ queryKey: ["gateways"], enabled: may("account_manage"), queryFn: () => takeList(api.GET("/api/v1/payments/gateways")) });
  const compared = useQuery({ queryKey: ["reconciliations"], enabled: may("gift_read"), queryFn: () => takeList(api.GET("/api/v1/payments/reconciliations")) });
  const notices = useQuery({ queryKey: ["notices"], enabled: may("gift_read"), queryFn: () => takeList(api.GET("/api/v1/payments/notices")) });
  const error = gateways.error ?? compared.error ?? notices.error;
  const accounts = useAccounts();
  const idOf = (account: string) => accounts?.find((one) => one.code === account || one.id === account)?.id ?? "";
  const right = { align: "right" as const };
  return (
    <Screen title={say("payments.title")} lead={say("payments.lead")} acts={may("account_manage") && <Button type="primary" onClick={() => setConnecting(true)}>{say("connect.open")}</Button>}>
      <div className={connecting ? "split open" : "split"}>
        <div>
          {error && <Trouble error={error} />}
          {may("account_manage") && (
            <section style={{ marginBottom: 18 }}>
              <h2 style={{ fontSize: 16, marginBottom: 8 }}>{say("payments.gateways")}</h2>
              <div className="table">
                <Table<Shape["GatewayOut"]>
                  size="small" pagination={false} scroll={{ x: "max-content" }} loading={gateways.isPending} dataSource={gateways.data?.items ?? []} rowKey={(one) => `${one.unit} ${one.account}`}
                  expandable={{ expandedRowRender: (one) => <History of={idOf(one.account)} />, rowExpandable: (one) => idOf(one.account) !== "" }}
                  locale={{ emptyText: <Empty title={say("payments.no_gateway")}>{say("payments.no_gateway_hint")}</Empty> }}
                  columns={[
                    { key: "provider", title: say("payments.provider"), render: (_, one) => name("channel", one.provider) },
                    { key: "unit", title: say("unit"), render: (_, one) => units.name(one.unit) }, { key: "account", title: say("account"), render: (_, one) => one.account },
                    { key: "merchant", title: say("payments.merchant"), render: (_, one) => one.merchant }, { key: "key", title: say("payments.key"), render: (_, one) => <span className="code">{one.key}</span> },
                    {
                      key: "state", title: say("state"),
                      render: (_, one) => <>{one.is_connected ? <Tag color="success">{say("payments.works")}</Tag> : <Tag color="error">{say("payments.fails")}</Tag>}{!one.is_real && <Tag color="warning">{say("payments.sandbox")}</Tag>}</>,
                    },
                  ]}
                />
              </div>
            </section>
          )}
          {may("gift_read") && (
            <>
              <section style={{ marginBottom: 18 }}>
                <h2 style={{ fontSize: 16, marginBottom: 8 }}>{say("payments.compared")}</h2>
                <div className="table">
                  <Table<Shape["ReconciliationOut"]>
                    size="small" pagination={false} scroll={{ x: "max-content" }} loading={compared.isPending} dataSource={compared.data?.items ?? []} rowKey={(one) => `${one.account} ${one.day}`}
                    locale={{ emptyText: <Empty title={say("payments.no_compared")} /> }}
                    columns={[
                      { key: "day", title: say("business_day"), render: (_, one) => one.day }, { key: "account", title: say("account"), render: (_, one) => one.account },
                      { key: "lines", title: say("payments.lines"), ...right, render: (_, one) => one.lines }, { key: "agreed", title: say("payments.agreed"), ...right, render: (_, one) => one.agreed },
                      { key: "found", title: say("payments.found"), ...right, render: (_, one) => one.found }, { key: "held", title: say("imports.held"), ...right, render: (_, one) => one.held },
                      { key: "missing", title: say("payments.missing"), ...right, render: (_, one) => one.missing.length }, { key: "at", title: say("payments.at"), render: (_, one) => <At at={one.at} /> },
                    ]}
                  />
                </div>
              </section>
              <section>
                <h2 style={{ fontSize: 16, marginBottom: 8 }}>{say("payments.notices")}</h2>
                <div className="table">
                  <Table<Shape["NoticeOut"]>
                    size="small" pagination={{ pageSize: 20, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={notices.isPending} dataSource={notices.data?.items ?? []} rowKey={(one) => `${one.account} ${one.event}`}
                    locale={{ emptyText: <Empty title={say("payments.no_notices")} /> }}
                    columns={[
                      { key: "last", title: say("payments.last_at"), render: (_, one) => <At at={one.last_at} /> }, { key: "account", title: say("account"), render: (_, one) => one.account },
                      { key: "outcome", title: say("payments.outcome"), render: (_, one) => <State group="outcome" word={one.outcome} /> },
                      { key: "trade_no", title: say("trade_no"), render: (_, one) => <span className="code">{one.trade_no}</span> }, { key: "times", title: say("payments.times"), ...right, render: (_, one) => one.times },
                    ]}
                  />
                </div>
              </section>
            </>
          )}
        </div>
        {connecting && <Connect close={() => setConnecting(false)} />}
      </div>
    </Screen>
  );
}
