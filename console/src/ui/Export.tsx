import { App } from "antd";
import { useState } from "react";
import { asProblem } from "../api/problem";
import { csvHead, csvLines, download } from "../lib/csv";
import { dayOf } from "../lib/time";
import { useSay } from "../words";
import { Act, problemWords } from "./basics";
import type { Column } from "./ListTable";
import { EXPORT_ROWS_MAX, type FetchPage, readAll } from "./pages";

/** Exactly what is filtered, in the columns that are shown. */
export function Export<T>({ name, columns, fetchPage }: { name: string; columns: Column<T>[]; fetchPage: FetchPage<T> }) {
  const say = useSay();
  const { message } = App.useApp();
  const [rows, setRows] = useState<number | null>(null);
  const write = async () => {
    setRows(0);
    try {
      const told = columns.filter((column) => column.text);
      const parts = [csvHead(told.map((column) => column.title))];
      const read = await readAll(fetchPage, (some, count) => {
        parts.push(csvLines(some.map((row) => told.map((column) => column.text?.(row) ?? ""))));
        setRows(count);
      });
      download(`${name}-${dayOf(new Date())}.csv`, new Blob(parts, { type: "text/csv" }));
      if (read.whole) message.success(say("export.done", { count: read.count }));
      else message.warning(say("export.cut", { count: EXPORT_ROWS_MAX }));
    } catch (error) {
      message.error(problemWords(asProblem(error), say).title);
    } finally {
      setRows(null);
    }
  };
  return <Act loading={rows !== null} onClick={() => void write()}>{rows === null ? say("export.csv") : say("export.running", { count: rows })}</Act>;
}
