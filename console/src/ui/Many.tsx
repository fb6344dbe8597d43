import { useQueryClient } from "@tanstack/react-query";
import { Checkbox, Tooltip } from "antd";
import { type ReactNode, useState } from "react";
import { useSay } from "../words";
import { problemWords } from "./basics";
import { type Choice, Decide } from "./Decide";
import type { Column } from "./ListTable";
import { type Outcome, mayJoin, oneByOne } from "./oneByOne";
import { Panel } from "./Panel";

/** What can be done to each of several; the words, where it asks for them, are the same for all. */
export type ManyWay<T> = { key: string; label: string; look?: "primary" | "danger"; note?: string; chars?: number; decide: (row: T, said: string) => Promise<unknown> };

type Picking<T> = {
  picked: T[];
  pick: (row: T) => void;
  clear: () => void;
  column: Column<T>;
  /** Whether the picked rows are being decided: until then nothing is picked and nothing cleared. */
  busy: boolean;
  hold: (busy: boolean) => void;
};

/** Picking rows of a list: the column of boxes and what is picked. Rows for which `can` says no have no box. */
export function usePicking<T>(keyOf: (row: T) => string, can: (row: T) => boolean, kindOf: (row: T) => string = () => ""): Picking<T> {
  const say = useSay();
  const [picked, setPicked] = useState<T[]>([]);
  const [busy, hold] = useState(false);
  const isPicked = (row: T) => picked.some((one) => keyOf(one) === keyOf(row));
  const pick = (row: T) => {
    if (!busy) setPicked(isPicked(row) ? picked.filter((one) => keyOf(one) !== keyOf(row)) : [...picked, row]);
  };
  // A run that is under way stays on the screen until it is told what became of each.
  const clear = () => {
    if (!busy) setPicked([]);
  };
  const box = (row: T) => {
    const joins = isPicked(row) || mayJoin(picked, row, kindOf);
    const one = <Checkbox checked={isPicked(row)} disabled={!joins || busy} aria-label={say("many.pick")} onChange={() => pick(row)} />;
    return <span onClick={(event) => event.stopPropagation()}>{joins ? one : <Tooltip title={say("many.one_kind")}>{one}</Tooltip>}</span>;
  };
  const column: Column<T> = { key: "pick", title: say("many.pick"), bare: true, cell: (row) => (can(row) ? box(row) : null) };
  return { picked, pick, clear, column, busy, hold };
}

type ManyProps<T> = {
  rows: T[];
  keyOf: (row: T) => string;
  /** A row in one line. */
  line: (row: T) => ReactNode;
  /** Above the lines: their sum, say. */
  head?: ReactNode;
  ways: ManyWay<T>[];
  /** Told when a run begins and when it ends. */
  hold: (busy: boolean) => void;
  close: () => void;
};

/** Several picked rows: one decision for all, told to the server for each by itself, then what became of each. */
export function Many<T>({ rows, keyOf, line, head, ways, hold, close }: ManyProps<T>) {
  const say = useSay();
  const queries = useQueryClient();
  const [done, setDone] = useState<number | null>(null);
  const [outcomes, setOutcomes] = useState<Outcome<T>[] | null>(null);
  const choices = ways.map((way): Choice => ({
    key: way.key, label: way.label, done: say("many.done"), ...(way.look ? { look: way.look } : {}), ...(way.note ? { note: way.note } : {}), ...(way.chars ? { chars: way.chars } : {}),
    run: async (said) => {
      hold(true);
      setDone(0);
      try {
        setOutcomes(await oneByOne(rows, (row) => way.decide(row, said), setDone));
      } finally {
        hold(false);
      }
    },
  }));
  const after = () => void queries.invalidateQueries();
  if (outcomes) {
    return (
      <Panel title={say("many.results")} close={close}>
        <ul data-many-results>{outcomes.map((one) => <li key={keyOf(one.row)}>{line(one.row)} <Fate outcome={one} /></li>)}</ul>
      </Panel>
    );
  }
  const effect = done === null ? say("many.effect") : say("many.running", { done, count: rows.length });
  return (
    <Panel title={say("many.picked", { count: rows.length })} close={close} acts={<Decide effect={effect} choices={choices} after={after} />}>
      {head}
      <ul>{rows.map((row) => <li key={keyOf(row)}>{line(row)}</li>)}</ul>
    </Panel>
  );
}

function Fate<T>({ outcome }: { outcome: Outcome<T> }) {
  const say = useSay();
  if (outcome.fate === "done") return <span className="state good">{say("many.fate_done")}</span>;
  if (outcome.fate === "left") return <span className="state wait">{say("many.fate_left")}</span>;
  if (outcome.fate === "unsure") return <span className="state wait">{say("many.fate_unsure")}</span>;
  const { title, detail } = problemWords(outcome.problem, say);
  return <><span className="state bad">{say("many.fate_refused")}</span> <span className="mute">{[title, detail].filter(Boolean).join(" ")}</span></>;
}
