import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Alert, Button, Form, Input, Skeleton } from "antd";
import { useEffect, useState } from "react";
import { inWords, showPasskey } from "../../api/passkeys";
import { asProblem } from "../../api/problem";
import { SESSION, readSession } from "../../api/session";
import { type Back, type Entered, askFactorPasskey, finish, finishLink, isLinking, rememberLinking, showFactor } from "../../api/sso";
import { homeward } from "../../lib/homeward";
import { Act, Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { Door } from "./Door";
import { browserWords, useUnreachable } from "./passkeyWords";

/** What a provider's word is answered with when a second factor is missing, and what is then asked for. */
const WANTED: Record<string, "code" | "passkey"> = { "second-factor-needed": "code", "passkey-needed": "passkey" };
const REASON_CHARS_MAX = 40;

/** What the provider wrote behind the address, read once. */
function brought(): { back: Back | null; refused: string | null } {
  const said = new URLSearchParams(location.search);
  const [state, code, issuer] = ["state", "code", "iss"].map((name) => said.get(name) ?? "");
  const refused = said.get("error");
  return {
    back: state && code ? { state, code, ...(issuer ? { issuer } : {}) } : null,
    // An error is one plain word (RFC 6749, 4.1.2.1); whatever else an address says is not repeated.
    refused: refused === null ? null : refused.replace(/[^\w-]/g, "").slice(0, REASON_CHARS_MAX),
  };
}

/** Where a provider sends the browser back to: it ends signed in, or with an account linked. */
export function Returned() {
  const say = useSay();
  const { provider } = useParams({ from: "/doors/sso/$provider" });
  const [linking] = useState(() => isLinking(provider));
  const [{ back, refused }] = useState(brought);
  useEffect(() => {
    // The code works once, and nobody needs it in an address or its history.
    history.replaceState(history.state, "", location.pathname);
    rememberLinking(null);
  }, []);
  return (
    <Door>
      <h1>{say(linking ? "sso.linking" : "sso.title")}</h1>
      {!back && (
        <>
          <Alert type="warning" showIcon role="alert" style={{ margin: "14px 0" }} title={refused === null ? say("sso.nothing") : say("sso.cancelled")} description={refused === null ? undefined : say("sso.cancelled_detail", { why: refused })} />
          <Away linking={linking} />
        </>
      )}
      {back && (linking ? <Linked provider={provider} back={back} /> : <Entering provider={provider} back={back} />)}
    </Door>
  );
}

function Away({ linking }: { linking: boolean }) {
  const say = useSay();
  return linking
    ? <Link to="/account">{say("sso.to_account")}</Link>
    : <Link to="/sign-in" search={{}}>{say("sso.back")}</Link>;
}

function useArrive() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async ({ session, back }: Entered) => {
    queries.setQueryData(SESSION, session);
    await (session.must ? navigate({ to: "/first" }) : navigate({ href: homeward(back) }));
  };
}

function Entering({ provider, back }: { provider: string; back: Back }) {
  const say = useSay();
  const arrive = useArrive();
  const come = async () => {
    await arrive(await finish(provider, back));
    return true;
  };
  // A query, so that it is done once however often the page is drawn.
  const done = useQuery({ queryKey: ["sso-finish", back.state], queryFn: come, retry: false, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false, refetchOnReconnect: false });
  if (!done.error) return <Coming words={say("sso.coming")} />;
  const wants = WANTED[asProblem(done.error).slug];
  if (wants) return <Second wants={wants} />;
  return (
    <>
      <div style={{ margin: "14px 0" }}><Trouble error={done.error} /></div>
      <Away linking={false} />
    </>
  );
}

function Coming({ words }: { words: string }) {
  return <><p className="mute" role="status">{words}</p><Skeleton active title={false} /></>;
}

/** Who has a second factor here shows it after the provider: a passkey where there is one, or a code. */
function Second({ wants }: { wants: "code" | "passkey" }) {
  const say = useSay();
  const arrive = useArrive();
  const unreachable = useUnreachable();
  const [busy, setBusy] = useState<"code" | "passkey" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const enter = async (by: "code" | "passkey", come: () => Promise<Entered>) => {
    setBusy(by);
    setError(null);
    try {
      await arrive(await come());
    } catch (problem) {
      setError(inWords(problem, browserWords(say)));
    } finally {
      setBusy(null);
    }
  };
  const byCode = ({ code }: { code: string }) => enter("code", () => showFactor({ code: code.replace(/\s/g, "") }));
  const byPasskey = () => enter("passkey", async () => showFactor({ passkey: await showPasskey(await askFactorPasskey()) }));
  return (
    <Form layout="vertical" requiredMark={false} onFinish={(entered: { code: string }) => void byCode(entered)} size="large">
      <p className="mute" style={{ marginBottom: 18 }}>{say(wants === "passkey" ? "sso.passkey_hint" : "sso.code_hint")}</p>
      {wants === "passkey" && (
        <>
          <Act type="primary" block loading={busy === "passkey"} why={unreachable} onClick={() => void byPasskey()}>{say("signin.passkey")}</Act>
          {unreachable !== null && <p className="mute" style={{ marginTop: 8 }}>{unreachable}</p>}
          <p className="mute" style={{ textAlign: "center", margin: "14px 0 4px" }}>{say("signin.or")}</p>
        </>
      )}
      <Form.Item name="code" label={say("signin.code")} rules={[{ required: true, message: say("form.required") }]} extra={say("signin.code_extra")}>
        <Input autoComplete="one-time-code" inputMode="text" autoFocus={wants === "code"} className="number" />
      </Form.Item>
      {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
      <Button type={wants === "passkey" ? "default" : "primary"} htmlType="submit" block loading={busy === "code"}>{say("signin.enter")}</Button>
      <p style={{ textAlign: "center", marginTop: 14 }}><Away linking={false} /></p>
    </Form>
  );
}

function Linked({ provider, back }: { provider: string; back: Back }) {
  const say = useSay();
  const queries = useQueryClient();
  const link = async () => {
    // The page is new: what a writing request must show is asked for first.
    queries.setQueryData(SESSION, await readSession());
    await finishLink(provider, back);
    await queries.invalidateQueries({ queryKey: ["sso-links"] });
    return true;
  };
  const done = useQuery({ queryKey: ["sso-link", back.state], queryFn: link, retry: false, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false, refetchOnReconnect: false });
  if (!done.data && !done.error) return <Coming words={say("sso.linking")} />;
  return (
    <>
      <div style={{ margin: "14px 0" }}>{done.error ? <Trouble error={done.error} /> : <Alert type="success" showIcon role="status" title={say("sso.done")} />}</div>
      <Away linking />
    </>
  );
}
