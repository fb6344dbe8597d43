import { type Shape, api, take } from "../../api/client";

/** Items and places by name, for who records without seeing the store. */
export type Choices = {
  items: { id: string; name: string; grade: string; base_unit: string; units: string[] }[];
  places: { id: string; name: string }[];
};
export type FundChoice = { id: string; name: string; restriction: "restricted" | "unrestricted" | "agency" };
/** Goods that were sold, with what they brought. */
export type Sale = {
  id: string; lot: string; n: number; place: string; quantity: number; amount_fen: number; paid_into: string; fund: string;
  restriction: string; buyer: string; journal: string; sold_at: string; undone_n: number | null; undone_at: string | null;
};
export type Sell = { key: string; place: string; quantity: number; amount_fen: number; paid_into: string; fund?: string | null; buyer: string; reason: string };
/** A text of imported tables. */
export type Text = { words: string; lines: number; item: string | null; item_name: string | null; grade: string | null };
export type Mapping = { id: string; item_name: string; grade: string; texts: number; made_at: string; undone_at: string | null };
export type ToAsk = { line: string; receiver: string; place: string; words: string; base_unit: string };
/** What became of imported lines of needs. */
export type NeedsRequested = {
  made: number; receivers_new: number; left: number; not_given: number; to_ask: ToAsk[]; unmapped: Record<string, number>; without_unit: number;
  unknown_units: Record<string, number>;
};
export type Priority = "urgent" | "high" | "normal";
export type Window = { video: string | null; host: string | null; is_played: boolean };
/** A grant of money, with who decides it. */
export type Grant = Omit<Shape["GrantOut"], "state"> & { state: "proposed" | "asked" | "approved" | "refused" | "paid"; by_case: boolean; case: string | null };

type Options = { params: { path: Record<string, string> }; body?: unknown };
type Plain = Record<"GET" | "POST" | "PUT", (path: string, options: Options) => Promise<{ data?: unknown }>>;
/** The one place where routes are called by their words alone: their shapes are those above. */
const plain = api as unknown as Plain;

const get = <T>(path: string, of: Record<string, string>) => take(plain.GET(path, { params: { path: of } }) as Promise<{ data?: T }>);
const post = <T>(path: string, of: Record<string, string>, body: unknown = {}) => take(plain.POST(path, { params: { path: of }, body }) as Promise<{ data?: T }>);

export const choicesOf = (unit: string) => get<Choices>("/api/v1/goods/{unit}/choices", { unit });
export const fundsOf = (unit: string) => get<FundChoice[]>("/api/v1/goods/{unit}/funds", { unit });
export const salesOf = (unit: string) => get<Sale[]>("/api/v1/goods/{unit}/sales", { unit });
export const sell = (lot: string, body: Sell) => post<Sale>("/api/v1/goods/lots/{lot}/sales", { lot }, body);
export const undoSale = (sale: string, reason: string) => post<Sale>("/api/v1/goods/sales/{sale}/undo", { sale }, { reason });
export const textsOf = (unit: string, kind: string) => get<Text[]>("/api/v1/goods/{unit}/tables/{kind}/texts", { unit, kind });
export const mappingsOf = (unit: string) => get<Mapping[]>("/api/v1/goods/{unit}/mappings", { unit });
export const mapTexts = (unit: string, item: string, texts: string[]) => post<{ mapping: string | null }>("/api/v1/goods/{unit}/mappings", { unit }, { item, texts });
export const undoMapping = (mapping: string) => post<{ texts: number }>("/api/v1/goods/mappings/{mapping}/undo", { mapping });
export const requestNeeds = (unit: string, body: { unit_word?: string; priority?: Priority }) => post<NeedsRequested>("/api/v1/goods/{unit}/needs/requests", { unit }, body);
export const answerNeed = (line: string, body: { quantity: number; unit_word: string; priority?: Priority }) => post<{ request: string }>("/api/v1/goods/needs/{line}/request", { line }, body);
export const grantsOf = (unit: string) => get<Grant[]>("/api/v1/goods/{unit}/grants", { unit });
export const askGrant = (grant: string, body: unknown) => post<{ case: string }>("/api/v1/goods/grants/{grant}/approval", { grant }, body);
export const windowOf = (unit: string) => get<Window>("/api/v1/goods/{unit}/window", { unit });
export const setWindow = (unit: string, video: string | null) => take(plain.PUT("/api/v1/goods/{unit}/window", { params: { path: { unit } }, body: { video } }) as Promise<{ data?: Window }>);

/** Until when goods that arrived are looked at, and how pressing that is. */
export type InspectionClock = { inspect_by?: string | null; inspection?: "fine" | "warn" | "alarm" | null };

/** What is wrong in a store and goes on. */
export type GoodsBreach = { kind: "waits_warn" | "waits_alarm" | "too_little" | "too_much" | "inspect_due" | "inspect_late"; item_name: string; quantity: number; unit_word: string; began_at: string };
export const breachesOf = (unit: string) => get<GoodsBreach[]>("/api/v1/goods/{unit}/breaches", { unit });

/** Given goods in store that have no value in the books. */
export type Unvalued = { lot: string; item_name: string; quantity: number; unit_word: string; claimed_fen: number | null; basis: string | null; evidence: string | null; appraisal: string | null };
export const unvaluedOf = (unit: string) => get<Unvalued[]>("/api/v1/goods/{unit}/unvalued", { unit });
/** An order to an outside appraiser; its link, to who may send it, until it is answered. */
export type Appraisal = { id: string; lot: string; appraiser: string; state: "asked" | "valued" | "impossible" | "withdrawn"; value_fen: number | null; report: string; ends_at: string; answered_at: string | null; link?: string };
export const appraisalsOf = (unit: string) => get<Appraisal[]>("/api/v1/goods/{unit}/appraisals", { unit });
export const orderAppraisal = (lot: string, body: { key: string; appraiser: string }) => post<Appraisal>("/api/v1/goods/lots/{lot}/appraisals", { lot }, body);
export const withdrawAppraisal = (appraisal: string, reason: string) => post<Appraisal>("/api/v1/goods/appraisals/{appraisal}/withdraw", { appraisal }, { reason });
export const confirmValue = (lot: string) => post<void>("/api/v1/goods/lots/{lot}/value-confirmation", { lot });

/** Hands a parcel that was only held to its addressee. */
export const handParcel = (lot: string, body: { key: string; place: string; quantity: number; signer: string; proof: "signature" | "code" }) => post<void>("/api/v1/goods/lots/{lot}/hand-over", { lot }, body);

/** What became of the starter catalogue. */
export type CatalogueBegun = { added: string[]; known: string[]; left_out: string[]; without_code: number; aliases: number; unwanted: number; norms: number };
export const beginCatalogue = (unit: string, norms: boolean) => post<CatalogueBegun>("/api/v1/goods/{unit}/starter", { unit }, { norms });
export const codeItem = (item: string, code: string) => take(plain.PUT("/api/v1/goods/items/{item}/code", { params: { path: { item } }, body: { code } }) as Promise<{ data?: Shape["ItemOut"] }>);
