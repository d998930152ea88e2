-- The inventory is searched in memory (ADR 18), and so are the words of the changes list since. Nothing asks this index
-- any more, and keeping it was a third of what writing a resource cost.
drop index resource_search;

-- Each evaluation of an account looks for what it no longer has to evaluate: few of many rows.
create index resource_not_evaluated on resource (account_id, id) where gone_at is not null or not is_listed;
