import { useQueryClient } from "@tanstack/react-query";
import { type Shape, api, take } from "../../api/client";
import { useMay } from "../../api/session";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { ADMISSION } from "../approvals/Ask";
import { usePolicyOf } from "../approvals/use";

type Entered = Omit<Shape["CreateProject"], "choices"> & { ask?: boolean };
const NATURES: Shape["Nature"][] = ["restricted", "unrestricted", "agency"];

type NewProjectProps = { campaigns: { value: string; label: string }[]; campaign: string | undefined; close: () => void; made: (project: string, asks: boolean) => void };

/** What follows the draft: where its unit demands an admission, that comes before the campaign's day. */
function Effect({ unit }: { unit: string | undefined }) {
  const say = useSay();
  return <>{say(usePolicyOf(unit, ADMISSION)?.required ? "approvals.demanded_here" : "projects.new_effect")}</>;
}

/** A project as a draft under a campaign. */
export function NewProject({ campaigns, campaign, close, made }: NewProjectProps) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const may = useMay();
  const submit = async ({ ask, ...entered }: Entered) => {
    const body = { ...entered, stop_when_full: entered.stop_when_full ?? false, summary: entered.summary ?? "" };
    const project = await take(api.POST("/api/v1/projects", { body }));
    await queries.invalidateQueries({ queryKey: ["projects"] });
    made(project.id, Boolean(ask) && may("approval_request"));
  };
  const first: Partial<Entered> = {
    nature: "restricted", ...(own ? { unit: own.id, region_code: own.region_code } : {}), ...(campaign ? { campaign } : {}),
  };
  return (
    <Panel title={say("projects.new")} close={close}>
      <QuickForm<Entered>
        draft="project.new"
        fields={[
          { name: "campaign", kind: "choice", label: say("campaigns.one"), options: campaigns },
          { name: "unit", kind: "choice", label: say("unit"), options: units.options },
          { name: "title", label: say("title") },
          { name: "code", label: say("projects.code"), hint: say("projects.code_hint") },
          { name: "summary", kind: "area", label: say("summary"), optional: true },
          { name: "nature", kind: "choice", label: say("nature"), options: NATURES.map((value) => ({ value, label: say(`nature.${value}`) })), hint: say("nature.hint") },
          { name: "region_code", label: say("region") },
          { name: "target_fen", kind: "money", label: say("target"), optional: true },
          { name: "stop_when_full", kind: "check", label: say("projects.stop_when_full") },
          ...(may("approval_request") ? [{ name: "ask", kind: "check" as const, label: say("approvals.ask_next") }] : []),
        ]}
        initial={first} effect={(entered) => <Effect unit={entered.unit} />} button={say("projects.make")} done={say("saved")} submit={submit} after={() => undefined} cancel={close}
      />
    </Panel>
  );
}
