-- The thread of a case: what its people write to each other while they decide, and afterwards. Nothing is changed or deleted:
-- a message that was withdrawn keeps its place, and who withdrew it stands beside it.

CREATE TABLE approval_message (
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    number BIGINT NOT NULL,
    written_at BIGINT NOT NULL,
    written_by BYTES NOT NULL,
    -- What makes it the same message when it is sent again.
    message_key TEXT NOT NULL,
    words TEXT NOT NULL,
    -- A file that was handed in, by its hash, and the name that it goes by here.
    sha256 BYTES,
    file_name TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) CLUSTERED;
CREATE UNIQUE INDEX approval_message_by_key ON approval_message (case_id, written_by, message_key);
CREATE INDEX approval_message_by_file ON approval_message (sha256);

CREATE TABLE approval_message_withdrawn (
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    number BIGINT NOT NULL,
    withdrawn_at BIGINT NOT NULL,
    withdrawn_by BYTES NOT NULL,
    PRIMARY KEY (case_id, number)
) CLUSTERED;

--! sqlite
CREATE TRIGGER approval_message_no_update BEFORE UPDATE ON approval_message BEGIN SELECT RAISE(ABORT, 'messages are never changed'); END;
CREATE TRIGGER approval_message_no_delete BEFORE DELETE ON approval_message BEGIN SELECT RAISE(ABORT, 'messages are never deleted'); END;
CREATE TRIGGER approval_message_withdrawn_no_update BEFORE UPDATE ON approval_message_withdrawn BEGIN SELECT RAISE(ABORT, 'a withdrawal is never changed'); END;
CREATE TRIGGER approval_message_withdrawn_no_delete BEFORE DELETE ON approval_message_withdrawn BEGIN SELECT RAISE(ABORT, 'a withdrawal is never deleted'); END;
--! postgres
CREATE TRIGGER approval_message_append_only BEFORE UPDATE OR DELETE ON approval_message FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER approval_message_withdrawn_append_only BEFORE UPDATE OR DELETE ON approval_message_withdrawn FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both
