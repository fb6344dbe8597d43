import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { askPasskey, inWords, showPasskey } from "../../api/passkeys";
import { asProblem } from "../../api/problem";
import { SESSION, type Session, signIn, signInByPasskey } from "../../api/session";
import { homeward } from "../../lib/homeward";
import { Act, Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { Door } from "./Door";
import { browserWords, useUnreachable } from "./MakePasskey";
import { Ways } from "./Ways";

/** What the right password is answered with when a second factor is missing, and what is then asked for. */
const WANTED: Record<string, "code" | "passkey"> = { "second-factor-needed": "code", "passkey-needed": "passkey" };
type Entered = { name: string; password: string; code?: string };

export function SignIn() {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { back, sso } = useSearch({ from: "/sign-in" });
  const unreachable = useUnreachable();
  const [form] = Form.useForm<Entered>();
  const [wants, setWants] = useState<"code" | "passkey" | null>(null);
  const [busy, setBusy] = useState<"code" | "passkey" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const enter = async (by: "code" | "passkey", come: () => Promise<Session>) => {
    setBusy(by);
    setError(null);
    try {
      const session = await come();
      queries.setQueryData(SESSION, session);
      await (session.must ? navigate({ to: "/first" }) : navigate({ href: homeward(back) }));
    } catch (problem) {
      const wanted = WANTED[asProblem(problem).slug];
      if (wanted) setWants(wanted);
      else setError(inWords(problem, browserWords(say)));
    } finally {
      setBusy(null);
    }
  };
  const byCode = ({ name, password, code }: Entered) => enter("code", () => signIn(name.trim(), password, code?.replace(/\s/g, "")));
  const byPasskey = () => {
    const { name, password } = form.getFieldsValue();
    return enter("passkey", async () => signInByPasskey(name.trim(), password, await showPasskey(await askPasskey(name.trim(), password))));
  };
  const required = [{ required: true, message: say("form.required") }];
  const lead = wants === "passkey" ? say("signin.passkey_hint") : wants === "code" ? say("signin.code_hint") : say("signin.lead");
  return (
    <Door>
      <h1>{say("signin.title")}</h1>
      <p className="mute" style={{ marginBottom: 18 }}>{lead}</p>
      <Form<Entered> form={form} layout="vertical" requiredMark={false} onFinish={(entered) => void byCode(entered)} size="large">
        <Form.Item name="name" label={say("signin.name")} rules={required} hidden={wants !== null}>
          <Input autoComplete="username" autoFocus autoCapitalize="none" />
        </Form.Item>
        <Form.Item name="password" label={say("signin.password")} rules={required} hidden={wants !== null}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        {wants === "passkey" && (
          <>
            <Act type="primary" block loading={busy === "passkey"} why={unreachable} onClick={() => void byPasskey()}>{say("signin.passkey")}</Act>
            {unreachable !== null && <p className="mute" style={{ marginTop: 8 }}>{unreachable}</p>}
            <p className="mute" style={{ textAlign: "center", margin: "14px 0 4px" }}>{say("signin.or")}</p>
          </>
        )}
        {wants !== null && (
          <Form.Item name="code" label={say("signin.code")} rules={required} extra={say("signin.code_extra")}>
            <Input autoComplete="one-time-code" inputMode="text" autoFocus={wants === "code"} className="number" />
          </Form.Item>
        )}
        {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
        <Button type={wants === "passkey" ? "default" : "primary"} htmlType="submit" block loading={busy === "code"}>{say("signin.enter")}</Button>
        {wants !== null && <Button type="link" block onClick={() => { setWants(null); setError(null); }}>{say("signin.other")}</Button>}
        {wants === null && <Link to="/break-glass" className="mute" style={{ display: "block", textAlign: "center", marginTop: 14 }}>{say("signin.glass")}</Link>}
      </Form>
      {wants === null && <Ways back={back} failed={sso} />}
    </Door>
  );
}
