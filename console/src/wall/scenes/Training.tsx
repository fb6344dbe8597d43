/** Training: no book of ours has its figures yet, so they come from the operator's own file, under its name, or not at all. */
import type { Training as Figures } from "../shapes";
import * as sources from "../sources";
import { Panel, Plain, count, useFigures, useWall, when } from "../ui";

export function Training() {
  const { say, settings } = useWall();
  const { value, as_of, freshness } = useFigures<Figures>(settings.training ? sources.fed(settings.training) : null);
  if (!settings.training) return <Panel title={say("training")} state="missing" as_of={undefined}><Plain>{say("training_none")}</Plain></Panel>;
  if (freshness === "missing") return <Panel title={say("training")} state="missing" as_of={undefined}><Plain>{say("training_wrong", { path: settings.training })}</Plain></Panel>;
  if (!value) return <Panel title={say("training")} state={freshness} as_of={as_of}><Plain>{say("waiting")}</Plain></Panel>;
  return (
    <Panel title={say("training")} note={say("told_by", { source: value.source, at: when(value.as_of) })} state={freshness} as_of={as_of}>
      <dl className="cards">
        {value.figures.map((one) => <div key={one.label}><dt>{one.label}</dt><dd><b>{count(one.value)}</b> {one.unit}</dd></div>)}
      </dl>
    </Panel>
  );
}
