import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useMay } from "../../api/session";
import { At, Trouble } from "../../ui/basics";
import { useSay } from "../../words";
import { type Photo, type PhotosOf, photoBytes, photosOf } from "./phones";

/** So many stand in a panel at once; the others are asked for. */
const SHOWN = 12;

/** What phones photographed of a lot or an order. A picture is fetched when somebody wants to see it. */
export function GoodsPhotos({ unit, of }: { unit: string; of: PhotosOf }) {
  const say = useSay();
  const may = useMay();
  const sees = may("goods_manage") || may("goods_approve") || (may("audit_read") && may("goods_read"));
  const [open, setOpen] = useState("");
  const [all, setAll] = useState(false);
  const read = useQuery({ queryKey: ["goods-photos", unit, of], enabled: sees, queryFn: () => photosOf(unit, of) });
  if (!sees) return null;
  const rows = read.data ?? [];
  return (
    <section className="section" data-photos={read.data?.length}>
      <h3>{say("phones.sheet_photos")}</h3>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {read.data && rows.length === 0 && <p className="mute">{say("phones.none_photos")}</p>}
      <ul style={{ display: "grid", gap: 6 }}>
        {rows.slice(0, all ? rows.length : SHOWN).map((photo) => (
          <li key={photo.id}>
            <At at={photo.taken_at} /> · {photo.device_name} {photo.note && <span>· {photo.note}</span>}{" "}
            {photo.length === null ? <span className="mute">{say("phones.awaited")}</span>
              : <Button size="small" aria-expanded={open === photo.id} onClick={() => setOpen(open === photo.id ? "" : photo.id)}>{say(open === photo.id ? "phones.photo_hide" : "phones.photo_show")}</Button>}
            {open === photo.id && <Picture photo={photo} />}
          </li>
        ))}
      </ul>
      {rows.length > SHOWN && !all && <Button size="small" onClick={() => setAll(true)}>{say("phones.photos_all", { count: rows.length })}</Button>}
    </section>
  );
}

/** The picture itself, which is for officers only. */
export function Picture({ photo }: { photo: Photo }): ReactNode {
  const say = useSay();
  const [address, setAddress] = useState("");
  const read = useQuery({ queryKey: ["goods-photo", photo.id], queryFn: () => photoBytes(photo.id), staleTime: Number.POSITIVE_INFINITY, gcTime: 0 });
  useEffect(() => {
    if (!read.data) return;
    const made = URL.createObjectURL(read.data);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [read.data]);
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  return address ? <img src={address} alt={photo.note || say("phones.sheet_photos")} style={{ maxWidth: "100%" }} /> : null;
}
