import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { useMay } from "../../api/session";
import { Empty, Screen, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";

type Day = Shape["DayIo"];
const KINDS = ["holiday", "make_up_workday", "ordinary"] as const satisfies Shape["DayWord"][];

/** Working days: what was entered here beside the shipped calendar; time limits of the law count by it. */
export function Calendar() {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const read = useQuery({ queryKey: ["calendar"], queryFn: () => take(api.GET("/api/v1/calendar")) });
  const days = [...(read.data?.days ?? [])].sort((one, other) => other.day.localeCompare(one.day));
  const after = () => {
    setMaking(false);
    void queries.invalidateQueries({ queryKey: ["calendar"] });
  };
  return (
    <Screen title={say("calendar.title")} lead={say("calendar.lead")} acts={may("parameter_manage") && <Button type="primary" onClick={() => setMaking(true)}>{say("calendar.enter")}</Button>}>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={making ? "split open" : "split"}>
        <div className="table">
          <Table<Day>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending} dataSource={days} rowKey="day"
            locale={{ emptyText: <Empty title={say("calendar.none")}>{say("calendar.none_hint")}</Empty> }}
            columns={[
              { key: "day", title: say("calendar.day"), render: (_, day) => <span className="number">{day.day}</span> },
              { key: "kind", title: say("calendar.kind"), render: (_, day) => <Tag>{say(`day_kind.${day.kind}`)}</Tag> },
              { key: "note", title: say("calendar.note"), render: (_, day) => <span className="bounded">{day.note}</span> },
            ]}
          />
        </div>
        {making && (
          <Panel title={say("calendar.enter")} close={() => setMaking(false)}>
            <QuickForm<Shape["DaysIo"]>
              fields={[{
                name: "days", kind: "lines", label: say("calendar.days"),
                lines: [
                  { name: "day", kind: "day", label: say("calendar.day") }, { name: "kind", kind: "choice", label: say("calendar.kind"), options: KINDS.map((value) => ({ value, label: say(`day_kind.${value}`) })) },
                  { name: "note", label: say("calendar.note"), optional: true, hint: say("calendar.note_hint") },
                ],
              }]}
              initial={{ days: [{ kind: "holiday" } as Day] }} effect={say("calendar.effect")} button={say("save")} done={say("saved")} after={after} cancel={() => setMaking(false)}
              submit={({ days: entered }) => api.POST("/api/v1/calendar", { body: { days: entered ?? [] } })}
            />
          </Panel>
        )}
      </div>
    </Screen>
  );
}
