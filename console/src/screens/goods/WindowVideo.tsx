import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { setWindow, windowOf } from "./more";

/** The video beside the public window of goods: one https address, or none. */
export function WindowVideo({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const read = useQuery({ queryKey: ["window", unit], queryFn: () => windowOf(unit) });
  const after = () => {
    void queries.invalidateQueries();
    close();
  };
  return (
    <Panel title={say("window.title")} close={close}>
      {read.error && <Trouble error={read.error} />}
      <p className="mute">{read.data?.host ? say("window.now", { host: read.data.host }) : say("window.off")} <a href="/goods" target="_blank" rel="noreferrer">/goods</a></p>
      {read.data && (
        <QuickForm<{ video?: string }>
          key={read.data.video ?? ""} fields={[{ name: "video", label: say("window.video"), optional: true, hint: say("window.hint"), chars: 300 }]} initial={read.data.video ? { video: read.data.video } : {}}
          effect={say("window.effect")} button={say("window.set")} done={say("saved")} submit={({ video }) => setWindow(unit, video?.trim() || null)} after={after} cancel={close}
        />
      )}
    </Panel>
  );
}
