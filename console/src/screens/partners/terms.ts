import type { Field } from "../../ui/QuickForm";
import { useSay } from "../../words";

const YEAR_MAX = 2100;

/** The fields of what an agreement says. */
export function useTermsFields(): Field[] {
  const say = useSay();
  const kinds = (["money", "goods", "student_aid"] as const).map((value) => ({ value, label: say(`partner_kind.${value}`) }));
  return [
    { name: "first_day", kind: "day", label: say("partnership.first_day") }, { name: "last_day", kind: "day", label: say("partnership.last_day") },
    {
      name: "targets", kind: "lines", label: say("partnership.targets"), hint: say("partnership.targets_hint"),
      lines: [{ name: "kind", kind: "choice", label: say("partnership.counted_in"), options: kinds }, { name: "year", kind: "count", max: YEAR_MAX, label: say("partnership.year") }, { name: "target_fen", kind: "money", label: say("partnership.target") }],
    },
    {
      name: "pairs", kind: "lines", label: say("partnership.pairs"), hint: say("partnership.pairs_hint"),
      lines: [{ name: "ours", label: say("partnership.ours"), chars: 6 }, { name: "theirs", label: say("partnership.theirs"), chars: 6 }],
    },
  ];
}
