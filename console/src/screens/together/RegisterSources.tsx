import { type Shape, api, take } from "../../api/client";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";

/** The server takes 5,000 lines of at most 60 characters. */
const ROWS_CHARS_MAX = 400_000;

/** Names of a county's villages, shops and firms, entered as lines; `entered` is told how many are new. */
export function RegisterSources({ entered, close }: { entered: (count: number) => void; close: () => void }) {
  const say = useSay();
  const units = useUnits();
  const submit = async (body: Shape["RegisterSources"]) => entered((await take(api.POST("/api/v1/giving-sources", { body }))).new);
  return (
    <Panel title={say("coverage.register")} close={close}>
      <QuickForm<Shape["RegisterSources"]>
        fields={[{ name: "unit", kind: "choice", label: say("unit"), options: units.options }, { name: "csv", kind: "area", chars: ROWS_CHARS_MAX, label: say("coverage.rows"), hint: say("coverage.rows_hint") }]}
        initial={{ csv: "kind,name\n" }} effect={say("coverage.effect")} button={say("coverage.enter")} done={say("saved")} submit={submit} after={close} cancel={close}
      />
    </Panel>
  );
}
