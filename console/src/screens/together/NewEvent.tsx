import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { freshKey } from "../../lib/key";
import { useProjects } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay } from "../../words";

const KINDS = ["market", "sale", "stamp_card"] as const satisfies Shape["EventKind"][];
type Entered = Omit<Shape["PlanEvent"], "key">;

/** Plans an event; its title is what the public reads where a giver's name stands. */
export function NewEvent({ close, made }: { close: () => void; made: (event: string) => void }) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const projects = (useProjects() ?? []).filter((project) => project.state === "open");
  const [key] = useState(() => freshKey("event"));
  const submit = async (entered: Entered) => {
    const event = await take(api.POST("/api/v1/events", { body: { ...entered, key } }));
    await queries.invalidateQueries({ queryKey: ["events"] });
    made(event.event);
  };
  return (
    <Panel title={say("events.new")} close={close}>
      <QuickForm<Entered>
        draft="event.new"
        fields={[
          { name: "title", label: say("title"), hint: say("events.title_hint") },
          { name: "kind", kind: "choice", label: say("events.kind"), options: KINDS.map((value) => ({ value, label: say(`event_kind.${value}`) })) },
          { name: "held_on", kind: "day", label: say("events.held_on") },
          { name: "unit", kind: "choice", label: say("unit"), options: units.options },
          { name: "project", kind: "choice", label: say("project"), options: projects.map((project) => ({ value: project.id, label: `${project.title} · ${project.code}` })) },
        ]}
        initial={{ kind: "market", ...(own ? { unit: own.id } : {}) }} effect={say("events.plan_effect")} button={say("events.plan")} done={say("saved")} submit={submit} after={() => undefined} cancel={close}
      />
    </Panel>
  );
}
