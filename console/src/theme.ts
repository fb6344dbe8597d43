import type { ThemeConfig } from "antd";

/** Tokens of design/look.md; a society's own colour is the brand. */
export const theme = (brand: string): ThemeConfig => ({
  cssVar: { key: "qiao" },
  hashed: false,
  token: {
    colorPrimary: brand,
    colorInfo: "#1F6F78",
    colorSuccess: "#2F7D4F",
    colorWarning: "#9A6212",
    colorError: "#A61B1B",
    colorInfoBg: "#EAF3F4",
    colorInfoBorder: "#BFD9DC",
    colorSuccessBg: "#EAF5EE",
    colorSuccessBorder: "#BEDFCB",
    colorWarningBg: "#FBF3E2",
    colorWarningBorder: "#EBD6A8",
    colorErrorBg: "#FBEDEC",
    colorErrorBorder: "#EBC5C2",
    colorLink: "#1F6F78",
    colorText: "#1D2733",
    colorTextSecondary: "#566069",
    colorTextDescription: "#6B7480",
    colorBgLayout: "#FBF9F5",
    colorBorder: "#D9D2C6",
    colorBorderSecondary: "#E9E4DB",
    borderRadius: 6,
    borderRadiusLG: 10,
    fontSize: 14,
    fontFamily:
      '"PingFang SC","HarmonyOS Sans SC","MiSans","Noto Sans SC","Microsoft YaHei",system-ui,-apple-system,"Segoe UI",sans-serif',
    // What moves waits for the browser to say that it has moved: a browser that is busy, or whose reader prefers no motion,
    // never says so, and a button would turn for ever.
    motion: false,
    wireframe: false,
  },
  components: {
    Table: { headerBg: "#F6F2EB", headerColor: "#566069", rowHoverBg: "#FAF5EE", cellPaddingBlockSM: 9 },
    Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none" },
  },
});
