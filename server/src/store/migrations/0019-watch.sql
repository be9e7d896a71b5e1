-- When a worker, any of them, was last seen to run. One row; not site-owned.
create table muster.worker_seen (
  only_row boolean primary key default true check (only_row),
  seen_at timestamptz not null
);
insert into muster.worker_seen (seen_at) values ('-infinity');

-- How many tasks of all sites have not ended, counted up to `most`, and when the oldest of them was accepted. Each site is
-- looked at under its own binding, as in sites_with_work.
create function muster.queue_state(most bigint, out unfinished bigint, out oldest_at timestamptz)
language plpgsql volatile as $$
declare
  candidate uuid;
begin
  unfinished := 0;
  for candidate in select site_id from muster.lane_note loop
    perform set_config('muster.site', candidate::text, true);
    oldest_at := least(oldest_at, (
      select accepted_at from muster.task where site_id = candidate and ended_at is null order by number limit 1));
    if unfinished < most then
      unfinished := unfinished + (
        select count(*)
        from (select from muster.task where site_id = candidate and ended_at is null limit most - unfinished) as counted);
    end if;
  end loop;
  perform set_config('muster.site', '', true);
end
$$;
