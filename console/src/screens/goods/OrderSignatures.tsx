import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Act, At, Trouble } from "../../ui/basics";
import { Signature } from "../../ui/Signature";
import { useSay } from "../../words";

/** Who signed for the goods of an order, in full and with what was drawn. Asked for by who keeps the store, never shown by itself. */
export function OrderSignatures({ dispatch }: { dispatch: string }) {
  const say = useSay();
  const mine = useMay()("goods_manage");
  const [open, setOpen] = useState(false);
  const read = useQuery({ queryKey: ["signatures", dispatch], enabled: mine && open, gcTime: 0, queryFn: () => takeList(api.GET("/api/v1/goods/dispatches/{dispatch}/signatures", { params: { path: { dispatch } } })) });
  if (!mine) return null;
  const rows = open ? read.data?.items : undefined;
  return (
    <section className="section">
      <h3>{say("signatures.title")}</h3>
      {!open && <Act size="small" onClick={() => setOpen(true)}>{say("signatures.show")}</Act>}
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {rows?.length === 0 && <p className="mute">{say("signatures.none")}</p>}
      <ol data-signatures={rows?.length} style={{ display: "grid", gap: 8 }}>
        {rows?.map((one, n) => (
          <li key={n}>
            <At at={one.signed_at} /> · {one.signer} · {one.item} {one.quantity.toLocaleString("en")} {one.unit_word} · {say(`proof.${one.proof}`)}
            {one.drawn && <Signature drawn={one.drawn} label={say("signatures.drawn")} />}
          </li>
        ))}
      </ol>
    </section>
  );
}
