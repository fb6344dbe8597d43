/** Only an address of the console's own is gone back to: what the query says may come from anybody. */
export const homeward = (back: string | undefined): string => (back && /^\/(?![/\\])/.test(back) ? back : "/work");
