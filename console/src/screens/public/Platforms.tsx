import { useNavigate, useSearch } from "@tanstack/react-router";
import { Segmented, Select, Tag } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { Empty, Facts, Screen } from "../../ui/basics";
import { ListTable } from "../../ui/ListTable";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useLanguage, useSay } from "../../words";
import { Differences, Raises, Statements } from "./PlatformSheets";

type PlatformUnit = Shape["PlatformUnitOut"];
/** As the addresses have them: crates/integrations/src/platforms/model.rs. */
const PLATFORMS = ["tencent-gongyi", "alipay-gongyi", "yeepay-gongyi"] as const;

const SHEETS = ["units", "statements", "differences", "raises"] as const;

/** The donation platforms: how units stand with them, what they settled, where their figures are not ours, raises of pages. */
export function Platforms() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/platforms" });
  const navigate = useNavigate({ from: "/platforms" });
  const sheet = SHEETS.find((known) => known === search.sheet) ?? SHEETS[0];
  return (
    <Screen title={say("platforms.title")} lead={say("platforms.lead")}>
      <div className="bar"><Segmented value={sheet} options={SHEETS.map((value) => ({ value, label: say(`platforms.sheet_${value}`) }))} onChange={(value) => void navigate({ search: { ...search, sheet: value } })} /></div>
      {sheet === "statements" ? <Statements platforms={PLATFORMS} /> : sheet === "differences" ? <Differences /> : sheet === "raises" ? <Raises /> : <Units />}
    </Screen>
  );
}

/** How every unit stands with a platform: joined or which step comes next, papers and their end. */
function Units() {
  const say = useSay();
  const language = useLanguage();
  const search = useSearch({ from: "/known/shell/platforms" });
  const navigate = useNavigate({ from: "/platforms" });
  const platform = PLATFORMS.find((known) => known === search.platform) ?? PLATFORMS[0];
  const [open, setOpen] = useState<PlatformUnit | null>(null);
  const pages = usePages<PlatformUnit>(["platforms", platform], ({ cursor, limit }) => takeList(api.GET("/api/v1/platforms/{platform}/units", {
    params: { path: { platform: platform as unknown as Shape["PlatformCode"] }, query: { limit, ...(cursor ? { cursor } : {}) } },
  })));
  const standing = (one: PlatformUnit) => (language === "en" ? one.standing_en : one.standing_zh);
  const next = (one: PlatformUnit) => {
    const step = one.steps.find((known) => known.step === one.next_step);
    return step ? (language === "en" ? step.en : step.zh) : "";
  };
  const columns = [
    { key: "name", title: say("unit"), cell: (one: PlatformUnit) => one.name },
    { key: "standing", title: say("state"), cell: (one: PlatformUnit) => <Tag color={one.standing === "joined" ? "green" : "default"}>{standing(one)}</Tag> },
    { key: "next", title: say("platforms.next"), cell: next },
    { key: "pages", title: say("platforms.pages"), right: true, cell: (one: PlatformUnit) => `${one.raising} / ${one.pages}` },
    { key: "raises", title: say("platforms.raises"), right: true, cell: (one: PlatformUnit) => one.raises_waiting || "" },
    { key: "papers", title: say("platforms.papers"), cell: (one: PlatformUnit) => one.papers[0] && `${one.papers[0].valid_to}` },
  ];
  return (
    <>
      <div className="bar"><Select style={{ minWidth: 200 }} aria-label={say("platforms.title")} value={platform} options={PLATFORMS.map((value) => ({ value, label: say(`platform.${value}`) }))} onChange={(value) => { setOpen(null); void navigate({ search: { ...search, platform: value } }); }} /></div>
      <div className={open ? "split open" : "split"}>
        <ListTable<PlatformUnit> name="platforms" columns={columns} pages={pages} rowKey={(one) => one.unit} open={setOpen} opened={open?.unit} empty={<Empty title={say("platforms.none")} />} />
        {open && (
          <Panel key={open.unit} title={open.name} close={() => setOpen(null)}>
            <Facts of={[[say("state"), standing(open)], [say("platforms.since"), open.since], [say("platforms.org"), open.org_name], [say("platforms.tag"), <span key="t" className="code">{open.tag}</span>]]} />
            <section className="section">
              <h3>{say("platforms.steps")}</h3>
              <ol style={{ display: "grid", gap: 4 }}>
                {open.steps.map((step) => <li key={step.step} className={step.done_on ? "" : "mute"}>{step.done_on ? "✓" : "○"} {language === "en" ? step.en : step.zh} {step.done_on}</li>)}
              </ol>
            </section>
            {open.papers.length > 0 && (
              <section className="section">
                <h3>{say("platforms.papers")}</h3>
                <ul>{open.papers.map((paper) => <li key={paper.number}>{language === "en" ? paper.en : paper.zh} {paper.number} · {paper.valid_to}</li>)}</ul>
              </section>
            )}
          </Panel>
        )}
      </div>
    </>
  );
}
