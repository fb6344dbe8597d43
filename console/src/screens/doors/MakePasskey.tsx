import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { inWords, makePasskey, offerPasskey, registerPasskey } from "../../api/passkeys";
import { Trouble } from "../../ui/basics";
import { useRefusal } from "../../ui/forms";
import { useSay } from "../../words";
import { RecoveryCodes } from "./RecoveryCodes";
import { browserWords, useUnreachable } from "./passkeyWords";

const NAME_CHARS_MAX = 40;

/** A name, the browser's own window, and recovery codes where there were none. */
export function MakePasskey({ done }: { done: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [form] = Form.useForm<{ name: string }>();
  const refusal = useRefusal(form);
  const unreachable = useUnreachable();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (codes) return <RecoveryCodes codes={codes} done={done} />;
  const make = async ({ name }: { name: string }) => {
    setBusy(true);
    setError(null);
    try {
      const made = await registerPasskey(name, await makePasskey(await offerPasskey(), say("house")));
      await queries.invalidateQueries({ queryKey: ["passkeys"] });
      if (made.recovery_codes.length > 0) setCodes(made.recovery_codes);
      else done();
    } catch (problem) {
      setError(refusal(inWords(problem, browserWords(say))));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p className="mute" style={{ marginBottom: 14 }}>{say("passkey.lead")}</p>
      {unreachable !== null && <Alert type="info" showIcon title={unreachable} style={{ marginBottom: 14 }} />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(entered: { name: string }) => void make(entered)} size="large" disabled={unreachable !== null}>
        <Form.Item name="name" label={say("passkey.name")} extra={say("passkey.name_hint")} rules={[{ required: true, whitespace: true, message: say("form.required") }]}>
          <Input maxLength={NAME_CHARS_MAX} autoFocus autoComplete="off" />
        </Form.Item>
        {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
        <Button type="primary" htmlType="submit" block loading={busy}>{say("passkey.make")}</Button>
      </Form>
    </>
  );
}
