import type { Post } from "../../api/posts";
import { useSay } from "../../words";

/** The title of a post and its days; nothing for a role without either. */
export function Term({ post }: { post: Post }) {
  const say = useSay();
  const term = (post.from_day || post.until_day) && say("posts.term", { from: post.from_day ?? "", until: post.until_day ?? say("posts.open") });
  if (!post.title && !term) return null;
  return <small className="mute"> {[post.title, term].filter(Boolean).join(" · ")}</small>;
}
