import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, AutoComplete, Button, Input, Select } from "antd";
import { useState } from "react";
import { api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Empty, Screen } from "../../ui/basics";
import { DayInput } from "../../ui/forms";
import { ListTable } from "../../ui/ListTable";
import { asOptions, useAccounts, useProjects } from "../../ui/lists";
import { type FetchPage, type Pages, usePages } from "../../ui/pages";
import { useSay } from "../../words";
import { useGiftColumns } from "./columns";
import type { Gift } from "./GiftFacts";
import { GiftPanel } from "./GiftPanel";

type Filter = { project?: string; account?: string; channel?: string; from?: string; to?: string; standing?: string };
const CHANNELS = ["wechat", "alipay", "unionpay", "bank", "cash", "platform", "notice", "match", "other"] as const;
const STANDINGS = ["confirmed", "partly_refunded", "refunded", "taken_back"] as const;
/** A public id: 26 letters of base32. */
const GIFT = /^[a-z2-7]{26}$/;
const LIST = "gifts";

/** The filter alone, without what is open beside it. */
function filterOf({ project, account, channel, from, to, standing }: Filter): Filter {
  const all = { project, account, channel, from, to, standing };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

export function Gifts() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/gifts" });
  const navigate = useNavigate({ from: "/gifts" });
  const columns = useGiftColumns();
  const [phone, setPhone] = useState<string | null>(null);
  const filter = filterOf(search);
  const fetchPage: FetchPage<Gift> = (at) => takeList(api.GET("/api/v1/gifts", {
    params: { query: { ...filter, ...(search.sort ? { sort: search.sort } : {}), limit: at.limit, ...(at.cursor ? { cursor: at.cursor } : {}) } },
  }));
  const pages = usePages<Gift>([LIST, filter, search.sort ?? null], fetchPage, { live: true });
  const of = useOfPhone(phone);
  const open = (gift: string | undefined) => void navigate({ search: { ...search, gift } });
  const find = (text: string) => {
    const wanted = text.trim();
    if (GIFT.test(wanted)) open(wanted);
    else setPhone(wanted || null);
  };
  const filtered = Object.keys(filter).length > 0;
  return (
    <Screen
      title={say("gifts.title")}
      lead={say("gifts.lead")}
    >
      <Bar filter={filter} set={(change) => void navigate({ search: { ...search, ...change, gift: undefined } })} find={find} />
      {phone !== null && (
        <Alert type="info" style={{ marginBottom: 12 }} title={say("gifts.of_phone", { phone: `${phone.slice(0, 3)}****${phone.slice(-4)}` })}
          action={<Button size="small" onClick={() => setPhone(null)}>{say("gifts.all_again")}</Button>} />
      )}
      <div className={search.gift ? "split open" : "split"}>
        <ListTable<Gift>
          name={LIST} columns={columns} pages={phone === null ? pages : of} rowKey={(gift) => gift.gift} opened={search.gift} open={(gift) => open(gift.gift)}
          {...(phone === null ? { sort: { at: search.sort, set: (sort) => void navigate({ search: { ...search, sort } }) } } : {})}
          empty={<Empty title={say(filtered || phone !== null ? "gifts.none_fit" : "gifts.none")}>{filtered && <Button onClick={() => void navigate({ search: {} })}>{say("filter.clear")}</Button>}</Empty>}
        />
        {search.gift && <GiftPanel key={search.gift} gift={search.gift} close={() => open(undefined)} />}
      </div>
    </Screen>
  );
}

/** For the helpdesk: the gifts of a telephone number, which no list shows. */
function useOfPhone(phone: string | null): Pages<Gift> {
  const read = useQuery({
    queryKey: ["gifts", "of_phone", phone], enabled: phone !== null, gcTime: 0,
    queryFn: () => takeList(api.POST("/api/v1/gifts/of_phone", { body: { phone: phone ?? "" } })),
  });
  return {
    rows: read.data?.items ?? [], first: 1, loading: read.isPending, refreshing: read.isFetching, error: read.error,
    again: () => void read.refetch(), back: null, on: null,
  };
}

function Bar({ filter, set, find }: { filter: Filter; set: (change: Filter) => void; find: (text: string) => void }) {
  const say = useSay();
  const may = useMay();
  const accounts = useAccounts();
  const projects = useProjects();
  const choice = (key: keyof Filter, options: { value: string; label: string }[], label: string) => (
    <Select
      allowClear showSearch={{ optionFilterProp: "label" }} style={{ minWidth: 130 }} popupMatchSelectWidth={false} placeholder={label} aria-label={label}
      value={filter[key] ?? null} options={options} onChange={(value) => set({ [key]: value ?? undefined })}
    />
  );
  const typed = (key: "project" | "account", label: string) => (
    <AutoComplete style={{ width: 140 }} placeholder={label} aria-label={label} defaultValue={filter[key] ?? ""}
      onBlur={(event) => set({ [key]: (event.target as HTMLInputElement).value.trim() || undefined })} />
  );
  return (
    <div className="bar">
      {may("gift_read") && <Input.Search data-search style={{ width: 240 }} placeholder={say("gifts.find")} aria-label={say("gifts.find")} allowClear onSearch={find} />}
      <div style={{ width: 132 }}><DayInput value={filter.from} placeholder={say("from")} onChange={(day) => set({ from: day })} /></div>
      <div style={{ width: 132 }}><DayInput value={filter.to} placeholder={say("to")} onChange={(day) => set({ to: day })} /></div>
      {projects ? choice("project", asOptions(projects), say("project")) : typed("project", say("project"))}
      {choice("channel", CHANNELS.map((value) => ({ value, label: say(`channel.${value}`) })), say("channel"))}
      {accounts ? choice("account", asOptions(accounts), say("account")) : typed("account", say("account"))}
      {choice("standing", STANDINGS.map((value) => ({ value, label: say(`standing.${value}`) })), say("gifts.standing"))}
      {Object.keys(filter).length > 0 && (
        <Button type="link" onClick={() => set({ project: undefined, account: undefined, channel: undefined, from: undefined, to: undefined, standing: undefined } as never)}>{say("filter.clear")}</Button>
      )}
    </div>
  );
}
