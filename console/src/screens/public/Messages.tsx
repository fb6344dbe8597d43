import { useNavigate, useSearch } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { Segmented } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { At, Empty, Facts, Screen, State } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { ListTable } from "../../ui/ListTable";
import { useProjects } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useSay, useWord } from "../../words";

type Message = Shape["MessageOut"];
const STATES = ["waiting", "shown", "refused"] as const;

/** Donors' words in every state; a decision can be taken back by the other one. */
export function Messages() {
  const say = useSay();
  const name = useWord();
  const { state = "waiting" } = useSearch({ from: "/known/shell/messages" });
  const navigate = useNavigate({ from: "/messages" });
  const queries = useQueryClient();
  const projects = useProjects();
  const [open, setOpen] = useState<Message | null>(null);
  const project = (id: string) => projects?.find((one) => one.id === id)?.title ?? id;
  const pages = usePages<Message>(["messages", state], ({ cursor, limit }) => takeList(api.GET("/api/v1/messages", { params: { query: { state, limit, ...(cursor ? { cursor } : {}) } } })));
  const columns = [
    { key: "words", title: say("work.message_words"), cell: (one: Message) => one.words },
    { key: "project", title: say("project"), cell: (one: Message) => project(one.project) },
    { key: "state", title: say("state"), cell: (one: Message) => <State word={one.state} /> },
    { key: "held", title: say("work.message_held"), cell: (one: Message) => (one.held_for ? name("message_held", one.held_for) : "") },
    { key: "written_at", title: say("messages.written_at"), cell: (one: Message) => <At at={one.written_at} /> },
  ];
  const after = () => {
    setOpen(null);
    void queries.invalidateQueries();
  };
  const choices = (message: Message): Choice[] => {
    const at = { params: { path: { order: message.order } } };
    const show: Choice = { key: "show", label: say("work.message_show"), look: "primary", done: say("work.message_shown"), run: () => api.POST("/api/v1/messages/{order}/show", at) };
    const refuse: Choice = { key: "refuse", label: say("work.message_refuse"), done: say("work.message_refused"), run: () => api.POST("/api/v1/messages/{order}/refuse", at) };
    if (message.state === "waiting") return [show, refuse];
    return [message.state === "shown" ? refuse : show];
  };
  return (
    <Screen title={say("messages.title")} lead={say("messages.lead")}>
      <div className="bar"><Segmented value={state} options={STATES.map((value) => ({ value, label: say(`state.${value}`) }))} onChange={(value) => { setOpen(null); void navigate({ search: { state: value } }); }} /></div>
      <div className={open ? "split open" : "split"}>
        <ListTable<Message> name="messages" columns={columns} pages={pages} rowKey={(one) => one.order} open={setOpen} opened={open?.order} empty={<Empty title={say("messages.none")}>{say("messages.none_hint")}</Empty>} />
        {open && (
          <Panel key={open.order} title={say("messages.one")} close={() => setOpen(null)} acts={<Decide effect={say("work.message_effect")} choices={choices(open)} after={after} />}>
            <p style={{ fontSize: 16 }}>{open.words}</p>
            <Facts of={[[say("project"), project(open.project)], [say("state"), <State key="s" word={open.state} />], [say("messages.written_at"), <At key="w" at={open.written_at} />]]} />
          </Panel>
        )}
      </div>
    </Screen>
  );
}
