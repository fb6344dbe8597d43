-- Accounts that ask for one receiver; what the desk changed in a plan, and what is said about it.

-- For whom an account of the role requester asks in a unit: a hospital's own people see and hand in its requests alone.
CREATE TABLE goods_requester (
    unit_id BYTES NOT NULL,
    actor_id BYTES NOT NULL,
    party_id BYTES NOT NULL,
    set_by BYTES NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, actor_id)
) CLUSTERED;

-- One change of a plan: a lot at a place, its destinations before and after as JSON, and why. Never changed.
CREATE TABLE goods_plan_change (
    plan_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    lot_id BYTES NOT NULL,
    place_id BYTES NOT NULL,
    before_lines TEXT NOT NULL,
    after_lines TEXT NOT NULL,
    reason TEXT NOT NULL,
    changed_by BYTES NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (plan_id, n)
) CLUSTERED;
