import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { useState } from "react";
import { APPROVALS, type Policy, type PolicyOut, policyVersion, policyVersions } from "../../api/approvals";
import { useMay } from "../../api/session";
import { moment } from "../../lib/time";
import { At, Empty, Screen, Trouble } from "../../ui/basics";
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
import { Webhook } from "./Webhook";

/** A first stage to begin with: the smallest policy that decides something. */
const BLANK: Policy = { title: "", title_en: "", required: false, stages: [{ key: "leader", title: "", title_en: "", who: { kind: "role", role: "leader", at: "own" }, how: { kind: "any" }, limit_s: 600 }] };

/** The versions before this one, each word for word: running cases keep theirs. */
function Versions({ kind, unit, now }: { kind: string; unit: string | null; now: number }) {
  const say = useSay();
  const language = useLanguage();
  const [chosen, choose] = useState<number | null>(null);
  const list = useQuery({ queryKey: [...APPROVALS, "versions", kind, unit], queryFn: () => policyVersions(kind, unit) });
  const old = useQuery({ queryKey: [...APPROVALS, "version", kind, unit, chosen], enabled: chosen !== null, queryFn: () => policyVersion(kind, chosen ?? 0, unit) });
  const before = (list.data?.items ?? []).filter((one) => one.version !== now);
  if (list.error) return <Trouble error={list.error} again={() => void list.refetch()} />;
  if (before.length === 0) return null;
  return (
    <section className="section" data-versions>
      <h3>{say("approvals.versions")}</h3>
      <Select
        allowClear style={{ width: "100%" }} aria-label={say("approvals.versions")} placeholder={say("approvals.versions_choose")} value={chosen} onChange={(version: number | undefined) => choose(version ?? null)}
        options={before.map((one) => ({ value: one.version, label: [say("approvals.version_nth", { version: one.version }), one.published_at && moment(one.published_at), titled(one, language)].filter(Boolean).join(" · ") }))}
      />
      {old.error ? <Trouble error={old.error} again={() => void old.refetch()} /> : old.data && <PolicyWords policy={old.data.policy} />}
    </section>
  );
}

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
  const [hooking, setHooking] = useState(false);
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
    <Screen title={say("approvals.policies")} lead={say("approvals.policies_lead")} acts={manages && <><Button disabled={!unit} onClick={() => setHooking(!hooking)}>{say("webhook.title")}</Button><Button type="primary" onClick={() => setEditing({ kind: "", from: BLANK })}>{say("approvals.policy_new")}</Button></>}>
      <div className="bar">
        <Select showSearch={{ optionFilterProp: "label" }} style={{ minWidth: 240 }} aria-label={say("unit")} options={options} value={unit || null} onChange={(chosen) => void navigate({ search: { unit: chosen } })} />
      </div>
      <div className={opened || hooking ? "split open wide" : "split"}>
        <ListTable<PolicyOut> name="policies" columns={columns} pages={pages} rowKey={(one) => one.subject_kind} opened={search.kind} open={(one) => { setHooking(false); show(one.subject_kind); }} empty={<Empty title={say("approvals.policies_none")} />} />
        {hooking && unit && <Webhook key={unit} unit={unit} close={() => setHooking(false)} />}
        {opened && !hooking && (
          <Panel
            key={opened.subject_kind} title={titled(opened.policy, language)} close={() => show(undefined)}
            acts={manages && <><p className="effect">{say("approvals.publish_effect")}</p><div className="buttons"><Button type="primary" onClick={() => setEditing({ kind: opened.subject_kind, from: opened.policy })}>{say("approvals.policy_change")}</Button></div></>}
          >
            <p className="mute">{say("approvals.policy_from", { version: opened.version, unit: from(opened) })}</p>
            <PolicyWords policy={opened.policy} />
            <Versions kind={opened.subject_kind} unit={opened.unit ?? null} now={opened.version} />
          </Panel>
        )}
      </div>
    </Screen>
  );
}
