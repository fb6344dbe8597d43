-- The case of the house's approvals that decides a plan, where the unit's policy demands one.
ALTER TABLE goods_plan ADD COLUMN case_id BYTES;
