import { type Shape, ask } from "./client";

/** A filing that the authority gave back. */
export type Return = { returned_on: string; reason: string };
export type FilingStep = { kind: "filed" | "returned"; number: string; authority: string; day: string; reason: string; plan_version: number };
/** What a campaign says of the course of its filing; the steps are told to staff alone. */
export type Course = { returned?: Return | null; filings?: FilingStep[] };

export const giveBack = (campaign: string, body: Return): Promise<Shape["CampaignOut"]> => ask("POST", `/api/v1/campaigns/${campaign}/filing/return`, body);
