import { App, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { load, save } from "../lib/stored";
import { BRAND, theme } from "../theme";
import { useUnits } from "../ui/units";
import { useLanguage, useSay } from "../words";

const KEPT = "brand";

/** Colours and antd's own words, by the society and the reader. */
export function Dress({ children }: { children: ReactNode }) {
  const language = useLanguage();
  const say = useSay();
  // The colour of the last time, so that a page is dressed once: another one makes every style anew, a second on a slow machine.
  const [kept] = useState(() => load<string>(KEPT));
  const read = useUnits().root?.brand_color;
  const brand = (read || kept || BRAND).toUpperCase();
  const dress = useMemo(() => theme(brand), [brand]);
  useEffect(() => {
    dayjs.locale(language === "en" ? "en" : "zh-cn");
    document.title = say("house");
  }, [language, say]);
  useEffect(() => document.documentElement.style.setProperty("--brand", brand), [brand]);
  useEffect(() => {
    if (read) save(KEPT, read);
  }, [read]);
  return (
    <ConfigProvider locale={language === "en" ? en : zh} theme={dress} button={{ autoInsertSpace: false }}>
      <App>{children}</App>
    </ConfigProvider>
  );
}
