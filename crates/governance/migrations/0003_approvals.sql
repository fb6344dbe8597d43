-- Approvals: versioned policies, cases and all that happened to them, and what lists need of open stages.

-- The unit of zeros is what ships with the program; a version, once written, never changes: running cases keep it.
CREATE TABLE approval_policy (
    unit_id BYTES NOT NULL,
    subject_kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    published_by BYTES NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, subject_kind, version)
) CLUSTERED;

CREATE TABLE approval_case (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BYTES NOT NULL,
    policy_unit_id BYTES NOT NULL,
    policy_version BIGINT NOT NULL,
    title TEXT NOT NULL,
    -- Codes and amounts for whoever acts on the outcome, as a JSON object.
    details TEXT NOT NULL,
    is_fast BIGINT NOT NULL CHECK (is_fast IN (0, 1)),
    state TEXT NOT NULL,
    round BIGINT NOT NULL,
    asked_by BYTES NOT NULL,
    asked_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- While the emergency lane owes papers.
    papers_due_at BIGINT
) CLUSTERED;
CREATE INDEX approval_case_of_unit ON approval_case (unit_id, id);
CREATE INDEX approval_case_of_subject ON approval_case (unit_id, subject_kind, subject_id);
-- A thing has one case under way.
CREATE UNIQUE INDEX approval_case_going ON approval_case (unit_id, subject_kind, subject_id)
    WHERE state IN ('open', 'sent_back');

-- The history: where a case stands is computed from it, and from nothing else.
CREATE TABLE approval_entry (
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    number BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    actor_id BYTES,
    kind TEXT NOT NULL,
    stage TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) CLUSTERED;

-- Open stages, for “waiting for me”: written anew with each change of a case.
CREATE TABLE approval_stage (
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    stage TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    is_escalated BIGINT NOT NULL CHECK (is_escalated IN (0, 1)),
    -- Where anyone of a role decides: whoever comes to the role later may, too.
    role TEXT,
    role_unit_id BYTES,
    PRIMARY KEY (case_id, stage)
) CLUSTERED;
CREATE INDEX approval_stage_by_deadline ON approval_stage (deadline_at);

-- owes: has to decide; said: has decided; apart: asked or is concerned.
CREATE TABLE approval_seat (
    actor_id BYTES NOT NULL,
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (actor_id, case_id, stage)
) CLUSTERED;
CREATE INDEX approval_seat_of_case ON approval_seat (case_id);

-- What ships. No policy demands a case until a unit publishes one that does.
CREATE TABLE approval_shipped (unit_id BYTES NOT NULL PRIMARY KEY) CLUSTERED;
--! sqlite
INSERT INTO approval_shipped (unit_id) VALUES (zeroblob(16));
--! postgres
INSERT INTO approval_shipped (unit_id) VALUES (decode('00000000000000000000000000000000', 'hex'));
--! both

INSERT INTO approval_policy (unit_id, subject_kind, version, document, published_by, published_at)
SELECT unit_id, 'project_admission', 1, '{
  "title": "项目六级联动审查", "title_en": "Admission of a project, six stages",
  "stages": [
    {"key": "proposal", "title": "发起单位自查", "title_en": "The initiator checks itself",
     "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "above"},
     "edits": ["title", "summary", "papers"], "send_back": "start", "papers": ["plan"]},
    {"key": "documents", "title": "材料审核", "title_en": "Documents are checked", "after": ["proposal"],
     "who": {"kind": "role", "role": "finance_officer", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "top"},
     "edits": ["papers"], "send_back": "start", "papers": ["plan", "budget"]},
    {"key": "due_diligence", "title": "第三方专业机构尽调", "title_en": "Due diligence by an outside body", "after": ["proposal"],
     "who": {"kind": "outside", "body": "第三方专业机构", "recorder": "fundraising_officer", "at": "top"},
     "how": {"kind": "any"}, "limit_s": 604800, "deputy": {"kind": "role", "role": "leader", "at": "top"},
     "edits": ["papers"], "send_back": "start", "papers": ["due_diligence"]},
    {"key": "scoring", "title": "项目评审打分", "title_en": "Assessors score", "after": ["documents", "due_diligence"],
     "who": {"kind": "role", "role": "leader", "at": "top"}, "how": {"kind": "scores", "needed": 2, "pass": 60},
     "limit_s": 86400,
     "sheet": [
       {"key": "need", "title": "需求真实", "title_en": "The need is real", "max": 30},
       {"key": "plan", "title": "方案可行", "title_en": "The plan can be done", "max": 30},
       {"key": "budget", "title": "预算合理", "title_en": "The budget is fair", "max": 20},
       {"key": "team", "title": "执行能力", "title_en": "The team can do it", "max": 20}]},
    {"key": "cross_check", "title": "协办单位抽签互查", "title_en": "A co-host drawn by lot checks", "after": ["scoring"],
     "who": {"kind": "role", "role": "fundraising_officer", "at": "peers"}, "how": {"kind": "any"}, "draw": 1,
     "limit_s": 86400, "deputy": {"kind": "role", "role": "leader", "at": "top"}, "send_back": "here"},
    {"key": "committee", "title": "组委会集体表决", "title_en": "The committee votes", "after": ["cross_check"],
     "who": {"kind": "role", "role": "leader", "at": "top"},
     "how": {"kind": "vote", "quorum": "two_thirds", "majority": "more_than_half", "of": "members"},
     "limit_s": 86400, "send_back": "here"}]}', unit_id, 0 FROM approval_shipped;

