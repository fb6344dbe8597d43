import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { type Case, type Entry, fileAt, minutesAt } from "../../api/approvals";
import { useMay, useSession } from "../../api/session";
import { At, Facts, Money, Trouble } from "../../ui/basics";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay, useWord } from "../../words";
import { Asker } from "./Asker";
import { CaseState, Emergency } from "./bits";
import { papersOf, sentBackBy } from "./course";
import { sumIn } from "./effect";
import { sizeOf } from "./papers";
import { type Deed, deedsOf, stagesOfMine } from "./may";
import { Stages } from "./Stages";
import { titled } from "./tell";
import { Thread } from "./Thread";
import { useCase, useReader } from "./use";
import { Verdicts } from "./Verdicts";

/** From here down a case takes the screen; after a decision one wants the list again. */
const NARROW = "(max-width: 1180px)";
/** Files in a fingerprint's line; the whole of it is in the minutes. */
const DIGITS_SHOWN = 16;

/** One case: what is asked, its stages, its papers, its course; decided at its foot. */
export function CasePanel({ id, stage, close }: { id: string; stage?: string | undefined; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const read = useCase(id);
  const kase = read.data;
  const document = kase?.document ?? null;
  const reader = useReader(id);
  const [deed, setDeed] = useState<Deed | null>(null);
  const mayDecide = useMay()("approval_decide");
  const mayAsk = useMay()("approval_request");
  const decided = () => {
    void queries.invalidateQueries();
    if (matchMedia(NARROW).matches) close();
  };
  const mended = () => void queries.invalidateQueries();
  if (!kase) {
    return <Panel title={say("approvals.one")} close={close}>{read.error ? <Trouble error={read.error} again={() => void read.refetch()} /> : <Skeleton active />}</Panel>;
  }
  const isTurn = stagesOfMine(kase, reader).length > 0;
  const deeds = mayAsk ? deedsOf(kase, document, reader) : [];
  const shows = mayDecide && kase.state === "open" && (isTurn || (deeds.length === 0 && !kase.is_mine));
  let acts: ReactNode = null;
  if (shows || deeds.length > 0) {
    acts = (
      <>
        {shows && deed === null && <Verdicts kase={kase} document={document} reader={reader} wanted={stage} after={decided} />}
        {deeds.length > 0 && <Asker kase={kase} document={document} reader={reader} chosen={deed} choose={setDeed} after={mended} />}
      </>
    );
  }
  return (
    <Panel title={kase.title} close={close} acts={acts}>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <Head kase={kase} />
      {kase.summary && <p className="said-text">{kase.summary}</p>}
      <SentBack kase={kase} />
      <section className="section"><h3>{say("approvals.stages")}</h3><Stages kase={kase} document={document} read_ms={read.dataUpdatedAt} me={reader.me} /></section>
      <Papers kase={kase} />
      <Thread id={kase.id} unit={kase.unit} />
      <Minutes kase={kase} />
      <Course kase={kase} />
      <History of={kase.id} />
    </Panel>
  );
}

function Head({ kase }: { kase: Case }) {
  const say = useSay();
  const name = useWord();
  const language = useLanguage();
  const units = useUnits();
  const me = useSession().user.id;
  const may = useMay();
  const [readsProjects, readsGifts, readsCampaigns] = [may("project_manage"), may("gift_read"), may("campaign_manage")];
  const [from, to] = [sumIn(kase, "from_fen"), sumIn(kase, "target_fen")];
  const { reason, gift, campaign } = kase.details as { reason?: unknown; gift?: unknown; campaign?: unknown };
  const isRefund = kase.subject_kind === "refund";
  const back = isRefund ? sumIn(kase, "amount_fen") : null;
  const hurry = kase.fast_lane ? kase.history[0]?.words : null;
  const isProject = kase.subject_kind === "project_admission" || kase.subject_kind === "target_raise";
  const policy = titled({ title: kase.policy, title_en: kase.policy_en }, language);
  return (
    <Facts of={[
      [say("state"), <span key="s"><CaseState word={kase.state} /> <Emergency is={kase.fast_lane} /></span>],
      [say("approvals.hurry"), hurry],
      [say("approvals.about"), name("approvals.kind", kase.subject_kind) === kase.subject_kind ? policy : name("approvals.kind", kase.subject_kind)],
      [say("project"), isProject && readsProjects && <Link key="p" to="/projects" search={{ project: kase.subject }}>{say("approvals.to_project")}</Link>],
      [say("approvals.target_from"), from !== null && <Money key="f" fen={from} />],
      [say(kase.subject_kind === "target_raise" ? "step.target_new" : "target"), to !== null && <Money key="m" fen={to} large={kase.subject_kind === "target_raise"} />],
      [say("amount"), back !== null && <Money key="b" fen={back} large />],
      [say("reason"), typeof reason === "string" && (isRefund ? name("refund_reason", reason) : reason)],
      [say("approvals.the_gift"), isRefund && readsGifts && typeof gift === "string" && <Link key="g" to="/gifts" search={{ gift }}>{say("approvals.to_gift")}</Link>],
      [say("approvals.the_campaign"), kase.subject_kind === "docking" && readsCampaigns && typeof campaign === "string" && <Link key="c" to="/campaigns" search={{ campaign }}>{say("approvals.to_campaign")}</Link>],
      [say("unit"), units.name(kase.unit)],
      [say("asked_by"), kase.asked_by.id === me ? say("me") : kase.asked_by.name],
      [say("asked_at"), <At key="a" at={kase.asked_at} />],
      [say("approvals.round"), kase.round > 1 && say("approvals.round_nth", { round: kase.round })],
      [say("approvals.ended_at"), kase.ended_at && <At key="e" at={kase.ended_at} />],
      [say("approvals.policy"), say("approvals.policy_version", { policy, version: kase.policy_version })],
    ]} />
  );
}

/** Why it was sent back: the first thing its asker wants to read. */
function SentBack({ kase }: { kase: Case }) {
  const say = useSay();
  const back = sentBackBy(kase);
  if (!back) return null;
  return <p className="notice" data-sent-back><b>{say("approvals.sent_back_by", { name: back.by?.name ?? "" })}</b>{back.words}</p>;
}

function Papers({ kase }: { kase: Case }) {
  const say = useSay();
  const name = useWord();
  const papers = papersOf(kase);
  const files = new Map<string | undefined, { length: number }>(kase.files.map((file) => [file.sha256, file]));
  const owed = kase.papers_owed.map((kind) => name("approvals.paper", kind)).join(" · ");
  if (papers.length === 0 && !owed) return null;
  return (
    <section className="section">
      <h3>{say("approvals.papers")}</h3>
      {owed && kase.papers_due_at && <p className="notice">{say("approvals.papers_due", { papers: owed })} <At at={kase.papers_due_at} /></p>}
      {owed && !kase.papers_due_at && <p className="mute">{say("approvals.papers_later", { papers: owed })}</p>}
      <ul className="papers">
        {papers.map((paper) => (
          <li key={`${paper.at} ${paper.kind} ${paper.name}`}>
            <b>{paper.name}</b>{name("approvals.paper", paper.kind) !== paper.name && <span className="mute"> {name("approvals.paper", paper.kind)}</span>}
            {paper.words && <p className="said-text">{paper.words}</p>}
            {files.has(paper.sha256) && <p><a href={fileAt(kase.id, paper.sha256 ?? "")} download>{say("approvals.papers.open", { size: sizeOf(files.get(paper.sha256)?.length ?? 0) })}</a></p>}
            {paper.sha256 && <p className="mute">SHA-256 <span className="code" title={paper.sha256}>{paper.sha256.slice(0, DIGITS_SHOWN)}…</span></p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Minutes({ kase }: { kase: Case }) {
  const say = useSay();
  const language = useLanguage();
  return (
    <section className="section">
      <h3>{say("approvals.minutes")}</h3>
      <p className="bar" style={{ margin: 0 }}>
        {kase.ended_at && <Button type="primary" href={minutesAt(kase.id, language, "pdf")} download>{say("approvals.minutes_pdf")}</Button>}
        <Button href={minutesAt(kase.id, language, "html")} target="_blank" rel="noreferrer">{say("approvals.minutes_page")}</Button>
        <Button href={minutesAt(kase.id, language, "text")} target="_blank" rel="noreferrer">{say("approvals.minutes_text")}</Button>
      </p>
    </section>
  );
}

/** All that happened, the newest last, folded until it is asked for. */
function Course({ kase }: { kase: Case }) {
  const say = useSay();
  const language = useLanguage();
  const stage = (entry: Entry) => {
    const found = kase.stages.find((one) => one.key === entry.stage);
    return found ? titled(found, language) : "";
  };
  const what = (entry: Entry) => (entry.verdict ? say(`approvals.verdict.${entry.verdict}`) : say(`approvals.event.${entry.kind as "submitted"}`));
  const people = (entry: Entry) => (entry.kind === "submitted" ? "" : entry.people.map((person) => person.name).join(" · "));
  return (
    <details className="section course">
      <summary>{say("approvals.course", { count: kase.history.length })}</summary>
      <ol>
        {kase.history.map((entry) => (
          <li key={entry.number}>
            <At at={entry.at} /> {[stage(entry), entry.by?.name, what(entry), people(entry)].filter(Boolean).join(" · ")}
            {entry.words && <q>{entry.words}</q>}
          </li>
        ))}
      </ol>
    </details>
  );
}
