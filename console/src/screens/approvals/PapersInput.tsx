import { Button, Input, Select } from "antd";
import { useRef, useState } from "react";
import { handInFile } from "../../api/approvals";
import { sha256 } from "../../lib/sha256";
import { Trouble } from "../../ui/basics";
import { useSay, useWord } from "../../words";
import { type PaperLine, isKept } from "./papers";

/** Kinds that what ships asks for; a house may have others in its policies. */
export const KINDS = ["plan", "budget", "due_diligence", "assessment", "agreement", "plan_naming", "request", "draft", "reason", "minutes", "report", "photo", "other"] as const;
const NAME_CHARS_MAX = 100;
const WORDS_CHARS_MAX = 4_000;
/** Beyond this a browser on a phone takes too long over the fingerprint. */
const FILE_BYTES_MAX = 64 << 20;

type PapersInputProps = { id?: string; value?: PaperLine[]; onChange?: (lines: PaperLine[]) => void; kinds?: readonly string[]; unit?: string };

/** Papers one by one: a file, or words. A file of a kind that is kept goes to the unit's papers; of another only its fingerprint. */
export function PapersInput({ value, onChange, kinds = [], unit }: PapersInputProps) {
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
          <FilePaper unit={unit} line={line} set={(change) => set(at, change)} />
          <Input.TextArea aria-label={say("approvals.papers.words")} placeholder={say("approvals.papers.words")} autoSize={{ minRows: 1, maxRows: 6 }} maxLength={WORDS_CHARS_MAX} value={line.words ?? ""} onChange={(event) => set(at, { words: event.target.value })} />
          <Button size="small" onClick={() => onChange?.(lines.filter((_, place) => place !== at))}>{say("form.line_remove")}</Button>
        </fieldset>
      ))}
      <Button type="dashed" block onClick={() => onChange?.([...lines, {}])}>{say("approvals.papers.add")}</Button>
    </div>
  );
}

function FilePaper({ line, set, unit }: { line: PaperLine; set: (change: PaperLine) => void; unit: string | undefined }) {
  const say = useSay();
  const input = useRef<HTMLInputElement>(null);
  const [isTooLarge, setTooLarge] = useState(false);
  const [isGoing, setGoing] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const take = async (file: File | undefined) => {
    if (!file) return;
    setTrouble(null);
    setTooLarge(file.size > FILE_BYTES_MAX);
    if (file.size > FILE_BYTES_MAX) return;
    const named = { file: file.name, ...(line.name ? {} : { name: file.name.slice(0, NAME_CHARS_MAX) }) };
    if (!unit || !isKept(file)) {
      set({ sha256: sha256(new Uint8Array(await file.arrayBuffer())), kept: false, ...named });
      return;
    }
    setGoing(true);
    try {
      set({ sha256: (await handInFile(unit, file)).sha256, kept: true, ...named });
    } catch (error) {
      setTrouble(error);
    } finally {
      setGoing(false);
    }
  };
  return (
    <div>
      <input ref={input} type="file" style={{ display: "none" }} aria-label={say("approvals.papers.file")} onChange={(event) => void take(event.target.files?.[0])} />
      <Button loading={isGoing} onClick={() => input.current?.click()}>{say(line.sha256 ? "approvals.papers.file_other" : "approvals.papers.file")}</Button>
      {line.sha256 && <p className="mute">{line.file} · {say(line.kept ? "approvals.papers.kept" : "approvals.papers.fingerprint")} <span className="code">{line.sha256.slice(0, 16)}…</span> <Button type="link" size="small" onClick={() => set({ sha256: "", file: "", kept: false })}>{say("form.line_remove")}</Button></p>}
      {trouble !== null && <Trouble error={trouble} />}
      {isTooLarge && <p className="bad">{say("approvals.papers.too_large")}</p>}
    </div>
  );
}
