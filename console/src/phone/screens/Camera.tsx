import { useEffect, useRef, useState } from "react";
import { hasCamera, watch } from "../lib/scan";
import type { Say } from "../words";

/** The camera's picture; tells each code it reads. */
export function Camera({ say, onCode, onClose }: { say: Say; onCode: (text: string) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const tell = useRef(onCode);
  tell.current = onCode;
  const [trouble, setTrouble] = useState(hasCamera() ? "" : say("no_camera"));
  useEffect(() => {
    const shown = video.current;
    if (!shown || !hasCamera()) return;
    let stop: (() => void) | null = null;
    let isGone = false;
    watch(shown, (text) => tell.current(text)).then((end) => {
      if (isGone) end();
      else stop = end;
    }).catch((fault: unknown) => {
      const name = fault instanceof Error ? fault.name : "";
      setTrouble(say(name === "NotAllowedError" ? "camera_denied" : "no_camera"));
    });
    return () => {
      isGone = true;
      stop?.();
    };
  }, [say]);
  return (
    <div className="camera">
      {trouble ? <p className="warn" role="alert">{trouble}</p> : <video ref={video} muted playsInline aria-label={say("camera")} />}
      <button type="button" onClick={onClose}>{say("close_camera")}</button>
    </div>
  );
}
