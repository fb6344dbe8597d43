import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Skeleton, Table, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { unitChanges } from "../../api/network";
import { useMay } from "../../api/session";
import { At, Facts, Screen, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { type Unit, useOwnUnit, useUnits } from "../../ui/units";
import { useWalk } from "../../ui/useWalk";
import { useSay, useWord } from "../../words";
import { Swatch, UnitForms } from "./UnitForms";

type Node = Unit & { children?: Node[] };

/** The list as a tree; a unit whose parent is not shown stands at the top. */
function treeOf(units: Unit[]): Node[] {
  const nodes = new Map<string, Node>(units.map((unit) => [unit.id, { ...unit }]));
  const tops: Node[] = [];
  for (const node of nodes.values()) {
    const parent = node.parent ? nodes.get(node.parent) : undefined;
    if (parent) parent.children = [...(parent.children ?? []), node];
    else tops.push(node);
  }
  return tops;
}

/** A unit and all below it, in the order of the screen. */
const flat = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(flat)];

export function Units() {
  const say = useSay();
  const may = useMay();
  const name = useWord();
  const units = useUnits();
  const { unit } = useSearch({ from: "/known/shell/units" });
  const navigate = useNavigate({ from: "/units" });
  const [making, setMaking] = useState(false);
  const show = (id: string | undefined) => {
    setMaking(false);
    void navigate({ search: { unit: id } });
  };
  const tree = treeOf(units.whole);
  const walk = useWalk<Node>({ rows: tree.flatMap(flat), keyOf: (one) => one.id, open: (one) => show(one.id), opened: unit });
  const isOpen = making || unit !== undefined;
  return (
    <Screen title={say("units.title")} lead={say("units.lead", { count: units.all.length })} acts={may("unit_manage") && <Button type="primary" onClick={() => { show(undefined); setMaking(true); }}>{say("units.new")}</Button>}>
      {units.error && <Trouble error={units.error} />}
      <div className={isOpen ? "split open" : "split"}>
        <div className="table picks">
          <Table<Node>
            size="small" pagination={false} rowKey="id" dataSource={tree} scroll={{ x: "max-content" }} key={units.all.length > 0 ? "read" : "waiting"} expandable={{ defaultExpandAllRows: true }}
            {...walk}
            columns={[
              { key: "name", title: say("unit"), render: (_, row) => <>{row.name} {row.closed_at && <Tag>{say("units.closed")}</Tag>}</> },
              { key: "level", title: say("units.level"), render: (_, row) => name("level", row.level) },
              { key: "region", title: say("region"), render: (_, row) => <span className="number">{row.region_code}</span> },
              { key: "books", title: say("units.books"), render: (_, row) => say(`units.books_${row.books}`) },
            ]}
          />
        </div>
        {making && <NewUnit close={() => setMaking(false)} made={show} />}
        {unit && !making && <UnitPanel key={unit} id={unit} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function UnitPanel({ id, close }: { id: string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const may = useMay();
  const at = { params: { path: { unit: id } } };
  const read = useQuery({ queryKey: ["units", id], queryFn: () => take(api.GET("/api/v1/units/{unit}", at)) });
  const unit = read.data;
  if (!unit) return <Panel title={say("unit")} close={close}>{read.error ? <Trouble error={read.error} /> : <Skeleton active />}</Panel>;
  return (
    <Panel title={unit.name} close={close} acts={may("unit_manage") && !unit.closed_at ? <UnitForms unit={unit} /> : undefined}>
      <Facts of={[
        [say("units.short_name"), unit.short_name], [say("units.level"), name("level", unit.level)], [say("region"), unit.region_code],
        [say("units.above"), unit.above.map((one) => one.short_name || one.name).join(" › ")],
        [say("units.books"), say(`units.books_${unit.books}`)],
        [say("units.contact"), unit.contact], [say("units.phone"), unit.phone], [say("units.address"), unit.address],
        [say("units.brand"), unit.brand_color && <span key="b"><Swatch color={unit.brand_color} /> <span className="code">{unit.brand_color}</span></span>],
        [say("units.seal"), say(unit.has_seal ? "units.seal_own" : "units.seal_none")],
        [say("units.closed"), unit.closed_at && <At key="c" at={unit.closed_at} />],
      ]} />
      {unit.certificates.length > 0 && (
        <section className="section">
          <h3>{say("units.certificates")}</h3>
          {unit.certificates.map((paper) => <p key={paper.number}>{paper.number} · {paper.valid_from} – {paper.valid_to} · {name("certificate_status", paper.status)}</p>)}
        </section>
      )}
      {may("unit_manage") && <Changes unit={unit.id} />}
      <History of={unit.id} />
    </Panel>
  );
}

/** Where the unit stood before, and why it was moved or closed. */
function Changes({ unit }: { unit: string }) {
  const say = useSay();
  const units = useUnits();
  const read = useQuery({ queryKey: ["units", unit, "changes"], queryFn: () => unitChanges(unit) });
  const nameOf = (id: string | null) => (id ? units.name(id) : "");
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (!read.data || read.data.length === 0) return null;
  return (
    <section className="section">
      <h3>{say("units.changes")}</h3>
      {read.data.map((one) => (
        <p key={one.at} className="said-text">
          {one.kind === "moved" ? say("units.changed_moved", { day: one.day, from: nameOf(one.from), to: nameOf(one.to), reason: one.reason }) : say("units.changed_closed", { day: one.day, reason: one.reason })}
          {one.by && <span className="mute"> {one.by}</span>}
        </p>
      ))}
    </section>
  );
}

function NewUnit({ close, made }: { close: () => void; made: (unit: string) => void }) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const submit = async (body: Shape["CreateUnit"]) => {
    const unit = await take(api.POST("/api/v1/units", { body }));
    await queries.invalidateQueries({ queryKey: ["units"] });
    made(unit.id);
  };
  return (
    <Panel title={say("units.new")} close={close}>
      <QuickForm<Shape["CreateUnit"]>
        fields={[
          { name: "parent", kind: "choice", label: say("units.parent"), options: units.options },
          { name: "name", label: say("units.full_name") }, { name: "short_name", label: say("units.short_name"), optional: true },
          { name: "region_code", label: say("region"), hint: say("units.region_hint") },
          { name: "books", kind: "choice", label: say("units.books"), options: (["above", "own"] as const).map((value) => ({ value, label: say(`units.books_${value}`) })) },
          { name: "contact", kind: "area", label: say("units.contact"), hint: say("units.contact_hint") },
        ]}
        initial={{ books: "above", ...(own ? { parent: own.id } : {}) }} button={say("units.make")} done={say("saved")} submit={submit} after={() => undefined} cancel={close}
      />
    </Panel>
  );
}
