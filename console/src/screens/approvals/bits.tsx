import { useNow } from "../../ui/useNow";
import { useSay, useWord } from "../../words";
import { leftNow, leftWords, toneOf } from "./clock";

const TICK_MS = 1_000;

/** How much time is left, second by second. */
export function Left({ left_s, read_ms }: { left_s: number; read_ms: number }) {
  const say = useSay();
  const now = useNow(TICK_MS);
  const left = leftNow(left_s, read_ms, now.getTime());
  return <span className={`left ${toneOf(left)}`} role="timer">{leftWords(left, say)}</span>;
}

/** The flag of the emergency lane, wherever the case is shown. */
export function Emergency({ is }: { is: boolean }) {
  const say = useSay();
  return is ? <span className="state bad" title={say("approvals.emergency_title")}>{say("approvals.emergency")}</span> : null;
}

const CASE_TONES: Record<string, string> = { open: "busy", sent_back: "wait", approved: "good", refused: "bad" };
const STAGE_TONES: Record<string, string> = { open: "busy", passed: "good", closed: "bad" };

/** Where a case is. */
export function CaseState({ word }: { word: string }) {
  const name = useWord();
  return <span className={`state ${CASE_TONES[word] ?? ""}`}>{name("approvals.state", word)}</span>;
}

/** Where a stage is. */
export function StageState({ word }: { word: string }) {
  const name = useWord();
  return <span className={`state ${STAGE_TONES[word] ?? ""}`}>{name("approvals.stage", word)}</span>;
}
