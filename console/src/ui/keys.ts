import { useEffect, useRef } from "react";

/** Keys that mean something while nobody types: `/`, `j`, `k`, `Enter`, `?`. */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

const TYPING = "input, textarea, select, [contenteditable=true], .ant-select-dropdown, .ant-modal, .ant-picker-dropdown";

export function useKeys(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement | null;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || at?.closest?.(TYPING)) return;
      if (event.key === "Enter" && at?.closest?.("button, a, th")) return;
      const act = now.current[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
