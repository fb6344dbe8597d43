import type { ReactNode } from "react";
import { PlainButton } from "../../ui/base";
import { LANGUAGES, speak, useLanguage, useSay } from "../../words";

/** The other language, named in itself. */
export function LanguageSwitch() {
  const language = useLanguage();
  const other = LANGUAGES.find((known) => known !== language) ?? "en";
  return <PlainButton className="text small" lang={other} onClick={() => void speak(other)}>{other === "en" ? "English" : "中文"}</PlainButton>;
}

/** The frame of what stands before the shell: sign-in, welcome, what must be done first. */
export function Door({ children, wide }: { children: ReactNode; wide?: boolean }) {
  const say = useSay();
  return (
    <main className="door">
      <div className={wide ? "card wide" : "card"}>
        <div className="mark">
          <img src="/console/mark.svg" alt="" />
          <span style={{ flex: 1 }}>{say("house")}</span>
          <LanguageSwitch />
        </div>
        {children}
      </div>
    </main>
  );
}
