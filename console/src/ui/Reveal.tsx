import { Select } from "antd";
import { type ReactNode, useState } from "react";
import { REVEAL_REASONS, type RevealReason } from "../api/reveal";
import { useMay } from "../api/session";
import { useSay } from "../words";
import { Act, Trouble } from "./basics";

/** What is masked until somebody who may says why she opens it. */
export function Reveal<T>({ masked, run, shown }: { masked?: ReactNode; run: (reason: RevealReason) => Promise<T>; shown: (open: T) => ReactNode }) {
  const say = useSay();
  const may = useMay();
  const [asked, setAsked] = useState(false);
  const [reason, setReason] = useState<RevealReason | null>(null);
  const [running, setRunning] = useState(false);
  const [open, setOpen] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (open !== null) return <>{shown(open)}</>;
  const show = async () => {
    if (!reason) return;
    setRunning(true);
    setError(null);
    try {
      setOpen(await run(reason));
    } catch (problem) {
      setError(problem);
    } finally {
      setRunning(false);
    }
  };
  return (
    <span>
      {masked}{" "}
      {asked ? (
        <span style={{ display: "inline-flex", gap: 6, flexWrap: "wrap", alignItems: "center" }}>
          <Select<RevealReason>
            size="small" style={{ minWidth: 160 }} aria-label={say("reason")} placeholder={say("reason.choose")} value={reason} onChange={setReason}
            options={REVEAL_REASONS.map((value) => ({ value, label: say(`reveal_reason.${value}`) }))}
          />
          <Act size="small" type="primary" loading={running} why={reason ? null : say("reason.needed")} onClick={() => void show()}>{say("reveal.show")}</Act>
          <small className="mute">{say("reveal.effect")}</small>
        </span>
      ) : (
        <Act size="small" why={may("personal_reveal") ? null : say("reveal.may_not")} onClick={() => setAsked(true)}>{say("reveal.show")}</Act>
      )}
      {error !== null && <Trouble error={error} />}
    </span>
  );
}
