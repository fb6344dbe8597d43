import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Progress } from "antd";
import { type Shape, api, take, takeList } from "../../api/client";
import { whileHere } from "../../lib/awake";
import { At, Empty, Facts, Screen, State, Trouble } from "../../ui/basics";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useSay, useWord } from "../../words";

type Job = Shape["JobOut"];
const FRESH_MS = 5_000;

/** What the machine does by itself, and whether it is well. */
export function Jobs() {
  const say = useSay();
  const name = useWord();
  const { job } = useSearch({ from: "/known/shell/jobs" });
  const navigate = useNavigate({ from: "/jobs" });
  const pages = usePages<Job>(["jobs"], ({ cursor, limit }) => takeList(api.GET("/api/v1/jobs", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  const opened = pages.rows.find((one) => one.id === job);
  const show = (id: string | undefined) => void navigate({ search: { job: id } });
  const columns = [
    { key: "kind", title: say("jobs.kind"), cell: (one: Job) => name("job", one.kind) },
    { key: "state", title: say("state"), text: (one: Job) => (one.state === "running" ? `${name("state", one.state)} ${one.progress_percent}%` : name("state", one.state)), cell: (one: Job) => (one.state === "running" ? <Progress size="small" percent={one.progress_percent} style={{ width: 120 }} /> : <State word={one.state} />) },
    { key: "created_at", title: say("jobs.created_at"), cell: (one: Job) => <At at={one.created_at} /> },
    { key: "finished_at", title: say("jobs.finished_at"), cell: (one: Job) => (one.finished_at ? <At at={one.finished_at} /> : "") },
    { key: "attempts", title: say("jobs.attempts"), right: true, cell: (one: Job) => one.attempts },
  ];
  return (
    <Screen title={say("jobs.title")} lead={say("jobs.lead")}>
      <Health />
      <div className={opened ? "split open" : "split"}>
        <ListTable<Job> name="jobs" columns={columns} pages={pages} rowKey={(one) => one.id} opened={job} open={(one) => show(one.id)} empty={<Empty title={say("jobs.none")} />} />
        {opened && (
          <Panel title={name("job", opened.kind)} close={() => show(undefined)}>
            <Facts of={[
              [say("state"), <State key="s" word={opened.state} />],
              [say("jobs.done"), opened.total > 0 && `${opened.done} / ${opened.total}`],
              [say("jobs.attempts"), opened.attempts],
              [say("jobs.created_at"), <At key="c" at={opened.created_at} />],
              [say("jobs.finished_at"), opened.finished_at && <At key="f" at={opened.finished_at} />],
              [say("jobs.error"), opened.error],
            ]} />
            {opened.result && <section className="section"><h3>{say("jobs.result")}</h3><pre className="code" style={{ whiteSpace: "pre-wrap", margin: 0 }}>{JSON.stringify(opened.result, null, 2)}</pre></section>}
          </Panel>
        )}
      </div>
    </Screen>
  );
}

function Health() {
  const say = useSay();
  const name = useWord();
  // An unready house answers 503 with the same document, which says what is wrong.
  const read = useQuery({ queryKey: ["ready"], queryFn: async () => (await (await fetch("/ready")).json()) as Shape["ReadyOut"], refetchInterval: whileHere(FRESH_MS) });
  const live = useQuery({ queryKey: ["health"], queryFn: () => take(api.GET("/health")), refetchInterval: whileHere(FRESH_MS) });
  if (read.error || live.error) return <Trouble error={read.error ?? live.error} />;
  if (!read.data) return null;
  const bad = read.data.checks.filter((check) => !check.ok).map((check) => name("check", check.name));
  const good = read.data.checks.map((check) => name("check", check.name)).join(" · ");
  return (
    <Alert style={{ marginBottom: 14 }} showIcon type={read.data.ready ? "success" : "error"}
      title={read.data.ready ? say("health.ready", { version: live.data?.version ?? "" }) : say("health.unready")} description={read.data.ready ? good : bad.join(" · ")} />
  );
}
