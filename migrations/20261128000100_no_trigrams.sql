-- The inventory is searched in memory (ADR 18), and so are the words of the changes list since. Nothing asks this index
-- any more, and keeping it was a third of what writing a resource cost.
drop index resource_search;
