import { type Alert, seeAlert } from "../../api/supervision";
import type { Deed } from "../../ui/Decide";
import type { Say } from "../../words";

export const NOTE_CHARS_MAX = 2_000;

/** Marking an alert seen, with the note that says what was found. */
export const seenChoice = (say: Say, alert: Alert): Deed => ({
  key: "seen", label: say("supervision.mark_seen"), look: "primary", note: say("supervision.note"), chars: NOTE_CHARS_MAX, draft: `alert.${alert.id}`,
  done: say("supervision.marked"), run: (note) => seeAlert(alert.id, note),
});
