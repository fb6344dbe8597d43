import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Table } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { Empty, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";

/** Words that lead a gift to a county: of a poster, a talk, a school. */
export function Tags() {
  const say = useSay();
  const units = useUnits();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const read = useQuery({ queryKey: ["tags"], queryFn: () => takeList(api.GET("/api/v1/channel-tags")) });
  const after = () => {
    setMaking(false);
    void queries.invalidateQueries({ queryKey: ["tags"] });
  };
  return (
    <>
      <div className="bar"><Button onClick={() => setMaking(true)}>{say("tags.new")}</Button></div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={making ? "split open" : "split"}>
        <div className="table">
          <Table<Shape["TagOut"]>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending} dataSource={read.data?.items ?? []} rowKey="code"
            locale={{ emptyText: <Empty title={say("tags.none")}>{say("tags.none_hint")}</Empty> }}
            columns={[
              { key: "code", title: say("tags.code"), render: (_, tag) => <span className="code">?from={tag.code}</span> },
              { key: "label", title: say("tags.label"), render: (_, tag) => tag.label },
              { key: "unit", title: say("teams.county"), render: (_, tag) => units.name(tag.unit) },
              { key: "open", title: say("state"), render: (_, tag) => say(tag.open ? "tags.open" : "tags.closed") },
            ]}
          />
        </div>
        {making && (
          <Panel title={say("tags.new")} close={() => setMaking(false)}>
            <QuickForm<Shape["AddTag"]>
              fields={[
                { name: "unit", kind: "choice", label: say("teams.county"), options: units.options }, { name: "code", label: say("tags.code"), hint: say("tags.code_hint"), chars: 20 },
                { name: "label", label: say("tags.label"), hint: say("tags.label_hint") },
              ]}
              effect={say("tags.effect")} button={say("tags.add")} done={say("saved")} after={after} cancel={() => setMaking(false)}
              submit={(body) => api.POST("/api/v1/channel-tags", { body })}
            />
          </Panel>
        )}
      </div>
    </>
  );
}
