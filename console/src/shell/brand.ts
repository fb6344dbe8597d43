import { useEffect, useState } from "react";
import { load, save } from "../lib/stored";
import { useUnits } from "../ui/units";
import { useSay } from "../words";

/** Our own vermilion, of design/look.md; a society's colour replaces it. */
const BRAND = "#B8442F";
const KEPT = "brand";

/** The society's colour, in large letters: antd takes another spelling for another colour and makes every style anew. */
export function useBrand(): string {
  // The colour of the last time, so that a page is dressed once.
  const [kept] = useState(() => load<string>(KEPT));
  const read = useUnits().root?.brand_color;
  return (read || kept || BRAND).toUpperCase();
}

/** Puts the society's colour and the house's name on the page. */
export function Brand(): null {
  const house = useSay()("house");
  const brand = useBrand();
  const read = useUnits().root?.brand_color;
  useEffect(() => void (document.title = house), [house]);
  useEffect(() => document.documentElement.style.setProperty("--brand", brand), [brand]);
  useEffect(() => {
    if (read) save(KEPT, read);
  }, [read]);
  return null;
}
