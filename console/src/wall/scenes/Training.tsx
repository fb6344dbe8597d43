/** Training: no book of ours has its figures yet, so they come from the operator's own file, under its name, or not at all. */
import type { Training as Figures } from "../shapes";
import * as sources from "../sources";
import { Blank, Panel, count, useFigures, useWall, when } from "../ui";

export function Training() {
  const { say, settings } = useWall();
  const { value, as_of, freshness } = useFigures<Figures>(settings.training ? sources.fed(settings.training) : null);
  if (!settings.training) return <Blank title={say("training")}>{say("training_none")}</Blank>;
  if (freshness === "missing") return <Blank title={say("training")}>{say("training_wrong", { path: settings.training })}</Blank>;
  if (!value) return <Blank title={say("training")}>{say("waiting")}</Blank>;
  return (
    <Panel title={say("training")} note={say("told_by", { source: value.source, at: when(value.as_of) })} state={freshness} as_of={as_of}>
      <dl className="cards">
        {value.figures.map((one) => <div key={one.label}><dt>{one.label}</dt><dd><b>{count(one.value)}</b> {one.unit}</dd></div>)}
      </dl>
    </Panel>
  );
}
