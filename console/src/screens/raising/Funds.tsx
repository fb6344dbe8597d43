import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { yuan } from "../../lib/money";
import { Empty, Facts, Money, Screen, State } from "../../ui/basics";
import { type Choice, Decide, type Deed } from "../../ui/Decide";
import { History } from "../../ui/History";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useSay, useWord } from "../../words";
import { AmendForm, FundVersions, useVersions } from "./FundVersions";

type Fund = Shape["FundOut"];
/** `fee_bp` counts parts of ten thousand: 100 of them are one per cent. */
const PARTS_A_PERCENT = 100;

/** Named and community funds: money under an agreement, and what somebody must look at. */
export function Funds() {
  const say = useSay();
  const name = useWord();
  const { fund } = useSearch({ from: "/known/shell/funds" });
  const navigate = useNavigate({ from: "/funds" });
  const pages = usePages<Fund>(["funds"], ({ cursor, limit }) => takeList(api.GET("/api/v1/named-funds", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  const alerts = useQuery({ queryKey: ["funds", "alerts"], queryFn: () => takeList(api.GET("/api/v1/named-funds/alerts")) });
  const opened = pages.rows.find((one) => one.id === fund);
  const show = (id: string | undefined) => void navigate({ search: { fund: id } });
  const columns = [
    { key: "name", title: say("funds.one"), cell: (one: Fund) => one.name },
    { key: "state", title: say("state"), cell: (one: Fund) => <State word={one.state} /> },
    { key: "kind", title: say("funds.kind"), cell: (one: Fund) => say(`funds.${one.kind}`) },
    { key: "minimum", title: say("funds.minimum"), right: true, cell: (one: Fund) => <Money fen={one.minimum_fen} /> },
    { key: "report", title: say("funds.report_by"), cell: (one: Fund) => one.report_by },
    { key: "agreement", title: say("funds.agreement"), cell: (one: Fund) => one.agreement_no },
  ];
  return (
    <Screen title={say("funds.title")} lead={say("funds.lead")}>
      {alerts.data?.items.map((alert) => (
        <Alert key={`${alert.fund} ${alert.kind}`} type="warning" showIcon style={{ marginBottom: 8 }}
          title={say("funds.alert", { fund: pages.rows.find((one) => one.id === alert.fund)?.name ?? alert.fund, what: name("fund_alert", alert.kind) })} />
      ))}
      <div className={opened ? "split open" : "split"}>
        <ListTable<Fund> name="funds" columns={columns} pages={pages} rowKey={(one) => one.id} opened={fund} open={(one) => show(one.id)} empty={<Empty title={say("funds.none")}>{say("funds.none_hint")}</Empty>} />
        {opened && <FundPanel key={opened.id} fund={opened} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function FundPanel({ fund, close }: { fund: Fund; close: () => void }) {
  const say = useSay();
  const isPublic = fund.state !== "draft";
  const [amending, setAmending] = useState(false);
  const inForce = useVersions(fund.id).data?.find((one) => one.state === "in_force");
  const view = useQuery({
    queryKey: ["funds", fund.id, "view"], enabled: isPublic,
    queryFn: () => take(api.GET("/api/v1/projects/{project}/fund", { params: { path: { project: fund.project } } })),
  });
  return (
    <Panel title={fund.name} close={close} acts={amending && inForce
      ? <AmendForm fund={fund} version={inForce} close={() => setAmending(false)} />
      : <FundSteps fund={fund} amend={() => setAmending(true)} />}>
      {view.data && <div><Money fen={view.data.balance_fen} large /><p className="mute">{say("funds.balance")}</p></div>}
      <Facts of={[
        [say("state"), <State key="s" word={fund.state} />],
        [say("plan.purpose"), fund.purpose], [say("funds.spending"), fund.spending],
        [say("funds.minimum"), `${yuan(fund.minimum_fen)} ${say("yuan")} · ${say(`funds.rule_${fund.minimum_rule}`)}`],
        [say("funds.principal"), fund.principal_fen > 0 && <Money key="p" fen={fund.principal_fen} />],
        [say("funds.fee"), `${fund.fee_bp / PARTS_A_PERCENT} %`],
        [say("funds.report_by"), fund.report_by], [say("funds.rest"), fund.rest],
        [say("funds.agreement"), `${fund.agreement_no} · ${fund.signed_on}`],
        [say("funds.founder"), fund.kind === "named" && say(`funds.by_${fund.founder}`)],
      ]} />
      <FundVersions fund={fund} />
      <History of={fund.id} />
    </Panel>
  );
}

function FundSteps({ fund, amend }: { fund: Fund; amend: () => void }) {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const at = { params: { path: { fund: fund.id } } };
  const step = (key: "open" | "ask_close" | "close", permission: "books_post" | "project_manage", rest: Pick<Deed, "run" | "note">): Choice => ({
    key, label: say(`funds.${key}`), look: "primary", done: say("saved"), why: may(permission) ? null : say("may_not", { permission: say(`permission.${permission}`) }), ...rest,
  });
  const next = {
    draft: { effect: say("funds.open_effect"), choice: step("open", "books_post", { run: () => api.POST("/api/v1/named-funds/{fund}/open", at) }) },
    open: {
      effect: say("funds.ask_close_effect"),
      choice: step("ask_close", "project_manage", { note: say("reason"), run: (reason) => api.POST("/api/v1/named-funds/{fund}/ask-close", { ...at, body: { reason } }) }),
    },
    closing: { effect: say("funds.close_effect"), choice: step("close", "books_post", { run: () => api.POST("/api/v1/named-funds/{fund}/close", at) }) },
  }[fund.state];
  if (!next) return <p className="mute">{say("step.none")}</p>;
  const amending: Choice[] = fund.state === "open"
    ? [{ key: "amend", label: say("funds.amend"), why: may("project_manage") ? null : say("may_not", { permission: say("permission.project_manage") }), open: amend }]
    : [];
  return <Decide effect={next.effect} choices={[next.choice, ...amending]} after={() => void queries.invalidateQueries()} />;
}
