declare module "virtual:words/*" {
  const words: Record<string, string>;
  export default words;
}

declare module "virtual:wall/*" {
  const words: Record<string, string>;
  export default words;
}

declare module "virtual:phone/*" {
  const words: Record<string, string>;
  export default words;
}
