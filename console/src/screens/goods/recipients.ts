export type Person = { name: string; quantity: number };
/** A name, then a number after white space or a comma. */
const LINE = /^(.+?)[\s,，、:：\t]+(\d{1,9})$/;

/** Lines as they are pasted, a name and a number in each; the number of the first line that is none. */
export function peopleOf(text: string): { people: Person[]; wrong: number | null } {
  const people: Person[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const found = LINE.exec(line.trim());
    const quantity = Number(found?.[2]);
    if (!found?.[1] || !(quantity > 0)) return { people, wrong: at + 1 };
    people.push({ name: found[1].trim(), quantity });
  }
  return { people, wrong: people.length === 0 ? 1 : null };
}
