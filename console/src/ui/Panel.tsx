import CloseOutlined from "@ant-design/icons/CloseOutlined";
import { Button } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { useSay } from "../words";

type PanelProps = { title: ReactNode; close: () => void; children: ReactNode; acts?: ReactNode };

/** One row opened beside its table; on a phone it takes the screen. Escape closes it. */
export function Panel({ title, close, children, acts }: PanelProps) {
  const say = useSay();
  const closing = useRef(close);
  closing.current = close;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) closing.current();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return (
    <aside className="panel" aria-label={say("panel")}>
      <header>
        <h2>{title}</h2>
        <Button type="text" icon={<CloseOutlined />} aria-label={say("close")} onClick={close} />
      </header>
      <div className="body">{children}</div>
      {acts && <div className="acts">{acts}</div>}
    </aside>
  );
}
