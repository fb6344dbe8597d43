import { useSyncExternalStore } from "react";

/** A phone, as the styles see it. */
const PHONE = "(max-width: 820px)";

function listen(told: () => void): () => void {
  const width = matchMedia(PHONE);
  width.addEventListener("change", told);
  return () => width.removeEventListener("change", told);
}

/** Whether this is a phone's width. */
export const useNarrow = (): boolean => useSyncExternalStore(listen, () => matchMedia(PHONE).matches);
