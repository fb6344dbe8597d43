import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, QRCode, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { beginFactor, confirmFactor } from "../../api/session";
import { Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { MakePasskey } from "./MakePasskey";
import { RecoveryCodes } from "./RecoveryCodes";

/** Groups of four, as one types them over. */
const grouped = (secret: string): string => secret.replace(/(.{4})(?=.)/g, "$1 ");

/** The second factor somebody owes: an authenticator, or rather a passkey. */
export function SecondFactor({ done }: { done: () => void }) {
  const say = useSay();
  const [way, setWay] = useState<"code" | "passkey">("code");
  if (way === "passkey") {
    return (
      <>
        <h1>{say("passkey.title")}</h1>
        <MakePasskey done={done} />
        <Button type="link" block onClick={() => setWay("code")}>{say("factor.rather_code")}</Button>
      </>
    );
  }
  return <Factor done={done} rather={<Button type="link" block onClick={() => setWay("passkey")}>{say("factor.rather_passkey")}</Button>} />;
}

/** Ties an authenticator to the account: the QR is drawn here, the secret goes nowhere else. */
export function Factor({ done, rather }: { done: () => void; rather?: ReactNode }) {
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
      {rather}
    </>
  );
}
