import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented, Select } from "antd";
import { api, take } from "../../api/client";
import { dayOf, monthOf } from "../../lib/time";
import { At, Screen, Trouble } from "../../ui/basics";
import { DayInput } from "../../ui/forms";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { Entries } from "./Entries";
import { Activities, BalanceSheet, TrialBalance } from "./sheets";

const SHEETS = ["trial", "balance", "activities"] as const;
type Sheet = (typeof SHEETS)[number];
export type Span = { unit?: string; from?: string; to?: string };

const given = <T extends object>(all: T): T => Object.fromEntries(Object.entries(all).filter(([, value]) => value)) as T;
const ADDRESS = { trial: "trial-balance", balance: "balance-sheet", activities: "activities" } as const;

/** The statements of the books; from a balance one comes to its entries. */
export function Books() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/books" });
  const navigate = useNavigate({ from: "/books" });
  const units = useUnits();
  const sheet: Sheet = SHEETS.find((known) => known === search.sheet) ?? "trial";
  const span: Span = given({ unit: search.unit, from: search.from, to: search.to }) as Span;
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, ...change } });
  const asked: Record<Sheet, Record<string, string>> = {
    trial: given({ ...span }) as Record<string, string>,
    balance: given({ unit: span.unit ?? "", to: span.to ?? "" }),
    activities: given({ unit: span.unit ?? "", month: monthOf(span.to ?? dayOf(new Date())) }),
  };
  const file = (format: string) => `/api/v1/books/${ADDRESS[sheet]}?${new URLSearchParams({ ...asked[sheet], format })}`;
  const keeping = units.all.filter((unit) => unit.books === "own").map((unit) => ({ value: unit.id, label: unit.name }));
  return (
    <Screen
      title={say("books.title")} lead={say("books.lead")}
      acts={<><Button href={file("xlsx")}>{say("export.xlsx")}</Button><Button href={file("csv")}>{say("export.csv")}</Button></>}
    >
      <div className="bar">
        <Segmented value={sheet} options={SHEETS.map((value) => ({ value, label: say(`books.${value}`) }))} onChange={(value) => set({ sheet: value, account: undefined })} />
        <Select style={{ minWidth: 200 }} allowClear placeholder={say("books.all_units")} aria-label={say("unit")} options={keeping} value={search.unit ?? null} onChange={(unit) => set({ unit: unit ?? undefined })} />
        {sheet === "trial" && <div style={{ width: 140 }}><DayInput value={search.from} placeholder={say("from")} onChange={(from) => set({ from })} /></div>}
        <div style={{ width: 140 }}><DayInput value={search.to} placeholder={say(sheet === "activities" ? "books.month" : "to")} onChange={(to) => set({ to })} /></div>
      </div>
      {sheet === "trial" && <Trial span={span} account={search.account} open={(account) => set({ account })} />}
      {sheet === "balance" && <Balance query={asked.balance} />}
      {sheet === "activities" && <Activity query={asked.activities} />}
    </Screen>
  );
}

function Trial({ span, account, open }: { span: Span; account: string | undefined; open: (account: string | undefined) => void }) {
  const read = useQuery({ queryKey: ["books", "trial", span], queryFn: () => take(api.GET("/api/v1/books/trial-balance", { params: { query: span } })) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  return (
    <>
      <AsOf at={read.data?.as_of} />
      <div className={account ? "split open" : "split"}>
        <TrialBalance sheet={read.data} account={account} open={open} />
        {account && <Entries key={account} account={account} line={read.data?.lines.find((line) => line.code === account)} span={span} close={() => open(undefined)} />}
      </div>
    </>
  );
}

function Balance({ query }: { query: Record<string, string> }) {
  const read = useQuery({ queryKey: ["books", "balance", query], queryFn: () => take(api.GET("/api/v1/books/balance-sheet", { params: { query } })) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  return <><AsOf at={read.data?.as_of} /><BalanceSheet sheet={read.data} /></>;
}

function Activity({ query }: { query: Record<string, string> }) {
  const read = useQuery({ queryKey: ["books", "activities", query], queryFn: () => take(api.GET("/api/v1/books/activities", { params: { query } })) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  return <><AsOf at={read.data?.as_of} /><Activities sheet={read.data} /></>;
}

function AsOf({ at }: { at: string | undefined }) {
  const say = useSay();
  return <p className="mute" style={{ marginBottom: 8 }}>{at ? <>{say("as_of")} <At at={at} /></> : say("loading")}</p>;
}
