import type { Policy } from "../../api/approvals";
import { useLanguage } from "../../words";
import { rowsOf } from "./course";
import { tellHead, tellStage, titled } from "./tell";
import { useTelling } from "./use";

/** A policy as a person reads it: who decides what in which order. */
export function PolicyWords({ policy }: { policy: Policy }) {
  const language = useLanguage();
  const telling = useTelling();
  let number = 0;
  return (
    <div data-policy className="policy-words">
      <ul className="sentences">{tellHead(policy, telling).map((line) => <li key={line}>{line}</li>)}</ul>
      <ol className="stages">
        {rowsOf(policy.stages, policy).map((row) => (
          <li key={row.map((stage) => stage.key).join(" ")} className={row.length > 1 ? "beside" : ""}>
            {row.map((stage) => {
              number += 1;
              return (
                <section key={stage.key} className="stage" aria-label={titled(stage, language)}>
                  <header><b>{number}. {titled(stage, language) || stage.key}</b></header>
                  <ul className="sentences">{tellStage(stage, policy, telling).map((line) => <li key={line}>{line}</li>)}</ul>
                </section>
              );
            })}
          </li>
        ))}
      </ol>
    </div>
  );
}
