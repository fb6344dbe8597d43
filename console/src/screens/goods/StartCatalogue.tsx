import { useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { useState } from "react";
import { Act } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { type CatalogueBegun, beginCatalogue } from "./more";

/** Fills a catalogue with what ships, and says what was added and what stood already. */
export function StartCatalogue({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [begun, setBegun] = useState<CatalogueBegun | null>(null);
  const begin = async ({ norms }: { norms?: boolean }) => {
    const made = await beginCatalogue(unit, norms === true);
    await queries.invalidateQueries();
    setBegun(made);
  };
  return (
    <Panel title={say("catalogue.start_title")} close={close}>
      {begun === null && <QuickForm<{ norms?: boolean }> fields={[{ name: "norms", kind: "check", label: say("catalogue.start_norms"), hint: say("catalogue.start_norms_hint") }]} effect={say("catalogue.start_effect")} button={say("catalogue.start")} done={say("saved")} cancel={close} after={() => undefined} submit={begin} />}
      {begun !== null && (
        <div style={{ display: "grid", gap: 12 }}>
          <Alert type="success" title={say("catalogue.started", { added: begun.added.length, known: begun.known.length, codes: begun.without_code })} />
          {begun.left_out.length > 0 && <Alert type="info" title={say("catalogue.started_left", { names: begun.left_out.join("、") })} />}
          <div><Act onClick={close}>{say("close")}</Act></div>
        </div>
      )}
    </Panel>
  );
}
