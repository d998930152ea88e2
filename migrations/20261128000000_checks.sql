-- Columns that hold one of a few states take no other value. Each list is every value that any release has written; a new
-- state comes with a migration that renews its check. Columns whose values grow with each feature, such as the kinds of
-- notifications and audit actions, or that hold reasons, stay open. Migrations have timestamps for names from here on.

alter table account add check
    (state in ('ACTIVE', 'PENDING_ACTIVATION', 'SUSPENDED', 'PENDING_CLOSURE', 'CLOSED', 'UNKNOWN'));

alter table sweep add check (trigger in ('start', 'schedule', 'person'));
alter table scan add check (status in ('queued', 'running', 'complete', 'failed'));

alter table resource
    add check (kind in ('secret', 'parameter')),
    add check (owner_class in ('named', 'missing', 'unknown')),
    add check (key_class in ('aws-managed', 'customer-managed', 'plain')),
    add check (parameter_type in ('String', 'StringList', 'SecureString'));
alter table resource_change add check (what in ('changed', 'first-seen', 'gone', 'back'));

alter table audit_entry add check (phase in ('started', 'completed', 'done'));

alter table access_grant add check (word in
    ('requested', 'approved', 'claimable', 'active', 'ended', 'revoked', 'given-back', 'denied', 'expired', 'failed'));
alter table access_session add check (purpose in ('client', 'reveal', 'put', 'rotate', 'console'));

alter table plan add check (state in ('waiting', 'running', 'stopped', 'ended', 'denied', 'withdrawn'));
alter table plan_step add check (state in ('pending', 'running', 'done', 'failed'));
alter table waiver add check (state in ('waiting', 'approved', 'denied', 'withdrawn', 'ended', 'expired'));

alter table readiness
    add check (item in ('inventory-role', 'access-role', 'remediation-role', 'trail', 'regions', 'config-recorder',
        'config-rules', 'tag-policies')),
    add check (state in ('ready', 'missing', 'unknown'));
alter table config_result add check (compliance in ('COMPLIANT', 'NON_COMPLIANT', 'NOT_APPLICABLE', 'INSUFFICIENT_DATA'));
alter table posture_offender add check (worst in ('critical', 'high', 'medium', 'low'));
