import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { type ChangeEvent, useRef, useState } from "react";
import { APPROVALS, type Filed, type Message, fileAt, handInFile, readThread, withdrawMessage, writeMessage } from "../../api/approvals";
import { useMay } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { draftOf, dropDraft, keepDraft } from "../../lib/draft";
import { freshKey } from "../../lib/key";
import { At, Trouble } from "../../ui/basics";
import { useTell } from "../../ui/useTell";
import { useSay } from "../../words";
import { isKept, sizeOf } from "./papers";

const WORDS_CHARS_MAX = 4_000;
const NAME_CHARS_MAX = 100;
/** A thread that is open on a screen is read again at this pace; the live line brings deciders what is theirs at once. */
const THREAD_MS = 8_000;

/** What the people of a case write to each other: on the case, on what it decides about, and on a phone alike. */
export function Thread({ id, unit }: { id: string; unit: string }) {
  const say = useSay();
  const [fault, tell] = useTell();
  const read = useQuery({ queryKey: [...APPROVALS, "thread", id], queryFn: () => readThread(id), refetchInterval: whileHere(THREAD_MS) });
  const messages = read.data?.messages ?? [];
  if (!read.data) return read.error ? <Trouble error={read.error} again={() => void read.refetch()} /> : null;
  if (messages.length === 0 && !read.data.may_write) return null;
  return (
    <section className="section" data-thread>
      <h3>{say("approvals.thread", { count: messages.length })}</h3>
      {messages.length === 0 && <p className="mute">{say("approvals.thread.none")}</p>}
      <ul className="papers">
        {messages.map((one) => <One key={one.number} id={id} one={one} withdraw={() => void tell(withdrawMessage(id, one.number))} />)}
      </ul>
      {fault != null && <Trouble error={fault} />}
      {read.data.may_write && <Write id={id} unit={unit} />}
    </section>
  );
}

function One({ id, one, withdraw }: { id: string; one: Message; withdraw: () => void }) {
  const say = useSay();
  const [sure, setSure] = useState(false);
  if (one.withdrawn_by) {
    return <li className="mute">{one.by.name} · <At at={one.at} /><p>{say("approvals.thread.withdrawn", { name: one.withdrawn_by.name })} {one.withdrawn_at && <At at={one.withdrawn_at} />}</p></li>;
  }
  return (
    <li>
      <b>{one.by.name}</b> <span className="mute"><At at={one.at} /></span>
      {one.words && <p className="said-text">{one.words}</p>}
      {one.file && <p><a href={fileAt(id, one.file.sha256)} download>{one.file_name} ({sizeOf(one.file.length)})</a></p>}
      {one.is_mine && (sure
        ? <p>{say("approvals.thread.withdraw_effect")} <Button size="small" danger onClick={withdraw}>{say("approvals.thread.withdraw")}</Button> <Button size="small" type="text" onClick={() => setSure(false)}>{say("cancel")}</Button></p>
        : <p><Button type="link" size="small" style={{ padding: 0 }} onClick={() => setSure(true)}>{say("approvals.thread.withdraw")}</Button></p>)}
    </li>
  );
}

type Chosen = { name: string; filed: Filed };

/** A message, with a file or without; what was typed is kept on this machine until it is sent. */
function Write({ id, unit }: { id: string; unit: string }) {
  const say = useSay();
  const handsIn = useMay()("approval_request");
  const kept = `approval.${id}.thread`;
  const [words, setWords] = useState(() => draftOf<string>(kept, new Date()) ?? "");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [isGoing, setGoing] = useState(false);
  const [isSending, setSending] = useState(false);
  const [isOther, setOther] = useState(false);
  const [fault, tell] = useTell();
  const input = useRef<HTMLInputElement>(null);
  // Sent again after a cut line it is the same message; another text is another one.
  const key = useRef<{ of: string; key: string } | null>(null);
  const type = (text: string) => {
    setWords(text);
    if (text) keepDraft(kept, text, new Date());
    else dropDraft(kept);
  };
  const attach = async (file: File | undefined) => {
    if (!file) return;
    setTrouble(null);
    setOther(!isKept(file));
    if (!isKept(file)) return;
    setGoing(true);
    try {
      setChosen({ name: file.name.slice(0, NAME_CHARS_MAX), filed: await handInFile(unit, file) });
    } catch (error) {
      setTrouble(error);
    } finally {
      setGoing(false);
    }
  };
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    void attach(event.target.files?.[0]);
    // The same file chosen again is a change again.
    event.target.value = "";
  };
  const send = async () => {
    const of = `${words.trim()} ${chosen?.filed.sha256 ?? ""}`;
    const known = key.current;
    const sent = known && known.of === of ? known : { of, key: freshKey("m") };
    key.current = sent;
    setGoing(true);
    // What is typed meanwhile would be thrown away with what was sent.
    setSending(true);
    const done = await tell(writeMessage(id, { key: sent.key, words: words.trim(), ...(chosen ? { sha256: chosen.filed.sha256, file_name: chosen.name } : {}) }));
    setGoing(false);
    setSending(false);
    if (!done) return;
    key.current = null;
    type("");
    setChosen(null);
  };
  return (
    <div className="lines">
      <Input.TextArea aria-label={say("approvals.thread.words")} placeholder={say("approvals.thread.words")} autoSize={{ minRows: 1, maxRows: 8 }} maxLength={WORDS_CHARS_MAX} disabled={isSending} value={words} onChange={(event) => type(event.target.value)} />
      {chosen && <p className="mute">{chosen.name} ({sizeOf(chosen.filed.length)}) <Button type="link" size="small" onClick={() => setChosen(null)}>{say("form.line_remove")}</Button></p>}
      {isOther && <p className="bad">{say("approvals.thread.other_kind")}</p>}
      {(trouble ?? fault) != null && <Trouble error={trouble ?? fault} />}
      <p className="bar" style={{ margin: 0 }}>
        <Button type="primary" loading={isGoing} disabled={!words.trim() && !chosen} onClick={() => void send()}>{say("approvals.thread.send")}</Button>
        {handsIn && (
          <>
            <input ref={input} type="file" accept="application/pdf,image/png,image/jpeg" style={{ display: "none" }} aria-label={say("approvals.thread.file")} onChange={choose} />
            <Button disabled={isGoing} onClick={() => input.current?.click()}>{say("approvals.thread.file")}</Button>
          </>
        )}
      </p>
    </div>
  );
}
