import type { LinkProps } from "@tanstack/react-router";
import type { Permission } from "../api/client";
import { PROJECTS } from "../ui/lists";
import type { Word } from "../words";

/** A screen in the rail: shown to those who may do at least one of these, what it asks for besides, and who has a larger one instead. Nothing named: to everybody. */
export type Place = { to: NonNullable<LinkProps["to"]>; word: Word; may?: Permission[]; besides?: Permission; unless?: Permission };
export type Group = { word: Word; places: Place[] };

/** The rail, by task and never by table. */
export const GROUPS: Group[] = [
  {
    word: "group.work",
    places: [
      { to: "/work", word: "work.title" },
      { to: "/approvals", word: "approvals.mine", may: ["approval_decide"] },
      { to: "/cases", word: "approvals.cases", may: ["approval_read"] },
    ],
  },
  {
    word: "group.duty",
    places: [
      { to: "/reports", word: "reports.title", may: ["duty_read"] },
      { to: "/hand-in", word: "hand.title", may: ["duty_report"] },
      { to: "/roster", word: "roster.title", may: ["duty_read"] },
      { to: "/documents", word: "documents.title", may: ["document_read"] },
    ],
  },
  {
    word: "group.raising",
    places: [
      { to: "/campaigns", word: "campaigns.title", may: ["campaign_manage", "gift_read"] },
      { to: "/projects", word: "projects.title", may: PROJECTS },
      { to: "/funds", word: "funds.title", may: ["books_read"] },
      { to: "/pools", word: "pools.title", may: ["match_manage", "match_approve", "books_read"] },
      { to: "/teams", word: "teams.title", may: ["project_manage", "gift_read"] },
      { to: "/events", word: "events.title", may: ["project_manage", "gift_record", "gift_read"] },
    ],
  },
  {
    word: "group.money",
    places: [
      { to: "/gifts", word: "gifts.title", may: ["gift_read"] },
      { to: "/counter", word: "counter.title", may: ["gift_record"] },
      { to: "/imports", word: "imports.title", may: ["gift_import"] },
      { to: "/holds", word: "holds.title", may: ["gift_review", "gift_read"] },
      { to: "/refunds", word: "refunds.title", may: ["gift_read"] },
      { to: "/donors", word: "donors.title", may: ["gift_read"] },
      { to: "/mandates", word: "mandates.title", may: ["gift_read"] },
      { to: "/payouts", word: "payouts.title", may: ["books_read"] },
      { to: "/books", word: "books.title", may: ["books_read"] },
    ],
  },
  {
    word: "group.goods",
    places: [
      { to: "/my-requests", word: "own_requests.title", may: ["goods_request"], unless: "goods_read" },
      { to: "/calls", word: "calls.title", may: ["goods_record", "goods_read"] },
      { to: "/stock", word: "stock.title", may: ["goods_read"] },
      { to: "/goods-lists", word: "lists.title", may: ["goods_read"] },
      { to: "/goods-catalogue", word: "catalogue.title", may: ["goods_read"] },
      { to: "/goods-needs", word: "needs.title", may: ["goods_read"] },
      { to: "/goods-texts", word: "texts.title", may: ["goods_read"] },
      { to: "/matches", word: "matches.title", may: ["goods_read"] },
      { to: "/goods-plans", word: "plans.title", may: ["goods_read"] },
      { to: "/goods-straight", word: "straight.title", may: ["goods_read"] },
      { to: "/dispatches", word: "dispatches.title", may: ["goods_read"] },
      { to: "/trucks", word: "trucks.title", may: ["goods_read"] },
      { to: "/boxes", word: "boxes.title", may: ["goods_read"] },
      { to: "/goods-requesters", word: "requesters.title", may: ["goods_manage"] },
      { to: "/phones", word: "phones.title", may: ["goods_manage", "goods_approve"] },
    ],
  },
  {
    word: "group.partners",
    places: [
      { to: "/partnership", word: "partnership.title", may: ["partner_read"] },
      { to: "/partner-purchases", word: "partner_purchase.title", may: ["partner_read"] },
      { to: "/partner-children", word: "partner_children.title", may: ["partner_read"] },
      { to: "/points-shop", word: "points.title", may: ["points_record", "partner_read"] },
    ],
  },
  {
    word: "group.public",
    places: [
      { to: "/notices", word: "notices.title", may: ["approval_read"] },
      { to: "/messages", word: "messages.title", may: ["gift_review"] },
      { to: "/platforms", word: "platforms.title", may: ["report_read"] },
    ],
  },
  {
    word: "group.house",
    places: [
      { to: "/units", word: "units.title" },
      { to: "/accounts", word: "accounts.title", may: ["account_manage", "gift_read"] },
      { to: "/users", word: "users.title", may: ["user_manage"] },
      { to: "/policies", word: "approvals.policies", may: ["approval_read"] },
      { to: "/copies", word: "copies.title", may: ["personal_manage"] },
      { to: "/erasures", word: "erasures.title", may: ["personal_manage"] },
    ],
  },
  {
    word: "group.watch",
    places: [
      { to: "/totals", word: "totals.title", may: ["report_read"] },
      { to: "/powers", word: "powers.title", may: ["user_manage", "audit_read"] },
      { to: "/supervision", word: "supervision.title", may: ["audit_read"], besides: "report_read" },
      { to: "/trail", word: "trail.title", may: ["audit_read"] },
    ],
  },
  {
    word: "group.system",
    places: [
      { to: "/parameters", word: "parameters.title" },
      { to: "/calendar", word: "calendar.title", may: ["parameter_manage"] },
      { to: "/jobs", word: "jobs.title", may: ["system_operate"] },
      { to: "/single-sign-on", word: "sso.providers", may: ["user_manage"] },
      { to: "/payments", word: "payments.title", may: ["account_manage", "gift_read"] },
    ],
  },
];
