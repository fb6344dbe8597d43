-- The account of the sealed envelope gets its own narrower role.
UPDATE role_binding SET role = 'emergency_administrator'
    WHERE role = 'administrator' AND actor_id IN (SELECT actor_id FROM break_glass);
-- Posts with terms: a role may begin and end on days, and has the title of the post. Why a role is lent is a word.
ALTER TABLE role_binding ADD COLUMN from_day BIGINT;
ALTER TABLE role_binding ADD COLUMN until_day BIGINT;
ALTER TABLE role_binding ADD COLUMN title TEXT;
ALTER TABLE delegation ADD COLUMN reason TEXT NOT NULL DEFAULT 'leave';
