import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Alert, Button, Form, Input, Skeleton } from "antd";
import { useEffect, useState } from "react";
import { asProblem } from "../../api/problem";
import { SESSION, type Session, readSession } from "../../api/session";
import { type Back, finish, finishLink, isLinking, rememberLinking, showFactor } from "../../api/sso";
import { homeward } from "../../lib/homeward";
import { Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { Door } from "./Door";

const CODE_WANTED = "second-factor-needed";
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
  const { provider } = useParams({ from: "/sso/$provider" });
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
  return async ({ session, back }: { session: Session; back: string }) => {
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
  if (asProblem(done.error).slug === CODE_WANTED) return <Code />;
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

/** Who has a second factor here shows it after the provider. */
function Code() {
  const say = useSay();
  const arrive = useArrive();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const enter = async ({ code }: { code: string }) => {
    setBusy(true);
    setError(null);
    try {
      await arrive(await showFactor(code.replace(/\s/g, "")));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={(entered: { code: string }) => void enter(entered)} size="large">
      <p className="mute" style={{ marginBottom: 18 }}>{say("sso.code_hint")}</p>
      <Form.Item name="code" label={say("signin.code")} rules={[{ required: true, message: say("form.required") }]} extra={say("signin.code_extra")}>
        <Input autoComplete="one-time-code" inputMode="text" autoFocus className="number" />
      </Form.Item>
      {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
      <Button type="primary" htmlType="submit" block loading={busy}>{say("signin.enter")}</Button>
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
