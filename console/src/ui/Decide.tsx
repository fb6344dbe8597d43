import { App, Input, Select } from "antd";
import type { ReactNode } from "react";
import { useState } from "react";
import { draftOf, dropDraft, keepDraft } from "../lib/draft";
import { useSay } from "../words";
import { Act, Trouble } from "./basics";

type Button = {
  key: string;
  label: string;
  look?: "primary" | "danger";
  /** Why it cannot be done now. */
  why?: string | null;
};
/** What is done at once, or after a reason or a note. */
export type Deed = Button & {
  /** Reasons of which one must be chosen. */
  reasons?: { value: string; label: string }[];
  /** What the note is called that must be written. */
  note?: string;
  /** The longest note, where it is another than usual. */
  chars?: number;
  /** Under which name the note is kept on this machine until it is sent. */
  draft?: string;
  /** What is said when it was done. */
  done: string;
  run: (said: string) => Promise<unknown>;
};
/** Something a person can do to the row that is open: a deed, or a form of its own that opens. */
export type Choice = Deed | (Button & { open: () => void });

const NOTE_CHARS_MAX = 500;

/** The foot of a panel: what will happen in a sentence, then the buttons. A choice that needs words asks for them first. */
export function Decide({ effect, choices, after }: { effect?: ReactNode; choices: Choice[]; after: () => void }) {
  const say = useSay();
  const { message } = App.useApp();
  const [asked, setAsked] = useState<Deed | null>(null);
  const [said, setSaid] = useState("");
  const [running, setRunning] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = async (choice: Deed) => {
    setRunning(choice.key);
    setError(null);
    try {
      await choice.run(said.trim());
      if (choice.draft) dropDraft(choice.draft);
      message.success(choice.done);
      after();
    } catch (problem) {
      setError(problem);
    } finally {
      setRunning(null);
    }
  };
  const press = (choice: Choice) => {
    if ("open" in choice) choice.open();
    else if (choice.reasons || choice.note) {
      setAsked(choice);
      setSaid((choice.draft && draftOf<string>(choice.draft, new Date())) || "");
    } else void run(choice);
  };
  const discard = () => {
    if (asked?.draft) dropDraft(asked.draft);
    setAsked(null);
  };
  const write = (choice: Deed, note: string) => {
    setSaid(note);
    if (choice.draft) keepDraft(choice.draft, note, new Date());
  };
  return (
    <>
      {error !== null && <Trouble error={error} />}
      {asked ? (
        <>
          {asked.reasons ? (
            <Select aria-label={say("reason")} placeholder={say("reason.choose")} options={asked.reasons} value={said || undefined} onChange={setSaid} autoFocus />
          ) : (
            <Input.TextArea aria-label={asked.note} placeholder={asked.note} value={said} onChange={(event) => write(asked, event.target.value)} rows={3} maxLength={asked.chars ?? NOTE_CHARS_MAX} autoFocus />
          )}
          <div className="buttons">
            <Act type="primary" danger={asked.look === "danger"} why={said.trim() ? null : say("reason.needed")} loading={running === asked.key} onClick={() => void run(asked)}>
              {asked.label}
            </Act>
            <Act onClick={discard}>{say("cancel")}</Act>
          </div>
        </>
      ) : (
        <>
          {effect && <p className="effect">{effect}</p>}
          <div className="buttons">
            {choices.map((choice) => (
              <Act
                key={choice.key}
                type={choice.look === "primary" ? "primary" : "default"}
                danger={choice.look === "danger"}
                why={choice.why ?? null}
                loading={running === choice.key}
                disabled={running !== null && running !== choice.key}
                onClick={() => press(choice)}
              >
                {choice.label}
              </Act>
            ))}
          </div>
        </>
      )}
    </>
  );
}
