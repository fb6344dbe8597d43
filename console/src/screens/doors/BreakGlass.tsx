import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { SESSION, breakGlass } from "../../api/session";
import { Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { Door } from "./Door";

/** What the server asks of a reason, so that it is said before the code is sent. */
const REASON = { min: 10, max: 500 };

/** The code of the sealed envelope: for when nobody who may is there. */
export function BreakGlass() {
  const say = useSay();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = async ({ code, reason }: { code: string; reason: string }) => {
    setBusy(true);
    setError(null);
    try {
      queries.setQueryData(SESSION, await breakGlass(code, reason.trim()));
      await navigate({ to: "/work" });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const required = { required: true, message: say("form.required") };
  return (
    <Door>
      <h1>{say("glass.title")}</h1>
      <p className="mute" style={{ marginBottom: 18 }}>{say("glass.lead")}</p>
      <Form layout="vertical" requiredMark={false} onFinish={(entered: { code: string; reason: string }) => void open(entered)} size="large">
        <Form.Item name="code" label={say("glass.code")} rules={[required]}>
          <Input className="code" autoComplete="off" autoCapitalize="none" spellCheck={false} autoFocus />
        </Form.Item>
        <Form.Item name="reason" label={say("glass.reason")} rules={[required, { min: REASON.min, max: REASON.max, transform: (text: string) => text.trim() }]} extra={say("glass.reason_extra")}>
          <Input.TextArea autoSize={{ minRows: 3, maxRows: 6 }} maxLength={REASON.max} showCount />
        </Form.Item>
        {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
        <Button type="primary" danger htmlType="submit" block loading={busy}>{say("glass.open")}</Button>
        <Link to="/sign-in" search={{}} style={{ display: "block", textAlign: "center", marginTop: 12 }}>{say("glass.back")}</Link>
      </Form>
    </Door>
  );
}
