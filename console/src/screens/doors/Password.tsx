import { Button, Form, Input } from "antd";
import { useState } from "react";
import { Trouble } from "../../ui/basics";
import { useRefusal } from "../../ui/forms";
import { useSay } from "../../words";

type Entered = { old?: string; password: string; again: string };

/** A new password twice; the old one where there is one. The server's rules speak for themselves when it refuses. */
export function PasswordForm(props: { asksOld: boolean; button: string; submit: (password: string, old: string) => Promise<unknown> }) {
  const say = useSay();
  const [form] = Form.useForm<Entered>();
  const refusal = useRefusal(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const required = { required: true, message: say("form.required") };
  const send = async ({ old, password }: Entered) => {
    setBusy(true);
    setError(null);
    try {
      await props.submit(password, old ?? "");
      form.resetFields();
    } catch (problem) {
      setError(refusal(problem));
    } finally {
      setBusy(false);
    }
  };
  const same = ({ getFieldValue }: { getFieldValue: (name: string) => unknown }) => ({
    validator: async (_: unknown, value: string) => {
      if (value && value !== getFieldValue("password")) throw new Error(say("password.differs"));
    },
  });
  return (
    <Form<Entered> form={form} layout="vertical" requiredMark={false} onFinish={(entered) => void send(entered)} size="large">
      {props.asksOld && (
        <Form.Item name="old" label={say("password.old")} rules={[required]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
      )}
      <Form.Item name="password" label={say("password.new")} rules={[required]} extra={say("password.hint")}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="again" label={say("password.again")} rules={[required, same]} dependencies={["password"]}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
      <Button type="primary" htmlType="submit" block loading={busy}>{props.button}</Button>
    </Form>
  );
}
