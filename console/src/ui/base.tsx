// Parts of every screen that need no antd: the sign-in page and the first screen are made of these alone, so that they stand early.
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { ApiProblem, STRANGE, UNREACHABLE, asProblem } from "../api/problem";
import { type Fen, parts } from "../lib/money";
import { moment } from "../lib/time";
import { type Say, useSay, useWord } from "../words";

/** A sum with its unit: the yuan part larger than the fen. */
export function Money({ fen, large }: { fen: Fen; large?: boolean }) {
  const say = useSay();
  const { yuan, fen: rest } = parts(fen);
  return (
    <span className={large ? "money large" : "money"}>
      {yuan}<small>.{rest} {say("yuan")}</small>
    </span>
  );
}

/** An instant, in Beijing time. */
export const At = ({ at }: { at: string }) => <time dateTime={at} className="number">{moment(at)}</time>;

type Tone = "good" | "wait" | "busy" | "bad";
const TONES: Record<string, Tone> = {
  open: "good", confirmed: "good", done: "good", approved: "good", accepted: "good", shown: "good", ready: "good", booked: "good",
  cleared: "good", recorded: "good", received: "good", stocked: "good", in_force: "good",
  planned: "wait", proposed: "wait", counted_once: "wait", waiting: "wait", requested: "wait", closing: "wait", partly_refunded: "wait", held: "wait",
  counted: "busy", deposited: "busy", published: "busy", filed: "busy", running: "busy", full: "busy", in_transit: "busy",
  kept: "bad", failed: "bad", rejected: "bad", refused: "bad", refunded: "bad", taken_back: "bad", called_off: "bad",
};

/** A kind of fact in words, its code for who points at it or, where it is asked for, small beside them; one without words is its code. */
export function FactKind({ kind, coded }: { kind: string; coded?: boolean }) {
  const words = useWord()("fact", kind);
  if (words === kind) return <span className="code">{kind}</span>;
  return <span title={kind}>{words}{coded && <> <small className="code mute">{kind}</small></>}</span>;
}

/** A state: always a word, the colour only helps. */
export function State({ word, group = "state" }: { word: string; group?: string }) {
  const name = useWord();
  return <span className={`state ${TONES[word] ?? ""}`}>{name(group, word)}</span>;
}

/** The two sentences of a problem; those that came without words get ours. */
export function problemWords(problem: ApiProblem, say: Say): { title: string; detail: string } {
  if (problem.slug === UNREACHABLE) return { title: say("problem.unreachable"), detail: say("problem.unreachable_detail") };
  if (problem.slug === STRANGE) {
    return { title: say("problem.strange", { status: problem.status }), detail: say("problem.strange_detail") };
  }
  return { title: problem.title, detail: problem.detail };
}

/** A button without antd, in its look: for what must stand at once. Its class says more: `primary`, `text`, `link`, `small`, `large`, `block`. */
export function PlainButton({ className = "", ...button }: ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" {...button} className={`btn ${className}`} />;
}

/** Bars where words will stand. */
export function Waiting({ rows = 3 }: { rows?: number }) {
  return <div className="bars" aria-busy="true">{Array.from({ length: rows + 1 }, (_, row) => <i key={row} />)}</div>;
}

/** Something went wrong, told in red with its sign: a title, what more is to say, and what can be done. */
export function Told({ title, act, children }: { title: string; act?: ReactNode; children?: ReactNode }) {
  return (
    <div className={children ? "trouble more" : "trouble"} role="alert">
      <i aria-hidden>!</i>
      <div><b>{title}</b>{children && <p>{children}</p>}</div>
      {act}
    </div>
  );
}

/** What went wrong, what was kept and what to do. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const say = useSay();
  const problem = asProblem(error);
  const { title, detail } = problemWords(problem, say);
  return <Told title={title} act={again && <PlainButton className="small" onClick={again}>{say("again")}</PlainButton>}>{detail}</Told>;
}

/** A list with nothing in it says why, and what the first step is. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return <div className="empty"><b>{title}</b>{children}</div>;
}

/** Facts as term and value; empty values are left out. */
export function Facts({ of }: { of: [string, ReactNode][] }) {
  const known = of.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return (
    <dl className="facts">
      {known.map(([term, value]) => [<dt key={`${term}.`}>{term}</dt>, <dd key={term}>{value}</dd>])}
    </dl>
  );
}

/** A screen: its name, its one number, its actions, its rows. */
export function Screen(props: { title: string; lead?: ReactNode; acts?: ReactNode; children: ReactNode }) {
  return (
    <main className="screen" id="content">
      <header>
        <div className="lead"><h1>{props.title}</h1>{props.lead && <p className="mute">{props.lead}</p>}</div>
        {props.acts && <div className="acts">{props.acts}</div>}
      </header>
      {props.children}
    </main>
  );
}
