-- When a record was last changed where it comes from, as the latest item or write told; RFC 3339 in UTC, with the digits
-- that were sent, so that comparing loses none. Most sites never tell.
alter table muster.customer add column source_updated_at text collate "C";
alter table muster.organization add column source_updated_at text collate "C";
