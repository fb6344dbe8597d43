import { Facts } from "../../ui/base";
import { Decide } from "../../ui/Decide";
import { Panel } from "../../ui/Panel";
import { useSay } from "../../words";
import { GiftFacts } from "../gifts/GiftFacts";
import type { Task } from "./tasks";

/** One thing that waits: its facts, what will happen, and the choices. */
export function TaskPanel({ task, close, decided }: { task: Task; close: () => void; decided: () => void }) {
  const say = useSay();
  const blocked = task.choices.find((choice) => choice.why)?.why;
  const acts = task.choices.length > 0
    ? <Decide effect={blocked ?? task.effect} choices={task.choices} after={decided} />
    : <p className="effect">{task.effect}</p>;
  return (
    <Panel title={task.what} close={close} acts={acts}>
      <Facts of={task.facts} />
      {task.gift && <section className="section"><h3>{say("work.the_gift")}</h3><GiftFacts gift={task.gift} /></section>}
    </Panel>
  );
}
