import SettingOutlined from "@ant-design/icons/SettingOutlined";
import { Button, Checkbox, Popover, Table } from "antd";
import { type ReactNode, memo, useDeferredValue, useMemo, useState } from "react";
import { asProblem } from "../api/problem";
import { load, save } from "../lib/stored";
import { useSay, useWord } from "../words";
import { Trouble } from "./basics";
import { Export } from "./Export";
import type { Pages } from "./pages";
import { type Plain, byRank, plainOf } from "./plain";
import { useWalk } from "./useWalk";
import { Views } from "./Views";

export type Column<T> = {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The cell in a file, where it says more than what is drawn. */
  text?: (row: T) => string;
  /** By what it is put in order here, where its words do not tell. */
  rank?: (row: T) => Plain["rank"];
  right?: boolean;
  /** Not shown until chosen. */
  extra?: boolean;
  /** A control beside the row, no word of it: always shown, neither in a file nor an order. */
  bare?: boolean;
  /** The server's words for this column upward and downward, where it can put the whole list in this order. */
  sort?: { up?: string; down?: string };
};

type ListProps<T> = {
  /** Under which the chosen columns and the views are kept, and what its file is called. */
  name: string;
  columns: Column<T>[];
  pages: Pages<T>;
  rowKey: (row: T) => string;
  open?: (row: T) => void;
  opened?: string | null | undefined;
  empty: ReactNode;
  /** The order the server was asked for, and how to ask for another; none is its usual one. */
  sort?: { at: string | undefined; set: (word: string | undefined) => void };
};

/** The status of a request that the server understood and cannot do. */
const REFUSED = 422;
const keptAs = (name: string) => `columns.${name}`;

/** The columns that are shown: the person's choice, or all but the extra ones. */
function useColumns<T>(name: string, columns: Column<T>[]) {
  const [chosen, setChosen] = useState<string[] | null>(() => load<string[]>(keptAs(name)));
  const isShown = (column: Column<T>) => column.bare || (chosen ? chosen.includes(column.key) : !column.extra);
  const choose = (keys: string[]) => {
    save(keptAs(name), keys);
    setChosen(keys);
  };
  return { shown: columns.filter(isShown), choose };
}

