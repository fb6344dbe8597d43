import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, QRCode, Skeleton } from "antd";
import { useState } from "react";
import { beginFactor, confirmFactor } from "../../api/session";
import { download } from "../../lib/csv";
import { Trouble } from "../../ui/basics";
import { useSay } from "../../words";

/** Groups of four, as one types them over. */
const grouped = (secret: string): string => secret.replace(/(.{4})(?=.)/g, "$1 ");

/** Ties an authenticator to the account: the QR is drawn here, the secret goes nowhere else. */
export function Factor({ done }: { done: () => void }) {
  const say = useSay();
  const begun = useQuery({ queryKey: ["second-factor"], queryFn: beginFactor, staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false });
  const [codes, setCodes] = useState<string[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (codes) return <RecoveryCodes codes={codes} done={done} />;
  if (begun.error) return <Trouble error={begun.error} again={() => void begun.refetch()} />;
  if (!begun.data) return <Skeleton active />;
  const confirm = async ({ code }: { code: string }) => {
    setBusy(true);
    setError(null);
    try {
      setCodes((await confirmFactor(code.replace(/\s/g, ""))).recovery_codes);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <h1>{say("factor.title")}</h1>
      <p className="mute">{say("factor.lead")}</p>
      <div style={{ display: "flex", flexWrap: "wrap", gap: 20, margin: "16px 0", alignItems: "center" }}>
        <QRCode type="svg" value={begun.data.otpauth_uri} size={176} bordered={false} color="#1D2733" aria-label={say("factor.qr")} />
        <div style={{ flex: "1 1 200px" }}>
          <p className="mute">{say("factor.by_hand")}</p>
          <p className="code" data-secret>{grouped(begun.data.secret_base32)}</p>
        </div>
      </div>
      <Form layout="vertical" requiredMark={false} onFinish={(entered: { code: string }) => void confirm(entered)} size="large">
        <Form.Item name="code" label={say("factor.code")} rules={[{ required: true, message: say("form.required") }]}>
          <Input autoComplete="one-time-code" inputMode="numeric" maxLength={7} className="number" autoFocus />
        </Form.Item>
        {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
        <Button type="primary" htmlType="submit" block loading={busy}>{say("factor.confirm")}</Button>
      </Form>
    </>
  );
}

/** Shown once; nobody goes on before they said that they are kept. */
function RecoveryCodes({ codes, done }: { codes: string[]; done: () => void }) {
  const say = useSay();
  const [kept, setKept] = useState(false);
  const file = () => download("qiao-recovery-codes.txt", new Blob([`${codes.join("\n")}\n`], { type: "text/plain" }));
  return (
    <>
      <h1>{say("recovery.title")}</h1>
      <p className="mute" style={{ marginBottom: 14 }}>{say("recovery.lead")}</p>
      <ol className="codes code">{codes.map((code) => <li key={code}>{code}</li>)}</ol>
      <div style={{ display: "flex", flexWrap: "wrap", gap: 8, margin: "12px 0" }}>
        <Button onClick={file}>{say("recovery.save")}</Button>
        <Button onClick={() => window.print()}>{say("recovery.print")}</Button>
      </div>
      <p style={{ margin: "12px 0" }}>
        <Checkbox checked={kept} onChange={(event) => setKept(event.target.checked)}>{say("recovery.kept")}</Checkbox>
      </p>
      <Button type="primary" size="large" block disabled={!kept} onClick={done}>{say("recovery.on")}</Button>
    </>
  );
}
