import { useQuery } from "@tanstack/react-query";
import { Skeleton, Table } from "antd";
import { type Envelope as Code, envelopes } from "../../api/session";
import { At, Empty, Screen, Trouble } from "../../ui/basics";
import { useSay } from "../../words";

/** The codes made for the sealed envelope and what became of them, newest first. */
export function Envelope() {
  const say = useSay();
  const { data, error, refetch } = useQuery({ queryKey: ["envelopes"], queryFn: envelopes });
  const became = (code: Code) => {
    if (code.used_at) return <><At at={code.used_at} />{code.ends_at && <> – <At at={code.ends_at} /></>}</>;
    return <span className="mute">{say(code.withdrawn_at ? "glass.withdrawn" : "glass.ready")}</span>;
  };
  return (
    <Screen title={say("glass.history")} lead={say("glass.lead")}>
      {error && <Trouble error={error} again={() => void refetch()} />}
      {!data && !error && <Skeleton active />}
      {data?.items.length === 0 && <Empty title={say("glass.none")} />}
      {data && data.items.length > 0 && (
        <Table<Code>
          size="small" rowKey="id" pagination={false} scroll={{ x: "max-content" }} dataSource={data.items}
          columns={[
            { title: say("glass.made"), render: (_, code) => <At at={code.made_at} /> },
            { title: say("glass.used"), render: (_, code) => became(code) },
            { title: say("glass.why"), dataIndex: "reason", width: 420 },
          ]}
        />
      )}
    </Screen>
  );
}
