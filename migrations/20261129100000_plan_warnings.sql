-- What an approver is told before a call, part of what is approved. The last release writes none.
-- Since now policy_id is empty where somebody chose the resource itself.
alter table plan_step add column warnings text[] not null default '{}';
