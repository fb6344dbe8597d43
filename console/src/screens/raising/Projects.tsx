import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select, Tag } from "antd";
import { type ReactNode, useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { percent } from "../../lib/money";
import { Act, Empty, Facts, Money, Screen, State } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { ADMISSION, AskAdmission, AskRaise, ProjectCases, RAISE, type Standing, useStanding } from "../approvals/Ask";
import { TargetForm } from "./CampaignSteps";
import { NewProject } from "./NewProject";
import { type Step, stepsOfProject } from "./steps";
import { useCampaigns } from "./useCampaigns";

type Project = Shape["ProjectOut"];

export function Projects() {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const search = useSearch({ from: "/known/shell/projects" });
  const navigate = useNavigate({ from: "/projects" });
  const [making, setMaking] = useState(false);
  const [asking, setAsking] = useState<string | null>(null);
  const pages = usePages<Project>(["projects", search.campaign ?? null], ({ cursor, limit }) => takeList(api.GET("/api/v1/projects", {
    params: { query: { limit, ...(search.campaign ? { campaign: search.campaign } : {}), ...(cursor ? { cursor } : {}) } },
  })));
  const options = useCampaigns(pages.rows, search.campaign);
  const show = (project: string | undefined, asks = false) => {
    setMaking(false);
    setAsking(asks && project ? project : null);
    void navigate({ search: { ...search, project } });
  };
  const opened = pages.rows.find((project) => project.id === search.project);
  const columns = [
    { key: "title", title: say("project"), cell: (one: Project) => <>{one.title} {one.general && <Tag>{say("projects.general")}</Tag>}</> },
    { key: "state", title: say("state"), cell: (one: Project) => <State word={one.state} /> },
    { key: "target", title: say("target"), right: true, cell: (one: Project) => (typeof one.target_fen === "number" ? <Money fen={one.target_fen} /> : <span className="mute">–</span>) },
    { key: "nature", title: say("nature"), cell: (one: Project) => say(`nature.${one.nature}`) },
    { key: "unit", title: say("unit"), cell: (one: Project) => units.name(one.unit) },
    { key: "code", title: say("projects.code"), cell: (one: Project) => <span className="code">{one.code}</span> },
  ];
  return (
    <Screen title={say("projects.title")} lead={say("projects.lead")} acts={may("project_manage") && <Button type="primary" onClick={() => { show(undefined); setMaking(true); }}>{say("projects.new")}</Button>}>
      {options.length > 0 && (
        <div className="bar">
          <Select allowClear style={{ minWidth: 260 }} placeholder={say("campaigns.one")} aria-label={say("campaigns.one")} options={options} value={search.campaign ?? null} onChange={(campaign) => void navigate({ search: { campaign: campaign ?? undefined } })} />
        </div>
      )}
      <div className={opened || making ? "split open" : "split"}>
        <ListTable<Project> name="projects" columns={columns} pages={pages} rowKey={(one) => one.id} opened={search.project} open={(one) => show(one.id)} empty={<Empty title={say("projects.none")}>{say("projects.none_hint")}</Empty>} />
        {making && <NewProject campaigns={options} campaign={search.campaign} close={() => setMaking(false)} made={show} />}
        {opened && !making && <ProjectPanel key={opened.id} project={opened} asks={asking === opened.id} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function ProjectPanel({ project, asks, close }: { project: Project; asks: boolean; close: () => void }) {
  const say = useSay();
  const isPublic = project.state !== "draft";
  const totals = useQuery({
    queryKey: ["projects", project.id, "totals"], enabled: isPublic,
    queryFn: () => take(api.GET("/api/v1/projects/{project}/totals", { params: { path: { project: project.id } } })),
  });
  return (
    <Panel title={project.title} close={close} acts={<ProjectSteps project={project} asks={asks} />}>
      {totals.data && (
        <div>
          <Money fen={totals.data.sum_fen} large />
          {typeof project.target_fen === "number" && (
            <>
              <p className="mute">{say("raised_of", { gifts: totals.data.gifts })} <Money fen={project.target_fen} /></p>
              <div className="bar-track"><i style={{ width: `${percent(totals.data.sum_fen, project.target_fen)}%` }} /></div>
            </>
          )}
        </div>
      )}
      <Facts of={[
        [say("state"), <State key="s" word={project.state} />],
        [say("summary"), project.summary],
        [say("nature"), say(`nature.${project.nature}`)],
        [say("target"), typeof project.target_fen === "number" && <Money key="m" fen={project.target_fen} />],
        [say("projects.stops"), typeof project.target_fen === "number" && say(project.stop_when_full ? "yes" : "no")],
        [say("region"), project.region_code],
        [say("projects.code"), <span key="c" className="code">{project.code}</span>],
        [say("gifts.title"), <Link key="g" to="/gifts" search={{ project: project.code }}>{say("projects.gifts")}</Link>],
        [say("campaigns.page"), isPublic && <a key="p" href={`/p/${project.code}`} target="_blank" rel="noreferrer">{say("campaigns.page_open")}</a>],
      ]} />
      <ProjectCases project={project} />
      <History of={project.id} />
    </Panel>
  );
}

function ProjectSteps({ project, asks }: { project: Project; asks: boolean }): ReactNode {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<Step["key"] | null>(asks ? "ask_admission" : null);
  const approval = ({ demanded, going, approved }: Standing) => ({ demanded, going: going !== null, approved: approved !== null });
  const steps = stepsOfProject(project, approval(useStanding(project, ADMISSION)), approval(useStanding(project, RAISE)));
  const close = () => setChosen(null);
  const after = () => {
    void queries.invalidateQueries();
    close();
  };
  const at = { params: { path: { project: project.id } } };
  const plain = (key: "open" | "end" | "settle", run: () => Promise<unknown>) => {
    const choice: Choice = { key, label: say(`step.${key}`), look: "primary", done: say("saved"), run };
    const cancel: Choice = { key: "cancel", label: say("cancel"), done: say("step.cancelled"), run: async () => undefined };
    return <Decide effect={say(`step.project_${key}_effect`)} choices={[choice, cancel]} after={after} />;
  };
  const asked = (id: string) => void navigate({ to: "/cases", search: { case: id } });
  if (steps.length === 0) return <p className="mute">{say("step.none")}</p>;
  if (chosen === "ask_admission") return <AskAdmission project={project} asked={asked} close={close} />;
  if (chosen === "ask_raise") return <AskRaise project={project} asked={asked} close={close} />;
  if (chosen === "target") return <TargetForm now={project.target_fen ?? 0} after={after} close={close} submit={(body) => api.POST("/api/v1/projects/{project}/target", { ...at, body })} />;
  if (chosen === "news") {
    return (
      <QuickForm<Shape["NewsIn"]>
        fields={[
          { name: "title", label: say("news.title") }, { name: "words", kind: "area", label: say("news.words") },
          { name: "title_en", label: say("news.title_en"), optional: true }, { name: "words_en", kind: "area", label: say("news.words_en"), optional: true },
        ]}
        effect={say("news.effect")} button={say("news.publish")} done={say("news.published")} after={after} cancel={close}
        submit={(body) => api.POST("/api/v1/projects/{project}/news", { ...at, body })}
      />
    );
  }
  if (chosen === "open") return plain(chosen, () => api.POST("/api/v1/projects/{project}/open", at));
  if (chosen === "end") return plain(chosen, () => api.POST("/api/v1/projects/{project}/end", at));
  if (chosen === "settle") return plain(chosen, () => api.POST("/api/v1/projects/{project}/settle", at));
  const mine = steps.filter((step) => may(step.may));
  if (mine.length === 0) return <p className="mute">{say("read_only")}</p>;
  return <div className="buttons">{mine.map((step, index) => <Act key={step.key} type={index === 0 ? "primary" : "default"} why={step.why ? say(step.why) : null} onClick={() => setChosen(step.key)}>{say(step.label)}</Act>)}</div>;
}
