import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Table } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Empty, Money, Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { RegisterSources } from "./RegisterSources";

type Line = Shape["CoverageOut"];

/** How many of the villages, shops and firms of each county have given; and the register of them. */
export function Coverage() {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [entered, setEntered] = useState<number | null>(null);
  const read = useQuery({ queryKey: ["coverage"], queryFn: () => takeList(api.GET("/api/v1/coverage")) });
  const after = (count: number) => {
    setEntered(count);
    setMaking(false);
    void queries.invalidateQueries();
  };
  return (
    <>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {entered !== null && <Alert type="success" showIcon style={{ marginBottom: 10 }} title={say("coverage.entered", { count: entered })} />}
      {may("project_manage") && <div className="bar"><Button onClick={() => setMaking(true)}>{say("coverage.register")}</Button></div>}
      <div className={making ? "split open" : "split"}>
        <div className="table">
          <Table<Line>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending} dataSource={read.data?.items ?? []} rowKey={(line) => `${line.unit} ${line.kind}`}
            locale={{ emptyText: <Empty title={say("coverage.none")}>{say("coverage.none_hint")}</Empty> }}
            columns={[
              { key: "unit", title: say("unit"), render: (_, line) => line.name },
              { key: "kind", title: say("events.source_kind"), render: (_, line) => say(`source_kind.${line.kind}`) },
              { key: "known", title: say("coverage.known"), align: "right", render: (_, line) => line.known.toLocaleString("en") },
              { key: "gave", title: say("coverage.gave"), align: "right", render: (_, line) => line.gave.toLocaleString("en") },
              { key: "sum", title: say("amount"), align: "right", render: (_, line) => <Money fen={line.sum_fen} /> },
            ]}
          />
        </div>
        {making && <RegisterSources entered={after} close={() => setMaking(false)} />}
      </div>
    </>
  );
}
