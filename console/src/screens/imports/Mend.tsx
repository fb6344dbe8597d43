import { useQuery } from "@tanstack/react-query";
import { Input } from "antd";
import { useState } from "react";
import { download } from "../../lib/csv";
import { Act } from "../../ui/basics";
import { useSay, useWord } from "../../words";
import type { RowReason } from "./report";
import { type Mends, headOf, mended, oddOnes, sheetOf } from "./sheet";

/** More wrong rows than this are a wrong file, and mended where it was made. */
const ROWS_MAX = 50;
/** A text of a day's largest bill; more is not taken apart in the browser. */
const BYTES_MAX = 16 * 1024 * 1024;

type MendProps = { file: File; refused: RowReason[]; again: (file: File) => void };

/** The wrong rows of a text file as fields; what was mended is read again before anything is stored. */
export function Mend({ file, refused, again }: MendProps) {
  const say = useSay();
  const name = useWord();
  const [mends, setMends] = useState<Mends>({});
  const fits = refused.length <= ROWS_MAX && file.size <= BYTES_MAX;
  const read = useQuery({ queryKey: ["sheet", file.name, file.lastModified, file.size], enabled: fits, staleTime: Number.POSITIVE_INFINITY, gcTime: 0, queryFn: async () => sheetOf(new Uint8Array(await file.arrayBuffer())) });
  const sheet = read.data;
  const wrong = new Set(refused.map((row) => row.row));
  const rows = sheet?.lines.filter((line) => wrong.has(line.line)) ?? [];
  if (fits && read.isPending) return null;
  if (!sheet || rows.length === 0) return <p className="mute" style={{ marginBottom: 12 }}>{say("imports.mend_outside")}</p>;
  const head = headOf(sheet, Math.min(...wrong));
  const isChanged = Object.keys(mends).length > 0;
  const made = () => new File([mended(sheet, mends)], file.name, { type: "text/csv" });
  return (
    <section style={{ marginBottom: 14 }} data-mend>
      <h3 style={{ fontSize: 15, marginBottom: 8 }}>{say("imports.mend_title")}</h3>
      <div style={{ display: "grid", gap: 12 }}>
        {rows.map((row) => {
          const cells = mends[row.line] ?? row.cells;
          const odd = oddOnes(sheet, cells, head, wrong);
          const reason = refused.find((one) => one.row === row.line)?.reason ?? "";
          const title = say("imports.mend_row", { row: row.line, reason: name("row_reason", reason) });
          const change = (column: number, text: string) => setMends({ ...mends, [row.line]: cells.map((cell, at) => (at === column ? text : cell)) });
          return (
            <fieldset key={row.line} aria-label={title} className="mend">
              <legend>{title}</legend>
              {cells.map((cell, column) => (
                <label key={`${row.line}.${column}`}>
                  <span className="mute">{head[column] || say("imports.mend_column", { column: column + 1 })}</span>
                  <Input value={cell} {...(odd.has(column) ? { status: "error" as const } : {})} onChange={(event) => change(column, event.target.value)} />
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
      <p className="hint" style={{ margin: "10px 0" }}>{say("imports.mend_note")}</p>
      <div className="buttons" style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
        <Act type="primary" why={isChanged ? null : say("imports.mend_nothing")} onClick={() => again(made())}>{say("imports.mend_again")}</Act>
        <Act why={isChanged ? null : say("imports.mend_nothing")} onClick={() => download(file.name, made())}>{say("imports.mend_keep")}</Act>
      </div>
    </section>
  );
}
