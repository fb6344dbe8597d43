import { KINDS, type Kind } from "../lib/record";
import type { Say } from "../words";

/** What happened: the first question, in large buttons. */
export function Kinds({ say, onKind }: { say: Say; onKind: (kind: Kind) => void }) {
  return (
    <>
      <h1>{say("what")}</h1>
      <div className="kinds">
        {KINDS.map((kind) => (
          <button key={kind} type="button" data-kind={kind} onClick={() => onKind(kind)}>
            <b>{say(`kind.${kind}`)}</b>
            <span>{say(`kind_hint.${kind}`)}</span>
          </button>
        ))}
      </div>
    </>
  );
}
