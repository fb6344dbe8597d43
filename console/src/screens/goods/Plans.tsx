import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Select, Skeleton, Table } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Act, At, Empty, Facts, Screen, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useWalk } from "../../ui/useWalk";
import { useSay } from "../../words";
import { type Asking, askedOf, useAskingFields } from "../approvals/Ask";
import { Thread } from "../approvals/Thread";
import { PlanHistory, PlanLots } from "./PlanLots";
import { useHome } from "./useHome";

type Plan = Shape["GoodsPlanOut"];
const KIND = "dispatch";

/** Proposals of who gets which goods: proposed by the desk, decided by the group or by a case. */
export function Plans() {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const search = useSearch({ from: "/known/shell/goods-plans" });
  const navigate = useNavigate({ from: "/goods-plans" });
  const { unit, options } = useHome(search.unit);
  const [fault, setFault] = useState<unknown>(null);
  const at = { params: { path: { unit } } };
  const read = useQuery({ queryKey: ["plans", unit], enabled: unit !== "", queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/plans", at)) });
  const show = (plan: string | undefined) => void navigate({ search: { ...search, plan } });
  const rows = read.data?.items ?? [];
  const walk = useWalk({ rows, keyOf: (plan) => plan.id, open: (plan) => show(plan.id), opened: search.plan });
  const propose = async () => {
    setFault(null);
    try {
      const made = await take(api.POST("/api/v1/goods/{unit}/plans", at));
      await queries.invalidateQueries();
      show(made.plan.id);
    } catch (error) {
      setFault(error);
    }
  };
  return (
    <Screen title={say("plans.title")} lead={say("plans.lead")} acts={may("goods_propose") && unit !== "" && <Act type="primary" onClick={() => void propose()}>{say("plans.propose")}</Act>}>
      <div className="bar"><Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => void navigate({ search: { unit: chosen } })} /></div>
      {(fault ?? read.error) != null && <Trouble error={fault ?? read.error} again={() => void read.refetch()} />}
      <div className={search.plan ? "split open" : "split"}>
        <div className="table picks">
          <Table<Plan>
            size="small" pagination={{ pageSize: 50, hideOnSinglePage: true }} scroll={{ x: "max-content" }} loading={read.isPending && unit !== ""} dataSource={rows} rowKey="id"
            {...walk}
            locale={{ emptyText: <Empty title={say("plans.none")}>{say("plans.none_hint")}</Empty> }}
            columns={[
              { key: "day", title: say("business_day"), dataIndex: "day" },
              { key: "state", title: say("state"), render: (_, row) => <State group="goods_plan" word={row.state} /> },
              { key: "made", title: say("plans.made_at"), render: (_, row) => <At at={row.made_at} /> },
              { key: "decided", title: say("plans.decided_at"), render: (_, row) => (row.decided_at ? <At at={row.decided_at} /> : "") },
            ]}
          />
        </div>
        {search.plan && <PlanPanel key={search.plan} id={search.plan} unit={unit} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function PlanPanel({ id, unit, close }: { id: string; unit: string; close: () => void }) {
  const say = useSay();
  const may = useMay();
  const read = useQuery({ queryKey: ["plan", id], queryFn: () => take(api.GET("/api/v1/goods/plans/{plan}", { params: { path: { plan: id } } })) });
  if (!read.data) return <Panel title={say("plans.one")} close={close}>{read.error ? <Trouble error={read.error} /> : <Skeleton active />}</Panel>;
  const { plan, lines, history } = read.data;
  const changes = may("goods_propose") && plan.state === "proposed" && !history.some((one) => one.kind === "approve");
  return (
    <Panel title={`${say("plans.one")} ${plan.day}`} close={close} acts={<PlanActs plan={plan} unit={unit} />}>
      <Facts of={[
        [say("state"), <State key="s" group="goods_plan" word={plan.state} />], [say("plans.who"), say(plan.by_case ? "plans.by_case" : "plans.by_group")],
        [say("approvals.title"), plan.case && <Link key="c" to="/cases" search={{ case: plan.case }}>{say("approvals.open_case")}</Link>],
        [say("plans.made_at"), <At key="m" at={plan.made_at} />], [say("plans.decided_at"), plan.decided_at && <At key="d" at={plan.decided_at} />],
      ]} />
      <section className="section">
        <h3>{say("plans.lines", { count: lines.length })}</h3>
        <PlanLots plan={plan.id} unit={unit} lines={lines} changes={changes} />
      </section>
      {plan.case && <Thread id={plan.case} unit={unit} />}
      <History of={id} />
      <PlanHistory of={history} />
    </Panel>
  );
}

type Chosen = "ask" | "approve" | "refuse";

/** What can be done with a plan that waits: put before a case, or decided by the group. */
function PlanActs({ plan, unit }: { plan: Plan; unit: string }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const { fields, lines } = useAskingFields(unit, KIND);
  const cancel = () => setChosen(null);
  const after = () => {
    cancel();
    void queries.invalidateQueries();
  };
  const at = { params: { path: { plan: plan.id } } };
  if (plan.state === "asked") return <p className="mute">{say("plans.asked_hint")}</p>;
  if (plan.state !== "proposed") return <p className="mute">{say("step.none")}</p>;
  if (chosen === "ask") {
    return <QuickForm<Asking> key={lines.length} fields={fields} initial={{ papers: lines }} effect={say("plans.ask_effect")} button={say("plans.ask")} done={say("approvals.asked")} cancel={cancel} after={after} submit={(entered) => api.POST("/api/v1/goods/plans/{plan}/approval", { ...at, body: askedOf(entered) })} />;
  }
  if (chosen) {
    const words: Field[] = [{ name: "words", label: say("reason"), optional: chosen === "approve" }];
    return <QuickForm<{ words?: string }> fields={words} effect={say(chosen === "approve" ? "work.plan_effect" : "plans.refuse_effect")} button={say(chosen === "approve" ? "work.plan_approve" : "reject")} done={say("saved")} cancel={cancel} after={after} submit={({ words }) => api.POST("/api/v1/goods/plans/{plan}/decisions", { ...at, body: { decision: chosen, words: words ?? "" } })} />;
  }
  const why = (permission: "goods_propose" | "goods_approve") => (may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }));
  if (plan.by_case) return <Act type="primary" why={why("goods_propose")} onClick={() => setChosen("ask")}>{say("plans.ask")}</Act>;
  return (
    <div className="buttons">
      <Act type="primary" why={why("goods_approve")} onClick={() => setChosen("approve")}>{say("work.plan_approve")}</Act>
      <Act danger why={why("goods_approve")} onClick={() => setChosen("refuse")}>{say("reject")}</Act>
    </div>
  );
}
