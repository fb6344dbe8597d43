import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented, Select } from "antd";
import { api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { dayOf, monthOf } from "../../lib/time";
import { At, Screen, Trouble } from "../../ui/basics";
import { DayInput } from "../../ui/forms";
import { useProjects } from "../../ui/lists";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { Entries } from "./Entries";
import { Activities, BalanceSheet, CashFlow, TrialBalance, UseRates } from "./sheets";

const SHEETS = ["trial", "balance", "activities", "cash", "use"] as const;
type Sheet = (typeof SHEETS)[number];
/** Names of campaigns that one answer holds. */
const CAMPAIGNS_MAX = 500;
export type Span = { unit?: string; from?: string; to?: string };

const given = <T extends object>(all: T): T => Object.fromEntries(Object.entries(all).filter(([, value]) => value)) as T;
const ADDRESS = { trial: "trial-balance", balance: "balance-sheet", activities: "activities", cash: "cash-flow", use: "use-rate" } as const;
const WAYS = ["unit", "campaign", "project"] as const;

/** The statements of the books; from a balance one comes to its entries. */
export function Books() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/books" });
  const navigate = useNavigate({ from: "/books" });
  const units = useUnits();
  const may = useMay();
  const sheets = SHEETS.filter((one) => one !== "use" || may("report_read"));
  const by = WAYS.find((known) => known === search.by) ?? "unit";
  const sheet: Sheet = sheets.find((known) => known === search.sheet) ?? "trial";
  const span: Span = given({ unit: search.unit, from: search.from, to: search.to }) as Span;
  const unit: Span = given({ unit: search.unit }) as Span;
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, ...change } });
  const asked: Record<Sheet, Record<string, string>> = {
    trial: given({ ...span }) as Record<string, string>,
    balance: given({ unit: span.unit ?? "", to: span.to ?? "" }),
    activities: given({ unit: span.unit ?? "", month: monthOf(span.to ?? dayOf(new Date())) }),
    cash: given({ unit: span.unit ?? "", to: span.to ?? "" }),
    use: given({ ...span, by }) as Record<string, string>,
  };
  const file = (format: string) => `/api/v1/books/${ADDRESS[sheet]}?${new URLSearchParams({ ...asked[sheet], format })}`;
  const keeping = units.all.filter((unit) => unit.books === "own").map((unit) => ({ value: unit.id, label: unit.name }));
  return (
    <Screen
      title={say("books.title")} lead={say("books.lead")}
      acts={<><Button href={file("xlsx")}>{say("export.xlsx")}</Button><Button href={file("csv")}>{say("export.csv")}</Button></>}
    >
      <div className="bar">
        <Segmented value={sheet} options={sheets.map((value) => ({ value, label: say(`books.${value}`) }))} onChange={(value) => set({ sheet: value, account: undefined })} />
        <Select style={{ minWidth: 200 }} allowClear placeholder={say("books.all_units")} aria-label={say("unit")} options={keeping} value={search.unit ?? null} onChange={(unit) => set({ unit: unit ?? undefined })} />
        {sheet === "use" && <Select style={{ minWidth: 120 }} aria-label={say("books.use_of")} value={by} options={WAYS.map((value) => ({ value, label: say(`books.by_${value}`) }))} onChange={(way) => set({ by: way })} />}
        {(sheet === "trial" || sheet === "use") && <div style={{ width: 140 }}><DayInput value={search.from} placeholder={say("from")} onChange={(from) => set({ from })} /></div>}
        <div style={{ width: 140 }}><DayInput value={search.to} placeholder={say(sheet === "activities" ? "books.month" : "to")} onChange={(to) => set({ to })} /></div>
      </div>
      {sheet === "trial" && <Trial span={span} account={search.account} open={(account) => set({ account })} />}
      {sheet === "balance" && <Balance query={asked.balance} unit={unit} />}
      {sheet === "activities" && <Activity query={asked.activities} unit={unit} />}
      {sheet === "cash" && <Cash query={asked.cash} unit={unit} />}
      {sheet === "use" && <Use query={asked.use} unit={unit} />}
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

type Asked = { query: Record<string, string>; unit: Span };

function Balance({ query, unit }: Asked) {
  const read = useQuery({ queryKey: ["books", "balance", query], queryFn: () => take(api.GET("/api/v1/books/balance-sheet", { params: { query } })) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  return <><AsOf at={read.data?.as_of} /><BalanceSheet sheet={read.data} unit={unit} /></>;
}

function Activity({ query, unit }: Asked) {
  const read = useQuery({ queryKey: ["books", "activities", query], queryFn: () => take(api.GET("/api/v1/books/activities", { params: { query } })) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  return <><AsOf at={read.data?.as_of} /><Activities sheet={read.data} unit={unit} /></>;
}

function Cash({ query, unit }: Asked) {
  const read = useQuery({ queryKey: ["books", "cash", query], queryFn: () => take(api.GET("/api/v1/books/cash-flow", { params: { query } })) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  return <><AsOf at={read.data?.as_of} /><CashFlow sheet={read.data} unit={unit} /></>;
}

function Use({ query, unit }: Asked) {
  const units = useUnits();
  const projects = useProjects();
  const campaigns = useQuery({ queryKey: ["campaigns", "names"], enabled: query.by === "campaign", queryFn: () => takeList(api.GET("/api/v1/campaigns", { params: { query: { limit: CAMPAIGNS_MAX } } })) });
  const read = useQuery({ queryKey: ["books", "use", query], queryFn: () => take(api.GET("/api/v1/books/use-rate", { params: { query } })) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  const nameOf = (subject: string) => projects?.find((one) => one.id === subject)?.title ?? campaigns.data?.items.find((one) => one.id === subject)?.plan.title ?? units.name(subject);
  return <><AsOf at={read.data?.as_of} /><UseRates sheet={read.data} nameOf={nameOf} unit={unit} /></>;
}

function AsOf({ at }: { at: string | undefined }) {
  const say = useSay();
  return <p className="mute" style={{ marginBottom: 8 }}>{at ? <>{say("as_of")} <At at={at} /></> : say("loading")}</p>;
}
