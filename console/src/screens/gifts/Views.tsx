import DownOutlined from "@ant-design/icons/DownOutlined";
import { App, Button, Dropdown, Input } from "antd";
import { useState } from "react";
import { load, save } from "../../lib/stored";
import { useSay } from "../../words";
import type { Filter } from "./Gifts";

const KEPT = "views.gifts";
/** More names than this are a list that needs a search of its own. */
const VIEWS_MAX = 20;
type View = { name: string; filter: Filter };

/** Filters kept under a name, on this machine. */
export function Views({ filter, show }: { filter: Filter; show: (filter: Filter) => void }) {
  const say = useSay();
  const { modal } = App.useApp();
  const [views, setViews] = useState<View[]>(() => load<View[]>(KEPT) ?? []);
  const keep = (next: View[]) => {
    save(KEPT, next);
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
  const items = [
    ...views.map((view) => ({ key: `show ${view.name}`, label: view.name, onClick: () => show(view.filter) })),
    ...(views.length > 0 ? [{ type: "divider" as const }] : []),
    { key: "keep", label: say("views.keep"), disabled: Object.keys(filter).length === 0, onClick: ask },
    ...views.map((view) => ({ key: `drop ${view.name}`, danger: true, label: say("views.drop", { name: view.name }), onClick: () => keep(views.filter((kept) => kept !== view)) })),
  ];
  return <Dropdown menu={{ items }} trigger={["click"]}><Button>{say("views.title")} <DownOutlined /></Button></Dropdown>;
}
