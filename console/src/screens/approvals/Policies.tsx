import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import type { Policy, PolicyOut } from "../../api/approvals";
import { useMay } from "../../api/session";
import { At, Empty, Screen } from "../../ui/basics";
import { type Column, ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import type { Pages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";
import { useHome } from "../goods/useHome";
import { PolicyEditor } from "./PolicyEditor";
import { PolicyWords } from "./PolicyWords";
import { titled } from "./tell";
import { useNames, usePolicies } from "./use";

/** A first stage to begin with: the smallest policy that decides something. */
const BLANK: Policy = { title: "", title_en: "", required: false, stages: [{ key: "leader", title: "", title_en: "", who: { kind: "role", role: "leader", at: "own" }, how: { kind: "any" }, limit_s: 600 }] };

type Editing = { kind: string; from: Policy };

/** Who decides what in which order: the policies in force in a unit, each told in plain words. */
export function Policies() {
  const say = useSay();
  const units = useUnits();
  const language = useLanguage();
  const search = useSearch({ from: "/known/shell/policies" });
  const navigate = useNavigate({ from: "/policies" });
  const manages = useMay()("approval_manage");
  const [editing, setEditing] = useState<Editing | null>(null);
  const { unit, options } = useHome(search.unit);
  const read = usePolicies(unit);
  const names = useNames(unit ? [unit] : []);
  const rows = read.data?.items ?? [];
  const show = (kind: string | undefined) => void navigate({ search: { ...search, kind } });
  const opened = rows.find((one) => one.subject_kind === search.kind);
  const from = (one: PolicyOut) => (one.unit ? units.name(one.unit) : say("approvals.ships"));
  const columns: Column<PolicyOut>[] = [
    { key: "kind", title: say("approvals.about"), cell: (one) => names.kind(one.subject_kind) },
    { key: "title", title: say("approvals.policy"), cell: (one) => <span className="bounded">{titled(one.policy, language)}</span> },
    { key: "required", title: say("approvals.required"), cell: (one) => <span className={one.policy.required ? "state busy" : "state"}>{say(one.policy.required ? "approvals.required_yes" : "approvals.required_no")}</span> },
    { key: "stages", title: say("approvals.stages"), right: true, cell: (one) => one.policy.stages.length },
    { key: "version", title: say("approvals.version"), right: true, cell: (one) => one.version },
    { key: "unit", title: say("approvals.published_by"), cell: from },
    { key: "published_at", title: say("approvals.published_at"), cell: (one) => (one.published_at ? <At at={one.published_at} /> : "") },
  ];
  const pages: Pages<PolicyOut> = { rows, first: 1, loading: read.isPending, refreshing: read.isFetching, error: read.error, again: () => void read.refetch(), back: null, on: null };
  if (editing && unit) {
    const close = () => setEditing(null);
    return <PolicyEditor unit={unit} kind={editing.kind} from={editing.from} close={close} published={(kind) => { close(); show(kind); }} />;
  }
  return (
    <Screen title={say("approvals.policies")} lead={say("approvals.policies_lead")} acts={manages && <Button type="primary" onClick={() => setEditing({ kind: "", from: BLANK })}>{say("approvals.policy_new")}</Button>}>
      <div className="bar">
        <Select showSearch={{ optionFilterProp: "label" }} style={{ minWidth: 240 }} aria-label={say("unit")} options={options} value={unit || null} onChange={(chosen) => void navigate({ search: { unit: chosen } })} />
      </div>
      <div className={opened ? "split open wide" : "split"}>
        <ListTable<PolicyOut> name="policies" columns={columns} pages={pages} rowKey={(one) => one.subject_kind} opened={search.kind} open={(one) => show(one.subject_kind)} empty={<Empty title={say("approvals.policies_none")} />} />
        {opened && (
          <Panel
            key={opened.subject_kind} title={titled(opened.policy, language)} close={() => show(undefined)}
            acts={manages && <><p className="effect">{say("approvals.publish_effect")}</p><div className="buttons"><Button type="primary" onClick={() => setEditing({ kind: opened.subject_kind, from: opened.policy })}>{say("approvals.policy_change")}</Button></div></>}
          >
            <p className="mute">{say("approvals.policy_from", { version: opened.version, unit: from(opened) })}</p>
            <PolicyWords policy={opened.policy} />
          </Panel>
        )}
      </div>
    </Screen>
  );
}
