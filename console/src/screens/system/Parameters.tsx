import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Input, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { useMay } from "../../api/session";
import type { Fact } from "../../api/trail";
import { Facts, Screen, Trouble } from "../../ui/basics";
import { DayInput } from "../../ui/forms";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";

type Parameter = Shape["ParameterOut"];
type Entered = Pick<Shape["SetParameter"], "value" | "from" | "to" | "legal_ref">;
const span = (parameter: Parameter): string => `${parameter.from ?? "…"} – ${parameter.to ?? "…"}`;

const keyOf = (parameter: Parameter): string => `${parameter.key} ${parameter.from}`;

/** The dated numbers of the law, each with its source; a new value never changes the past. */
export function Parameters() {
  const say = useSay();
  const name = useWord();
  const { day } = useSearch({ from: "/known/shell/parameters" });
  const navigate = useNavigate({ from: "/parameters" });
  const [wanted, setWanted] = useState("");
  const [open, setOpen] = useState<Parameter | null>(null);
  const read = useQuery({ queryKey: ["parameters", day ?? null], queryFn: () => take(api.GET("/api/v1/parameters", { params: { query: day ? { day } : {} } })) });
  const fits = (parameter: Parameter) => `${parameter.key} ${parameter.legal_ref} ${parameter.value}`.toLowerCase().includes(wanted.toLowerCase());
  const rows = (read.data?.items ?? []).filter(fits);
  const walk = useWalk({ rows, keyOf, open: setOpen, opened: open && keyOf(open) });
  return (
    <Screen title={say("parameters.title")} lead={say("parameters.lead")}>
      <div className="bar">
        <Input.Search data-search style={{ width: 280 }} allowClear placeholder={say("parameters.find")} aria-label={say("parameters.find")} onChange={(event) => setWanted(event.target.value.trim())} />
        <div style={{ width: 160 }}><DayInput value={day} placeholder={say("parameters.day")} onChange={(chosen) => void navigate({ search: { day: chosen } })} /></div>
      </div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <div className={open ? "split open" : "split"}>
        <div className="table picks">
          <Table<Parameter>
            size="small" pagination={false} loading={read.isPending} dataSource={rows} rowKey={keyOf} scroll={{ x: "max-content" }}
            {...walk}
            columns={[
              { key: "key", title: say("parameters.key"), render: (_, one) => <span className="code">{one.key}</span> },
              { key: "value", title: say("parameters.value"), align: "right", render: (_, one) => <b className="number bounded">{one.value}</b> },
              { key: "unit", title: say("parameters.unit"), render: (_, one) => name("measure", one.unit) },
              { key: "span", title: say("parameters.span"), render: (_, one) => span(one) },
              { key: "legal_ref", title: say("parameters.source"), render: (_, one) => <span className="bounded">{one.legal_ref}</span> },
              { key: "seen", title: say("parameters.seen"), render: (_, one) => <Tag>{name("seen", one.seen)}</Tag> },
            ]}
          />
        </div>
        {open && <ParameterPanel key={keyOf(open)} parameter={open} close={() => setOpen(null)} />}
      </div>
    </Screen>
  );
}

function ParameterPanel({ parameter, close }: { parameter: Parameter; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const queries = useQueryClient();
  const root = useUnits().root?.id;
  const isOf = (fact: Fact) => fact.kind.startsWith("parameter.") && (fact.body as { key?: string } | null)?.key === parameter.key;
  const after = () => {
    void queries.invalidateQueries({ queryKey: ["parameters"] });
    close();
  };
  const form = (
    <QuickForm<Entered>
      fields={[
        { name: "value", label: say("parameters.value_new") },
        { name: "from", kind: "day", label: say("parameters.from") },
        { name: "to", kind: "day", label: say("parameters.to"), optional: true },
        { name: "legal_ref", label: say("parameters.source"), hint: say("parameters.source_hint") },
      ]}
      initial={{ value: parameter.value }} effect={say("parameters.effect")} button={say("parameters.set")} done={say("saved")} after={after}
      submit={(entered) => api.POST("/api/v1/parameters", { body: { ...entered, key: parameter.key } })}
    />
  );
  return (
    <Panel title={<span className="code" style={{ fontSize: 15 }}>{parameter.key}</span>} close={close}>
      <Facts of={[
        [say("parameters.value"), `${parameter.value} ${name("measure", parameter.unit)}`],
        [say("parameters.span"), span(parameter)], [say("parameters.source"), parameter.legal_ref], [say("parameters.seen"), name("seen", parameter.seen)],
      ]} />
      {root && <History of={root} only={isOf} />}
      {may("parameter_manage") ? form : <p className="mute">{say("read_only")}</p>}
    </Panel>
  );
}
