import type { Kept } from "../lib/queue";
import type { Say } from "../words";

const SHOWN_MAX = 200;
const when = (at: string | number): string => {
  const day = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(day.getMonth() + 1)}-${two(day.getDate())} ${two(day.getHours())}:${two(day.getMinutes())}`;
};

/** Everything recorded on this phone, the newest first, with what became of it. */
export function Queue({ say, kept, gaps, onSend }: { say: Say; kept: Kept[]; gaps: { from: number; to: number }[]; onSend: () => void }) {
  const order = (one: Kept) => (one.state === "refused" ? 0 : one.state === "waiting" || one.state === "pending" ? 1 : 2);
  const rows = [...kept].sort((a, b) => order(a) - order(b) || b.seq - a.seq).slice(0, SHOWN_MAX);
  return (
    <>
      <h1>{say("queue")}</h1>
      <p className="lead">{say("queue_lead")}</p>
      <button type="button" className="main" onClick={onSend}>{say("send_now")}</button>
      {gaps.length > 0 && <p className="warn">{say("gaps", { numbers: gaps.map((gap) => (gap.from === gap.to ? `${gap.from}` : `${gap.from}–${gap.to}`)).join(", ") })}</p>}
      {rows.length === 0 && <p className="empty">{say("queue_empty")}</p>}
      <ul className="queue">
        {rows.map((one) => (
          <li key={one.seq} data-state={one.state} data-seq={one.seq}>
            <div>
              <b>{say(`kind.${one.record.kind}`)}</b> <span className="code">{one.shown || one.record.code || ""}</span>
              {one.record.quantity !== undefined && <span> {one.record.quantity} {one.record.unit_word ?? ""}</span>}
            </div>
            <div className="mute">{say("number", { n: one.seq })} · {when(one.record.device_at_ms)} · <b>{say(`state.${one.state}`)}</b></div>
            {one.state === "known" && <div className="mute">{one.at ? say("known_by", { by: one.by ?? say("desk"), at: when(one.at) }) : say("known_desk")}</div>}
            {one.state === "refused" && <div className="warn">{one.title} {one.detail} {say("refused_kept")}</div>}
          </li>
        ))}
      </ul>
    </>
  );
}
