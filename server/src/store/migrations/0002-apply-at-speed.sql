-- A statement that finds that somebody else was faster fails: so it can be sent together with the commit that it stops.
create function muster.expect(holds boolean) returns void
language plpgsql as $$
begin
  if holds is not true then
    raise exception 'somebody else was faster' using errcode = 'serialization_failure';
  end if;
end
$$;

-- Whether the items hold numbers that are read digit by digit; what is not known to be without them is read so.
alter table muster.task add column odd_numbers boolean not null default true;

-- Room on each page for new versions of its rows, which then need no new entries in the indexes.
alter table muster.customer set (fillfactor = 80);
alter table muster.organization set (fillfactor = 80);

-- By default PostgreSQL waits until a fifth of a table is dead rows: of four million customers that is more than a day's
-- changes, and of tasks it is a month's.
alter table muster.customer set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table muster.organization set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table muster.membership set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table muster.task set (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);

-- Of a site that has been filled since PostgreSQL last looked, it believes that it has nothing, and takes any index that
-- begins with site_id for as good as the one that finds the record: so every look-up of a record reads half the site. Not
-- knowing how the rows fall to the sites, it takes each to have one of two hundred.
alter table muster.task alter column site_id set statistics 0;
alter table muster.customer alter column site_id set statistics 0;
alter table muster.organization alter column site_id set statistics 0;
alter table muster.membership alter column site_id set statistics 0;
