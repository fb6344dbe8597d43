import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useState } from "react";
import { useMay } from "../../api/session";
import { Act, Empty, Money, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { useSay, useWord } from "../../words";
import { LotAppraisals } from "./Appraisals";
import { confirmValue, unvaluedOf } from "./more";

/** Given goods without a value in the books: a second person confirms what the evidence says, or an appraiser is asked. */
export function UnvaluedGoods({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const may = useMay()("goods_approve");
  const queries = useQueryClient();
  const [wrong, setWrong] = useState<unknown>(null);
  const read = useQuery({ queryKey: ["unvalued", unit], queryFn: () => unvaluedOf(unit) });
  const confirm = async (lot: string) => {
    setWrong(null);
    try {
      await confirmValue(lot);
      await queries.invalidateQueries();
    } catch (error) {
      setWrong(error);
    }
  };
  return (
    <Panel title={say("unvalued.title")} close={close}>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {wrong !== null && <Trouble error={wrong} />}
      {read.isPending && <Skeleton active />}
      {read.data?.length === 0 && <Empty title={say("unvalued.none")}>{say("unvalued.none_hint")}</Empty>}
      <ul data-unvalued={read.data?.length} style={{ display: "grid", gap: 10 }}>
        {read.data?.map((row) => (
          <li key={row.lot}>
            {row.item_name} {row.quantity.toLocaleString("en")} {row.unit_word}{" "}
            {row.claimed_fen === null ? <><span className="mute">{say(row.appraisal === "asked" ? "unvalued.asked" : "unvalued.to_appraise")}</span><LotAppraisals unit={unit} lot={row.lot} /></> : (
              <>
                <Money fen={row.claimed_fen} /> <span className="mute">{name("value_basis", row.basis ?? "")} {row.evidence}</span>{" "}
                <Act size="small" why={may ? null : say("may_not", { permission: say("permission.goods_approve") })} onClick={() => void confirm(row.lot)}>{say("unvalued.confirm")}</Act>
              </>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
