import { useQuery } from "@tanstack/react-query";
import { Button, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { type Knock, type Provider, knocks, providers } from "../../api/sso";
import { At, Empty, Screen, Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { ProviderPanel } from "./ProviderPanel";

/** Identity providers through which people sign in, and those who wait to be linked. */
export function SingleSignOn() {
  const say = useSay();
  const [editing, setEditing] = useState<Provider | "new" | null>(null);
  const list = useQuery({ queryKey: ["identity-providers"], queryFn: providers });
  const waiting = useQuery({ queryKey: ["sso-knocks"], queryFn: knocks });
  const error = list.error ?? waiting.error;
  const labels = new Map((list.data?.items ?? []).map((one) => [one.provider, one.label]));
  return (
    <Screen title={say("sso.providers")} lead={say("sso.providers_lead")} acts={<Button type="primary" onClick={() => setEditing("new")}>{say("sso.new")}</Button>}>
      <div className={editing ? "split open" : "split"}>
        <div>
          {error && <Trouble error={error} again={() => { void list.refetch(); void waiting.refetch(); }} />}
          <section className="table picks" style={{ marginBottom: 18 }}>
            <Table<Provider>
              size="small" pagination={false} scroll={{ x: "max-content" }} loading={list.isPending} dataSource={list.data?.items ?? []} rowKey="provider"
              onRow={(one) => ({ onClick: () => setEditing(one) })}
              locale={{ emptyText: <Empty title={say("sso.no_providers")}>{say("sso.no_providers_hint")}</Empty> }}
              columns={[
                { key: "label", title: say("sso.label"), render: (_, one) => <Button type="link" size="small" style={{ padding: 0 }} onClick={(event) => { event.stopPropagation(); setEditing(one); }}>{one.label}</Button> },
                { key: "provider", title: say("sso.code"), render: (_, one) => <span className="code">{one.provider}</span> },
                { key: "kind", title: say("sso.kind"), render: (_, one) => say(`sso.kind.${one.way.kind}`) },
                { key: "state", title: say("sso.state"), render: (_, one) => (one.is_on ? <Tag color="success">{say("sso.on")}</Tag> : <Tag>{say("sso.off")}</Tag>) },
                { key: "return_to", title: say("sso.return_to"), render: (_, one) => <Typography.Text copyable code>{one.return_to}</Typography.Text> },
              ]}
            />
          </section>
          <section>
            <h2 style={{ fontSize: 16, marginBottom: 8 }}>{say("sso.knocks")}</h2>
            <p className="mute" style={{ marginBottom: 8 }}>{say("sso.knocks_lead")}</p>
            <div className="table">
              <Table<Knock>
                size="small" pagination={{ pageSize: 20, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={waiting.isPending} dataSource={waiting.data?.items ?? []} rowKey="reference"
                locale={{ emptyText: <Empty title={say("sso.no_knocks")} /> }}
                columns={[
                  { key: "reference", title: say("sso.reference"), render: (_, one) => <Typography.Text copyable code>{one.reference}</Typography.Text> },
                  { key: "name", title: say("sso.knock_name"), render: (_, one) => one.name ?? "" },
                  { key: "provider", title: say("sso.label"), render: (_, one) => labels.get(one.provider) ?? one.provider },
                  { key: "last_at", title: say("sso.last_at"), render: (_, one) => <At at={one.last_at} /> },
                  { key: "times", title: say("sso.times"), align: "right", render: (_, one) => one.times },
                ]}
              />
            </div>
          </section>
        </div>
        {editing && <ProviderPanel key={editing === "new" ? "new" : editing.provider} of={editing === "new" ? null : editing} close={() => setEditing(null)} />}
      </div>
    </Screen>
  );
}
