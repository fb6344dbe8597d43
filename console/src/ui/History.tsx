import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMay } from "../api/session";
import { type Fact, history } from "../api/trail";
import { useSay } from "../words";
import { At, FactKind, Trouble } from "./basics";

/** The newest; the whole trail is a screen of its own. */
const SHOWN = 10;
/** Of a thing whose facts are told under another's: so many of those are looked through. */
const LOOKED_THROUGH = 200;

/** What happened to a thing, for who may read it: the server tells of each what is for her eyes. */
export function History({ of, only }: { of: string; only?: (fact: Fact) => boolean }) {
  const say = useSay();
  const audits = useMay()("audit_read");
  const read = useQuery({ queryKey: ["facts", "of", of, Boolean(only)], queryFn: () => history(of, only ? LOOKED_THROUGH : SHOWN) });
  const facts = (read.data?.items ?? []).filter((fact) => !only || only(fact)).slice(0, SHOWN);
  return (
    <section className="section">
      <h3>{say("history")}</h3>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <ol style={{ display: "grid", gap: 4 }}>
        {facts.map((fact) => <li key={fact.place}><At at={fact.happened_at} /> <FactKind kind={fact.kind} /></li>)}
      </ol>
      {audits && read.data?.next && <Link to="/trail" search={{ subject: of }}>{say("history.all")}</Link>}
      {read.data && facts.length === 0 && <p className="mute">{say("history.none")}</p>}
    </section>
  );
}
