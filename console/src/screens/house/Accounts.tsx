import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Tag, Typography } from "antd";
import { type ReactNode, useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { type Account, type OpenedAccount, renameAccount } from "../../api/network";
import { useMay } from "../../api/session";
import { At, Empty, Facts, Screen } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { type Column, ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";

const LIST = ["accounts"] as const;
/** The ways in which people give, in the order of reports. */
const CHANNELS = ["wechat", "alipay", "unionpay", "bank", "cash", "platform", "notice", "other"] as const;
/** Ways whose keys stand among the payment settings. */
const WITH_SETTINGS = new Set<string>(["wechat", "alipay"]);
const addressOf = (code: string): string => `${location.origin}/api/v1/notices/${code}`;

/** Where gifts come in: accounts of all ways, opened, renamed and closed here. */
export function Accounts() {
  const say = useSay();
  const name = useWord();
  const manages = useMay()("account_manage");
  const units = useUnits();
  const { account } = useSearch({ from: "/known/shell/accounts" });
  const navigate = useNavigate({ from: "/accounts" });
  const [making, setMaking] = useState(false);
  const [opened, setOpened] = useState<OpenedAccount | null>(null);
  const pages = usePages<Account>(LIST, ({ cursor, limit }) => takeList(api.GET("/api/v1/accounts", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  // One just opened may stand on a later page; its key is shown all the same.
  const shown: Account | undefined = pages.rows.find((one) => one.id === account) ?? (opened?.id === account ? opened ?? undefined : undefined);
  const show = (id: string | undefined) => {
    setMaking(false);
    setOpened(null);
    void navigate({ search: { account: id } });
  };
  const made = (fresh: OpenedAccount) => {
    setMaking(false);
    setOpened(fresh);
    void navigate({ search: { account: fresh.id } });
  };
  const columns: Column<Account>[] = [
    { key: "name", title: say("accounts.name"), cell: (one) => one.name },
    { key: "channel", title: say("accounts.channel"), cell: (one) => <>{name("channel", one.channel)} {one.channel === "notice" && <Tag>{say("accounts.is_notice")}</Tag>}</> },
    { key: "unit", title: say("unit"), cell: (one) => units.name(one.unit) },
    { key: "code", title: say("accounts.code"), cell: (one) => <span className="code">{one.code}</span> },
    { key: "number", title: say("accounts.number"), cell: (one) => one.masked_number },
    { key: "opened_on", title: say("accounts.opened_on"), cell: (one) => one.opened_on },
    { key: "state", title: say("state"), cell: (one) => <Standing account={one} /> },
  ];
  const begin = () => {
    show(undefined);
    setMaking(true);
  };
  return (
    <Screen title={say("accounts.title")} lead={say("accounts.lead")} acts={manages && <Button type="primary" onClick={begin}>{say("accounts.new")}</Button>}>
      <div className={shown || making ? "split open" : "split"}>
        <ListTable<Account> name="accounts" columns={columns} pages={pages} rowKey={(one) => one.id} opened={account} open={(one) => show(one.id)} empty={<Empty title={say("accounts.none")}>{say("accounts.none_hint")}</Empty>} />
        {making && <NewAccount close={() => setMaking(false)} made={made} />}
        {shown && !making && <AccountPanel key={shown.id} account={shown} secret={opened?.id === shown.id ? opened.notice_secret : null} renewed={setOpened} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function Standing({ account }: { account: Account }) {
  const say = useSay();
  return account.closed_at ? <Tag>{say("accounts.closed")}</Tag> : <Tag color="success">{say("accounts.works")}</Tag>;
}

type PanelProps = { account: Account; secret: string | null; renewed: (fresh: OpenedAccount) => void; close: () => void };

function AccountPanel({ account, secret, renewed, close }: PanelProps) {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const queries = useQueryClient();
  const may = useMay();
  const [asked, setAsked] = useState<"rename" | "rotate" | "close" | null>(null);
  const at = { params: { path: { account: account.id } } };
  const after = () => {
    setAsked(null);
    void queries.invalidateQueries();
  };
  const cancel: Choice = { key: "cancel", label: say("cancel"), open: () => setAsked(null) };
  const forms: Record<"rename" | "rotate" | "close", () => ReactNode> = {
    rename: () => <QuickForm<{ name: string }> fields={[{ name: "name", label: say("accounts.name"), chars: 60 }]} initial={{ name: account.name }} effect={say("accounts.rename_effect")} button={say("save")} done={say("saved")} submit={(entered) => renameAccount(account.id, entered.name.trim())} after={after} cancel={() => setAsked(null)} />,
    rotate: () => <Decide effect={say("accounts.rotate_effect")} choices={[{ key: "rotate", label: say("accounts.rotate"), look: "primary", done: say("accounts.rotate_done"), run: async () => renewed(await take(api.POST("/api/v1/accounts/{account}/secret", at))) }, cancel]} after={after} />,
    close: () => <Decide effect={say("accounts.close_effect")} choices={[{ key: "close", label: say("accounts.close"), look: "danger", done: say("accounts.close_done"), run: () => api.POST("/api/v1/accounts/{account}/close", at) }, cancel]} after={after} />,
  };
  let acts: ReactNode = null;
  if (may("account_manage") && !account.closed_at) {
    acts = asked ? forms[asked]() : (
      <div className="buttons">
        {(["rename", "rotate", "close"] as const).map((one) => <Button key={one} danger={one === "close"} onClick={() => setAsked(one)}>{say(`accounts.${one}`)}</Button>)}
      </div>
    );
  }
  return (
    <Panel title={account.name} close={close} acts={acts}>
      {secret && <Alert type="success" title={say("accounts.secret_once")} description={<Typography.Text copyable code style={{ wordBreak: "break-all" }} data-secret>{secret}</Typography.Text>} />}
      <Facts of={[
        [say("state"), <Standing key="s" account={account} />],
        [say("accounts.channel"), name("channel", account.channel)],
        [say("unit"), units.name(account.unit)],
        [say("accounts.code"), <span key="c" className="code">{account.code}</span>],
        [say("accounts.number"), account.masked_number],
        [say("accounts.opened_on"), account.opened_on],
        [say("accounts.closed_at"), account.closed_at && <At key="e" at={account.closed_at} />],
        [say("accounts.address"), <Typography.Text key="a" copyable code style={{ wordBreak: "break-all" }}>{addressOf(account.code)}</Typography.Text>],
        [say("accounts.settings"), WITH_SETTINGS.has(account.channel) && <Link key="p" to="/payments">{say("accounts.to_settings")}</Link>],
      ]} />
      {account.channel === "notice" && <p className="mute">{say("accounts.notice_hint")}</p>}
      <History of={account.id} />
    </Panel>
  );
}

function NewAccount({ close, made }: { close: () => void; made: (fresh: OpenedAccount) => void }) {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const submit = async (body: Shape["AddAccount"]) => {
    const fresh = await take(api.POST("/api/v1/accounts", { body }));
    await queries.invalidateQueries({ queryKey: LIST });
    made(fresh);
  };
  return (
    <Panel title={say("accounts.new")} close={close}>
      <QuickForm<Shape["AddAccount"]>
        fields={[
          { name: "unit", kind: "choice", label: say("unit"), options: units.options },
          { name: "channel", kind: "choice", label: say("accounts.channel"), options: CHANNELS.map((value) => ({ value, label: name("channel", value) })) },
          { name: "name", label: say("accounts.name"), chars: 60 },
          { name: "code", label: say("accounts.code"), hint: say("accounts.code_hint"), chars: 32 },
          { name: "number", label: say("accounts.number"), hint: say("accounts.number_hint"), optional: true, personal: true },
          { name: "opened_on", kind: "day", label: say("accounts.opened_on"), optional: true },
        ]}
        initial={own ? { unit: own.id } : {}} effect={say("accounts.new_effect")} button={say("accounts.make")} done={say("saved")} submit={submit} after={() => undefined} cancel={close}
      />
    </Panel>
  );
}
