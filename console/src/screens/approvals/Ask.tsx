import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { APPROVALS, type CaseRow } from "../../api/approvals";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { yuan } from "../../lib/money";
import { Facts } from "../../ui/basics";
import { usePeople } from "../../ui/lists";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay, useWord } from "../../words";
import { useFirstLines, usePaperField } from "./Asker";
import { CaseState, Emergency } from "./bits";
import { papersAsked } from "./course";
import { type PaperLine, papersIn } from "./papers";
import { usePolicyOf } from "./use";

export const ADMISSION = "project_admission";
export const RAISE = "target_raise";
const TEXT_CHARS_MAX = 4_000;
/** The newest cases of a kind; the interface has no filter for one thing. */
const LOOKED_AT = 500;

type Project = Shape["ProjectOut"];
/** How a project stands with one kind of approval. */
export type Standing = { demanded: boolean; going: CaseRow | null; approved: CaseRow | null; last: CaseRow | null };

/** How a project stands with an approval, by the policy of its unit and its cases. */
export function useStanding(project: Pick<Project, "id" | "unit">, kind: string): Standing {
  const mine = useMay()("approval_read");
  const policy = usePolicyOf(project.unit, kind);
  const read = useQuery({
    queryKey: [...APPROVALS, "cases", "of", kind], enabled: mine,
    queryFn: () => takeList<CaseRow>(api.GET("/api/v1/approvals", { params: { query: { subject_kind: kind, limit: LOOKED_AT } } })),
  });
  const cases = (read.data?.items ?? []).filter((one) => one.subject === project.id);
  return {
    demanded: policy?.required ?? false, last: cases[0] ?? null,
    going: cases.find((one) => one.state === "open" || one.state === "sent_back") ?? null, approved: cases.find((one) => one.state === "approved") ?? null,
  };
}

/** The cases about a project, each with its state and the way to it. */
export function ProjectCases({ project }: { project: Project }) {
  const name = useWord();
  const say = useSay();
  const [admission, raise] = [useStanding(project, ADMISSION).last, useStanding(project, RAISE).last];
  const cases = [admission, raise].filter((one) => one !== null);
  if (cases.length === 0) return null;
  return (
    <section className="section" data-cases>
      <h3>{say("approvals.title")}</h3>
      <Facts of={cases.map((one) => [name("approvals.kind", one.subject_kind), <span key={one.id}><CaseState word={one.state} /> <Emergency is={one.fast_lane} /> <Link to="/cases" search={{ case: one.id }}>{say("approvals.open_case")}</Link></span>])} />
    </section>
  );
}

export type Asking = { summary?: string; papers?: PaperLine[]; parties?: string[]; hurried?: boolean; hurry?: string };
type Raising = Asking & { target_fen: number; reason: string };

/** The fields of asking: why, the papers its policy wants, who is concerned, the emergency lane where there is one. */
export function useAskingFields(unit: string, kind: string): { fields: (entered: Asking) => Field[]; lines: PaperLine[] } {
  const say = useSay();
  const policy = usePolicyOf(unit, kind);
  const kinds = papersAsked(policy);
  const papers = usePaperField(kinds);
  const lines = useFirstLines()(kinds);
  const people = usePeople();
  const fields = (entered: Asking): Field[] => {
    const all: (Field | false | null | undefined)[] = [
      { name: "summary", kind: "area", label: say("approvals.summary"), hint: say("approvals.summary_hint"), optional: true, chars: TEXT_CHARS_MAX },
      papers,
      people && { name: "parties", kind: "many", label: say("approvals.parties"), hint: say("approvals.parties_hint"), optional: true, options: people.filter((one) => one.kind === "person").map((one) => ({ value: one.id, label: one.name })) },
      policy?.fast_lane && { name: "hurried", kind: "check", label: say("approvals.hurried"), hint: say("approvals.hurried_hint"), optional: true },
      entered.hurried && { name: "hurry", kind: "area", label: say("approvals.hurry"), chars: TEXT_CHARS_MAX },
    ];
    return all.filter((field): field is Field => Boolean(field));
  };
  return { fields, lines };
}

/** What is sent of what was asked. */
export function askedOf(entered: Asking): Shape["ProjectAskAdmission"] {
  return {
    summary: entered.summary?.trim() ?? "", papers: papersIn(entered.papers), parties: entered.parties ?? [],
    ...(entered.hurried && entered.hurry?.trim() ? { hurry: entered.hurry.trim() } : {}),
  };
}

type AskProps = { project: Project; asked: (id: string) => void; close: () => void };

function useAfter(asked: (id: string) => void): (answer: Promise<Shape["ProjectAsked"]>) => Promise<void> {
  const queries = useQueryClient();
  return async (answer) => {
    const { case: id } = await answer;
    await queries.invalidateQueries();
    asked(id);
  };
}

/** Puts a draft before those who admit projects. */
export function AskAdmission({ project, asked, close }: AskProps) {
  const say = useSay();
  const { fields, lines } = useAskingFields(project.unit, ADMISSION);
  const after = useAfter(asked);
  return (
    <QuickForm<Asking>
      key={lines.length} fields={fields} initial={{ papers: lines }} draft={`approval.admission.${project.id}`}
      effect={say("approvals.ask_admission_effect")} button={say("approvals.ask_admission")} done={say("approvals.asked")} after={() => undefined} cancel={close}
      submit={(entered) => after(take(api.POST("/api/v1/projects/{project}/admission", { params: { path: { project: project.id } }, body: askedOf(entered) })))}
    />
  );
}

/** Puts an urgent raise of a target before those who decide. */
export function AskRaise({ project, asked, close }: AskProps) {
  const say = useSay();
  const { fields, lines } = useAskingFields(project.unit, RAISE);
  const after = useAfter(asked);
  const all = (entered: Partial<Raising>): Field[] => [
    { name: "target_fen", kind: "money", label: say("step.target_new") },
    { name: "reason", kind: "area", label: say("reason"), hint: say("step.public_reason") },
    ...fields(entered),
  ];
  return (
    <QuickForm<Raising>
      key={lines.length} fields={all} initial={{ target_fen: project.target_fen ?? 0, papers: lines }} draft={`approval.raise.${project.id}`}
      effect={(entered) => say("approvals.ask_raise_effect", { from: yuan(project.target_fen ?? 0), to: yuan(Number.isInteger(entered.target_fen) ? (entered.target_fen ?? 0) : 0) })}
      button={say("approvals.ask_raise")} done={say("approvals.asked")} after={() => undefined} cancel={close}
      submit={({ target_fen, reason, ...rest }) => after(take(api.POST("/api/v1/projects/{project}/target/ask", { params: { path: { project: project.id } }, body: { target_fen, reason, asking: askedOf(rest) } })))}
    />
  );
}
