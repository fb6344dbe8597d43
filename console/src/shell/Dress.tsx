import { Outlet } from "@tanstack/react-router";
import { App, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { type ReactNode, useEffect, useMemo } from "react";
import { theme } from "../theme";
import { useLanguage } from "../words";
import { useBrand } from "./brand";

/** antd's colours and its own words, by the society and the reader: around whatever is made of antd. The sign-in page and the first screen are not, and stand before it is here. */
export function Dress({ children }: { children?: ReactNode }) {
  const language = useLanguage();
  const brand = useBrand();
  const dress = useMemo(() => theme(brand), [brand]);
  useEffect(() => void dayjs.locale(language === "en" ? "en" : "zh-cn"), [language]);
  return (
    <ConfigProvider locale={language === "en" ? en : zh} theme={dress} button={{ autoInsertSpace: false }}>
      <App>{children}</App>
    </ConfigProvider>
  );
}

/** The frame of routes whose screens are made of antd. */
export const Dressed = () => <Dress><Outlet /></Dress>;
