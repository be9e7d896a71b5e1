-- Requests a minute that a token may send; null: as many as its site.
alter table muster.access_token add column requests_per_minute integer;

-- How many tasks have not ended, over all sites, counted up to `most`. Each site is looked at under its own binding, as in
-- sites_with_work.
create function muster.unfinished_tasks(most bigint) returns bigint
language plpgsql volatile as $$
declare
  candidate uuid;
  counted bigint := 0;
begin
  for candidate in select site_id from muster.lane_note loop
    perform set_config('muster.site', candidate::text, true);
    counted := counted + (
      select count(*)
      from (select from muster.task where site_id = candidate and ended_at is null limit most - counted) as unfinished);
    exit when counted >= most;
  end loop;
  perform set_config('muster.site', '', true);
  return counted;
end
$$;
