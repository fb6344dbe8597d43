import { useQuery } from "@tanstack/react-query";
import { api, takeList } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { yuan } from "../../lib/money";
import { At, Money } from "../../ui/base";
import { useColleagueNames } from "../../ui/lists";
import { useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { wayOf } from "../gifts/way";
import { FRESH_MS, type Pile, TASKS_MAX, type Task, isBlocked } from "./tasks";

const LIST = { params: { query: { limit: TASKS_MAX } } };
const polled = { refetchInterval: whileHere(FRESH_MS) } as const;

/** What a query and its rows make a pile of. */
type Read<T> = { data: { items: T[]; next?: string | null } | undefined; isPending: boolean; error: unknown; refetch: () => unknown };
export function pileOf<T>(key: string, title: string, read: Read<T>, task: (row: T) => Task): Pile {
  const tasks = (read.data?.items ?? []).map(task);
  return {
    key, title, loading: read.isPending, error: read.error, again: () => void read.refetch(),
    // What I can decide first, each part in the server's order: the oldest first.
    tasks: [...tasks.filter((one) => !isBlocked(one)), ...tasks.filter(isBlocked)], more: Boolean(read.data?.next),
  };
}

/** Refunds that someone else asked for; one's own are shown and say why they wait. */
export function useRefunds(): Pile | null {
  const say = useSay();
  const name = useWord();
  const mine = useMay()("refund_approve");
  const me = useSession().user.id;
  const read = useQuery({ queryKey: ["work", "refunds"], queryFn: () => takeList(api.GET("/api/v1/refunds", LIST)), enabled: mine, ...polled });
  const person = useColleagueNames((read.data?.items ?? []).map((refund) => refund.requested_by));
  if (!mine) return null;
  // What a case decides waits there; only what it approved and could not carry out is left here.
  const rows = read.data && { ...read.data, items: read.data.items.filter((refund) => ["two", "left"].includes(wayOf(refund))) };
  return pileOf("refunds", say("work.refunds"), { ...read, data: rows }, (refund) => {
    const why = refund.requested_by === me ? say("work.own_refund") : null;
    const isLeft = wayOf(refund) === "left";
    const at = { params: { path: { refund: refund.refund } } };
    return {
      key: refund.refund, fen: refund.amount_fen, since: refund.requested_at, gift: refund.gift,
      what: say("work.refund_what", { reason: name("refund_reason", refund.reason) }),
      effect: say(isLeft ? "work.refund_left_effect" : "work.refund_effect", { sum: yuan(refund.amount_fen) }),
      facts: [
        [say("amount"), <Money key="m" fen={refund.amount_fen} large />],
        [say("reason"), name("refund_reason", refund.reason)],
        [say("asked_at"), <At key="t" at={refund.requested_at} />],
        [say("asked_by"), refund.requested_by === me ? say("me") : person(refund.requested_by)],
      ],
      choices: [
        { key: "approve", label: say(isLeft ? "work.refund_carry_out" : "work.refund_approve"), look: "primary", why, done: say("work.approved"), run: () => api.POST("/api/v1/refunds/{refund}/approve", at) },
        ...(isLeft ? [] : [{ key: "reject", label: say("reject"), why, done: say("work.rejected"), run: () => api.POST("/api/v1/refunds/{refund}/reject", at) }]),
      ],
    };
  });
}

/** Money held for others, to be passed on. */
export function usePayouts(): Pile | null {
  const say = useSay();
  const name = useWord();
  const units = useUnits();
  const may = useMay();
  const mine = may("payout_approve") && may("books_read");
  const me = useSession().user.id;
  const read = useQuery({ queryKey: ["work", "payouts"], queryFn: () => takeList(api.GET("/api/v1/books/payouts", LIST)), enabled: mine, ...polled });
  if (!mine) return null;
  return pileOf("payouts", say("work.payouts"), read, (payout) => {
    const why = payout.requested_by === me ? say("work.own_payout") : null;
    const at = { params: { path: { payout: payout.payout } } };
    return {
      key: payout.payout, fen: payout.amount_fen, since: payout.requested_at,
      what: say("work.payout_what", { unit: units.name(payout.unit) }),
      effect: say("work.payout_effect", { sum: yuan(payout.amount_fen), day: payout.business_day }),
      facts: [
        [say("amount"), <Money key="m" fen={payout.amount_fen} large />],
        [say("unit"), units.name(payout.unit)],
        [say("paid_from"), name("pocket", payout.paid_from)],
        [say("business_day"), payout.business_day],
        [say("voucher"), payout.memo_code],
        [say("asked_at"), <At key="t" at={payout.requested_at} />],
      ],
      choices: [
        { key: "approve", label: say("work.payout_approve"), look: "primary", why, done: say("work.approved"), run: () => api.POST("/api/v1/books/payouts/{payout}/approve", at) },
        { key: "reject", label: say("reject"), why, done: say("work.rejected"), run: () => api.POST("/api/v1/books/payouts/{payout}/reject", at) },
      ],
    };
  });
}

const DISMISSALS = ["wrong_amount_told", "fee_taken_off", "never_settled", "test"] as const;
type Dismissal = (typeof DISMISSALS)[number];

/** Lines that are no gift yet: the same number with another amount. */
export function useHeld(): Pile | null {
  const say = useSay();
  const name = useWord();
  const mine = useMay()("gift_review");
  const read = useQuery({ queryKey: ["work", "reviews"], queryFn: () => takeList(api.GET("/api/v1/reviews", LIST)), enabled: mine, ...polled });
  if (!mine) return null;
  return pileOf("held", say("work.held"), read, (held) => {
    const at = { params: { path: { review: held.review } } };
    return {
      key: held.review, fen: held.amount_fen, since: held.held_at, gift: held.known_gift ?? null,
      what: say("work.held_what", { reason: name("held_reason", held.reason), number: held.trade_no }),
      effect: say("work.held_effect", { sum: yuan(held.amount_fen), project: held.project }),
      facts: [
        [say("amount"), <Money key="m" fen={held.amount_fen} large />],
        [say("work.ordered"), typeof held.ordered_fen === "number" && <Money key="o" fen={held.ordered_fen} />],
        [say("reason"), name("held_reason", held.reason)],
        [say("project"), held.project],
        [say("channel"), name("channel", held.channel)],
        [say("trade_no"), <span key="n" className="code">{held.trade_no}</span>],
        [say("donor"), held.name],
        [say("business_day"), held.day],
        [say("work.since"), <At key="t" at={held.held_at} />],
      ],
      choices: [
        { key: "accept", label: say("work.held_accept"), look: "primary", done: say("work.held_accepted"), run: () => api.POST("/api/v1/reviews/{review}/accept", at) },
        {
          key: "dismiss", label: say("work.held_dismiss"), done: say("work.held_dismissed"),
          reasons: DISMISSALS.map((value) => ({ value, label: say(`dismissal.${value}`) })),
          run: (said) => api.POST("/api/v1/reviews/{review}/dismiss", { ...at, body: { reason: said as Dismissal } }),
        },
      ],
    };
  });
}

/** Donors who wished for a refund. */
export function useWishes(): Pile | null {
  const say = useSay();
  const name = useWord();
  const mine = useMay()("refund_request");
  const read = useQuery({ queryKey: ["work", "wishes"], queryFn: () => takeList(api.GET("/api/v1/refund-wishes", LIST)), enabled: mine, ...polled });
  if (!mine) return null;
  return pileOf("wishes", say("work.wishes"), read, (wish) => {
    const at = { params: { path: { wish: wish.id } } };
    return {
      key: wish.id, since: wish.wished_at, gift: wish.gift,
      what: say("work.wish_what", { reason: name("refund_reason", wish.reason) }),
      effect: say("work.wish_effect"),
      facts: [[say("reason"), name("refund_reason", wish.reason)], [say("work.since"), <At key="t" at={wish.wished_at} />]],
      choices: [
        { key: "take", label: say("work.wish_take"), look: "primary", done: say("work.wish_taken"), run: () => api.POST("/api/v1/refund-wishes/{wish}/take", at) },
        { key: "decline", label: say("work.wish_decline"), done: say("work.rejected"), run: () => api.POST("/api/v1/refund-wishes/{wish}/decline", at) },
      ],
    };
  });
}
