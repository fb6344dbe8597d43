import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Skeleton } from "antd";
import { useState } from "react";
import type { Course, FilingStep } from "../../api/campaigns";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { percent } from "../../lib/money";
import { Empty, Facts, Money, Screen, State, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { CampaignSteps } from "./CampaignSteps";
import { NewCampaign } from "./NewCampaign";
import { Partners } from "./Partners";

type Campaign = Shape["CampaignOut"];
const LIST = ["campaigns"] as const;
/** States before a campaign was opened. */
const NOT_YET = new Set(["draft", "filed", "returned"]);

/** Campaigns with their state; opened, the next step and why it may have to wait. */
export function Campaigns() {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const { campaign } = useSearch({ from: "/known/shell/campaigns" });
  const navigate = useNavigate({ from: "/campaigns" });
  const [making, setMaking] = useState(false);
  const open = (id: string | undefined) => {
    setMaking(false);
    void navigate({ search: { campaign: id } });
  };
  const pages = usePages<Campaign>(LIST, ({ cursor, limit }) => takeList(api.GET("/api/v1/campaigns", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  const columns = [
    { key: "title", title: say("campaigns.one"), cell: (one: Campaign) => one.plan.title },
    { key: "state", title: say("state"), cell: (one: Campaign) => <State word={one.state} /> },
    { key: "target", title: say("target"), right: true, cell: (one: Campaign) => <Money fen={one.target_fen} /> },
    { key: "days", title: say("days"), cell: (one: Campaign) => `${one.plan.starts_on} – ${one.plan.ends_on}` },
    { key: "filing", title: say("campaigns.filing"), cell: (one: Campaign) => one.filing?.number ?? <span className="mute">{say("campaigns.not_filed")}</span> },
    { key: "unit", title: say("unit"), cell: (one: Campaign) => units.name(one.unit) },
  ];
  const make = may("campaign_manage") && <Button type="primary" onClick={() => { open(undefined); setMaking(true); }}>{say("campaigns.new")}</Button>;
  return (
    <Screen title={say("campaigns.title")} lead={say("campaigns.lead")} acts={make}>
      <div className={campaign || making ? "split open" : "split"}>
        <ListTable<Campaign> name="campaigns" columns={columns} pages={pages} rowKey={(one) => one.id} opened={campaign} open={(one) => open(one.id)} empty={<Empty title={say("campaigns.none")}>{say("campaigns.none_hint")}</Empty>} />
        {making && <NewCampaign close={() => setMaking(false)} made={open} />}
        {campaign && !making && <CampaignPanel key={campaign} id={campaign} close={() => open(undefined)} />}
      </div>
    </Screen>
  );
}

function CampaignPanel({ id, close }: { id: string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const at = { params: { path: { campaign: id } } };
  const read = useQuery({ queryKey: [...LIST, id], queryFn: () => take(api.GET("/api/v1/staff/campaigns/{campaign}", at)) });
  const isPublic = read.data !== undefined && !NOT_YET.has(read.data.state);
  const totals = useQuery({ queryKey: [...LIST, id, "totals"], enabled: isPublic, queryFn: () => take(api.GET("/api/v1/campaigns/{campaign}/totals", at)) });
  const campaign: (Shape["CampaignDetailOut"] & Course) | undefined = read.data;
  if (!campaign) return <Panel title={say("campaigns.one")} close={close}>{read.error ? <Trouble error={read.error} again={() => void read.refetch()} /> : <Skeleton active />}</Panel>;
  const filings: FilingStep[] = campaign.filings ?? [];
  return (
    <Panel title={campaign.plan.title} close={close} acts={<CampaignSteps campaign={campaign} />}>
      {campaign.warnings.map((warning) => <Alert key={warning} type="warning" showIcon title={name("warning", warning)} />)}
      {totals.data && (
        <div>
          <Money fen={totals.data.sum_fen} large />
          <p className="mute">{say("raised_of", { gifts: totals.data.gifts })} <Money fen={campaign.target_fen} /></p>
          <div className="bar-track"><i style={{ width: `${percent(totals.data.sum_fen, campaign.target_fen)}%` }} /></div>
        </div>
      )}
      <Facts of={[
        [say("state"), <State key="s" word={campaign.state} />],
        [say("target"), <Money key="m" fen={campaign.target_fen} />],
        [say("days"), `${campaign.plan.starts_on} – ${campaign.plan.ends_on}`],
        [say("campaigns.filing"), campaign.filing ? `${campaign.filing.number} · ${campaign.filing.authority}` : say("campaigns.not_filed")],
        [say("filing.returned_on"), campaign.returned?.returned_on], [say("filing.return_reason"), campaign.returned?.reason],
        [say("plan.purpose"), campaign.plan.purpose],
        [say("plan.beneficiaries"), campaign.plan.beneficiaries],
        [say("plan.use_of_proceeds"), campaign.plan.use_of_proceeds],
        [say("plan.version"), campaign.plan_version],
        [say("campaigns.not_shown"), campaign.not_shown.length > 0 && campaign.not_shown.map((key) => name("plan", key)).join("、")],
        [say("projects.title"), <Link key="p" to="/projects" search={{ campaign: id }}>{say("campaigns.projects", { count: campaign.projects.length })}</Link>],
        [say("campaigns.page"), isPublic && <a key="c" href={`/c/${id}`} target="_blank" rel="noreferrer">{say("campaigns.page_open")}</a>],
      ]} />
      {filings.length > 0 && (
        <section className="section">
          <h3>{say("filing.steps")}</h3>
          {filings.map((step, at) => (
            <p key={`${at} ${step.kind}`} className="said-text">
              {say(`filing.step_${step.kind}`, { day: step.day, authority: step.authority, number: step.number, version: step.plan_version, reason: step.reason })}
            </p>
          ))}
        </section>
      )}
      <Partners campaign={campaign} />
      <History of={id} />
    </Panel>
  );
}
