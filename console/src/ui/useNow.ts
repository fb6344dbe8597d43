import { useEffect, useState } from "react";

/** The moment now, told again at this pace. */
export function useNow(pace_ms: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const tick = setInterval(() => setNow(new Date()), pace_ms);
    return () => clearInterval(tick);
  }, [pace_ms]);
  return now;
}
