import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { At, Empty, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { useSay, useWord } from "../../words";

/** Papers that name a donor in full. */
const NAMING = ["receipt_note", "donation_letter", "agreement"];

/** The numbered papers of the store, the newest first: receipt notes, count sheets, scrap notes and the others, each to be opened. */
export function StorePapers({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const mine = useMay()("goods_manage");
  const read = useQuery({ queryKey: ["papers", unit], queryFn: () => takeList(api.GET("/api/v1/goods/{unit}/papers", { params: { path: { unit } } })) });
  return (
    <Panel title={say("papers.title")} close={close}>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {read.isPending && <Skeleton active />}
      {read.data?.items.length === 0 && <Empty title={say("papers.none")}>{say("papers.none_hint")}</Empty>}
      <ul data-papers={read.data?.items.length} style={{ display: "grid", gap: 6 }}>
        {read.data?.items.map((paper) => (
          <li key={paper.address}>
            {mine || !NAMING.includes(paper.kind) ? <a href={paper.address} target="_blank" rel="noreferrer" className="number">{paper.number}</a> : <span className="number" title={say("papers.names_donor")}>{paper.number}</span>} {name("paper", paper.kind)} <span className="mute"><At at={paper.made_at} /></span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
