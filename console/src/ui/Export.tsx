import { App } from "antd";
import { useState } from "react";
import { asProblem } from "../api/problem";
import { csvHead, csvLines, download } from "../lib/csv";
import { dayOf } from "../lib/time";
import { type Cell, Workbook } from "../lib/xlsx";
import { useSay, useWord } from "../words";
import { Act, problemWords } from "./basics";
import type { Column } from "./ListTable";
import { EXPORT_ROWS_MAX, type FetchPage, readAll } from "./pages";
import { plainOf } from "./plain";

type Name = (group: string, word: string) => string;

/** A row as a file tells it: words, and amounts as exact digits. */
function cellsOf<T>(columns: Column<T>[], row: T, name: Name): { text: string; cell: Cell }[] {
  return columns.map((column) => {
    const plain = plainOf(column.cell(row), name);
    const text = column.text?.(row) ?? plain.text;
    return { text, cell: plain.amount ? { amount: plain.text.replaceAll(",", "").replace("−", "-") } : text };
  });
}

/** Exactly what is filtered, in the columns that are shown, as lines of text or as a workbook. */
export function Export<T>({ name, columns, fetchPage }: { name: string; columns: Column<T>[]; fetchPage: FetchPage<T> }) {
  const say = useSay();
  const word = useWord();
  const { message } = App.useApp();
  const [rows, setRows] = useState<number | null>(null);
  const write = async (kind: "csv" | "xlsx") => {
    setRows(0);
    try {
      const titles = columns.map((column) => column.title);
      const lines = [csvHead(titles)];
      const book = kind === "xlsx" ? new Workbook(name, titles) : null;
      const read = await readAll(fetchPage, async (some, count) => {
        const cells = some.map((row) => cellsOf(columns, row, word));
        if (book) await book.add(cells.map((row) => row.map((one) => one.cell)));
        else lines.push(csvLines(cells.map((row) => row.map((one) => one.text))));
        setRows(count);
      });
      download(`${name}-${dayOf(new Date())}.${kind}`, book ? await book.end() : new Blob(lines, { type: "text/csv" }));
      if (read.whole) message.success(say("export.done", { count: read.count }));
      else message.warning(say("export.cut", { count: EXPORT_ROWS_MAX }));
    } catch (error) {
      message.error(problemWords(asProblem(error), say).title);
    } finally {
      setRows(null);
    }
  };
  if (rows !== null) return <Act loading>{say("export.running", { count: rows })}</Act>;
  return <><Act onClick={() => void write("csv")}>{say("export.csv")}</Act><Act onClick={() => void write("xlsx")}>{say("export.xlsx")}</Act></>;
}
