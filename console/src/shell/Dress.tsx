import { App, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { type ReactNode, useEffect } from "react";
import { BRAND, theme } from "../theme";
import { useUnits } from "../ui/units";
import { useLanguage, useSay } from "../words";

/** Colours and antd's own words, by the society and the reader. */
export function Dress({ children }: { children: ReactNode }) {
  const language = useLanguage();
  const say = useSay();
  const brand = useUnits().root?.brand_color || BRAND;
  useEffect(() => {
    dayjs.locale(language === "en" ? "en" : "zh-cn");
    document.title = say("house");
  }, [language, say]);
  useEffect(() => document.documentElement.style.setProperty("--brand", brand), [brand]);
  return (
    <ConfigProvider locale={language === "en" ? en : zh} theme={theme(brand)} button={{ autoInsertSpace: false }}>
      <App>{children}</App>
    </ConfigProvider>
  );
}
