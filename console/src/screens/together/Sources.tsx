import { useQueryClient } from "@tanstack/react-query";
import { Button, Segmented, Select } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { At, Empty, Facts } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { RegisterSources } from "./RegisterSources";

type Source = Shape["SourceOut"];
export const KINDS = ["village", "shop", "firm"] as const satisfies Shape["SourceKind"][];

/** The villages, shops and firms that are known: entered, mended, ended with a reason. No sum stands beside one. */
export function Sources() {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const queries = useQueryClient();
  const [unit, setUnit] = useState<string | undefined>();
  const [ended, setEnded] = useState(false);
  const [shown, setShown] = useState<string | undefined>();
  const [making, setMaking] = useState(false);
  const query = { ended, ...(unit ? { unit } : {}) };
  const pages = usePages<Source>(["giving sources", query], ({ cursor, limit }) => takeList(api.GET("/api/v1/giving-sources", { params: { query: { ...query, limit, ...(cursor ? { cursor } : {}) } } })));
  const opened = pages.rows.find((one) => one.source === shown);
  const show = (source: string | undefined) => {
    setMaking(false);
    setShown(source);
  };
  const after = () => {
    setMaking(false);
    void queries.invalidateQueries();
  };
  const columns = [
    { key: "name", title: say("sources.name"), cell: (one: Source) => <span className="bounded">{one.name}</span> },
    { key: "kind", title: say("events.source_kind"), cell: (one: Source) => say(`source_kind.${one.kind}`) },
    { key: "unit", title: say("unit"), cell: (one: Source) => units.name(one.unit) },
    { key: "since", title: say(ended ? "sources.ended_at" : "sources.since"), cell: (one: Source) => <At at={one.ended_at ?? one.since} /> },
  ];
  return (
    <>
      <div className="bar">
        <Segmented value={ended ? "ended" : "known"} options={(["known", "ended"] as const).map((value) => ({ value, label: say(`sources.${value}`) }))} onChange={(value) => { show(undefined); setEnded(value === "ended"); }} />
        <Select aria-label={say("unit")} style={{ minWidth: 180 }} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={say("sources.all_units")} options={units.options} value={unit ?? null} onChange={(value: string | null | undefined) => { show(undefined); setUnit(value ?? undefined); }} />
        {may("project_manage") && <Button onClick={() => { show(undefined); setMaking(true); }}>{say("coverage.register")}</Button>}
      </div>
      <div className={opened || making ? "split open" : "split"}>
        <ListTable<Source> name="giving-sources" columns={columns} pages={pages} rowKey={(one) => one.source} open={(one) => show(one.source)} opened={shown} empty={<Empty title={say(ended ? "sources.none_ended" : "coverage.none")}>{say("sources.none_hint")}</Empty>} />
        {making && <RegisterSources entered={after} close={() => setMaking(false)} />}
        {opened && !making && <SourcePanel key={opened.source} source={opened} close={() => show(undefined)} />}
      </div>
    </>
  );
}

function SourcePanel({ source, close }: { source: Source; close: () => void }) {
  const say = useSay();
  const units = useUnits();
  return (
    <Panel title={source.name} close={close} acts={<SourceSteps source={source} close={close} />}>
      <Facts of={[
        [say("events.source_kind"), say(`source_kind.${source.kind}`)], [say("unit"), units.name(source.unit)], [say("sources.since"), <At key="s" at={source.since} />],
        [say("sources.ended_at"), source.ended_at && <At key="e" at={source.ended_at} />], [say("reason"), source.reason],
      ]} />
      <History of={source.source} />
    </Panel>
  );
}

function SourceSteps({ source, close }: { source: Source; close: () => void }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [mending, setMending] = useState(false);
  const at = { params: { path: { source: source.source } } };
  const after = () => {
    setMending(false);
    void queries.invalidateQueries();
  };
  if (mending) {
    return (
      <QuickForm<Shape["CorrectSource"]>
        fields={[{ name: "kind", kind: "choice", label: say("events.source_kind"), options: KINDS.map((value) => ({ value, label: say(`source_kind.${value}`) })) }, { name: "name", label: say("sources.name"), chars: 60 }]}
        initial={{ kind: source.kind, name: source.name }} effect={say("sources.mend_effect")} button={say("save")} done={say("saved")}
        submit={(body) => api.PUT("/api/v1/giving-sources/{source}", { ...at, body })} after={after} cancel={() => setMending(false)}
      />
    );
  }
  if (source.ended_at) return <p className="mute">{say("sources.again")}</p>;
  const why = may("project_manage") ? null : say("may_not", { permission: say("permission.project_manage") });
  const choices: Choice[] = [
    { key: "mend", label: say("sources.mend"), why, open: () => setMending(true) },
    {
      key: "end", label: say("sources.end"), look: "danger", why, note: say("sources.end_reason"), done: say("saved"),
      run: async (reason) => {
        await api.POST("/api/v1/giving-sources/{source}/end", { ...at, body: { reason } });
        close();
      },
    },
  ];
  return <Decide effect={say("sources.end_effect")} choices={choices} after={after} />;
}
