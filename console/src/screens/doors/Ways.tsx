import { useQuery } from "@tanstack/react-query";
import { rememberLinking, startAt, ways } from "../../api/sso";
import { Told } from "../../ui/base";
import { type Word, useSay } from "../../words";

/** What may go wrong before the provider is reached; whatever else an address says is not repeated. */
const FAILS = ["sso-off", "sso-unreachable", "sso-unusable", "sso-refused"] as const;

/** The ways to sign in beside the password; nothing where none is set up, or where they cannot be read. */
export function Ways({ back, failed }: { back: string | undefined; failed: string | undefined }) {
  const say = useSay();
  const read = useQuery({ queryKey: ["sso-ways"], queryFn: ways, retry: false });
  const fail = FAILS.find((known) => known === failed);
  const all = read.data?.items ?? [];
  if (all.length === 0 && !fail) return null;
  return (
    <div style={{ marginTop: 18 }} data-ways>
      {fail && <div style={{ marginBottom: 14 }}><Told title={say(`sso.fail.${fail}` satisfies Word)} /></div>}
      {all.length > 0 && <p className="mute" style={{ textAlign: "center", marginBottom: 8 }}>{say("signin.or_through")}</p>}
      <div style={{ display: "grid", gap: 8 }}>
        {all.map((way) => (
          <a key={way.provider} className="btn large block" href={startAt(way.provider, back)} onClick={() => rememberLinking(null)}>{way.label}</a>
        ))}
      </div>
    </div>
  );
}
