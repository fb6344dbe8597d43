/** Head, line of facts and foot: on every scene at the same place. */
import { dayOf } from "../lib/time";
import { yuan } from "../lib/money";
import { GRACE_MS, type Freshness, hasContact } from "./lib/freshness";
import { lasting, minute } from "./lib/moments";
import type { Unit } from "./lib/tree";
import type { Home } from "./shapes";
import { clock, count, useWall, when } from "./ui";

/** A fact stands long enough to be read aloud. */
const FACT_MS = 7_000;
const FACTS_MAX = 8;
/** The first letters of the log's root: enough to compare by eye with another screen. */
const ROOT_CHARS = 8;

/** How the whole screen stands; `told`: figures of another's file, which has no line to us. */
export type Mood = Freshness | "told";

export function Head({ state, paused, onSetup }: { state: Mood; paused: boolean; onSetup: () => void }) {
  const { feeds, say } = useWall();
  const { server_ms } = feeds.now();
  const house = feeds.get<Unit[]>("units")?.kept?.value.find((unit) => unit.parent === null);
  const day = dayOf(new Date(server_ms));
  return (
    <header className="head">
      <svg className="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M4 22a12 12 0 0 1 24 0" /><circle cx="4" cy="24" r="2.4" /><circle cx="28" cy="24" r="2.4" /></svg>
      <h1>{house?.name ?? say("title")}</h1>
      {paused && <span className="paused">{say("paused")}</span>}
      <button type="button" className="setup" onClick={onSetup} aria-label={say("setup")}>{say("setup")}</button>
      <p className={`pill ${state}`} role="status"><i aria-hidden="true" />{say(`state.${state}`)}</p>
      <p className="time"><span>{say("date", { year: day.slice(0, 4), month: Number(day.slice(5, 7)), day: Number(day.slice(8)) })}</span><b>{clock(server_ms)}</b></p>
    </header>
  );
}

/** The newest facts in words; when the figures are old, this line says so instead. */
export function Line({ state, as_of }: { state: Mood; as_of: string | undefined }) {
  const { feeds, say } = useWall();
  const now = feeds.now();
  if (state === "old") {
    const away = lasting(now.at_ms - now.contact_ms);
    const long = away.hours > 0 ? say("lasting_hours", { hours: away.hours, minutes: away.minutes }) : say("lasting", { minutes: away.minutes, seconds: away.seconds });
    const at = as_of ? when(as_of) : "—";
    const text = hasContact(now) ? say("partly_old", { at }) : Number.isFinite(now.contact_ms) ? say("away", { long, at }) : say("away_since_start", { at });
    return <p className="line warning" role="alert"><b aria-hidden="true">!</b>{text}</p>;
  }
  const facts = (feeds.get<Home>("home")?.kept?.value.latest ?? []).slice(0, FACTS_MAX);
  const gift = facts[Math.floor(now.at_ms / FACT_MS) % Math.max(1, facts.length)];
  return (
    <p className="line">
      {gift ? say("fact", { at: minute(gift.at), who: gift.who ?? say("anonymous"), to: gift.to, yuan: yuan(gift.amount_fen) }) : say(state === "none" ? "waiting" : "latest_none")}
    </p>
  );
}

export function Foot({ as_of, at, of }: { as_of: string | undefined; at: number; of: number }) {
  const { feeds, say } = useWall();
  const now = feeds.now();
  const { mark } = feeds;
  const isNow = mark.link === "open" || (mark.link === "lost" && now.at_ms - mark.lost_ms <= GRACE_MS);
  const { value } = mark.kept ?? {};
  return (
    <footer className="foot">
      <span className="as-of">{as_of ? say("as_of", { at: when(as_of) }) : say("as_of_none")}</span>
      <span className="position">
        {value ? say("position", { size: count(value.size), root: value.root.slice(0, ROOT_CHARS) }) : say(mark.link === "missing" ? "position_none" : "position_unread")}
        {value && !isNow && mark.kept && ` · ${say("old_at", { at: when(mark.kept.as_of) })}`}
      </span>
      <span className="masked">{say("masked")}</span>
      <span className="turn">{say("turn", { at: at + 1, of })}</span>
    </footer>
  );
}