INSERT INTO approval_policy (unit_id, subject_kind, version, document, published_by, published_at)
SELECT unit_id, 'target_raise', 1, '{
  "title": "紧急提额", "title_en": "Urgent raise of a target",
  "fast_lane": {"stages": ["leader"], "papers_within_s": 259200},
  "stages": [
    {"key": "finance", "title": "财务核对", "title_en": "Finance checks",
     "who": {"kind": "role", "role": "finance_officer", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "finance_officer", "at": "above"},
     "edits": ["summary", "papers"], "send_back": "start"},
    {"key": "leader", "title": "负责人审批", "title_en": "The leader decides", "after": ["finance"],
     "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "above"},
     "send_back": "start", "papers": ["reason"]}]}', unit_id, 0 FROM approval_shipped;

INSERT INTO approval_policy (unit_id, subject_kind, version, document, published_by, published_at)
SELECT unit_id, 'refund', 1, '{
  "title": "退款", "title_en": "Refund",
  "stages": [
    {"key": "finance", "title": "财务核对", "title_en": "Finance checks",
     "who": {"kind": "role", "role": "finance_officer", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "finance_officer", "at": "above"}, "send_back": "start"},
    {"key": "leader", "title": "负责人审批", "title_en": "The leader decides",
     "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "above"}, "send_back": "start"}]}', unit_id, 0 FROM approval_shipped;

INSERT INTO approval_policy (unit_id, subject_kind, version, document, published_by, published_at)
SELECT unit_id, 'notice', 1, '{
  "title": "公示发布", "title_en": "Publishing a notice",
  "fast_lane": {"stages": ["leader"], "papers_within_s": 86400},
  "stages": [
    {"key": "finance", "title": "数字核对", "title_en": "Figures are checked",
     "who": {"kind": "role", "role": "finance_officer", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "finance_officer", "at": "above"},
     "edits": ["title", "summary", "papers"], "send_back": "start", "papers": ["draft"]},
    {"key": "leader", "title": "负责人签发", "title_en": "The leader signs", "after": ["finance"],
     "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "above"}, "send_back": "start"}]}', unit_id, 0 FROM approval_shipped;

-- 慈善法 26: assessment, agreement and the partner named in the filed plan, each a hard gate.
INSERT INTO approval_policy (unit_id, subject_kind, version, document, published_by, published_at)
SELECT unit_id, 'docking', 1, '{
  "title": "公募对接", "title_en": "Docking a partner without public-fundraising rights",
  "stages": [
    {"key": "assessment", "title": "合作方评估", "title_en": "The partner is assessed",
     "who": {"kind": "role", "role": "fundraising_officer", "at": "own"}, "how": {"kind": "any"}, "limit_s": 86400,
     "deputy": {"kind": "role", "role": "leader", "at": "own"}, "send_back": "start", "papers": ["assessment"]},
    {"key": "agreement", "title": "协议审核", "title_en": "The agreement is checked", "after": ["assessment"],
     "who": {"kind": "role", "role": "finance_officer", "at": "own"}, "how": {"kind": "any"}, "limit_s": 86400,
     "deputy": {"kind": "role", "role": "leader", "at": "own"}, "send_back": "start", "papers": ["agreement"]},
    {"key": "leader", "title": "负责人审批", "title_en": "The leader decides", "after": ["agreement"],
     "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "above"}, "send_back": "here", "papers": ["plan_naming"]}]}',
  unit_id, 0 FROM approval_shipped;

INSERT INTO approval_policy (unit_id, subject_kind, version, document, published_by, published_at)
SELECT unit_id, 'dispatch', 1, '{
  "title": "十分钟调拨", "title_en": "Dispatch in ten minutes",
  "fast_lane": {"stages": ["decision"], "papers_within_s": 86400},
  "stages": [
    {"key": "proposal", "title": "捐赠专班提出分配建议", "title_en": "The donation desk proposes", "limit_s": 300,
     "who": {"kind": "role", "role": "donation_desk", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "own"},
     "edits": ["summary", "papers"], "send_back": "start", "papers": ["request"]},
    {"key": "decision", "title": "负责人决定", "title_en": "The leader decides", "after": ["proposal"], "limit_s": 300,
     "who": {"kind": "role", "role": "leader", "at": "own"}, "how": {"kind": "any"},
     "deputy": {"kind": "role", "role": "leader", "at": "above"}, "send_back": "here"}]}', unit_id, 0 FROM approval_shipped;

DROP TABLE approval_shipped;
