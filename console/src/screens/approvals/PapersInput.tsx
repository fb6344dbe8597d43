import { Button, Input, Select } from "antd";
import { useRef, useState } from "react";
import { sha256 } from "../../lib/sha256";
import { useSay, useWord } from "../../words";
import type { PaperLine } from "./papers";

/** Kinds that what ships asks for; a house may have others in its policies. */
export const KINDS = ["plan", "budget", "due_diligence", "assessment", "agreement", "plan_naming", "request", "draft", "reason", "minutes", "report", "photo", "other"] as const;
const NAME_CHARS_MAX = 100;
const WORDS_CHARS_MAX = 4_000;
/** Beyond this a browser on a phone takes too long over the fingerprint. */
const FILE_BYTES_MAX = 64 << 20;

type PapersInputProps = { id?: string; value?: PaperLine[]; onChange?: (lines: PaperLine[]) => void; kinds?: readonly string[] };

/** Papers one by one: a file's fingerprint, or words. The file itself stays where it is. */
export function PapersInput({ value, onChange, kinds = [] }: PapersInputProps) {
  const say = useSay();
  const name = useWord();
  const lines = value ?? [];
  const options = [...new Set([...kinds, ...KINDS, ...lines.flatMap((line) => line.kind ?? [])])].map((kind) => ({ value: kind, label: name("approvals.paper", kind) }));
  const set = (at: number, change: PaperLine) => onChange?.(lines.map((line, place) => (place === at ? { ...line, ...change } : line)));
  const chosen = (at: number, kind: string) => set(at, { kind, ...(lines[at]?.name ? {} : { name: name("approvals.paper", kind) }) });
  return (
    <div className="lines">
      {lines.map((line, at) => (
        // Lines have no names of their own; they are only added at the end.
        <fieldset key={at} aria-label={say("approvals.papers.line", { number: at + 1 })} className="paper">
          <Select aria-label={say("approvals.papers.kind")} placeholder={say("approvals.papers.kind")} options={options} value={line.kind ?? null} onChange={(kind) => chosen(at, kind)} />
          <Input aria-label={say("approvals.papers.name")} placeholder={say("approvals.papers.name")} maxLength={NAME_CHARS_MAX} value={line.name ?? ""} onChange={(event) => set(at, { name: event.target.value })} />
          <Fingerprint line={line} set={(change) => set(at, change)} />
          <Input.TextArea aria-label={say("approvals.papers.words")} placeholder={say("approvals.papers.words")} autoSize={{ minRows: 1, maxRows: 6 }} maxLength={WORDS_CHARS_MAX} value={line.words ?? ""} onChange={(event) => set(at, { words: event.target.value })} />
          <Button size="small" onClick={() => onChange?.(lines.filter((_, place) => place !== at))}>{say("form.line_remove")}</Button>
        </fieldset>
      ))}
      <Button type="dashed" block onClick={() => onChange?.([...lines, {}])}>{say("approvals.papers.add")}</Button>
    </div>
  );
}

function Fingerprint({ line, set }: { line: PaperLine; set: (change: PaperLine) => void }) {
  const say = useSay();
  const input = useRef<HTMLInputElement>(null);
  const [isTooLarge, setTooLarge] = useState(false);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setTooLarge(file.size > FILE_BYTES_MAX);
    if (file.size > FILE_BYTES_MAX) return;
    const digest = sha256(new Uint8Array(await file.arrayBuffer()));
    set({ sha256: digest, file: file.name, ...(line.name ? {} : { name: file.name.slice(0, NAME_CHARS_MAX) }) });
  };
  return (
    <div>
      <input ref={input} type="file" style={{ display: "none" }} aria-label={say("approvals.papers.file")} onChange={(event) => void take(event.target.files?.[0])} />
      <Button onClick={() => input.current?.click()}>{say(line.sha256 ? "approvals.papers.file_other" : "approvals.papers.file")}</Button>
      {line.sha256 && <p className="mute">{line.file} <span className="code">{line.sha256.slice(0, 16)}…</span> <Button type="link" size="small" onClick={() => set({ sha256: "", file: "" })}>{say("form.line_remove")}</Button></p>}
      {isTooLarge && <p className="bad">{say("approvals.papers.too_large")}</p>}
    </div>
  );
}
