import SettingOutlined from "@ant-design/icons/SettingOutlined";
import { Button, Checkbox, Popover, Table } from "antd";
import { type ReactNode, memo, useDeferredValue, useState } from "react";
import { load, save } from "../lib/stored";
import { useSay } from "../words";
import { Trouble } from "./basics";
import type { Pages } from "./pages";
import { useWalk } from "./useWalk";

export type Column<T> = {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The cell in a file; a column without it is not exported. */
  text?: (row: T) => string;
  right?: boolean;
  /** Not shown until chosen. */
  extra?: boolean;
};

type ListProps<T> = {
  /** Under which the chosen columns are kept. */
  name: string;
  columns: Column<T>[];
  pages: Pages<T>;
  rowKey: (row: T) => string;
  open?: (row: T) => void;
  opened?: string | null | undefined;
  empty: ReactNode;
};

const keptAs = (name: string) => `columns.${name}`;

/** The columns that are shown: the person's choice, or all but the extra ones. */
export function useColumns<T>(name: string, columns: Column<T>[]) {
  const [chosen, setChosen] = useState<string[] | null>(() => load<string[]>(keptAs(name)));
  const isShown = (column: Column<T>) => (chosen ? chosen.includes(column.key) : !column.extra);
  const choose = (keys: string[]) => {
    save(keptAs(name), keys);
    setChosen(keys);
  };
  return { shown: columns.filter(isShown), choose };
}

export function ColumnChoice<T>(props: { columns: Column<T>[]; shown: Column<T>[]; choose: (keys: string[]) => void }) {
  const say = useSay();
  const options = props.columns.map((column) => ({ label: column.title, value: column.key }));
  const boxes = (
    <Checkbox.Group
      style={{ display: "grid", gap: 6 }}
      options={options}
      value={props.shown.map((column) => column.key)}
      onChange={(keys) => props.choose(props.columns.map((c) => c.key).filter((key) => keys.includes(key)))}
    />
  );
  return (
    <Popover content={boxes} trigger="click" placement="bottomRight">
      <Button icon={<SettingOutlined />}>{say("table.columns")}</Button>
    </Popover>
  );
}

type View<T> = Pick<ListProps<T>, "columns" | "rowKey" | "empty"> & { rows: readonly T[]; loading: boolean; walk: ReturnType<typeof useWalk<T>> };

/** The rows as they were handed over: drawn again only with another view, and then bit by bit. */
function Rows_<T extends object>({ view }: { view: View<T> }) {
  const { rows, columns, rowKey, loading, walk, empty } = view;
  return (
    <Table<T>
      size="small"
      rowKey={rowKey}
      dataSource={rows}
      loading={loading}
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={columns.map((column) => ({
        key: column.key, title: column.title, align: column.right ? "right" : "left", render: (_, row) => column.cell(row),
      }))}
      {...walk}
      locale={{ emptyText: loading ? " " : empty }}
    />
  );
}
const Rows = memo(Rows_) as typeof Rows_;

/** A list of the server: `j` and `k` walk, Enter opens, pages go on by cursor. */
export function ListTable<T extends object>({ columns, pages, rowKey, open, opened, empty }: ListProps<T>) {
  const say = useSay();
  const { rows } = pages;
  const walk = useWalk({ rows, keyOf: rowKey, open, opened, page: pages.first });
  // The next page's fifty rows are drawn in slices between which the page answers; what was there stays until then. Whatever
  // else changes, a box that is ticked say, is drawn at once.
  const fresh: View<T> = { rows, columns, rowKey, loading: pages.loading, walk, empty };
  const late = useDeferredValue(fresh);
  const view = late.rows.length === rows.length && late.rows.every((row, at) => row === rows[at]) ? fresh : late;
  if (pages.error && !rows.length) return <Trouble error={pages.error} again={pages.again} />;
  return (
    <div className={open ? "table picks" : "table"}>
      {pages.error && <Trouble error={pages.error} again={pages.again} />}
      <Rows view={view} />
      {(pages.back || pages.on) && (
        <div className="pager">
          <span className="mute number">{say("table.rows", { from: pages.first, to: pages.first + rows.length - 1 })}</span>
          <Button size="small" disabled={!pages.back} onClick={() => pages.back?.()}>{say("table.back")}</Button>
          <Button size="small" disabled={!pages.on} onClick={() => pages.on?.()}>{say("table.on")}</Button>
        </div>
      )}
    </div>
  );
}
