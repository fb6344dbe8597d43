/** All roles, in the order of choice lists. */
export const ROLES = [
  "system_administrator", "security_administrator", "audit_administrator", "administrator", "fundraising_officer", "finance_officer", "leader", "storekeeper", "goods_volunteer", "donation_desk", "requester", "auditor", "machine",
] as const;
/** A role as a form has it; the server knows the same words. */
export type RoleWord = (typeof ROLES)[number];
