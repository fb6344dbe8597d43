import { Button, Checkbox } from "antd";
import { useState } from "react";
import { download } from "../../lib/csv";
import { useSay } from "../../words";

/** Shown once; nobody goes on before they said that they are kept. */
export function RecoveryCodes({ codes, done }: { codes: string[]; done: () => void }) {
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
