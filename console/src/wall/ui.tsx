/** What the scenes are made of. */
import { type CSSProperties, type ReactNode, createContext, useContext } from "react";
import { type Fen, parts } from "../lib/money";
import { clock, dayOf, when } from "./lib/moments";
import type { Feeds } from "./feeds";
import { type Freshness, judge } from "./lib/freshness";
import type { Settings } from "./lib/settings";
import { vowOf, type Source } from "./feeds";
import type { Say } from "./words";

export type Wall = { feeds: Feeds; say: Say; settings: Settings; /** For how long this scene has stood. */ elapsed_ms: number };
export const WallContext = createContext<Wall | null>(null);
export function useWall(): Wall {
  const wall = useContext(WallContext);
  if (!wall) throw new Error("a scene stands outside the wall");
  return wall;
}

/** The newest of a source, and whether it may be called live. */
export function useFigures<T>(source: Source | null): { value: T | undefined; as_of: string | undefined; freshness: Freshness } {
  const { feeds } = useWall();
  if (!source) return { value: undefined, as_of: undefined, freshness: "missing" };
  const feed = feeds.get<T>(source.key);
  return { value: feed?.kept?.value, as_of: feed?.kept?.as_of, freshness: judge(feed, feeds.now(), vowOf(source)) };
}

export function Money({ fen, unit = true }: { fen: Fen; unit?: boolean }) {
  const { say } = useWall();
  const { yuan, fen: rest } = parts(fen);
  return (
    <span className="money">
      {unit && <span className="cur">{say("cur_before")}</span>}
      {yuan}<small>.{rest}</small>
      {unit && <span className="cur">{say("cur_after")}</span>}
    </span>
  );
}

/** One figure that is read from eight metres; it shrinks by the number of its digits, never wraps. */
export function Hero({ label, fen, sub }: { label: ReactNode; fen: Fen; sub?: ReactNode }) {
  const { yuan, fen: rest } = parts(fen);
  return (
    <div className="hero">
      <p className="label">{label}</p>
      <p className="sum" style={{ "--chars": yuan.length + rest.length * 0.68 + 2 } as CSSProperties}><Money fen={fen} /></p>
      {sub && <p className="sub">{sub}</p>}
    </div>
  );
}

export const count = (value: number): string => String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ",");

/** A part of a screen with its title, and the moment of its figures where they are not live. */
export function Panel({ title, note, state, as_of, children, className = "" }: {
  title: ReactNode; note?: ReactNode; state: Freshness; as_of: string | undefined; children: ReactNode; className?: string;
}) {
  const { say } = useWall();
  return (
    <section className={`panel ${state} ${className}`}>
      <header>
        <h2>{title}</h2>
        {note && <span className="note">{note}</span>}
        {state === "old" && as_of && <span className="stamp">{say("old_at", { at: when(as_of) })}</span>}
      </header>
      {children}
    </section>
  );
}

/** Nothing to show, said plainly. */
export const Plain = ({ children }: { children: ReactNode }) => <p className="plain">{children}</p>;

/** A whole screen that has nothing to show says so in its middle. */
export const Blank = ({ title, children }: { title: ReactNode; children: ReactNode }) => (
  <section className="blank"><h2>{title}</h2><p>{children}</p></section>
);

export const Bar = ({ permille, marked = false }: { permille: number; marked?: boolean }) => (
  <span className={`bar${marked ? " marked" : ""}`} aria-hidden="true"><i style={{ width: `${Math.min(1000, Math.max(0, permille)) / 10}%` }} /></span>
);

/** A word of the day: today as today, another day by its date. */
export function useDayWord(): (as_of: string) => string {
  const { feeds, say } = useWall();
  return (as_of) => {
    const [day, today] = [dayOf(new Date(as_of)), dayOf(new Date(feeds.now().server_ms))];
    const words = say("day", { month: Number(day.slice(5, 7)), day: Number(day.slice(8)) });
    return day === today ? say("today_of", { day: words }) : words;
  };
}

export { clock, when };
