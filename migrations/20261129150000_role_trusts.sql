-- Which pipelines can assume a role: the trust policies that name OIDC providers.
alter table iam_principal add column trust text;

-- When they were read with the account's principals; where it differs from principals_read_at, they are not known.
alter table account add column trusts_read_at timestamptz;
