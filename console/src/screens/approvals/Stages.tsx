import { useMemo } from "react";
import type { Case, Policy, Stage } from "../../api/approvals";
import { At } from "../../ui/basics";
import { useLanguage, useSay, useWord } from "../../words";
import { Left, StageState } from "./bits";
import { type Voice, drawOf, rowsOf, specOf, ticketsOf, voicesOf } from "./course";
import { tellHow, tellWho, titled } from "./tell";
import { useTelling } from "./use";

/** The stages of a case in their order, those that run beside each other in one row: who is asked, what was said, what is left. */
export function Stages({ kase, document, read_ms, me }: { kase: Case; document: Policy | null; read_ms: number; me: string }) {
  const say = useSay();
  return (
    <ol className="stages" aria-label={say("approvals.stages")}>
      {rowsOf(kase.stages, document).map((row) => (
        <li key={row.map((stage) => stage.key).join(" ")} className={row.length > 1 ? "beside" : ""}>
          {row.map((stage) => <OneStage key={stage.key} kase={kase} stage={stage} document={document} read_ms={read_ms} me={me} />)}
        </li>
      ))}
    </ol>
  );
}

function OneStage({ kase, stage, document, read_ms, me }: { kase: Case; stage: Stage; document: Policy | null; read_ms: number; me: string }) {
  const say = useSay();
  const name = useWord();
  const language = useLanguage();
  const telling = useTelling();
  const spec = specOf(document, stage.key);
  const voices = voicesOf(kase, stage);
  const missing = stage.papers_missing.map((kind) => name("approvals.paper", kind));
  const asksForPapers = missing.length > 0 && (stage.state === "open" || stage.state === "waiting");
  return (
    <section className={`stage ${stage.state}`} data-stage={stage.key} aria-label={titled(stage, language)}>
      <header>
        <b>{titled(stage, language)}</b>
        <StageState word={stage.state} />
        {stage.state === "open" && typeof stage.seconds_left === "number" && <Left left_s={stage.seconds_left} read_ms={read_ms} />}
      </header>
      {spec && <p className="mute">{spec.who.kind === "outside" ? tellWho(spec.who, telling) : `${tellWho(spec.who, telling)} · ${tellHow(spec.how, spec.sheet, telling)}`}</p>}
      {stage.escalated && <p className="warn">{say("approvals.escalated")}</p>}
      {stage.nobody_left && <p className="bad">{say("approvals.nobody_left")}</p>}
      {asksForPapers && <p className="warn">{say("approvals.papers_missing", { papers: missing.join(" · ") })}</p>}
      {voices.length > 0 && <ul className="voices">{voices.map((voice) => <OneVoice key={voice.person.id} voice={voice} stage={stage} mine={voice.person.id === me} />)}</ul>}
      <DrawOf kase={kase} stage={stage} />
    </section>
  );
}

function OneVoice({ voice, stage, mine }: { voice: Voice; stage: Stage; mine: boolean }) {
  const say = useSay();
  const language = useLanguage();
  const sheet = Object.entries(voice.scores ?? {});
  const total = sheet.reduce((sum, [, score]) => sum + score, 0);
  const item = (key: string) => {
    const found = stage.sheet.find((one) => one.key === key);
    return found ? titled(found, language) : key;
  };
  if (!voice.verdict && stage.state !== "open") return null;
  return (
    <li className={voice.verdict ? `voice ${voice.verdict}` : "voice"}>
      <span>{voice.person.name}{mine && ` ${say("approvals.thats_me")}`}</span>
      <span className="said">{voice.verdict ? say(`approvals.verdict.${voice.verdict}`) : say("approvals.silent")}{sheet.length > 0 && ` ${say("approvals.points", { total })}`}</span>
      {voice.at && <span className="mute"><At at={voice.at} /></span>}
      {sheet.length > 0 && <span className="mute all">{sheet.map(([key, score]) => `${item(key)} ${score}`).join(" · ")}</span>}
      {voice.words && <q className="all">{voice.words}</q>}
    </li>
  );
}

/** How people were drawn, repeated here from the seed: anybody can do the same. */
function DrawOf({ kase, stage }: { kase: Case; stage: Stage }) {
  const say = useSay();
  const draw = drawOf(kase, stage.key);
  const seed = draw?.seed ?? "";
  const pool = (draw?.pool ?? []).join("\n");
  const tickets = useMemo(() => (seed ? ticketsOf(seed, pool.split("\n")) : []), [seed, pool]);
  if (!draw) return null;
  const isRight = tickets.slice(0, draw.drawn.length).every((ticket) => draw.drawn.includes(ticket.name));
  return (
    <details className="draw">
      <summary>{say("approvals.draw", { drawn: draw.drawn.join(" · "), pool: draw.pool.length })}</summary>
      <p className="mute">{say(isRight ? "approvals.draw_right" : "approvals.draw_wrong")}</p>
      <p className="mute">{say("approvals.draw_seed")} <span className="code">{draw.seed}</span></p>
      <ol>
        {tickets.map((ticket, at) => (
          <li key={ticket.number} className={at < draw.drawn.length ? "drawn" : ""}>
            <span className="number">{ticket.number}</span><span>{ticket.name}</span><span className="code">{ticket.digest.slice(0, 12)}…</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
