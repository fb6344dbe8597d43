import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMay } from "../api/session";
import { facts } from "../api/trail";
import { useSay } from "../words";
import { At, FactKind, Trouble } from "./basics";

/** The newest; the whole trail is a screen of its own. */
const SHOWN = 10;

/** What happened to a thing, for who may read the trail; nothing for others. */
export function History({ of }: { of: string }) {
  const say = useSay();
  const mine = useMay()("audit_read");
  const read = useQuery({ queryKey: ["facts", "of", of], enabled: mine, queryFn: () => facts({ subject: of }, { cursor: undefined, limit: SHOWN }) });
  if (!mine) return null;
  return (
    <section className="section">
      <h3>{say("history")}</h3>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      <ol style={{ display: "grid", gap: 4 }}>
        {read.data?.items.map((fact) => <li key={fact.place}><At at={fact.happened_at} /> <FactKind kind={fact.kind} /></li>)}
      </ol>
      {read.data?.next && <Link to="/trail" search={{ subject: of }}>{say("history.all")}</Link>}
      {read.data?.items.length === 0 && <p className="mute">{say("history.none")}</p>}
    </section>
  );
}
