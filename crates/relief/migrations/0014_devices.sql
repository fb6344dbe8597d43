-- Phones that record goods off line: their keys, what they handed in, the photographs taken with them.

-- A phone of a person in a unit. offset_ms: this house's clock less the phone's when it last handed in; seq_whole: its
-- records up to this number are all here; seq_last: the greatest number that came.
CREATE TABLE goods_device (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    actor_id BYTES NOT NULL,
    name TEXT NOT NULL,
    public_key BYTES NOT NULL,
    enrolled_at BIGINT NOT NULL,
    seen_at BIGINT,
    offset_ms BIGINT,
    seq_whole BIGINT NOT NULL,
    seq_last BIGINT NOT NULL,
    revoked_by BYTES,
    revoked_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_device_once ON goods_device (unit_id, public_key);
CREATE INDEX goods_device_by_actor ON goods_device (actor_id, id);

-- What a phone signed, as it was signed, and what became of it. effect_key names what it would do; the one record that
-- did it holds taken_key, all others are known. Nothing is ever taken out of here.
CREATE TABLE goods_device_record (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    device_id BYTES NOT NULL,
    seq BIGINT NOT NULL,
    digest BYTES NOT NULL,
    kind TEXT NOT NULL,
    sealed BYTES NOT NULL,
    signature BYTES NOT NULL,
    device_at BIGINT NOT NULL,
    offset_ms BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    reason_args TEXT NOT NULL,
    effect_key TEXT NOT NULL,
    taken_key TEXT,
    lot_id BYTES,
    box_id BYTES,
    dispatch_id BYTES,
    done_at BIGINT,
    settled_by BYTES,
    settled_at BIGINT,
    settled_words TEXT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_device_record_once ON goods_device_record (device_id, digest);
CREATE UNIQUE INDEX goods_device_record_taken ON goods_device_record (unit_id, taken_key);
CREATE INDEX goods_device_record_by_number ON goods_device_record (device_id, seq, id);
CREATE INDEX goods_device_record_by_outcome ON goods_device_record (unit_id, outcome, id);

-- A photograph that a record names by its hash; the bytes follow when there is a line.
CREATE TABLE goods_photo (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    device_id BYTES NOT NULL,
    sha256 BYTES NOT NULL,
    lot_id BYTES,
    box_id BYTES,
    dispatch_id BYTES,
    taken_at BIGINT NOT NULL,
    note_sealed BYTES NOT NULL,
    file_id BYTES,
    length BIGINT,
    secret_wrapped BYTES,
    kept_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_photo_once ON goods_photo (device_id, sha256);
CREATE INDEX goods_photo_by_unit ON goods_photo (unit_id, id);
CREATE INDEX goods_photo_by_lot ON goods_photo (lot_id, id);
CREATE INDEX goods_photo_by_dispatch ON goods_photo (dispatch_id, id);
