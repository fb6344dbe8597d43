import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { SESSION, signIn } from "../../api/session";
import { homeward } from "../../lib/homeward";
import { Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { Door } from "./Door";
import { Ways } from "./Ways";

const CODE_WANTED = "second-factor-needed";
type Entered = { name: string; password: string; code?: string };

export function SignIn() {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { back, sso } = useSearch({ from: "/sign-in" });
  const [wantsCode, setWantsCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const enter = async ({ name, password, code }: Entered) => {
    setBusy(true);
    setError(null);
    try {
      const session = await signIn(name.trim(), password, code?.replace(/\s/g, ""));
      queries.setQueryData(SESSION, session);
      await (session.must ? navigate({ to: "/first" }) : navigate({ href: homeward(back) }));
    } catch (problem) {
      if (asProblem(problem).slug === CODE_WANTED) setWantsCode(true);
      else setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const required = [{ required: true, message: say("form.required") }];
  return (
    <Door>
      <h1>{say("signin.title")}</h1>
      <p className="mute" style={{ marginBottom: 18 }}>{wantsCode ? say("signin.code_hint") : say("signin.lead")}</p>
      <Form<Entered> layout="vertical" requiredMark={false} onFinish={(entered) => void enter(entered)} size="large">
        <Form.Item name="name" label={say("signin.name")} rules={required} hidden={wantsCode}>
          <Input autoComplete="username" autoFocus autoCapitalize="none" />
        </Form.Item>
        <Form.Item name="password" label={say("signin.password")} rules={required} hidden={wantsCode}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        {wantsCode && (
          <Form.Item name="code" label={say("signin.code")} rules={required} extra={say("signin.code_extra")}>
            <Input autoComplete="one-time-code" inputMode="text" autoFocus className="number" />
          </Form.Item>
        )}
        {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
        <Button type="primary" htmlType="submit" block loading={busy}>{say("signin.enter")}</Button>
        {wantsCode && <Button type="link" block onClick={() => setWantsCode(false)}>{say("signin.other")}</Button>}
        {!wantsCode && <Link to="/break-glass" className="mute" style={{ display: "block", textAlign: "center", marginTop: 14 }}>{say("signin.glass")}</Link>}
      </Form>
      {!wantsCode && <Ways back={back} failed={sso} />}
    </Door>
  );
}
