import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { rememberLinking, startAt, ways } from "../../api/sso";
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
      {fail && <Alert type="error" showIcon role="alert" title={say(`sso.fail.${fail}` satisfies Word)} style={{ marginBottom: 14 }} />}
      {all.length > 0 && <p className="mute" style={{ textAlign: "center", marginBottom: 8 }}>{say("signin.or_through")}</p>}
      <div style={{ display: "grid", gap: 8 }}>
        {all.map((way) => (
          <Button key={way.provider} block size="large" href={startAt(way.provider, back)} onClick={() => rememberLinking(null)}>{way.label}</Button>
        ))}
      </div>
    </div>
  );
}