function ColumnChoice<T>(props: { columns: Column<T>[]; shown: Column<T>[]; choose: (keys: string[]) => void }) {
  const say = useSay();
  const options = props.columns.filter((column) => !column.bare).map((column) => ({ label: column.title, value: column.key }));
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

type Turn = "ascend" | "descend";
type Sorted = { key: string; turn: Turn };
type View<T> = Pick<ListProps<T>, "rowKey" | "empty"> & {
  columns: Column<T>[]; rows: readonly T[]; loading: boolean; walk: ReturnType<typeof useWalk<T>>;
  sorted: Sorted | null; turns: (column: Column<T>) => Turn[]; turnTo: (column: Column<T>, turn: Turn | null) => void;
};

/** The rows as they were handed over: drawn again only with another view, and then bit by bit. */
function Rows_<T extends object>({ view }: { view: View<T> }) {
  const { rows, columns, rowKey, loading, walk, empty, sorted, turns, turnTo } = view;
  return (
    <Table<T>
      size="small"
      rowKey={rowKey}
      dataSource={rows}
      loading={loading}
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={columns.map((column) => {
        const ways = turns(column);
        const order = ways.length > 0 ? { sorter: true, sortDirections: ways, sortOrder: sorted?.key === column.key ? sorted.turn : null, showSorterTooltip: false } : {};
        // A head that sorts is named by its words alone: antd would put a plain text on it as a label, beside those of the form's fields.
        const title = ways.length > 0 ? <>{column.title}</> : column.title;
        return { key: column.key, title, align: column.right ? "right" as const : "left" as const, render: (_: unknown, row: T) => column.cell(row), ...order };
      })}
      onChange={(_page, _filters, sorter) => {
        const one = Array.isArray(sorter) ? sorter[0] : sorter;
        const column = columns.find((known) => known.key === one?.columnKey);
        if (column) turnTo(column, one?.order ?? null);
      }}
      {...walk}
      locale={{ emptyText: loading ? " " : empty }}
    />
  );
}
const Rows = memo(Rows_) as typeof Rows_;

/** How a list is put in order: by the server over all its pages, or here where all of it is on the screen. */
function useOrder<T>({ pages, columns, sort }: Pick<ListProps<T>, "pages" | "columns" | "sort">) {
  const name = useWord();
  const [own, setOwn] = useState<Sorted | null>(null);
  const isWhole = !pages.back && !pages.on;
  const asked = columns.flatMap((column): Sorted[] => {
    const { up, down } = column.sort ?? {};
    return sort?.at && sort.at === up ? [{ key: column.key, turn: "ascend" }] : sort?.at && sort.at === down ? [{ key: column.key, turn: "descend" }] : [];
  })[0] ?? null;
  const sorted = isWhole && own ? own : asked;
  const turns = (column: Column<T>): Turn[] => {
    if (column.bare) return [];
    if (sort && column.sort) return [...(column.sort.up ? ["ascend" as const] : []), ...(column.sort.down ? ["descend" as const] : [])];
    return isWhole ? ["ascend", "descend"] : [];
  };
  const turnTo = (column: Column<T>, turn: Turn | null) => {
    const ofServer = sort && column.sort;
    setOwn(!ofServer && turn ? { key: column.key, turn } : null);
    if (ofServer) sort.set(turn === null ? undefined : turn === "ascend" ? column.sort?.up : column.sort?.down);
  };
  const by = isWhole && own ? columns.find((column) => column.key === own.key) : undefined;
  const turn = own?.turn;
  const rows = useMemo(() => {
    if (!by) return pages.rows;
    const ranked = pages.rows.map((row) => {
      if (by.rank) return { row, rank: by.rank(row) };
      const plain = plainOf(by.cell(row), name);
      return { row, rank: plain.text === "" ? (by.text?.(row) ?? "") : plain.rank };
    });
    return ranked.sort((one, other) => (one.rank === "" || other.rank === "" ? 1 : turn === "descend" ? -1 : 1) * byRank(one.rank, other.rank)).map(({ row }) => row);
    // The column is made anew with each drawing; its key and the rows tell whether the order changes.
  }, [by?.key, turn, pages.rows]);
  return { rows, sorted, turns, turnTo, isPart: !isWhole && columns.some((column) => !column.bare && turns(column).length === 0) };
}

/** A list of the server: `j` and `k` walk, Enter opens, pages go on by cursor; columns are chosen, filters kept, all of it exported. */
export function ListTable<T extends object>({ name, columns, pages, rowKey, open, opened, empty, sort }: ListProps<T>) {
  const say = useSay();
  const { shown, choose } = useColumns(name, columns);
  const { rows, sorted, turns, turnTo, isPart } = useOrder({ pages, columns: shown, ...(sort ? { sort } : {}) });
  const walk = useWalk({ rows, keyOf: rowKey, open, opened, page: pages.first });
  // The next page's fifty rows are drawn in slices between which the page answers; what was there stays until then. Whatever
  // else changes, a box that is ticked say, is drawn at once.
  const fresh: View<T> = { rows, columns: shown, rowKey, loading: pages.loading, walk, empty, sorted, turns, turnTo };
  const late = useDeferredValue(fresh);
  const view = late.rows.length === rows.length && late.rows.every((row, at) => row === rows[at]) ? fresh : late;
  // An order that the server refuses is taken back; asking again would only be refused again.
  const again = sort?.at && pages.error && asProblem(pages.error).status === REFUSED ? () => sort.set(undefined) : pages.again;
  if (pages.error && !pages.rows.length) return <Trouble error={pages.error} again={again} />;
  return (
    <div className={open ? "table picks" : "table"}>
      {pages.error && <Trouble error={pages.error} again={again} />}
      <div className="tools">
        <Views list={name} opened={opened} />
        <ColumnChoice columns={columns} shown={shown} choose={choose} />
        <Export name={name} columns={shown.filter((column) => !column.bare)} fetchPage={pages.fetchPage ?? (() => Promise.resolve({ items: pages.rows }))} />
      </div>
      <Rows view={view} />
      {(pages.back || pages.on) && (
        <div className="pager">
          {isPart && <span className="mute grow">{say("table.sort_part")}</span>}
          <span className="mute number">{say("table.rows", { from: pages.first, to: pages.first + rows.length - 1 })}</span>
          <Button size="small" disabled={!pages.back} onClick={() => pages.back?.()}>{say("table.back")}</Button>
          <Button size="small" disabled={!pages.on} onClick={() => pages.on?.()}>{say("table.on")}</Button>
        </div>
      )}
    </div>
  );
}
