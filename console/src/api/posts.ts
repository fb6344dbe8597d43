import { type Shape, ask } from "./client";

/** A role in a unit with its title and its term. */
export type Post = { role: Shape["Role"]; unit: string; title?: string | null; from_day?: string | null; until_day?: string | null };
export type EndingPost = Post & { user: string; name: string };

export const ownPosts = (): Promise<Post[]> => ask("GET", "/api/v1/account/posts");
export const endingPosts = async (): Promise<EndingPost[]> => (await ask<{ items: EndingPost[] }>("GET", "/api/v1/users/ending-posts")).items;
export const grantPost = (user: string, body: Post): Promise<void> => ask("POST", `/api/v1/users/${user}/roles`, body);
