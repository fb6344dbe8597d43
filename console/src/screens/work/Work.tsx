import { useQueryClient } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";
import { age } from "../../lib/time";
import { Empty, Money, Screen, Trouble, Waiting } from "../../ui/base";
import { useKeys } from "../../ui/keys";
import { useNow } from "../../ui/useNow";
import { useSay } from "../../words";
import { Emergency, Left } from "../approvals/bits";
import { usePiles } from "./piles";
import { type Pile, type Task, isBlocked } from "./tasks";

// The list stands early because it needs no antd; what is opened beside it does, and comes with the first opening.
const Dress = lazy(() => import("../../shell/Dress").then((all) => ({ default: all.Dress })));
const TaskPanel = lazy(() => import("./TaskPanel").then((all) => ({ default: all.TaskPanel })));

/** From two days on a person behind it has waited too long. */
const LATE_DAYS = 2;
const TICK_MS = 30_000;

/** What waits for me: each kind with its count, each thing with its age; opened beside, decided there. */
export function Work() {
  const say = useSay();
  const queries = useQueryClient();
  const piles = usePiles();
  const full = piles.filter((pile) => pile.tasks.length > 0 || pile.error);
  const all = full.flatMap((pile) => pile.tasks);
  const [openKey, setOpenKey] = useState<string | null>(null);
  const [wasOpened, setOpened] = useState(false);
  if (openKey !== null && !wasOpened) setOpened(true);
  const at = all.findIndex((task) => task.key === openKey);
  const open = all[at];
  const walk = (step: number) => setOpenKey(all[Math.max(0, Math.min(all.length - 1, at + step))]?.key ?? null);
  useKeys({ j: () => walk(1), k: () => walk(-1) });
  const decided = async () => {
    const next = all[at + 1] ?? all[at - 1];
    // On a phone the list is what one wants to see again; on a desk the next thing.
    setOpenKey(matchMedia("(max-width: 1180px)").matches ? null : (next?.key ?? null));
    await queries.invalidateQueries();
  };
  const loading = piles.some((pile) => pile.loading);
  const others = all.filter(isBlocked).length;
  const lead = loading ? say("loading") : say(others > 0 ? "work.lead_others" : "work.lead", { count: all.length - others, others });
  return (
    <Screen title={say("work.title")} lead={lead}>
      <div className={open ? (open.panel ? "split open wide" : "split open") : "split"}>
        <div>
          {full.map((pile) => <PileOf key={pile.key} pile={pile} openKey={openKey} pick={setOpenKey} />)}
          {loading && full.length === 0 && <Waiting />}
          {!loading && full.length === 0 && <div className="card"><Empty title={say("work.none")}>{say("work.none_hint")}</Empty></div>}
        </div>
        {wasOpened && (
          <Suspense fallback={<Waiting />}>
            {/* Dressed as long as the screen stands: what was done is told after the panel has gone. */}
            <Dress>
              {open?.panel && <div className="own-panel" key={open.key}>{open.panel(() => setOpenKey(null))}</div>}
              {open && !open.panel && <TaskPanel key={open.key} task={open} close={() => setOpenKey(null)} decided={() => void decided()} />}
            </Dress>
          </Suspense>
        )}
      </div>
    </Screen>
  );
}

function PileOf({ pile, openKey, pick }: { pile: Pile; openKey: string | null; pick: (key: string) => void }) {
  const say = useSay();
  const count = pile.more ? `${pile.tasks.length}+` : String(pile.tasks.length);
  return (
    <section className="pile" aria-label={pile.title}>
      <header><h2>{pile.title}</h2><span className="mute number">{count}</span></header>
      {pile.error ? <Trouble error={pile.error} again={pile.again} /> : null}
      <ul>{pile.tasks.map((task) => <li key={task.key}><Row task={task} open={task.key === openKey} pick={() => pick(task.key)} /></li>)}</ul>
      {pile.more && <p className="mute">{say("work.more")}</p>}
    </section>
  );
}

function Row({ task, open, pick }: { task: Task; open: boolean; pick: () => void }) {
  const say = useSay();
  const now = useNow(TICK_MS);
  const waited = task.since === null ? null : age(task.since, now);
  const late = waited?.unit === "days" && waited.count >= LATE_DAYS;
  return (
    <button type="button" className={open ? "task at" : "task"} aria-expanded={open} onClick={pick}>
      <span className={isBlocked(task) ? "what mute" : "what"}><Emergency is={task.emergency ?? false} /> {task.what}</span>
      <span>{task.fen !== undefined && <Money fen={task.fen} />}</span>
      <span className={late && !task.due ? "age late" : "age"}>{task.due ? <Left {...task.due} /> : waited && say(`age.${waited.unit}`, { count: waited.count })}</span>
    </button>
  );
}
