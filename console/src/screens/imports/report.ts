/** What a finished import job returns: crates/integrations/src/importing/report.rs. */
export type RowReason = { row: number; reason: string };
export type Control = { row: number; label: string; stated_fen: number; found_fen: number; ties: boolean };
export type Report = {
  file: string;
  profile: string;
  rows_read: number;
  gifts_new: number;
  gifts_known: number;
  held: RowReason[];
  skipped: RowReason[];
  refused: RowReason[];
  sum_new_fen: number;
  control_totals: Control[];
  changed_nothing: boolean;
  import_id: string | null;
};

/** A job's result, when it is the report of an import. */
export function reportOf(result: unknown): Report | null {
  const report = result as Partial<Report> | null | undefined;
  return report && Array.isArray(report.refused) && typeof report.rows_read === "number" ? (report as Report) : null;
}

/** Rows that a person may want to mend come first; what was never a gift comes last. */
export function rowsOf(report: Report): (RowReason & { fate: "refused" | "held" | "skipped" })[] {
  const all = [
    ...report.refused.map((row) => ({ ...row, fate: "refused" as const })),
    ...report.held.map((row) => ({ ...row, fate: "held" as const })),
    ...report.skipped.map((row) => ({ ...row, fate: "skipped" as const })),
  ];
  const order = { refused: 0, held: 1, skipped: 2 };
  return all.sort((a, b) => order[a.fate] - order[b.fate] || a.row - b.row);
}
