import type { Answer, Ask, ReportField, Standing, Words } from "../../api/duty";
import { Money } from "../../ui/base";
import { type Language, useLanguage, useSay, useWord } from "../../words";

/** The one for this reader; a missing English one leaves the Chinese. */
export const readIn = (words: Words | undefined, language: Language): string => (language === "en" && words?.en) || (words?.zh ?? "");

/** What a field is called, with its unit. */
export function fieldTitle(field: ReportField, language: Language): string {
  const unit = field.ask.kind === "number" ? readIn(field.ask.unit, language) : "";
  return unit ? `${readIn(field.title, language)} (${unit})` : readIn(field.title, language);
}

const TONES: Record<Standing, string> = { waiting: "wait", handed_in: "good", late: "busy", missing: "bad" };

/** Where a unit stands: a word, the colour only helps. */
export function StandingMark({ of }: { of: Standing }) {
  const name = useWord();
  return <span className={`state ${TONES[of]}`}>{name("reports.standing", of)}</span>;
}

/** An answer as people read it. */
export function Said({ ask, value }: { ask: Ask; value: Answer | undefined }) {
  const say = useSay();
  const language = useLanguage();
  if (value === undefined) return <span className="mute">–</span>;
  if (ask.kind === "money" && typeof value === "number") return <Money fen={value} />;
  if (ask.kind === "yes_no") return <>{say(value === true ? "reports.yes" : "reports.no")}</>;
  if (ask.kind === "choice") return <>{readIn(ask.options.find((one) => one.key === value)?.title, language) || String(value)}</>;
  return ask.kind === "number" ? <span className="number">{String(value)}</span> : <span className="bounded">{String(value)}</span>;
}
