import DownOutlined from "@ant-design/icons/DownOutlined";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { App, Button, Dropdown, Input } from "antd";
import { useState } from "react";
import { load, save } from "../lib/stored";
import { useSay } from "../words";

/** More names than this are a list that needs a search of its own. */
const VIEWS_MAX = 20;
type Filter = Record<string, string>;
type View = { name: string; filter: Filter };

/** What a list is narrowed to and how it is sorted, as its address says; what is open beside it stays out. */
export function filterOf(search: object, opened: string | null | undefined): Filter {
  // A row may be opened under two words of the address at once, a case and its stage.
  const open = [opened, ...(opened ?? "").split(" ")];
  const said = Object.entries(search as Record<string, unknown>).filter((one): one is [string, string] => typeof one[1] === "string" && one[1] !== "" && !open.includes(one[1]));
  return Object.fromEntries(said);
}

/** Filters of a list kept under a name, on this machine; nothing where a list has none. */
export function Views({ list, opened }: { list: string; opened: string | null | undefined }) {
  const say = useSay();
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const search = useRouterState({ select: (state) => state.location.search as object });
  const kept = `views.${list}`;
  const [views, setViews] = useState<View[]>(() => load<View[]>(kept) ?? []);
  const filter = filterOf(search, opened);
  const keep = (next: View[]) => {
    save(kept, next);
    setViews(next);
  };
  const ask = () => {
    let name = "";
    modal.confirm({
      title: say("views.keep"), icon: null, okText: say("save"), cancelText: say("cancel"),
      content: <Input autoFocus maxLength={30} aria-label={say("views.name")} placeholder={say("views.name")} onChange={(event) => { name = event.target.value.trim(); }} />,
      onOk: () => (name ? keep([...views.filter((view) => view.name !== name), { name, filter }].slice(-VIEWS_MAX)) : Promise.reject(new Error("a view needs a name"))),
    });
  };
  const none = Object.keys(filter).length === 0;
  if (none && views.length === 0) return null;
  const show = (view: View) => void navigate({ to: ".", search: view.filter as never });
  const items = [
    ...views.map((view) => ({ key: `show ${view.name}`, label: view.name, onClick: () => show(view) })),
    ...(views.length > 0 ? [{ type: "divider" as const }] : []),
    { key: "keep", label: say("views.keep"), disabled: none, onClick: ask },
    ...views.map((view) => ({ key: `drop ${view.name}`, danger: true, label: say("views.drop", { name: view.name }), onClick: () => keep(views.filter((one) => one !== view)) })),
  ];
  return <Dropdown menu={{ items }} trigger={["click"]}><Button>{say("views.title")} <DownOutlined /></Button></Dropdown>;
}
